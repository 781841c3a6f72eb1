"""How the blind second readings agree with the first ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.gradebook.database import SECOND_READING, PartGrade
from autograder.review.grades import Grades
from autograder.review.turns import Turns
from autograder.review.work import Work


def agreement_in(turns: Turns, part: str, name_of: Callable[[Work], str]) -> dict[str, Any]:
    """Return how often both gave the same in a part, by item too, and the cases that differ."""
    grades = turns.grades
    firsts, seconds = grades.grades_of(part), grades.grades_of(part, SECOND_READING)
    both = [work for work in turns.works if work.owner in firsts and work.owner in seconds]
    pairs = [(work, firsts[work.owner], seconds[work.owner]) for work in both]
    pairs = [each for each in pairs if each[1].done and each[2].done]
    gaps = [_gap(grades, part, first, second) for _, first, second in pairs]
    return {
        "part": part,
        "read_twice": len(pairs),
        "asked": sum(turns.is_read_twice(work, part) for work in turns.works),
        "same": sum(gap < 1e-9 for gap in gaps),
        "mean_gap": sum(gaps) / len(gaps) if gaps else None,
        "items": [
            {
                "text": item.text,
                "same": sum((item.id in a.items) == (item.id in b.items) for _, a, b in pairs),
            }
            for item in grades.items(part)
        ],
        "cases": [
            {
                "key": work.key,
                "name": name_of(work),
                "first": _reading(grades, first, part),
                "second": _reading(grades, second, part),
            }
            for (work, first, second), gap in zip(pairs, gaps)
            if gap >= 1e-9 or set(first.items) != set(second.items)
        ],
    }


def _gap(grades: Grades, part: str, first: PartGrade, second: PartGrade) -> float:
    a, b = (grades.points(each, part) or 0.0 for each in (first, second))
    return abs(a - b)


def _reading(grades: Grades, grade: PartGrade, part: str) -> dict[str, Any]:
    texts = [each.text for each in grades.items(part) if each.id in grade.items]
    points = grades.points(grade, part)
    return {"grader": grade.grader, "points": points, "items": texts, "comment": grade.comment}
