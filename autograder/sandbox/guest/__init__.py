"""The guest's program: runs in the confined process, never in the grader's.

`main.py` starts it, `source.py` reads source text, `student.py` runs and calls it, `stubs.py`
stands in for missing modules and `substitutes.py` for what works of them, `calls.py` tells who
calls whom, `replacing.py` puts a right function in the place of a wrong one, `crashes.py` tells
what a failing line shows, `values.py` makes results fit to cross. They use the standard library
and numpy only, and are handed what they need of each other.
"""
