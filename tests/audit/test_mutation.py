"""Generic mutations: every operator, constant, axis, index and comparison, one at a time."""

import ast

from autograder.audit.mutation import generic_mutants

SOURCE = '''
import numpy as np
SIZE = 3
def helper(x):
    return x[1:] / 2.0
def wanted(A, x):
    """Text stays as it is."""
    if A.shape[0] < SIZE:
        return -helper(x)
    return (A @ x).sum(axis=0) + 1
def unused(x):
    return x * 7
'''


def changes():
    return [(each.id, each.change) for each in generic_mutants(SOURCE, ("wanted",))]


def test_each_kind_of_node_is_changed():
    found = " ".join(change for _, change in changes())
    for new in (
        "x[:] / 2.0",
        "x[1:] * 2.0",
        "x[1:] / 4.0",
        "x[2:] / 2.0",
        "A.shape[1] < SIZE",
        "A.shape[0] <= SIZE",
        "SIZE = 4",
        "+helper(x)",
        "(A * x)",
        "axis=1",
        ".mean(axis=0)",
        "sum(axis=0) - 1",
    ):
        assert new in found, new


def test_mutants_are_valid_all_different_and_of_what_is_used_only():
    mutants = generic_mutants(SOURCE, ("wanted",))
    trees = {ast.dump(ast.parse(each.source)) for each in mutants}
    assert len(trees) == len(mutants) > 12
    assert ast.dump(ast.parse(SOURCE)) not in trees
    assert all("x * 7" in each.source for each in mutants)
    assert all("Text stays as it is." in each.source for each in mutants)
    assert {each.function for each in mutants} == {"wanted", ""}
    assert len({each.id for each in mutants}) == len(mutants)
