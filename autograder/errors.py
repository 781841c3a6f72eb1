"""What a command tells its user in one sentence: the root of every error that is expected."""

from __future__ import annotations


class ExpectedError(Exception):
    """Something that is not as it must be; the text says what, where, and what to do.

    The command line tells it without a traceback and ends with exit code 2.
    """
