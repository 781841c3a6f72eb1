"""The class at a glance: index.html, counted from what is stored, grading nothing."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from autograder.assignment import Assignment
from autograder.gradebook.build import names_text
from autograder.gradebook.hand import HandGrades, Owned, read_hand_grades
from autograder.gradebook.late import lateness
from autograder.gradebook.roster import Roster
from autograder.gradebook.tables import TableError
from autograder.model.hints import Counterexample
from autograder.model.identity import Identity
from autograder.model.report import CheckResult, Outcome, Report
from autograder.render.html.beside import link, objects_in, read_json, share
from autograder.render.html.making import page, write_page
from autograder.store.results import Results
from autograder.text import wording
from autograder.text.inert import inert_line

_BINS = 11
_MAX_EXAMPLES, _MAX_MISTAKES, _MAX_SLOW, _MAX_IDS = 3, 12, 10, 12
_MAX_LENGTH = 300
_MAX_MEMBERS = 4


@dataclass(frozen=True)
class _Student:
    """A row of the table: one submission. `failed` and `mistakes` are places in the lists below.

    `label` is its id, behind the names that a roster has for it.
    """

    id: str
    who: str
    score: float | None
    parts: tuple[float, ...]
    late: str
    seconds: float
    remarks: int
    not_loaded: bool
    hand: str
    failed: tuple[int, ...]
    mistakes: tuple[int, ...]
    student_page: str
    staff_page: str
    label: str
    total: float | None


@dataclass(frozen=True)
class _Question:
    """A check, and how many of those that were graded passed it."""

    id: str
    title: str
    function: str
    part: str
    points: float
    public: bool
    passed: int
    graded: int

    @property
    def percent(self) -> float:
        return 100 * self.passed / self.graded if self.graded else 0.0


@dataclass(frozen=True)
class _Explained:
    """A named mistake: what is said of it, how many made it, and some of them.

    `small` is the smallest input on which the function of most of them is wrong, to be worked out
    in a lecture, None where there is none; `fits` is the number of those.
    """

    place: int
    id: str
    message: str
    function: str
    count: int
    examples: tuple[tuple[str, str], ...]
    small: Counterexample | None = None
    fits: int = 0


@dataclass(frozen=True)
class _Remark:
    """A remark for staff, how many submissions have it, and some of them with their pages."""

    text: str
    count: int
    some: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _AlikeGroup:
    """Submissions that read alike: who, how much, and (the two, how much, page) of some pairs.

    `more` are the members who are not named in the line.
    """

    members: tuple[str, ...]
    more: int
    similarity: str
    pages: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class _Bin:
    """A bar of the histogram: scores from `low` to `high`, the upper end only in the last."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class _Overview:
    """Everything that index.html tells. `totals` are the complete ones, of `possible_total`.

    Where nothing but the machine gives points and nothing is taken off, `possible_total` is 0.
    """

    title: str
    possible: float
    parts: tuple[str, ...]
    students: tuple[_Student, ...]
    questions: tuple[_Question, ...]
    mistakes: tuple[_Explained, ...]
    remarks: tuple[_Remark, ...]
    alike: tuple[_AlikeGroup, ...]
    bins: tuple[_Bin, ...]
    mean: float | None
    median: float | None
    slowest: tuple[_Student, ...]
    by_hand: tuple[int, int]
    totals: tuple[float, ...]
    possible_total: float

    @property
    def median_total(self) -> float | None:
        return median(list(self.totals))


@dataclass(frozen=True)
class _Facts:
    """What is counted of one report. `graded` and `failed` are places of checks, `mistakes` those
    that are named, by function and id: two functions may have mistakes of one id. `small` are the
    inputs on which its functions are wrong, by function."""

    id: str
    owner: Identity
    who: str
    label: str
    score: float | None
    parts: tuple[float, ...]
    late: str
    seconds: float
    not_loaded: bool
    graded: tuple[int, ...]
    failed: tuple[int, ...]
    mistakes: tuple[tuple[str, str], ...]
    small: Mapping[str, tuple[str, ...]]


