"""A sentence about a submission beside the verdicts of its checks, and who is to read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Audience(str, Enum):
    """Who reads a remark."""

    STUDENT = "student"
    STAFF = "staff"
    BOTH = "both"


@dataclass(frozen=True)
class Remark:
    """A sentence, and for whom: what a student should know, or why staff should look."""

    text: str
    audience: Audience


def to_student(*texts: str) -> tuple[Remark, ...]:
    return tuple(Remark(text, Audience.STUDENT) for text in texts)


def to_staff(*texts: str) -> tuple[Remark, ...]:
    return tuple(Remark(text, Audience.STAFF) for text in texts)


def to_both(*texts: str) -> tuple[Remark, ...]:
    return tuple(Remark(text, Audience.BOTH) for text in texts)


def student_texts(remarks: Iterable[Remark]) -> tuple[str, ...]:
    """Return what students read, each sentence once."""
    return tuple(dict.fromkeys(each.text for each in remarks if each.audience != Audience.STAFF))


def staff_texts(remarks: Iterable[Remark]) -> tuple[str, ...]:
    """Return why staff should look, each sentence once."""
    return tuple(dict.fromkeys(each.text for each in remarks if each.audience != Audience.STUDENT))
