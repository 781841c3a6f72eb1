"""Grades the grader: wrong solutions that slip through, right ones that lose points."""