class ClassCount:
    """What the class at a glance takes from reports, which are added one after the other.

    Whoever reads them for something else adds them here, so that they are read once; no more is
    held of each than its row.
    """

    def __init__(self, assignment: Assignment, roster: Roster | None = None) -> None:
        self.assignment, self.roster = assignment, roster
        self.parts = list(dict.fromkeys(check.part for check in assignment.checks))
        self.facts: list[_Facts] = []
        # The first check that a mistake was named in tells what is said of it.
        self.named: dict[tuple[str, str], CheckResult] = {}
        # By function and what is given, which is the same for everybody; whose it was is not told.
        self.small: dict[tuple[str, tuple[str, ...]], Counterexample] = {}
        self._places = {check.id: place for place, check in enumerate(assignment.checks)}

    def add(self, report: Report) -> None:
        graded, failed = [], []
        mistakes: dict[tuple[str, str], None] = {}
        for check in report.checks:
            if check.outcome is Outcome.GRADER_ERROR or check.id not in self._places:
                continue
            graded.append(self._places[check.id])
            if check.outcome is Outcome.PASSED:
                continue
            failed.append(graded[-1])
            if check.mistake:
                self.named.setdefault((check.function, check.mistake), check)
                mistakes[check.function, check.mistake] = None
        small = {}
        for hints in report.hints:
            if hints.counterexample is not None:
                small[hints.function] = hints.counterexample.given
                key = hints.function, hints.counterexample.given
                self.small.setdefault(key, replace(hints.counterexample, gives=""))
        scores = report.part_scores()
        names = names_text(report.authors, report.provenance, self.roster)
        self.facts.append(
            _Facts(
                id=report.id,
                owner=report.owner,
                who=names or names_text(report.authors, report.provenance, None),
                label=self._label_of(report.id, names),
                score=None if report.has_failed else report.score,
                parts=tuple(scores.get(part, (0.0, 0.0))[0] for part in self.parts),
                late=_late_words(report, self.assignment),
                seconds=report.seconds,
                not_loaded=bool(report.problem or report.load.problem),
                graded=tuple(graded),
                failed=tuple(failed),
                mistakes=tuple(mistakes),
                small=small,
            )
        )

    def _label_of(self, id: str, names: str) -> str:
        is_known = self.roster is not None and names not in ("", id)
        return f"{names} ({inert_line(id)})" if is_known else inert_line(id)


def write_overview(
    out: Path,
    count: ClassCount,
    outdated: Collection[str] = frozenset(),
    totals: Mapping[str, float] | None = None,
) -> Path:
    """Write index.html below `out`, without the submissions that are `outdated`; return its path.

    `count` is of all reports below `out`, `totals` are those that are complete, by submission.
    Raises OSError.
    """
    found = overview(out, count, outdated, totals)
    path = Results(out).overview
    places = {
        "checks": [each.id for each in found.questions],
        "mistakes": {each.id: each.place for each in found.mistakes},
    }
    made = page(
        "class.html",
        styles=("class.css",),
        scripts=("class.js",),
        view=found,
        places=json.dumps(places),
    )
    write_page(path, made)
    return path


