"""What a small input says of an answer of another kind: neither keys, None nor text that is asked.

Through the sandbox, and with a reference whose answers are dicts, None or text.
"""

from __future__ import annotations

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from tests.tiny import write_compared

HEAD = 'title = "Kinds"\nstem = "kinds"\nsecret = "of this test"\nreference = "reference.py"\n'
# The reference's function and the student's, with what must and what must not be in the hint.
ASKED = {
    "tally": ("return {str(x): 7}", "return {'q': 7}", "other keys", ("'1'", "'2'", "'-1'")),
    "tallied": ("return {str(x): 7}", "return [7]", "a dict is expected", ("'1'", "'2'", "keys")),
    "nothing": ("return None", "return x", "", ("None is",)),
    "half": ("return x, None", "return x, 3", "", ("None is",)),
    "text": ("return 'abc'", "return 3", "text is expected", ("None", "abc")),
    "no_pairs": ("return {}", "return [x]", "a dict is expected", ("empty",)),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    rubric, reference, theirs = HEAD, "", ""
    checks = "import pytest\nfrom autograder.author import small_inputs\n"
    for name, (right, wrong, *_) in ASKED.items():
        rubric += f'[[function]]\nname = "{name}"\npart = "1"\n'
        rubric += f'checks = [{{ id = "{name}", points = 1, title = "{name}" }}]\n'
        reference += f"def {name}(x):\n    {right}\n"
        theirs += f"def {name}(x):\n    {wrong}\n"
        checks += f'@pytest.mark.check("{name}")\ndef test_{name}({name}):\n'
        checks += f"    {name}.compare(41)\n    {name}.compare(43)\n"
        checks += f'small_inputs("{name}", lambda rng: [1, 2, -1])\n'
    folder = write_compared(tmp_path_factory.mktemp("hinted") / "kinds", rubric, reference, checks)
    submission = Submission(id="a", code="kinds.py", cells=(Cell("kinds.py", theirs.encode()),))
    return grade(submission, load_assignment(folder), level="process", seed=5)


@pytest.mark.parametrize("name", ASKED)
def test_the_kind_is_told_without_the_answer(report, name):
    [check] = [each for each in report.checks if each.id == name]
    assert check.outcome is Outcome.FAILED
    examples = [each.counterexample for each in report.hints if each.function == name]
    said = " ".join(f"{each.gives} {each.question}" for each in examples if each)
    assert ASKED[name][2] in said
    assert not any(words in said for words in ASKED[name][3])
