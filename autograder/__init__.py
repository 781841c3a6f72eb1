"""autograder: grades a numpy deep-learning homework behind a process boundary."""

import os

# Our arrays are small: threads for them would only wait for each other, and for the students' code.
for _library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

__version__ = "0.1.0"