def overview(
    out: Path,
    count: ClassCount,
    outdated: Collection[str] = frozenset(),
    totals: Mapping[str, float] | None = None,
) -> _Overview:
    """Count what lies below `out` and is not `outdated`. What can't be read there is left out."""
    assignment = count.assignment
    try:
        hand = read_hand_grades(Results(out).hand_grades, assignment.hand)
    except TableError:
        hand = HandGrades()
    remarks = _read_remarks(Results(out).needs_a_look)
    given = totals or {}
    tally = _Tally(count, hand, Counter(id for id, _ in remarks), out, given)
    for facts in count.facts:
        if facts.id not in outdated:
            tally.add(facts)
    students = tuple(tally.students)
    possible = assignment.machine_points + assignment.hand_points
    is_more = bool(assignment.hand) or any(each.total != each.score for each in students)
    graded = sorted(each.score for each in students if each.score is not None)
    return _Overview(
        title=assignment.title,
        possible=assignment.machine_points,
        parts=tuple(count.parts),
        students=students,
        questions=tally.questions(),
        mistakes=tally.explained(),
        remarks=_grouped(remarks, {each.id: each for each in students}),
        alike=_found_groups(out, {each.id: each.label for each in students}),
        bins=histogram(graded, assignment.machine_points),
        mean=sum(graded) / len(graded) if graded else None,
        median=median(graded),
        slowest=tuple(sorted(students, key=lambda each: -each.seconds)[:_MAX_SLOW]),
        by_hand=(tally.done, len(students) * len(assignment.hand)),
        totals=tuple(sorted(each.total for each in students if each.total is not None)),
        possible_total=possible if given and is_more else 0.0,
    )


class _Tally:
    """Counts those that are shown, one after the other."""

    def __init__(
        self,
        count: ClassCount,
        hand: HandGrades,
        remarks: Counter[str],
        out: Path,
        totals: Mapping[str, float],
    ) -> None:
        self.assignment, self.named, self.hand = count.assignment, count.named, hand
        self.small = count.small
        self.remarks, self.out, self.totals = remarks, out, totals
        self.students: list[_Student] = []
        self.passed, self.graded = Counter[int](), Counter[int]()
        # By function and id, in the order in which they come; each has the place in it.
        self.makers: dict[tuple[str, str], list[str]] = {}
        self.places: dict[tuple[str, str], int] = {}
        # By function and id, how many are wrong on which small input.
        self.wrong_on: dict[tuple[str, str], Counter[tuple[str, ...]]] = {}
        self.done = 0

    def add(self, facts: _Facts) -> None:
        self.graded.update(facts.graded)
        self.passed.update(set(facts.graded) - set(facts.failed))
        for key in facts.mistakes:
            self.places.setdefault(key, len(self.places))
            self.makers.setdefault(key, []).append(facts.id)
            if key[0] in facts.small:
                self.wrong_on.setdefault(key, Counter())[facts.small[key[0]]] += 1
        given = self.hand.of(Owned(facts.id, facts.owner), len(self.assignment.hand))
        done = sum(value is not None for value in given)
        self.done += done
        stored = Results(self.out).of(facts.id)
        self.students.append(
            _Student(
                id=facts.id,
                who=facts.who,
                score=facts.score,
                parts=facts.parts,
                late=facts.late,
                seconds=facts.seconds,
                remarks=self.remarks[facts.id],
                not_loaded=facts.not_loaded,
                hand=f"{done}/{len(given)}" if given else "",
                failed=facts.failed,
                mistakes=tuple(self.places[key] for key in facts.mistakes),
                student_page=self.link_to(stored.student_page),
                staff_page=self.link_to(stored.staff_page),
                label=facts.label,
                total=self.totals.get(facts.id),
            )
        )

    def link_to(self, page: Path) -> str:
        """Return a link to a page, "" where it isn't there."""
        if not os.path.isfile(page):
            return ""
        return f"./{quote(page.relative_to(self.out).as_posix())}"

    def questions(self) -> tuple[_Question, ...]:
        return tuple(
            _Question(
                check.id,
                check.title,
                check.function,
                check.part,
                check.points,
                check.public,
                self.passed[place],
                self.graded[place],
            )
            for place, check in enumerate(self.assignment.checks)
        )

    def commonest(self, key: tuple[str, str]) -> tuple[Counterexample | None, int]:
        """Return the small input on which most who made a mistake are wrong, and how many are."""
        found = self.wrong_on.get(key, Counter())
        if not found:
            return None, 0
        [(given, count)] = found.most_common(1)
        return self.small[key[0], given], count

    def explained(self) -> tuple[_Explained, ...]:
        """Return the named mistakes, the commonest first."""
        rows = {each.id: each for each in self.students}
        functions_with = Counter(id for _, id in self.makers)
        found = [
            _Explained(
                place,
                id if functions_with[id] == 1 else f"{function}.{id}",
                inert_line(" ".join(self.named[function, id].message.split()), _MAX_LENGTH),
                inert_line(function),
                len(makers),
                tuple(
                    (rows[maker].label, rows[maker].staff_page) for maker in makers[:_MAX_EXAMPLES]
                ),
                *self.commonest((function, id)),
            )
            for place, ((function, id), makers) in enumerate(self.makers.items())
        ]
        return tuple(sorted(found, key=lambda each: (-each.count, each.id))[:_MAX_MISTAKES])


