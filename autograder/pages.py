"""The pages of a folder of results: made from what is stored there, grading nothing."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, retitled
from autograder.gradebook.build import names_in
from autograder.gradebook.database import WHOLE, is_released
from autograder.gradebook.experiment import experiment_in
from autograder.gradebook.hand import HandGrades, Owned, read_hand_grades
from autograder.gradebook.late import final_score, lateness
from autograder.gradebook.overrides import Override, overridden, overrides_in
from autograder.model.limits import Limits
from autograder.model.report import Report
from autograder.parallel import spread
from autograder.render.html.beside import Alike, found_alike, found_pdf
from autograder.render.html.formulas import ANSWERS, read_formulas
from autograder.render.html.making import page_sources, why_no_pages, write_page
from autograder.render.html.submission import (
    Beside,
    ByHand,
    Context,
    HandNote,
    staff_page,
    student_page,
)
from autograder.render.results_json import stored_result
from autograder.store.code import read_code
from autograder.store.digest import digest_of
from autograder.store.results import Results
from autograder.text import wording

# Fewer than this many are made here: another process would take longer to start.
_FEW = 8
# Shorter ones say nothing of a mistake.
_SENTENCE = 20
_NOTHING_GIVEN = ByHand()
# In the first bytes of a page: what it was made from.
_HEAD = 4096


@dataclass(frozen=True)
class _Made:
    """What became of the pages of one submission: made, up to date, or `problem` says why not."""

    id: str
    fresh: bool
    problem: str = ""


@dataclass(frozen=True)
class _Wanted:
    """A submission whose pages are to be made: all that is not in its folder, and `_source_of`.

    Students read `shown` of what was given by hand.
    """

    id: str
    given: ByHand
    shown: ByHand
    alike: tuple[Alike, ...]
    who: str
    overrides: tuple[Override, ...]
    source: str


def make_pages(out: Path, assignment: Assignment, *, jobs: int, anew: bool) -> Iterator[_Made]:
    """Write report.html and staff.html beside each result below `out`; tell of each as it comes.

    Pages that are up to date stay, unless `anew`. One that can't be made keeps no other from being
    made. Yields nothing where jinja2 or matplotlib are absent (`why_no_pages`). Raises
    ConfigError for formulas that can't be used, TableError for such hand grades, and OSError.
    """
    if why_no_pages():
        return
    formulas = read_formulas(assignment.folder)
    answers = read_formulas(assignment.folder, ANSWERS)
    students_see = assignment.students_see
    fixed = fixed_texts(assignment.folder) if students_see == "mistakes" else ()
    limits = _limits_in_words(assignment.limits)
    levels = tuple(assignment.hint_levels(over) for over in (False, True))
    experiment = experiment_in(out, assignment)
    if experiment is not None and fixed:
        fixed += tuple(each.text for each in experiment.wordings)
    context = Context(
        formulas, limits, students_see, fixed, answers, levels, experiment, assignment.stem
    )
    version = _version_of(context, assignment)
    hand = read_hand_grades(Results(out).hand_grades, assignment.hand)
    alike = found_alike(out)
    names, overrides = names_in(out), overrides_in(out)
    wanted = []
    released = is_released(out)
    # What a platform tells of a deadline is in the result: there it counts when a page is made.
    is_over = assignment.is_over()
    for id in ids_in(out):
        given = _given_of(out, id, hand, assignment, overrides.get(id, ()))
        shown = given if released else _NOTHING_GIVEN
        similar = alike.get(id, ())
        who = names.get(id, "")
        own = overrides.get(id, ())
        source = _source_of(out, id, version, (similar, given, shown, who, own, is_over))
        if anew or not _is_current(out, id, source):
            wanted.append(_Wanted(id, given, shown, similar, who, own, source))
        else:
            yield _Made(id, False)
    work = functools.partial(_make_one, out, assignment, context)
    yield from spread(work, wanted, jobs, few=_FEW, chunk=4, lost=_not_made)


def _not_made(wanted: _Wanted) -> _Made:
    return _Made(wanted.id, False, "its process died; `autograder report` tries again")


def ids_in(out: Path) -> list[str]:
    """Return the ids of the results below `out`, in order."""
    results = Results(out)
    return [id for id in results.ids() if results.of(id).result.is_file()]


def _given_of(
    out: Path, id: str, hand: HandGrades, assignment: Assignment, overrides: Sequence[Override]
) -> ByHand:
    """Return what was given by hand; the result is read only where there may be something."""
    report = stored_result(out, id) if hand.has_points(id) else None
    if report is None:
        return _NOTHING_GIVEN
    # A page can't tell which PDF was graded, so that it need not be known here.
    owned = Owned(id, report.owner)
    points = hand.of(owned, len(assignment.hand))
    given = hand.given_to(owned)
    notes = [
        HandNote(part, given[part].lines, given[part].comment)
        for part in (*hand.parts, WHOLE)
        if part in given and (given[part].lines or given[part].comment)
    ]
    report = overridden(report, overrides, digest_of(Results(out).of(id).code))
    return ByHand(points, tuple(notes), _final_text(report, points, assignment))


def _final_text(report: Report, given: Sequence[float | None], assignment: Assignment) -> str:
    """Return the final score in a sentence, "" while a part is open or the grader failed."""
    by_hand = [value for value in given if value is not None]
    if report.has_failed or not given or len(by_hand) < len(given):
        return ""
    penalty, final = final_score(
        report.score + sum(by_hand), lateness(report.provenance, assignment.late)
    )
    off = f"; {wording.number(penalty)} are taken off because it was late" if penalty else ""
    possible = wording.number(assignment.machine_points + assignment.hand_points)
    return f"Final score: {wording.number(final)} of {possible}{off}."


def _make_one(out: Path, assignment: Assignment, context: Context, wanted: _Wanted) -> _Made:
    """Make both pages of a submission; what goes wrong is told, not raised."""
    id, source = wanted.id, wanted.source
    report = stored_result(out, id)
    if report is None:
        return _Made(id, False, "its results.json can't be read")
    stored = Results(out).of(id)
    code = read_code(stored.folder)
    report = overridden(retitled(report, assignment), wanted.overrides, digest_of(stored.code))
    try:
        due = report.provenance.due if report.provenance else ""
        is_over = assignment.is_over(due)
        student = student_page(report, code, context, source, wanted.shown, is_over)
        staff = staff_page(
            report,
            code,
            context,
            Beside((), wanted.alike, found_pdf(stored.folder), wanted.who),
            source,
            wanted.given,
        )
        write_page(stored.student_page, student)
        write_page(stored.staff_page, staff)
    except OSError:
        raise
    # A page is not worth the pages of all others.
    except Exception as error:
        return _Made(id, False, f"{type(error).__name__}: {error}")
    return _Made(id, True)


def _source_of(out: Path, id: str, version: str, rest: tuple[object, ...]) -> str:
    """Return the hash of all that the pages of a submission are made from."""
    stored = Results(out).of(id)
    files = [digest_of(each) for each in (stored.result, stored.code, stored.pdf_record)]
    parts = [version, repr(rest), *files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _is_current(out: Path, id: str, source: str) -> bool:
    """Tell whether both pages are there and made from this."""
    mark = f'<meta name="made-from" content="{source}">'.encode()
    stored = Results(out).of(id)
    for page in (stored.student_page, stored.staff_page):
        try:
            with open(page, "rb") as file:
                if mark not in file.read(_HEAD):
                    return False
        except OSError:
            return False
    return True


def _version_of(context: Context, assignment: Assignment) -> str:
    """Return the hash of the templates, the code that makes pages, and what all pages share."""
    shared = (context, assignment.title, assignment.checks, assignment.hand)
    digest = hashlib.sha256(repr(shared).encode())
    for path in page_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def fixed_texts(folder: Path) -> tuple[str, ...]:
    """Return the sentences that stand as they are in the code of an assignment, sorted.

    What a check puts together from such and from what it saw is none of them.
    """
    found = {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return tuple(sorted(text for text in found if len(text) >= _SENTENCE))


def _limits_in_words(limits: Limits) -> str:
    """Return the limits that a student may meet, as a sentence."""
    return (
        f"a call may use {limits.call_cpu_seconds:g} s of computing time unless its check gives "
        f"more, a statement outside of functions {limits.statement_cpu_seconds:g} s, and "
        f"everything together {limits.total_cpu_seconds:g} s; {limits.memory_mib} MiB of memory, "
        f"{limits.file_mib} MiB for a file, {limits.output_mib} MiB printed by one call; no "
        "network."
    )
