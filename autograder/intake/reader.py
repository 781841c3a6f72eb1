"""From a path to a `Submission`: what was handed in, sorted out, without running any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from autograder.intake.content import kind_of, kind_text
from autograder.intake.exports.item import Item
from autograder.intake.gathering import Folders, Gathered, IntakeError, from_paths, gather
from autograder.intake.homework_file import Candidate, choose, choose_pdf, helpers_of
from autograder.intake.names import (
    MAX_TEAM,
    FileName,
    local_part,
    safe_id,
    split_name,
    without_suffix,
)
from autograder.intake.paths import inert_name
from autograder.model.provenance import Provenance
from autograder.model.remark import Remark, to_both, to_staff, to_student
from autograder.model.submission import Cell, Submission

__all__ = ["IntakeError", "read_item", "read_submission", "with_provenance"]

_LISTED = 5


def staff_submission(path: Path, stem: str) -> Submission:
    """Return a file of the staff's own as a submission, whatever it is called. Raises OSError."""
    return _of_staff(f"{stem}.{path.stem.rpartition('.')[2]}.py", path.read_bytes())


def staff_text(text: str, stem: str) -> Submission:
    """Return what the staff's own program has written as a submission."""
    return _of_staff(f"{stem}.staff.py", text.encode())


def _of_staff(name: str, data: bytes) -> Submission:
    return Submission(id="staff", code=name, cells=(Cell(name, data),), files=(name,))


def read_submission(
    path: Path,
    stem: str = "homework3",
    required: frozenset[str] = frozenset(),
    max_team: int = MAX_TEAM,
    wants_pdf: bool = True,
    folders: Folders | None = None,
) -> Submission:
    """Read one submission: a `.py`, a notebook, a zip archive, a folder or anything else.

    `stem` is what the names of its files start with, `required` the names that the homework
    defines, by which the right file is found among several (see `homework_file.choose`). Without a
    PDF staff should look if it `wants_pdf`. `folders` spares another listing of the folder that a
    file lies in.

    Whatever a student can hand in gives a Submission, with `problem` set where there is nothing to
    grade. Raises IntakeError when the path does not exist or can't be read.
    """
    return _submission_from(gather(path, stem, folders), stem, required, max_team, wants_pdf)


def read_item(
    item: Item,
    stem: str,
    required: frozenset[str] = frozenset(),
    max_team: int = MAX_TEAM,
    wants_pdf: bool = True,
    folders: Folders | None = None,
) -> Submission:
    """Read one submission of an export. Raises IntakeError as `read_submission` does."""
    if item.whole is not None:
        return read_submission(item.whole, stem, required, max_team, wants_pdf, folders)
    provenance = item.provenance
    gathered = from_paths(provenance.key, item.files)
    if item.problem:
        gathered = replace(gathered, problem=item.problem)
    submission = _submission_from(gathered, stem, required, max_team, wants_pdf)
    return with_provenance(submission, provenance, item.remarks)


def with_provenance(
    submission: Submission, provenance: Provenance, remarks: Sequence[str] = ()
) -> Submission:
    """Return a submission with what a platform tells of it; `remarks` are for staff."""
    names = [person.login.partition("@")[0] or person.name for person in provenance.people]
    remarks = list(remarks)
    logins = {local_part(person.login) for person in provenance.people if person.login}
    if logins and submission.authors and not logins & set(submission.authors):
        who = " and ".join(map(inert_name, sorted(logins)))
        remarks.append(f"It was handed in by {who}, whom the file name does not name.")
    fallback = ".".join(filter(None, names)) or provenance.key
    return replace(
        submission,
        id=submission.id if submission.authors else safe_id((), fallback),
        remarks=(*submission.remarks, *to_staff(*remarks)),
        provenance=provenance,
    )


