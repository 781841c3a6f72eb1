"""What a copier changes is not in the statements; what the code does is."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.lookalikes.statements import MAX_CODE_CHARS, MAX_IN_LINE, readable, statements

pytest.importorskip("pygments")

CODE = '''
def fCE(W, X, Y, alpha=0.0, b=None):
    """Cost."""
    z = X.T.dot(W)  # scores
    if b is not None:
        z = z + b
    return -np.sum(Y * np.log(softmax(z))) / len(Y), 'done'
'''
SAME = {
    "names": CODE.replace("z", "scores").replace("alpha", "lam").replace("np.", "numpy."),
    "comments": CODE.replace("  # scores", "").replace('"""Cost."""', "# the cost"),
    "spaces": CODE.replace(" = ", "=").replace("    ", "\t"),
    "brackets": CODE.replace("X.T.dot(W)", "(X.T.dot(W))").replace("/ len(Y),", "/ (len(Y)),"),
    "lines": CODE.replace("Y * np", "Y\n        * np").replace("z = z + b", "z = z \\\n + b"),
    "quotes": CODE.replace("'done'", '"another text"'),
    "numbers": CODE.replace("0.0", "0.").replace("-np", "- np"),
    "semicolon": CODE.replace("if b is not None:\n        z = z", "if b is not None: z = z"),
    "windows": CODE.replace("\n", "\r\n"),
    "none at the end": CODE.rstrip(),
}
OTHER = {
    "function": CODE.replace("np.sum", "np.mean"),
    "sign": CODE.replace("-np", "np"),
    "operator": CODE.replace("z + b", "z - b"),
    "number": CODE.replace("0.0", "0.5"),
    "builtin": CODE.replace("len(Y)", "max(Y)"),
    "required": CODE.replace("softmax(", "fCE("),
}
REQUIRED = frozenset({"fCE", "softmax"})


def words(code):
    return [each.words for each in statements(code, REQUIRED)]


@pytest.mark.parametrize("change", SAME)
def test_what_a_copier_changes_does_not_matter(change):
    assert SAME[change] != CODE
    assert words(SAME[change]) == words(CODE)


@pytest.mark.parametrize("change", OTHER)
def test_what_the_code_does_matters(change):
    assert words(OTHER[change]) != words(CODE)


def test_each_statement_knows_its_lines():
    found = statements("import numpy as np\n\nx = [1,\n     2]; y = 3\nfor i in x:\n    print(i)\n")
    assert [(each.first, each.last) for each in found] == [(0, 0), (2, 3), (3, 3), (4, 4), (5, 5)]
    assert found[3].words == ("for", "name", "in", "name")


def test_code_that_python_does_not_take_is_read_as_well():
    assert words("print 'x'\nx = (1,\nx = 2\n")
    assert words("%matplotlib inline\n!pip install numpy\nx = 1\n")[-1] == ("name", "=", "1.0")


def test_a_bracket_left_open_ends_with_its_function():
    found = words("def f(x):\n    return (x + 1\n\ndef g(x):\n    y = 2\n    return y\n")
    assert found[-2:] == [("name", "=", "2.0"), ("return", "name")]
    assert words("(a,\n b) = f(x)\n") == words("a, b = f(x)\n")


def test_only_so_much_is_read():
    assert statements("a = 1\n" * MAX_CODE_CHARS)[-1].last <= MAX_CODE_CHARS // 6


REPEATED = {
    "blank lines": "\n",
    "lines of blanks": " \n",
    "blanks of all kinds": " \t\f\x0b\xa0\n",
    "form feeds": "\f",
    "comments": "# c\n",
    "open brackets": "(",
    "brackets on lines": "[{(\n",
    "open strings": "'a\n",
    "long strings": "x = '''" + "a\n" * 50 + "'''\n",
    "format strings": "f'{x:{",
    "backslashes": "\\\n",
    "short statements": "a;",
    "deep nesting": "if a:\n",
    "decorators": "@\n",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", REPEATED)
def test_text_without_end_is_read_in_part(name):
    text = "y = 2\n" + REPEATED[name] * (1_000_000 // len(REPEATED[name])) + "\nz = 1\n"
    kept, places = readable(text)
    assert len(kept) <= MAX_CODE_CHARS + 1
    # The lexer looks through all blanks that follow, at each of them.
    assert all(line.strip() and len(line) <= MAX_IN_LINE for line in kept.split("\n")[:-1])
    assert places == sorted(set(places))
    assert statements(text)[0].words == ("name", "=", "2.0")


def test_lines_are_those_of_the_text_where_blank_ones_are_left_out():
    text = "\n\nx = 1\n \n\ny = '''\n\n\na'''\n\n\nz = 2"
    assert [(each.first, each.last) for each in statements(text)] == [(2, 2), (5, 5), (11, 11)]


@given(st.text(alphabet=st.sampled_from("ab1 .,;:()[]{}'\"\\#\n\r\t=fr\ud800é\0@"), max_size=300))
@settings(max_examples=200, deadline=None)
@example("'''")
@example("\\\n")
@example("f'{")
def test_any_text_is_read_and_its_lines_exist(text):
    lines = text.count("\n") + 1
    last = 0
    for each in statements(text):
        assert each.words
        assert last <= each.first <= each.last < lines + 1
        last = each.first
