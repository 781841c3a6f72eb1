"""python -m autograder check FILE"""

import sys

# In words that old versions of Python understand too.
if sys.version_info < (3, 10):
    sys.exit("autograder: Python 3.10 or newer is needed; this is %d.%d." % sys.version_info[:2])


def main():
    try:
        from autograder.checking import main as run

        # Some are imported while the student's file loads.
        return run()
    except ModuleNotFoundError as error:
        if str(error.name).startswith("autograder"):
            raise
        install = "%s -m pip install -r requirements.txt" % sys.executable
        print("autograder: the package %s is missing. Install it:\n  %s" % (error.name, install))
        return 2


if __name__ == "__main__":
    sys.exit(main())
