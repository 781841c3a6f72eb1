"""What was read and had nothing wrong is not read again; what is wrong is told every time."""

import os
import sys

import pytest

from autograder.errors import ExpectedError
from autograder.validation import remembering, static
from autograder.validation.loading import load_valid
from tests.tiny import RUBRIC, write_assignment


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "bytecode"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return write_assignment(tmp_path / "tiny", RUBRIC)


@pytest.fixture
def readings(monkeypatch):
    """Count how often the Python of an assignment is really read, as by another process each."""
    counted = []

    def read(folder, table):
        counted.append(folder)
        return right(folder, table)

    right = static._read_python
    monkeypatch.setattr(static, "_read_python", read)
    return counted


def flaws(folder):
    static._flaws_of_state.cache_clear()
    return [each.text for each in static.static_flaws(folder) if not each.warning]


def test_what_is_clean_is_read_once(folder, readings):
    assert [flaws(folder) for _ in range(3)] == [[], [], []]
    assert len(readings) == 1


def test_what_is_wrong_is_told_each_time_and_what_is_mended_no_more(folder, readings):
    check = next((folder / "checks").glob("*.py"))
    right = check.read_text()
    assert flaws(folder) == []
    check.write_text(right + "\nnonsense(1)\n")
    told = [flaws(folder) for _ in range(2)]
    assert told[0] == told[1] and "nonsense" in told[0][0]
    check.write_text(right)
    assert flaws(folder) == []
    assert len(readings) == 4


def test_a_rubric_is_read_each_time(folder):
    assert flaws(folder) == []
    rubric = folder / "rubric.toml"
    rubric.write_text(rubric.read_text() + "\nunknown = 1\n")
    assert flaws(folder) != []


def test_another_package_that_is_installed_has_it_read_again(folder, readings, monkeypatch):
    packages = folder.parent / "packages"
    packages.mkdir()
    monkeypatch.setattr(remembering, "_PACKAGES", packages)
    assert flaws(folder) == flaws(folder) == []
    (packages / "another").mkdir()
    os.utime(packages, ns=(1, 1))
    assert flaws(folder) == []
    assert len(readings) == 2


def test_where_no_bytecode_is_written_nothing_is(folder, readings, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert flaws(folder) == flaws(folder) == []
    assert len(readings) == 2
    assert not (folder.parent / "bytecode").exists()


def test_a_place_that_can_not_be_written_costs_nothing_but_time(folder, readings, monkeypatch):
    (folder.parent / "bytecode").write_text("a file")
    assert flaws(folder) == flaws(folder) == []
    assert len(readings) == 2


def test_only_the_latest_are_kept(folder):
    check = next((folder / "checks").glob("*.py"))
    for number in range(remembering._MAX_KEPT + 5):
        check.write_text(check.read_text() + f"# {number}\n")
        assert flaws(folder) == []
    mark = remembering.mark_of(folder, "no_flaw_in_python")
    assert len(list(mark.parent.iterdir())) == remembering._MAX_KEPT
    assert mark.exists()


def test_an_assignment_without_errors_is_loaded_without_reading_it_again(folder, monkeypatch):
    asked = []
    right = static.static_flaws
    monkeypatch.setattr(static, "static_flaws", lambda each: asked.append(each) or right(each))
    assert load_valid(folder) == load_valid(folder)
    assert asked == [folder]
    rubric = folder / "rubric.toml"
    rubric.write_text(rubric.read_text() + "\nunknown = 1\n")
    for _ in range(2):
        with pytest.raises(ExpectedError, match="unknown"):
            load_valid(folder)
    assert len(asked) == 3
    # Any file of the assignment may matter, such as one of data.
    rubric.write_text(rubric.read_text().replace("\nunknown = 1\n", ""))
    (folder / "numbers.csv").write_text("1,2\n")
    load_valid(folder)
    load_valid(folder)
    assert len(asked) == 4
