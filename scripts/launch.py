"""Start autograder from this checkout, whatever the working directory holds.

Run by `python -I`, which keeps the working directory and PYTHONPATH off the import path: a
student's numpy.py that lies there is not what the grader imports.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if __name__ == "__main__":
    from autograder.start import main

    sys.exit(main())
