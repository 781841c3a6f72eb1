"""Everybody's total: points by machine and by hand, less lateness; or what of it is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.columns import heading
from autograder.gradebook.hand import REPLACED, Given
from autograder.gradebook.late import Lateness, final_score
from autograder.gradebook.roster import Student
from autograder.gradebook.tables import for_people, points, write_table
from autograder.gradebook.whose_score import Credits, Somebody
from autograder.model.identity import Identity
from autograder.model.provenance import Provenance
from autograder.text import wording
from autograder.text.inert import inert_line

_MAX_KINDS, _MAX_NAMES, _NAME_CHARS = 5, 2, 60
_NOTHING = "nothing was handed in"
_FAILED = "the grader failed"
_ZERO = "yes: 0, since nothing was handed in"


@dataclass(frozen=True)
class GradebookRow:
    """What the gradebook needs of one submission; small, so that a whole class fits in memory.

    `machine` is None where the grader failed: there is no score yet, and none is invented.
    """

    id: str
    authors: tuple[str, ...]
    provenance: Provenance | None
    parts: tuple[tuple[str, float], ...]
    machine: float | None
    remarks: tuple[str, ...]
    late: Lateness
    identity: Identity
    who: str = ""
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """Somebody, the submission that counts for them, and the points that they have so far.

    Without a `row` nothing counts. `given` are the points by hand, None for the parts that are
    open, which `missing` names; `reason` says what else keeps the total from being complete.
    `total` is there only when everything has been graded, `penalty` is taken off in it.
    """

    who: Somebody
    row: GradebookRow | None = None
    given: tuple[float | None, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    penalty: float = 0.0
    total: float | None = None

    @property
    def hand(self) -> float | None:
        """The points by hand, None while a part is open."""
        if self.row is None or self.missing:
            return None
        return sum(value for value in self.given if value is not None)

    @property
    def is_absent(self) -> bool:
        """Whether they handed nothing in, and staff have not said what that is worth."""
        return self.reason == _NOTHING

    @property
    def name(self) -> str:
        """What staff call them."""
        return self.who.name or self.who.login or self.who.key

    @property
    def lack(self) -> str:
        """What the total lacks, in a few words; "" where it is complete."""
        by_hand = f"{wording.joined(self.missing)} by hand" if self.missing else ""
        return "; ".join(filter(None, (by_hand, self.reason)))

    @property
    def complete(self) -> str:
        """Return "yes", or "no" and why."""
        if self.row is None:
            return _ZERO if self.total is not None else f"no: {self.reason}"
        if self.reason == _FAILED:
            return f"no: {_FAILED}"
        if self.missing:
            verb = "is" if len(self.missing) == 1 else "are"
            return f"no: {wording.counted(len(self.missing), 'part')} {verb} to be graded by hand"
        return f"no: {self.reason}" if self.reason else "yes"


def standings(
    rows: Sequence[GradebookRow],
    credits: Credits,
    hand: Given,
    assignment: Assignment,
    zero: Collection[str] = (),
) -> list[Standing]:
    """Return where everybody stands: who gets a score, who will when staff decide, who is absent.

    Of the absent, those whose key is in `zero` have a total of 0.
    """
    by_id = {row.id: row for row in rows}
    found = [_graded(who, by_id[id], hand, assignment) for who, id in credits.given.values()]
    for who, ids in credits.undecided:
        text = f"staff must decide: named in {wording.joined(ids)}"
        found.append(Standing(who, reason=text))
    for student in credits.absent:
        who = Somebody(student.key, student.name, student.login, student.id, student)
        is_zero = who.key in zero
        found.append(
            Standing(who, reason="" if is_zero else _NOTHING, total=0.0 if is_zero else None)
        )
    return found


def _graded(who: Somebody, row: GradebookRow, hand: Given, assignment: Assignment) -> Standing:
    """Add up what there is of somebody whose submission is graded."""
    given = hand.of(row.id, len(assignment.hand))
    missing = tuple(part.part for part, value in zip(assignment.hand, given) if value is None)
    reason = REPLACED if row.id in hand.replaced and not missing else ""
    if row.machine is None:
        return Standing(who, row, given, missing, _FAILED)
    if missing:
        return Standing(who, row, given, missing, reason)
    score = row.machine + sum(value for value in given if value is not None)
    penalty, total = final_score(score, row.late)
    return Standing(who, row, given, (), reason, penalty, total)


def write_sheet(path: Path, found: Sequence[Standing], assignment: Assignment) -> None:
    """Write one line for each of these people, with a column for each part. Raises OSError."""
    parts = list(dict.fromkeys(check.part for check in assignment.checks))
    header = ["student", "login", "platform id", "submission", *(f"part {part}" for part in parts)]
    header += ["machine", *(heading(part) for part in assignment.hand), "hand"]
    header += ["days late", "late penalty", "total", "complete", "missing", "overrides"]
    write_table(path, header, sorted(_sheet_line(each, parts, assignment) for each in found))


def _sheet_line(each: Standing, parts: Sequence[str], assignment: Assignment) -> list[str]:
    who, row = each.who, each.row
    scores = dict(row.parts) if row is not None and row.machine is not None else {}
    return [
        *map(for_people, (who.name, who.login, who.platform_id)),
        row.id if row is not None else "",
        *(points(scores.get(part)) for part in parts),
        points(row.machine if row is not None else None),
        *(points(value) for value in each.given or (None,) * len(assignment.hand)),
        points(each.hand),
        _days_text(row.late) if row is not None else "",
        points(each.penalty) if row is not None and each.total is not None else "",
        points(each.total),
        for_people(each.complete),
        for_people(" ".join(each.missing)),
        for_people(" ".join(row.overridden if row is not None else ())),
    ]


def _days_text(late: Lateness) -> str:
    return "" if late.days == 0 else "marked" if late.days is None else str(late.days)


def lacking_lines(found: Sequence[Standing]) -> list[str]:
    """Return how many totals are complete, and what the others lack, with the first names."""
    kinds: dict[str, list[str]] = {}
    for each in sorted(found, key=lambda each: each.name.casefold()):
        if each.lack:
            kinds.setdefault(_kind_of(each), []).append(each.name)
    lacking = sum(map(len, kinds.values()))
    people = f"{len(found)} total{'' if len(found) == 1 else 's'}"
    if not lacking:
        return [f"All {people} are complete."] if len(found) != 1 else ["1 total is complete."]
    lines = [f"{len(found) - lacking} of {people} {_verb(len(found) - lacking)} complete. Missing:"]
    ordered = sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[0]))
    for what, names in ordered[:_MAX_KINDS]:
        lines.append(f"  {inert_line(what, 300)}: {len(names)} ({few_names(names)})")
    if more := ordered[_MAX_KINDS:]:
        names = [name for _, own in more for name in own]
        lines.append(f"  other parts by hand: {len(names)} ({few_names(names)})")
    return lines


def _kind_of(each: Standing) -> str:
    """Return what is lacking, in words that many have in common."""
    every = each.missing and len(each.missing) == len(each.given)
    by_hand = (
        each.lack.replace(wording.joined(each.missing), "all parts", 1) if every else each.lack
    )
    # Those for whom staff must decide have a reason of their own each.
    return by_hand.partition(":")[0]


def _verb(count: int) -> str:
    return "is" if count == 1 else "are"


def few_names(names: Sequence[str], most: int = _MAX_NAMES) -> str:
    """Return the first names; names of a roster may have a comma in them."""
    some = [inert_line(name, _NAME_CHARS) for name in names[:most]]
    left = len(names) - len(some)
    return "; ".join([*some, *([f"{left} more"] if left else [])])


def canvas_cells(each: Standing) -> tuple[str, str, str]:
    """Return what is told beside the total: points by machine, by hand so far, what is missing."""
    row = each.row
    if row is None:
        return "", "", for_people(each.reason)
    done = [value for value in each.given if value is not None]
    by_hand = points(sum(done)) if done else ""
    return points(row.machine), by_hand, for_people(each.lack)


def by_student(found: Sequence[Standing]) -> Mapping[Student, Standing]:
    """Return where each student of the roster stands."""
    return {each.who.student: each for each in found if each.who.student is not None}
