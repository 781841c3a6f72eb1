"""The guest's program: runs in the confined process, never in the grader's.

`main.py` starts it, `source.py` reads source text, `student.py` runs and calls it, `stubs.py`
stands in for missing modules, `values.py` makes results fit to cross. They use the standard
library and numpy only, and are handed what they need of each other.
"""
