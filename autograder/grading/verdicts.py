"""What a check may say of an answer, beside passing it."""

from __future__ import annotations

from autograder.model.failures import Place


class Wrong(AssertionError):
    """The answer is wrong. `str(wrong)` is what the student reads: never an expected value.

    `mistake` is the id of the named mistake, `staff` may hold expected and actual values, and
    `fraction` is the share of the points that the answer still gets.
    """

    def __init__(
        self,
        message: str,
        *,
        mistake: str = "",
        staff: str = "",
        fraction: float = 0.0,
        place: Place | None = None,
    ) -> None:
        super().__init__(message)
        self.mistake = mistake
        self.staff = staff
        self.fraction = fraction
        self.place = place


class Prerequisite(Exception):
    """The check can't be judged, because something that it builds on is not right yet."""
