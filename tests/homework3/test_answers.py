"""What is said of an answer that is no numbers is true of it."""

import pytest

from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import read_answer
from autograder.model.limits import Limits
from autograder.sandbox.session import Session

SAID = {
    "return None": "f returned None. Is the return statement missing?",
    "print(1)": "f printed something but returned None. Return the result.",
    "return [None, 1]": "f returned a list that holds None; numbers are expected.",
    "return [1, [2, None]]": "f returned a list that holds None; numbers are expected.",
    "return (None,)": "f returned a tuple that holds None; numbers are expected.",
    "return 'x'": "f returned the text 'x'; numbers are expected.",
}


@pytest.mark.parametrize(("line", "said"), SAID.items(), ids=SAID)
def test_what_is_said_of_none(line, said):
    cells = (("h.py", f"def f():\n    {line}\n".encode()),)
    with Session("h.py", cells, level="process", limits=Limits(memory_mib=512)) as session:
        session.load()
        submission = UnderTest(session)
        submission.start_check(None, 1)
        value = submission.call("f")
        with pytest.raises(Wrong) as caught:
            read_answer(submission, "f", value)
    assert str(caught.value) == said