def _late_words(report: Report, assignment: Assignment) -> str:
    late = lateness(report.provenance, assignment.late)
    if late.days is None:
        return "late"
    if late.days:
        return wording.counted(late.days, "day")
    return "late" if report.provenance is not None and report.provenance.late else ""


def _read_remarks(path: Path) -> list[tuple[str, str]]:
    """Return (submission, remark) of needs_a_look.csv, nothing where there is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))[1:]
    except (OSError, ValueError, csv.Error):
        return []
    return [(row[0], inert_line(row[1], _MAX_LENGTH)) for row in rows if len(row) >= 2]


def _grouped(found: Iterable[tuple[str, str]], rows: Mapping[str, _Student]) -> tuple[_Remark, ...]:
    """Return each remark once, the rarest first: what many have tells little."""
    by_text: dict[str, list[str]] = {}
    for id, text in found:
        by_text.setdefault(text, []).append(id)
    remarks = [
        _Remark(
            text,
            len(ids),
            tuple(_linked(id, rows.get(id)) for id in ids[:_MAX_IDS] if id),
        )
        for text, ids in by_text.items()
    ]
    return tuple(sorted(remarks, key=lambda each: (each.count, each.text)))


def _linked(id: str, row: _Student | None) -> tuple[str, str]:
    return (row.label, row.staff_page) if row is not None else (inert_line(id), "")


def _found_groups(out: Path, labels: Mapping[str, str]) -> tuple[_AlikeGroup, ...]:
    """Return the groups of look-alikes, the largest first as they stand in the file."""
    document = read_json(Results(out).lookalikes)
    pages: dict[str, list[tuple[str, str, str]]] = {}
    for pair in objects_in(document, "pairs"):
        where = link(".", str(pair.get("page", "")), out)
        ids = [str(pair.get(key, "")) for key in ("a", "b")]
        both = " and ".join(labels.get(id, inert_line(id)) for id in ids)
        if where:
            pages.setdefault(ids[0], []).append((both, share(pair.get("similarity")), where))
    found = []
    for group in objects_in(document, "groups"):
        listed = group.get("members")
        ids = [str(each) for each in listed] if isinstance(listed, list) else []
        names = tuple(labels.get(id, inert_line(id)) for id in ids[:_MAX_MEMBERS])
        least, most = share(group.get("least")), share(group.get("most"))
        similarity = most if least == most else f"{least} to {most}"
        own = tuple(page for id in ids for page in pages.get(id, ()))
        found.append(_AlikeGroup(names, len(ids) - len(names), similarity, own))
    return tuple(found)


def histogram(scores: list[float], possible: float) -> tuple[_Bin, ...]:
    """Return bars of equal width from 0 to `possible`."""
    width = (possible or 1.0) / _BINS
    counts = Counter(min(_BINS - 1, int(score / width + 1e-9)) for score in scores)
    return tuple(_Bin(n * width, (n + 1) * width, counts[n]) for n in range(_BINS))


def median(scores: list[float]) -> float | None:
    if not scores:
        return None
    middle = len(scores) // 2
    return scores[middle] if len(scores) % 2 else (scores[middle - 1] + scores[middle]) / 2
