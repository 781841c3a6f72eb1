"""Checks your homework on your own machine: see README.md beside this folder."""

__version__ = "kit"


def check(file, *, plots=None, hints=None):
    """Check a file from a notebook.

    `plots` is where a page with plots goes, "plots.html"; `hints` is 1 to 4, as with --hints.
    """
    from autograder.checking import check as run

    run(file, plots=plots, **({} if hints is None else {"hints": hints}))
