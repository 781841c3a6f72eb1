"""What is said of a crash is what the line and its values show, and no more."""

import numpy as np
import pytest

from autograder.model.failures import GuestFailure, NotFilledIn, Raised
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox.session import Session

Z = np.arange(20.0).reshape(5, 4)
Y = np.eye(3)[[0, 1, 2, 1, 0]]
HEAD = "import numpy as np\n"


def failure_of(source, *args, name="f", limits=None):
    cells = (("h.py", (HEAD + source).encode()),)
    with Session("h.py", cells, level="process", limits=Limits(memory_mib=512)) as session:
        session.load()
        with pytest.raises(GuestFailure) as caught:
            session.call(name, *args, limits=limits)
        return caught.value


LOST_AXIS = {
    "in the line": "def f(z):\n    return np.exp(z) / np.sum(np.exp(z), axis=1)\n",
    "by position": "def f(z):\n    return z / z.sum(1)\n",
    "the last axis": "def f(z):\n    return z - np.max(z, axis=-1)\n",
    "in a name": "def f(z):\n    e = np.exp(z)\n    s = np.sum(e, axis=1)\n    return e / s\n",
    "in place": "def f(z):\n    z -= z.max(axis=1)\n    return z\n",
    "in a loop": "def f(z):\n    for i in range(3):\n        m = np.mean(z, 1)\n"
    "        z = z - m\n    return z\n",
}


@pytest.mark.parametrize("source", LOST_AXIS.values(), ids=LOST_AXIS)
def test_an_axis_that_was_lost_is_named(source):
    text = str(failure_of(source, Z))
    assert "one number for each of 5 rows" in text
    assert "(5, 4)" in text and "keepdims" in text


OTHER_BROADCASTS = {
    "two arrays of the caller's": "def f(z):\n    v = np.ones(5)\n    return z - v\n",
    "a sum over the other axis": "def f(z):\n    return z.T - np.sum(z.T, axis=0)[:3]\n",
    "the axis is kept": "def f(z):\n    return z - np.max(z, axis=1, keepdims=True)[:3]\n",
    "given twice": "def f(z):\n    s = np.sum(z, axis=1)\n    if len(z) > 2:\n"
    "        s = np.ones(5)\n    return z / s\n",
}


@pytest.mark.parametrize("source", OTHER_BROADCASTS.values(), ids=OTHER_BROADCASTS)
def test_where_the_line_does_not_show_it_nothing_is_said(source):
    failure = failure_of(source, Z)
    assert isinstance(failure, Raised)
    assert "keepdims" not in str(failure) and "one-hot" not in str(failure)


NONE_USED = {
    "added": "def f(z, b=None):\n    return z @ np.ones((4, 2)) + b\n",
    "an attribute": "def f(z, b=None):\n    return z + b.reshape(1, -1)\n",
    "an entry": "def f(z, *, b=None):\n    return z + b[0]\n",
    "a length": "def f(z, b=None):\n    return len(b)\n",
}


@pytest.mark.parametrize("source", NONE_USED.values(), ids=NONE_USED)
def test_a_bias_that_was_left_out_is_named(source):
    assert "In this line b is None. That is its value where it is left out." in str(
        failure_of(source, Z)
    )


def test_none_of_another_source_is_said_without_a_default():
    text = str(failure_of("def g(z):\n    pass\ndef f(z):\n    p = g(z)\n    return 1 - p\n", Z))
    assert text.endswith("In this line p is None.")


@pytest.mark.parametrize(
    "source",
    [
        "def f(z, b=None, c=None):\n    return z + b + c\n",
        "def f(z):\n    return z + [None]\n",
        "def g():\n    pass\ndef f(z):\n    return z + g()\n",
    ],
)
def test_where_two_names_or_none_are_none_nothing_is_said(source):
    assert "In this line" not in str(failure_of(source, Z))


@pytest.mark.parametrize(
    "line",
    [
        "np.mean(np.argmax(p, axis=1) == Y)",
        "np.sum(Y != np.argmax(p, 1)) / len(Y)",
    ],
)
def test_labels_against_one_hot_rows_are_named(line):
    source = f"def f(Y):\n    p = np.ones((5, 3))\n    return {line}\n"
    assert "Y is one-hot, with shape (5, 3), and is compared with 5 labels" in str(
        failure_of(source, Y)
    )


def test_rows_that_are_not_one_hot_are_not_called_so():
    text = str(failure_of("def f(P):\n    return np.arange(5) == P\n", np.full((5, 3), 0.5)))
    assert "one-hot" not in text


UNFILLED = {
    "the body": "def f(n):\n    raise NotImplementedError\n",
    "after a docstring": 'def f(n):\n    """Words."""\n    raise NotImplementedError("x")\n',
    "of a function that is called": "def f(n):\n    return g(n)\ndef g(n):\n"
    "    raise NotImplementedError\n",
}


@pytest.mark.parametrize("source", UNFILLED.values(), ids=UNFILLED)
def test_what_always_raises_is_not_filled_in(source):
    failure = failure_of(source, 3)
    assert isinstance(failure, NotFilledIn)
    calls = "f calls g, which is" if "g(n)" in source else "f is"
    assert str(failure) == f"{calls} not filled in yet."


PARTLY_FILLED = {
    "in a branch": "def f(n):\n    if n > 2:\n        raise NotImplementedError('two only')\n"
    "    return n\n",
    "after a return": "def f(n):\n    if n == 2:\n        return n\n"
    "    raise NotImplementedError\n",
    "in a loop": "def f(n):\n    for i in range(n):\n        if i > 1:\n"
    "            raise NotImplementedError\n",
}


@pytest.mark.parametrize("source", PARTLY_FILLED.values(), ids=PARTLY_FILLED)
def test_what_raises_for_some_inputs_only_is_filled_in(source):
    failure = failure_of(source, 3)
    assert isinstance(failure, Raised)
    assert "raised NotImplementedError" in str(failure) and "filled in" not in str(failure)


def test_code_that_waits_is_told_to_wait_and_code_that_computes_is_not():
    """A loop that gets little of a busy machine's time is none that waits for anything."""
    limits = CallLimits(cpu=20, wall=1)
    waits = str(failure_of("import time\ndef f():\n    time.sleep(30)\n", limits=limits))
    assert "computed next to nothing" in waits and "Look for input()" in waits
    works = str(failure_of("def f():\n    while True: pass\n", limits=limits))
    assert "s of the processor" in works and "input()" not in works


def test_a_name_of_a_skipped_statement_is_traced_to_it():
    failure = failure_of("X = np.load('gone.npy')\ndef f():\n    return X\n")
    assert "It gets its value in h.py, line 2, which was skipped" in str(failure)


CASCADE = """
X = np.load("/home/marta/x.npy")
Y = X + 1
W = 2 * Y
print(W)
unrelated = 1 / 0
def f(): return 1
"""


def test_what_only_follows_is_known_to_follow_and_the_guard_is_named():
    cells = (("h.py", (HEAD + CASCADE).encode()),)
    with Session("h.py", cells, level="process", limits=Limits(memory_mib=512)) as session:
        session.load()
        assert session.follows == {2: 1, 3: 1, 4: 1}
        assert session.skipped[1].endswith("and not when it is loaded.")
        assert 'if __name__ == "__main__":' in session.skipped[1]
        assert "__main__" not in session.skipped[5]
        assert session.call("f").value == 1
