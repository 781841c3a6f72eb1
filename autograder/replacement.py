"""`--replace ID=FILE`: a mended file is graded in place of the code that was handed in.

Both are kept below the folder of results: the mended file, and the code as it was handed in. What
was handed in decides everything else: whose it is, its id, its PDF, its lateness.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.intake.gathering import IntakeError
from autograder.intake.paths import inert_name
from autograder.model.remark import to_staff, to_student
from autograder.model.submission import Submission
from autograder.store.code import StoredCode, encoded_code
from autograder.store.durable import write_whole
from autograder.store.results import Results
from autograder.text.nearest import meant_submission

# From the path of a file to what would be read if it were handed in.
Read = Callable[[Path], Submission]


@dataclass(frozen=True)
class Mended:
    """A file that staff put in place of what was handed in, and where both lie.

    `was` is the digest of the code as it was handed in when staff mended it.
    """

    file: Submission
    was: str
    place: str


def keep_replacements(
    out: Path,
    wanted: Mapping[str, Path | None],
    ids: Collection[str],
    original: Callable[[str], StoredCode],
) -> None:
    """Keep mended files below `out`, each with the code that it takes the place of.

    None in place of a file takes a replacement back. Raises IntakeError, before anything is
    written, where there is no such submission or file, and OSError.
    """
    for id, path in wanted.items():
        if id not in ids:
            hint = meant_submission([id], ids)
            raise IntakeError(f"--replace: there is no submission {id}.{hint}")
        if path is not None and not path.is_file():
            raise IntakeError(f"--replace: {path} is not there, or is no file.")
    for id, path in wanted.items():
        data = path.read_bytes() if path is not None else b""
        kept = Results(out).replacement(id)
        shutil.rmtree(kept.folder, ignore_errors=True)
        if path is not None:
            kept.mended.mkdir(parents=True)
            write_whole(kept.original, encoded_code(original(id)))
            write_whole(kept.mended / path.name, data)


def replacements_in(out: Path, read: Read) -> dict[str, Mended]:
    """Return the mended files below `out` by submission. Raises IntakeError and OSError."""
    found = {}
    for id in Results(out).replaced_ids():
        kept = Results(out).replacement(id)
        was = hashlib.sha256(kept.original.read_bytes()).hexdigest()
        place = kept.folder.relative_to(out).as_posix()
        found[id] = Mended(read(next(kept.mended.iterdir())), was, place)
    return found


def in_place(submission: Submission, mended: Mended, code: str) -> Submission:
    """Return a submission with mended code in place of its own, whose digest is `code`."""
    file = inert_name(mended.file.code or mended.place)
    own = inert_name(submission.code) if submission.code else "what was handed in"
    remarks = [
        *to_staff(f"Staff put {file} in place of {own}; {mended.place} holds both."),
        *to_student(f"What was graded is {file}, which staff mended, in place of {own}."),
    ]
    if code != mended.was:
        text = f"{own} is another one now than when staff mended it: look again."
        remarks += to_staff(text)
    return replace(
        submission,
        code=mended.file.code,
        cells=mended.file.cells,
        notebook=mended.file.notebook,
        helpers={**submission.helpers, **mended.file.helpers},
        problem=mended.file.problem,
        remarks=(*submission.remarks, *remarks),
    )