def _submission_from(
    gathered: Gathered,
    stem: str = "homework3",
    required: frozenset[str] = frozenset(),
    max_team: int = MAX_TEAM,
    wants_pdf: bool = True,
) -> Submission:
    """Sort out files that are in memory already, such as those of one student in an export.

    Raises nothing.
    """
    choice = choose(gathered.files, required, stem, max_team)
    best = choice.candidate
    name = _identity_name(gathered, best, stem, max_team)
    pdf, on_pdf = choose_pdf(gathered.files, name.authors, stem)
    helpers, on_helpers = helpers_of(best, gathered.files) if best else ({}, [])
    remarks = (
        *_remarks_on_name(name, best, gathered, stem),
        *to_staff(*filter(None, [gathered.beside])),
        *choice.remarks,
        *to_student(*on_helpers, *gathered.remarks),
        *to_staff(*(on_pdf if pdf is not None or wants_pdf else ())),
        *to_both(*gathered.left_out),
    )
    problem = None if best else choice.problem or gathered.problem or _nothing(gathered)
    return Submission(
        id=safe_id(name.authors, without_suffix(gathered.name)),
        authors=name.authors,
        code=best.path if best else None,
        cells=best.cells if best else (),
        notebook=best.notebook if best else False,
        helpers=helpers,
        pdf=(pdf, gathered.files[pdf]) if pdf is not None else None,
        files=tuple(sorted({*gathered.files, *gathered.others})),
        remarks=tuple(dict.fromkeys(remarks)),
        problem=problem,
    )


def _identity_name(
    gathered: Gathered, best: Candidate | None, stem: str, max_team: int
) -> FileName:
    """Return the first name with usernames: of the code, of what was given, of anything in it."""
    names = [best.name] if best else []
    names.append(split_name(gathered.name, stem, max_team))
    usual = [
        path
        for path in sorted(gathered.files)
        if path.casefold().endswith((".py", ".ipynb", ".pdf"))
    ]
    # An archive or a folder inside may bear the names that the files in it lack.
    around = [
        part for path in sorted({*gathered.files, *gathered.others}) for part in path.split("/")
    ]
    names += [split_name(name, stem, max_team) for name in dict.fromkeys([*usual, *around])]
    return next((name for name in names if name.authors), names[0])


def _remarks_on_name(
    name: FileName, best: Candidate | None, gathered: Gathered, stem: str
) -> tuple[Remark, ...]:
    """Return what staff should check about the name, and what the student should know of it."""
    remarks = []
    if not name.authors:
        remarks.append("No file name has a username in it.")
    elif best and not best.name.authors:
        who = " and ".join(map(inert_name, name.authors))
        remarks.append(f"The usernames ({who}) are from another file than the code.")
    given = split_name(gathered.name, stem).authors
    if given and set(given) != set(name.authors):
        remarks.append(f"{inert_name(gathered.name)} has other usernames than the code in it.")
    if name.note and name.authors:
        remarks.append(name.note)
    code = to_both(best.name.note) if best and best.name.note else ()
    return (*to_staff(*remarks), *code)


def _nothing(gathered: Gathered) -> str:
    """Return why there is nothing to grade when there is not even a broken Python file."""
    names = sorted({*gathered.files, *gathered.others})
    sentence = "There is no Python file (.py) and no notebook (.ipynb) in what was handed in."
    if len(names) == 1 and names[0] == gathered.name:
        kind = kind_of(gathered.files.get(names[0], b""))
        what = kind_text(kind) if kind else f"a {PurePosixPath(names[0]).suffix or 'nameless'} file"
        sentence = f"{inert_name(names[0])} is not Python source and not a notebook, but {what}."
        if not gathered.files.get(names[0], b"-"):
            sentence = f"{inert_name(names[0])} is empty."
    elif names:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        sentence += f" It holds {', '.join(map(inert_name, names[:_LISTED]))}{more}."
    elif not gathered.left_out:
        sentence += " It is empty."
    return " ".join([sentence, *gathered.left_out[:3]])
