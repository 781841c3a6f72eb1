"""submission_metadata.json: its keys, what is undocumented, and whatever else it may hold."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import GradescopeOptions
from autograder.gradescope.heading import about_last_try, duration, heading_of
from autograder.gradescope.metadata import metadata_of, read_metadata
from autograder.model.report import CheckResult, CheckSpec, LoadReport, Outcome, Report
from autograder.render.results_json import results
from tests.gradescope.uploads import DUE, metadata

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("id", "created_at", "assignment", "users", "previous_submissions", "due_date", "results")


def upload(*words, **more):
    return metadata_of(json.loads(metadata(*words, **more)))


def test_a_team_in_time():
    found = upload(["alice", "bob"])
    assert [person.login for person in found.provenance.people] == ["alice@wpi.edu", "bob@wpi.edu"]
    assert (found.provenance.late, found.provenance.due, found.extended) == (False, DUE, False)
    assert (found.provenance.key, found.remarks, found.previous) == ("submission_123456", (), None)


@pytest.mark.parametrize(
    ("submitted", "extension", "late", "extended"),
    [
        ("2026-10-05T23:59:00-04:00", None, False, False),
        ("2026-10-05T23:59:01-04:00", None, True, False),
        # The same moment in another zone.
        ("2026-10-06T03:58:59.123456+00:00", None, False, False),
        ("2026-10-06T12:00:00-04:00", "2026-10-07T00:00:00-04:00", False, True),
        ("2026-10-08T12:00:00-04:00", "2026-10-07T00:00:00-04:00", True, True),
        # Earlier than the class's: nobody is late by a slip.
        ("2026-10-05T12:00:00-04:00", "2026-10-01T00:00:00-04:00", False, False),
        ("yesterday", None, None, False),
    ],
)
def test_late_by_the_platform_s_own_times(submitted, extension, late, extended):
    found = upload(["alice"], submitted=submitted, extension=extension)
    assert (found.provenance.late, found.extended) == (late, extended)


def test_one_extension_in_a_team_is_for_staff():
    found = upload(["alice", "bob"], extension="2026-10-09T00:00:00-04:00")
    assert "different deadlines" in found.remarks[0]


@pytest.mark.parametrize("data", [None, b"", b"{", b"[1]", b"\xff", b"[" * 99_999])
def test_a_file_that_can_not_be_read_is_for_staff(tmp_path, data):
    path = tmp_path / "submission_metadata.json"
    if data is not None:
        path.write_bytes(data)
    assert read_metadata(path).remarks


@given(JSON | st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_it_holds_it_is_read(found):
    made = metadata_of(found)
    assert made.provenance.platform == "gradescope"
    assert all(person.name.isprintable() for person in made.provenance.people)


# What the student reads


def report(**scores):
    checks = [
        CheckResult(
            CheckSpec(id, f"title of {id}", "3", "f", 2.0, id != "secret"),
            score,
            Outcome.PARTIAL,
            seconds=0.5,
        )
        for id, score in scores.items()
    ]
    return Report(
        "T", "alice", ("alice",), (), tuple(checks), (), LoadReport(), "process", 1, seconds=1.0
    )


def test_since_the_last_try():
    before, now = report(a=0.0, b=2.0, secret=0.0), report(a=2.0, b=1.5, secret=2.0, new=2.0)
    said = about_last_try(now, before)
    assert said == [
        "Since your last try: +1.5 in the checks that you see now.",
        "  up: title of a: 0 → 2",
        "  down: title of b: 2 → 1.5",
    ]


def test_a_check_without_points_may_get_better_too():
    before, now = report(a=0.0), report(a=0.0)
    passed = replace(now.checks[0], outcome=Outcome.PASSED)
    said = about_last_try(replace(now, checks=(passed,)), before)
    assert said[1:] == ["  up: title of a: not right → right"]


def test_the_last_try_is_read_from_the_metadata():
    old = results(report(a=0.0))
    for handed_on in (old, json.dumps(old)):
        assert upload(["alice"], previous=handed_on).previous.checks[0].score == 0.0
    assert upload(["alice"], previous={"tests": [], "score": 3}).previous is None


def test_no_difference_tells_of_a_hidden_check():
    """Two tries that differ in hidden checks only read alike."""
    rules = GradescopeOptions()
    said = [
        heading_of(
            report(a=1.0, secret=score),
            upload(["alice"], previous=results(report(a=1.0, secret=1.0))),
            rules,
        )
        for score in (0.0, 1.0, 2.0)
    ]
    assert said[0] == said[1] == said[2]
    assert any("no change" in line for line in said[0])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "less than a minute"),
        (60, "1 minute"),
        (3661, "1 hour and 1 minute"),
        (3 * 86400 + 7200 + 60, "3 days and 2 hours"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words
