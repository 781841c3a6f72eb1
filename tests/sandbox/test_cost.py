"""What a file makes the grader's own process do is bounded, whatever stands in it."""

from __future__ import annotations

import difflib

import pytest

from autograder.model.failures import NotFound, Unreadable
from autograder.model.limits import Limits
from autograder.sandbox import suggestions
from autograder.sandbox.isolation import available_levels
from autograder.sandbox.session import Session
from autograder.sandbox.suggestions import Wanted


def opened(source, **options):
    cells = (("homework3.x.py", source.encode()),)
    level = available_levels()[-1]
    session = Session("homework3.x.py", cells, level=level, limits=Limits(), **options)
    session.load()
    return session


@pytest.fixture
def comparisons(monkeypatch):
    """The pairs of names whose spelling is compared."""
    made = []

    class Counting(difflib.SequenceMatcher):
        def __init__(self, junk, a, b, autojunk):
            made.append((a, b))
            super().__init__(junk, a, b, autojunk)

    monkeypatch.setattr(suggestions.difflib, "SequenceMatcher", Counting)
    return made


def test_thousands_of_long_names_are_not_compared_with_what_is_missing(comparisons):
    source = "".join(
        f"def {'computejacobianstunehyperparameters' * 5}{i:06}(x): return x\n" for i in range(1900)
    )
    wanted = tuple(Wanted(f"function_{i}") for i in range(20))
    with opened(source, wanted=wanted) as session:
        for each in wanted:
            assert session.suggestion(each.name) == ""
            with pytest.raises(NotFound):
                session.call(each.name)
    assert comparisons == []


def test_names_are_compared_once_however_often_one_is_missed(comparisons):
    source = "".join(f"def computejacobians_{i:03}(x): return x\n" for i in range(900))
    wanted = tuple(Wanted(f"tunehyperparameters_{i}") for i in range(10))
    with opened(source, wanted=wanted) as session:
        for each in wanted * 3:
            with pytest.raises(NotFound):
                session.call(each.name)
        assert len(comparisons) <= 10 * 200
        assert session.suggestion("softmaxes") == session.suggestion("softmaxes") == ""


def test_what_many_statements_miss_is_looked_up_and_not_sought():
    """Thousands that each miss what all of them would define: once it was the square of them."""
    source = "\n".join(["a=b=c=d=e=f=g=h", "x=y", "h=missing"] * 100)
    with opened(source) as session:
        assert len(session.skipped) == 300
        assert session.follows[3] == 2
        assert session.follows[297] == 2
        looked = []

        class Statements(tuple):
            def __getitem__(self, index):
                looked.append(index)
                return super().__getitem__(index)

        session.statements = Statements(session.statements)
        assert session._skipped_source("name 'h' is not defined") == 2
        assert session._skipped_source("name 'nowhere' is not defined") is None
        assert session._skipped_source("something else") is None
        assert len(looked) <= 3


def test_a_helper_whose_name_no_file_system_takes_costs_that_helper_alone():
    deep = "/".join(["a" * 250] * 17)
    helpers = {f"{deep}/h.py": b"x = 1", "b" * 300 + ".py": b"x = 1", "near.py": b"x = 2"}
    with opened("from near import x", helpers=helpers) as session:
        assert session.trouble is None
        assert session.get("x") == 2
        assert [each.partition(" can't be imported")[2] != "" for each in session.remarks] == [
            True,
            True,
        ]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n" * 8500,
        "x = 1\n" * 20_000,
        "".join(f"{'y' * 200}_{i} = 1\n" for i in range(5001)),
    ],
)
def test_too_many_statements_are_called_what_they_are(source):
    with opened(source) as session:
        assert "statements at the top level" in str(session.problem)
        assert "5,000 at most" in str(session.problem)
        assert "connection" not in str(session.problem)


MANY = {
    "as many statements as may be": "x = 1\n" * 4999,
    "long lines": f"x = '{'é' * 290}'\n" * 4999,
    "names that each binds": f"{' = '.join(f'x_{i}' for i in range(50))} = 1\n" * 3000,
    "long names inside": "class C:\n"
    + "".join(f"  def {'é' * 250}_{i}(): pass\n" for i in range(600)),
    "long names": "".join(f"{'é' * 250}_{i} = 1\n" for i in range(2500)),
    "many parameters": "".join(
        f"def f_{i}({', '.join(f'p_{j}' for j in range(90))}): pass\n" for i in range(1900)
    ),
    "many references": "".join(
        f"def {'é' * 190}_{i}():\n {'é' * 190}_{(i + 1) % 399}\n {'é' * 190}_{(i + 2) % 399}\n"
        for i in range(399)
    ),
}


@pytest.mark.parametrize("kind", MANY)
def test_what_a_large_file_holds_is_told_in_part_and_no_tampering(kind):
    with opened(f"def f(): return 1\n{MANY[kind]}") as session:
        assert session.problem is None
        assert session.call("f").value == 1


def test_an_answer_of_too_many_values_is_no_tampering():
    """What the exporter lets pass is counted before it is sent."""
    source = """
import sys
def f():
    sys.modules["_autograder_guest_values"].Exporter.export = lambda self, value: value
    return list(range(140_000))
"""
    with opened(source) as session, pytest.raises(Unreadable, match="more than 131,072 values"):
        session.call("f")
