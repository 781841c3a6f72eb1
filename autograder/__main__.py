"""`python -m autograder` is the same as the `autograder` command."""

import sys

from autograder.start import main

if __name__ == "__main__":
    sys.exit(main())
