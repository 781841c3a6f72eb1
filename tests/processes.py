"""The processes of a test's own."""

from __future__ import annotations

import psutil

from autograder.sandbox.forked import servers


def descendants() -> set[psutil.Process]:
    """Return all that this process has started, but for what guests are forked from: it stays."""
    found = psutil.Process().children(recursive=True)
    return {each for each in found if each.pid not in servers()}


def all_of(tops):
    """Return some processes, and with each all that are below it."""
    return [each for top in tops for each in (top, *top.children(recursive=True))]
