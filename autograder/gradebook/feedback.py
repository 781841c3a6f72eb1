"""The zips of reports that Canvas and Moodle give back to their students."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable, Sequence
from io import StringIO
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.experiment import experiment_in
from autograder.gradebook.hand import Given
from autograder.gradebook.overrides import judged_result, overrides_in
from autograder.gradebook.standing import GradebookRow, few_names
from autograder.model.experiment import Experiment
from autograder.render.redaction import for_student
from autograder.render.terminal import print_report
from autograder.store.durable import whole
from autograder.store.results import Results
from autograder.text import wording

_FEEDBACK = "feedback.txt"
_MAX_NAMED = 5


def write_feedback(
    out: Path, rows: Sequence[GradebookRow], assignment: Assignment, hand: Given | None
) -> list[str]:
    """Write the zips that Canvas and Moodle take back, where the export was one of theirs.

    Of two for one place the later of `rows` goes there. `hand` is what was given by hand, None
    where students may not read it yet. A zip of before in which nothing would be is taken away.
    Returns a sentence on each zip: whose report is not in it.
    """
    sentences = []
    experiment = experiment_in(out, assignment)
    for platform in ("canvas", "moodle"):
        path = Results(out).feedback(platform)
        own = {
            row.provenance.prefixes[0]: row.id
            for row in rows
            if row.provenance is not None
            and row.provenance.platform == platform
            and row.provenance.prefixes
        }
        feedback = (
            (f"{prefix}{name}" if platform == "canvas" else f"{prefix}/{name}", data)
            for prefix, id in sorted(own.items())
            for name, data in [_feedback_of(out, id, assignment, experiment, hand)]
            if name
        )
        if own and _write_zip(path, feedback):
            sentences.append(_contents_text(path.name, own.values(), rows))
        else:
            path.unlink(missing_ok=True)
    return sentences


def _write_zip(path: Path, files: Iterable[tuple[str, bytes]]) -> bool:
    """Write a zip of these names and contents, whole or not at all; tell whether there are any."""
    with whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            # The same results, the same bytes.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
        return bool(archive.namelist())


def _contents_text(name: str, ids: Collection[str], rows: Sequence[GradebookRow]) -> str:
    """Say how many reports a zip has, and who gets none by it."""
    left = [row.who or row.id for row in rows if row.id not in ids]
    text = f"{name} has {wording.counted(len(ids), 'report')} to give back"
    if not left:
        return f"{text}."
    named = few_names(left, _MAX_NAMED)
    return f"{text}; not in it, since the platform has no file of theirs: {named}."


def _feedback_of(
    out: Path,
    id: str,
    assignment: Assignment,
    experiment: Experiment | None,
    hand: Given | None,
) -> tuple[str, bytes]:
    """Return what a student gets: the page, or the report as text where none was made."""
    try:
        page = Results(out).of(id).student_page
        return page.name, page.read_bytes()
    except OSError:
        pass
    report = judged_result(out, id, overrides_in(out))
    if report is None:
        return "", b""
    if hand is not None:
        report = report.with_hand(hand.of(id, len(report.hand_graded)))
    if experiment is not None:
        report = experiment.told(report, experiment.variant_of(id, assignment.stem))
    text = StringIO()
    print_report(for_student(report, assignment.students_see), text, colour=False, width=100)
    return _FEEDBACK, text.getvalue().encode("utf-8", "backslashreplace")
