"""Grades one file with gradescope-utils: `python run_gradescope_utils.py FILE RESULTS`."""

import importlib.util
import sys
import unittest

from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from suite import CHECKS


def load(path):
    spec = importlib.util.spec_from_file_location("student", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def case_of(student):
    def method_of(points, check):
        @weight(points)
        def method(self):
            check(student)

        method.__doc__ = check.__name__
        return method

    methods = {f"test_{check.__name__}": method_of(points, check) for points, check in CHECKS}
    return type("Homework3", (unittest.TestCase,), methods)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case_of(load(sys.argv[1])))
    with open(sys.argv[2], "w", encoding="utf-8") as results:
        JSONTestRunner(visibility="visible", stream=results).run(suite)
