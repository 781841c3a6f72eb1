"""Whose turn a submission is: who looks at which, what is next, and how far a part has come."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.gradebook.database import FIRST_READING, SECOND_READING, PartGrade
from autograder.review.grades import Grades, Target
from autograder.review.work import Work

# How long somebody who does nothing is still taken to look at a submission.
CLAIM_SECONDS = 120.0
# A pause longer than this is none of the time that a grade takes.
_PAUSE_SECONDS = 300.0
_LAST = 20


@dataclass(frozen=True)
class Pace:
    """How far a part has come: counts, and seconds for one (None before there are two)."""

    part: str
    all: int
    done: int
    flagged: int
    replaced: int
    by: tuple[tuple[str, int], ...]
    seconds: float | None

    @property
    def left(self) -> float | None:
        """Seconds until it is finished at this pace."""
        return None if self.seconds is None else self.seconds * (self.all - self.done)


class Turns:
    """Who is on which submission, and who gets which next; lost with the server, on purpose."""

    def __init__(self, grades: Grades, works: Sequence[Work]) -> None:
        self.grades, self.works = grades, tuple(works)
        self._claims: dict[tuple[str, str, int], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def others_on(self, key: str, part: str, grader: str, reading: int = FIRST_READING) -> str:
        """Return who else is on it, "" for nobody."""
        who, until = self._claims.get((key, part, reading), ("", 0.0))
        return who if who != grader and until > time.monotonic() else ""

    def claim(self, key: str, part: str, grader: str, reading: int = FIRST_READING) -> str:
        """Say that a grader is on it now; return who else is, which changes nothing then."""
        with self._lock:
            if other := self.others_on(key, part, grader, reading):
                return other
            self._claim_now(key, part, grader, reading)
        return ""

    def ordered(self, part: str) -> list[Work]:
        """Return the submissions in the order of a part: as they are listed, or at random."""
        if self.grades.meta("order", "random") != "random":
            return list(self.works)
        return sorted(self.works, key=lambda each: _hash(part, each.key))

    def second_share(self) -> float:
        return float(self.grades.meta("second_share", "0"))

    def is_read_twice(self, work: Work, part: str) -> bool:
        number = int(_hash("second", part, work.key)[:8], 16)
        return number < self.second_share() * 0x100000000

    def next_open(
        self, part: str, grader: str, after: str, *, flagged: bool = False, reserved: bool = False
    ) -> tuple[Work, int] | None:
        """Return the next submission behind `after` that waits for this grader, and claim it.

        What waits is open, or was graded on another PDF; with `flagged` it is whatever is flagged.
        Then come, blind, those of a second reading that others have graded. None: nothing waits.
        One that is `reserved` is claimed beside what the grader is on, and is not that one itself.
        """
        listed = self.ordered(part)
        start = next((i + 1 for i, each in enumerate(listed) if each.key == after), 0)
        turn = [*listed[start:], *listed[:start]]
        with self._lock:
            for reading in (FIRST_READING, SECOND_READING):
                if flagged and reading == SECOND_READING:
                    break
                firsts = self.grades.grades_of(part)
                own = firsts if reading == FIRST_READING else self.grades.grades_of(part, reading)
                for work in turn:
                    grade = own.get(work.owner, PartGrade())
                    if reading == SECOND_READING and not self._is_for_second(
                        work, part, grader, firsts
                    ):
                        continue
                    waits = grade.flag if flagged else not grade.done or grade.pdf != work.pdf
                    waits = waits and not (reserved and work.key == after)
                    if waits and not self.others_on(work.key, part, grader, reading):
                        self._claim_now(work.key, part, grader, reading, beside=reserved)
                        return work, reading
        return None

    def _is_for_second(
        self, work: Work, part: str, grader: str, firsts: dict[tuple[str, str], PartGrade]
    ) -> bool:
        first = firsts.get(work.owner, PartGrade())
        return self.is_read_twice(work, part) and first.done and first.grader != grader

    def _claim_now(
        self, key: str, part: str, grader: str, reading: int, *, beside: bool = False
    ) -> None:
        for mine in [k for k, (who, _) in self._claims.items() if who == grader and not beside]:
            del self._claims[mine]
        self._claims[key, part, reading] = (grader, time.monotonic() + CLAIM_SECONDS)

    def beside(self, part: str, key: str, step: int) -> Work | None:
        """Return the submission `step` places further in the order of a part."""
        listed = self.ordered(part)
        at = next((i for i, each in enumerate(listed) if each.key == key), None)
        if at is None:
            return listed[0] if listed else None
        return listed[(at + step) % len(listed)]

    def pace(self, part: str) -> Pace:
        """Count a part."""
        grades = self.grades.grades_of(part)
        own = [(work, grades[work.owner]) for work in self.works if work.owner in grades]
        done = [grade for work, grade in own if grade.done]
        times = sorted((grade.grader, grade.at) for grade in done)
        gaps = [
            b[1] - a[1]
            for a, b in itertools.pairwise(times)
            if a[0] == b[0] and b[1] - a[1] < _PAUSE_SECONDS
        ]
        recent = gaps[-_LAST:]
        return Pace(
            part,
            len(self.works),
            len(done),
            sum(grade.flag for _, grade in own),
            sum(grade.done and grade.pdf != work.pdf for work, grade in own),
            tuple(Counter(grade.grader for grade in done).most_common()),
            sum(recent) / len(recent) if recent else None,
        )

    def usual_page(self, part: str) -> int:
        """Return the page where a part stood in the last ones that were graded, 0 for none."""
        grades = sorted(self.grades.grades_of(part).values(), key=lambda each: each.at)
        pages = [each.page for each in grades if each.page and each.done][-5:]
        return Counter(reversed(pages)).most_common(1)[0][0] if pages else 0


def target_of(work: Work, part: str, reading: int = FIRST_READING) -> Target:
    return Target(work.id, work.sender, part, reading)


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
