"""Which known mistakes a comparison tells from a right answer."""

import numpy as np
import pytest

from autograder.author.known import KNOWN
from autograder.grading.mistakes import Case, Mistake
from autograder.validation.idle import IdleWatch

OWN = Mistake("doubled", lambda x: 2 * x, "It doubles x.")
BUILT_IN = Mistake("steps-uphill", lambda x: -x, "It steps uphill.")
CASES = [Case((x,), x, x) for x in (np.arange(1.0, 4.0), np.arange(2.0, 5.0))]


@pytest.mark.parametrize(
    ("compared", "idle"),
    [
        ((OWN,), []),
        # The steps of a training are compared with mistakes of all trainings, too.
        ((BUILT_IN, OWN), []),
        ((BUILT_IN,), ["doubled"]),
        ((OWN, BUILT_IN), ["doubled"]),
        ((), ["doubled"]),
    ],
)
def test_what_is_compared_is_known_by_its_end(monkeypatch, compared, idle):
    monkeypatch.setattr(KNOWN, "mistakes", {"fit": [OWN]})
    watch = IdleWatch()
    watch.watch(compared, CASES)
    assert [each.id for each in watch.idle()] == idle


def test_one_answer_at_a_time_names_nothing(monkeypatch):
    monkeypatch.setattr(KNOWN, "mistakes", {"fit": [OWN]})
    watch = IdleWatch()
    for case in CASES:
        watch.watch((OWN,), [case])
    [idle] = watch.idle()
    assert "is compared with one answer at a time" in idle.why
    watch.watch((OWN,), CASES)
    assert list(watch.idle()) == []
