"""Checks that can't be run, by no fault of the student's."""

from __future__ import annotations

from autograder.errors import ExpectedError


class GradingError(ExpectedError):
    """The checks could not be run at all: the grader's fault. The text says why."""


class ChecksError(GradingError):
    """The checks can't be run on any submission."""
