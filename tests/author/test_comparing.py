"""Fixtures with the names of functions: what an answer is compared with, and what is said of it."""

from __future__ import annotations

import textwrap

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission

HEAD = 'title = "Kinds"\nstem = "kinds"\nsecret = "of this test"\nreference = "reference.py"\n'
# What is tried: the reference's function, the check, the student's, and what the student reads, ""
# for a check that is passed.
KINDS = {
    "number": ("return x + 1", "f.compare(2); f.compare(5)", "return [[x + 1]]", ""),
    "wrong_number": ("return x + 1.5", "f.compare(2)", "return x", "f(x) is wrong: the value"),
    "no_number": ("return x + 1", "f.compare(2)", "return [1, 2]", "a list of 2 items; a single"),
    "array": ("return np.ones(3) * x", "f.compare(2)", "return [[x], [x], [x]]", ""),
    "transposed": (
        "return np.ones((2, 3)) * x",
        "f.compare(2)",
        "return np.ones((3, 2)) * x",
        "its shape is 3 × 2, the transpose",
    ),
    "short_list": ("return [1, 2, 3]", "f.compare(0)", "return (1, 2, 3)", ""),
    "long_list": ("return list(range(30))", "f.compare(0)", "return list(range(30))", ""),
    "empty_list": ("return []", "f.compare(0)", "return []", ""),
    "none_for_a_list": ("return []", "f.compare(0)", "pass", "f returned None. Is the return"),
    "printed": ("return [1]", "f.compare(0)", "print(x)", "printed something but returned None"),
    "another_order": (
        "return list(range(12))",
        "f.compare(0)",
        "return list(range(12))[::-1]",
        "it has the right items, but in another order",
    ),
    "one_item_less": (
        "return list(range(12))",
        "f.compare(0)",
        "return list(range(11))",
        "it has 11 items, but 12 items are expected",
    ),
    "texts": ("return ['a', 'b']", "f.compare(0)", "return ['a', 'b']", ""),
    "other_texts": ("return ['a', 'b']", "f.compare(0)", "return ['a', 'c']", "item 2 of 2 is"),
    "text": ("return 'a' + x", "f.compare('b')", "return 'ab'", ""),
    "another_text": ("return 'a'", "f.compare(0)", "return 'b'", "character 1 of 1 is the first"),
    "text_in_capitals": (
        "return 'Ada wins'",
        "f.compare(0)",
        "return 'ADA WINS'",
        "f(x) is wrong: it differs in upper and lower case alone.",
    ),
    "text_with_blanks": (
        "return 'Ada wins'",
        "f.compare(0)",
        "return 'Ada wins\\n'",
        "f(x) is wrong: it differs in blanks and line ends alone.",
    ),
    "text_with_a_stop": (
        "return {'who': 'Ada wins'}",
        "f.compare(0)",
        "return {'who': 'Ada wins.'}",
        "under the key 'who' is wrong: it differs in what is no letter or digit alone.",
    ),
    "keys_as_text": (
        "return {0: 1, 5: 2}",
        "f.compare(0)",
        "return {'0': 1, '5': 2}",
        "2 of its keys are of another kind: '0' is text.",
    ),
    "numbers_in_a_set_of_text": (
        "return {'1', '2'}",
        "f.compare(0)",
        "return {'1', 2}",
        "1 of its items is of another kind: 2 is no text.",
    ),
    "inside_a_list_of_dicts": (
        "return [{'n': 1, 'max': 2}, {'n': 1, 'max': [3, 'a']}]",
        "f.compare(0)",
        "return [{'n': 1, 'max': 2}, {'n': 1, 'max': [3, 'b']}]",
        ", item 2 of 2, is wrong: it differs under the key 'max' in its item 2.",
    ),
    "keys_inside_a_list": (
        "return [{'n': 1}, {'n': 2}]",
        "f.compare(0)",
        "return [{'n': 1}, {'N': 2}]",
        ", item 2 of 2, is wrong: it differs in its keys.",
    ),
    "inside_a_dict_of_dicts": (
        "return {'a': {'b': 1}, 'c': 2}",
        "f.compare(0)",
        "return {'a': {'b': 3}, 'c': 2}",
        "under the key 'a' is wrong: it differs under the key 'b'.",
    ),
    "one_array_for_a_pair": (
        "return np.ones((2, 2)), [0, 1]",
        "f.compare(0)",
        "return np.ones((2, 2))",
        "f returned an array of shape 2 × 2; 2 items are expected",
    ),
    "longer_text": (
        "return 'Ada wins'",
        "f.compare(0)",
        "return 'Bertha wins'",
        "f(x) is wrong: it has 11 characters, but 8 are expected.",
    ),
    "number_for_text": ("return 'a'", "f.compare(0)", "return 1", "a number; text is expected"),
    "none": ("return None", "f.compare(0)", "return None", ""),
    "text_for_none": ("return None", "f.compare(0)", "return 'x'", "the text 'x'; None is"),
    "truth_values": ("return x > 1", "f.compare(0); f.compare(2)", "return np.bool_(x > 1)", ""),
    "pair": ("return np.ones(2), x", "f.compare(3.0)", "return [np.ones(2), np.array([x])]", ""),
    "half_a_pair": (
        "return np.ones(2), x",
        "f.compare(3.0)",
        "return np.ones(2), 2 * x",
        "f(x), item 2 of 2, is wrong",
    ),
    "no_pair": ("return x, x", "f.compare(3.0)", "return x", "a number; 2 items are expected"),
    "dict": ("return {'a': x, 'b': [x]}", "f.compare(1)", "return {'b': [x], 'a': x}", ""),
    "other_keys": (
        "return {'a': x}",
        "f.compare(1)",
        "return {'b': x}",
        "1 of the 1 key that it should have is missing, and 1 key should not be there: 'b'.",
    ),
    "pairs_as_keys": (
        "return {(i, x): i for i in range(12)}",
        "f.compare(1)",
        "return {(np.int64(i), x): i for i in range(12)}",
        "",
    ),
    "key_loses_too": (
        "return {'a': x, 'b': 2 * x}",
        "f.compare(1)",
        "return {'a': x, 'b': 2 * x, 'c': 1}",
        "1 key should not be there: 'c'.",
    ),
    "mistake_in_keys": (
        "return {c: x.count(c) for c in x}",
        "f.compare('Anna'); f.compare('Otto')",
        "return {c: x.lower().count(c) for c in x.lower()}",
        "It counts in lower case.",
    ),
    "mistake_in_values": (
        "return {c: x.count(c) for c in x}",
        "f.compare('aab'); f.compare('ccd')",
        "return {c: 1 for c in x}",
        "It counts each once.",
    ),
    "mistake_in_one_answer": (
        "return {c: x.count(c) for c in x}",
        "f.compare('aabcc')",
        "return {c: 1 for c in x}",
        "the value differs",
    ),
    "a_set": ("return {x, 1}", "f.compare(2)", "return {1, x}", ""),
    "frozen_set": ("return {x, 1}", "f.compare(2)", "return frozenset([1, x])", ""),
    "list_for_a_set": ("return {x, 1}", "f.compare(2)", "return [x, 1]", ""),
    "another_set": (
        "return {x, 1, 'a'}",
        "f.compare(2)",
        "return {1, 'a', 'b'}",
        "1 of the 3 items that it should have is missing, and 1 item should not be there: 'b'.",
    ),
    "item_of_a_set_twice": (
        "return {x, 1, 5}",
        "f.compare(2)",
        "return [1, 2, 7, 7, 7]",
        "1 of the 3 items that it should have is missing, and 1 item should not be there: 7.",
    ),
    "generator_for_a_set": (
        "return {x, 1}",
        "f.compare(2)",
        "yield x",
        "returned a generator (use return, not yield); only plain values can be read",
    ),
    "none_for_a_set": ("return {x}", "f.compare(2)", "pass", "returned None"),
    "number_for_a_set": ("return {x}", "f.compare(2)", "return 2", "a number; a set is expected"),
    "set_for_a_list": ("return [x]", "f.compare(2)", "return {x}", "a set; numbers are expected"),
    "set_given": ("return len(x)", "f.compare({1, 2, 3})", "return len(x)", ""),
    "array_of_texts": ("return ['a', x]", "f.compare('b')", "return np.array(['a', x])", ""),
    "very_large": ("return 3**x", "f.compare(2000)", "return 3**x", ""),
    "very_large_off_by_one": ("return 3**x", "f.compare(2000)", "return 3**x + 1", "is wrong"),
    "large_in_a_long_list": (
        "return [2**60 + i for i in range(12)]",
        "f.compare(1)",
        "return [2**60 + i + (i == 7) for i in range(12)]",
        "item 8 of 12 is the first that differs",
    ),
    "larger_in_a_long_list": (
        "return [2**70 + i for i in range(12)]",
        "f.compare(1)",
        "return [2**70 + i + (i == 7) for i in range(12)]",
        "item 8 of 12 is the first that differs",
    ),
    "twice_too_large": (
        "return np.arange(4) + x",
        "f.compare(1); f.compare(2)",
        "return 2 * (np.arange(4) + x)",
        "it is 2 times what it should be",
    ),
    "room": ("return 1.0", "f.within(0.1).compare(0)", "return 1.05", ""),
    "no_room": ("return 1.0", "f.within(0.1).compare(0)", "return 1.15", "f(x) is wrong"),
    "numpys_numbers": ("return x + 1", "f.compare(np.int64(2))", "return x + 1", ""),
    "answer_is_given_back": ("return [1]", "assert f.compare(0) == [1]", "return [1]", ""),
    "sentence": (
        "return x",
        "assert f.call(1) == 1, 'Give back what you got.'",
        "return 2",
        "Give back what you got.",
    ),
    "bare_assertion": ("return x", "assert f.call(1) == 1", "return 2", "This is not so yet: bare"),
    "failed": ("return x", "pytest.fail('Not at all.')", "return 2", "Not at all."),
    "numpys_assertion": (
        "return x",
        "np.testing.assert_allclose(f.call(1), 1)",
        "return 2",
        "This is not so yet: numpys",
    ),
    "numpys_sentence": (
        "return x",
        "np.testing.assert_allclose(f.call(1), 1, err_msg='Look at part 1.')",
        "return 2",
        "Look at part 1.",
    ),
    "mistake": (
        "return x + 1",
        "f.compare(2); f.compare(5)",
        "return x * 2",
        "You double it.",
    ),
    "two_rivals": ("return 7 * x", "f.compare(2); f.compare(3)", "return x", "f(x) is wrong"),
    "one_case": ("return 7 * x", "f.compare(2)", "return 5 * x", "f(x) is wrong"),
    "very_long": (
        "return ['a']",
        "f.compare(0)",
        "return np.zeros(100_000)",
        "an array of shape (100000,); a list is expected",
    ),
    "added": (
        "return x**3 + alpha * x",
        "f.compare_added(2.0, by={'alpha': 3.0}); f.compare_added(4.0, by={'alpha': 1.0})",
        "return alpha * x",
        "",
    ),
    "added_mistake": (
        "return x**3 + alpha * x",
        "f.compare_added(2.0, by={'alpha': 3.0}); f.compare_added(4.0, by={'alpha': 5.0})",
        "return 99 + alpha**2 * x",
        "alpha is squared.",
    ),
    "once_with": (
        "return x + 1 + alpha",
        "f.compare(2.0); f.compare(5.0, alpha=0.5)",
        "return x + 2",
        "alpha is not used, and 1 is added.",
    ),
    "later": (
        "return x + 3 * alpha",
        "f.compare_added(2.0, by={'alpha': 1.0}); f.compare(4.0); f.compare(7.0)",
        "return 2 * x + 7 * alpha + 5 * alpha * x",
        "You double it.",
    ),
}
MISTAKES = """
def lower(x):
    return {c: x.lower().count(c) for c in x.lower()}
mistake("mistake_in_keys", "lower", lower, "It counts in lower case.")
mistake("mistake_in_values", "once", lambda x: {c: 1 for c in x}, "It counts each once.")
mistake("mistake_in_values", "twice", lambda x: {c: 2 for c in x}, "It counts each twice.")
mistake("mistake_in_one_answer", "once", lambda x: {c: 1 for c in x}, "It counts each once.")
mistake("once_with", "missing", lambda x, alpha=0.0: x + 2, "alpha is not used, and 1 is added.")
mistake("later", "doubled", lambda x: 2 * x, "You double it.")
mistake("mistake", "doubled", lambda x: 2 * x, "You double it.")
mistake("mistake", "tripled", lambda x: 3 * reference.mistake(x - 1), "You triple it.")
mistake("mistake", "broken", lambda x: no_such_name, "Never.")
mistake("two_rivals", "once", lambda x: x, "It is x.")
mistake("two_rivals", "again", lambda x: 1 * x, "It is once x.")
mistake("added_mistake", "squared", lambda x, alpha: x**3 + alpha**2 * x, "alpha is squared.")
mistake("added_mistake", "missing", lambda x, alpha: x**3, "alpha is not used.")
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What became of all of them, in one submission."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "checks").mkdir()
    rubric, reference, theirs = HEAD, "import numpy as np\n", "import numpy as np\n"
    checks = "import numpy as np\nimport pytest\nfrom autograder.author import mistake, reference\n"
    for name, (right, check, student, _) in KINDS.items():
        takes = "x, alpha=0.0" if "alpha" in right else "x"
        rubric += f'[[function]]\nname = "{name}"\npart = "1"\n'
        rubric += f'checks = [{{ id = "{name}", points = 1, title = "{name}" }}]\n'
        reference += f"def {name}({takes}):\n    {right}\n"
        theirs += f"def {name}({takes}):\n    {student}\n"
        checks += f'@pytest.mark.check("{name}")\ndef test_{name}({name}):\n    f = {name}\n'
        checks += textwrap.indent(check.replace("; ", "\n"), "    ") + "\n"
    for name in ("right_value", "wrong_value"):
        rubric += f'[[function]]\nname = "{name}"\npart = "1"\nkind = "value"\n'
        rubric += f'checks = [{{ id = "{name}", points = 1, title = "{name}" }}]\n'
        reference += f"{name} = np.eye(2)\n"
        checks += f'@pytest.mark.check("{name}")\ndef test_{name}({name}):\n    {name}.compare()\n'
    rubric += '[[function]]\nname = "odd_value"\npart = "1"\nkind = "value"\n'
    rubric += 'checks = [{ id = "odd_value", points = 1, title = "odd_value" }]\n'
    reference += "odd_value = {1: 2}\n"
    checks += '@pytest.mark.check("odd_value")\ndef test_odd(odd_value):\n    odd_value.compare()\n'
    theirs += "odd_value = 3\n"
    theirs += "right_value = [[1, 0], [0, 1]]\nwrong_value = 3 * np.eye(2)\n"
    (folder / "rubric.toml").write_text(rubric)
    (folder / "reference.py").write_text(reference)
    (folder / "checks" / "test_kinds.py").write_text(checks + MISTAKES)
    submission = Submission(id="ann", code="kinds.py", cells=(Cell("kinds.py", theirs.encode()),))
    return {
        each.id: each
        for each in grade(submission, load_assignment(folder), level="process", seed=5).checks
    }


@pytest.mark.parametrize("name", KINDS)
def test_an_answer_of_a_kind(report, name):
    check, words = report[name], KINDS[name][3]
    assert check.outcome is not Outcome.GRADER_ERROR, check.staff
    assert (check.outcome is Outcome.PASSED) == (not words), check.message
    assert words.replace("f(x)", f"{name}(x)").replace("f returned", f"{name} returned") in (
        check.message
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other_texts", "got ['a', 'c']\nexpected ['a', 'b']"),
        ("another_text", "got 'b'\nexpected 'a'"),
        ("other_keys", "got [\"'b'\"]\nexpected [\"'a'\"]"),
    ],
)
def test_staff_read_what_it_is_and_what_it_should_be(report, name, words):
    assert words in report[name].staff


def of_the_check(tmp_path, body):
    """Return the result of a check of f with this body, of the right f."""
    (tmp_path / "checks").mkdir()
    checks = (
        '[[function]]\nname = "f"\npart = "1"\nchecks = [{ id = "f", points = 1, title = "f" }]\n'
    )
    (tmp_path / "rubric.toml").write_text(HEAD + checks)
    (tmp_path / "reference.py").write_text("def f(x):\n    return x[0]\n")
    (tmp_path / "checks" / "test_f.py").write_text(
        "import datetime\nimport numpy as np\nimport pytest\nimport autograder.author\n"
        f'@pytest.mark.check("f")\ndef test_f(f):\n    {body}\n'
    )
    cell = Cell("kinds.py", b"def f(x):\n    return x[0]\n")
    report = grade(
        Submission(id="ann", code="kinds.py", cells=(cell,)),
        load_assignment(tmp_path),
        level="process",
        seed=5,
    )
    return report.checks[0]


@pytest.mark.parametrize(
    "value", ["range(3)", "datetime.date(2026, 1, 1)", "np.array(['a'])", "lambda: 1", "iter([1])"]
)
def test_an_argument_that_can_not_cross_is_said_in_words(tmp_path, value):
    """Before the reference is asked, which would fail on it in its own words."""
    check = of_the_check(tmp_path, f"f.compare({value})")
    assert check.outcome is Outcome.GRADER_ERROR
    assert "can't be an argument" in check.staff


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("f([1])", "f is not called itself: f.compare(…) compares an answer with the reference's"),
        ("f.comapre([1])", "Function has no 'comapre' (did you mean 'compare'?)"),
    ],
)
def test_a_function_used_otherwise_is_said_in_words(tmp_path, body, words):
    check = of_the_check(tmp_path, body)
    assert check.outcome is Outcome.GRADER_ERROR
    assert words in check.staff


def test_a_value_is_compared_too(report):
    assert report["right_value"].outcome is Outcome.PASSED
    assert report["wrong_value"].outcome is Outcome.FAILED
    assert report["wrong_value"].message.startswith("wrong_value is wrong")
    assert report["odd_value"].message == "odd_value is a number; a dict is expected."


def test_a_mistake_has_its_name(report):
    named = {name: each.mistake for name, each in report.items() if each.mistake}
    assert named["mistake"] == "doubled"
    assert named["added_mistake"] == "squared"
    assert "two_rivals" not in named and "one_case" not in named
