"""autograder: grades a numpy deep-learning homework behind a process boundary."""

__version__ = "0.1.0"
