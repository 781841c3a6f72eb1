"""What `compare` tells of two runs, and what it keeps silent about."""

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.gradebook.compare import compare
from autograder.model.report import CheckResult, LoadReport, Outcome, Report
from autograder.render.results_json import write_results
from autograder.store.results import Results
from tests.tiny import HAND, RUBRIC, write_assignment

MORE = """
[[check]]
id = "again"
title = "double(x) is 2 x, again"
part = "1"
function = "double"
points = 2
[[check]]
id = "other"
title = "something else"
part = "3"
function = "triple"
points = 4
[[name]]
name = "triple"
part = "3"
"""


@pytest.fixture
def runs(tmp_path):
    assignment = load_assignment(write_assignment(tmp_path / "assignment", RUBRIC + MORE + HAND))
    with (assignment.folder / "checks" / "test_double.py").open("a") as file:
        for id in ("again", "other"):
            file.write(f'\n\n@pytest.mark.check("{id}")\ndef test_{id}(submission):\n    pass\n')

    def store(run, id, *scores):
        specs = assignment.checks
        checks = tuple(
            CheckResult(spec, score, Outcome.PARTIAL) for spec, score in zip(specs, scores)
        )
        report = Report("Tiny", id, (id,), (), checks, (), LoadReport(), "process", 1)
        path = Results(tmp_path / run).of(id).result
        path.parent.mkdir(parents=True)
        write_results(path, report)

    return tmp_path, store


def told(folder, capsys):
    capsys.readouterr()
    assert main(["compare", str(folder / "old"), str(folder / "new")]) == 0
    return capsys.readouterr().out.splitlines()


def test_it_goes_part_by_part_and_says_nothing_of_what_did_not_move(runs, capsys):
    folder, store = runs
    for run, scores in (
        ("old", {"up": (0, 2, 1), "same": (1, 1, 4), "checks": (0, 2, 4), "parts": (0, 0, 4)}),
        ("new", {"up": (2, 1, 1.5), "same": (1, 1, 4), "checks": (2, 0, 4), "parts": (2, 0, 2)}),
    ):
        for id, points in scores.items():
            store(run, id, *points)
    store("new", "late", 2, 2, 4)
    # Points by hand, in either folder, move nothing.
    (folder / "new" / "hand_grades.csv").write_text("submission,2: derive (of 10)\nsame,9\n")
    assert told(folder, capsys) == [
        "late: only in the new results",
        "parts: 4 → 4",
        "  part 1: 0 → 2 (double 0 → 2)",
        "  part 3: 4 → 2 (other 4 → 2)",
        "up: 3 → 4.5",
        "  part 1: 2 → 3 (double 0 → 2, again 2 → 1)",
        "  part 3: 1 → 1.5 (other 1 → 1.5)",
        "2 scores moved: 1 up, 0 down.",
    ]


def test_what_staff_gave_is_told(runs, capsys):
    folder, store = runs
    for run in ("old", "new"):
        for id in ("ann", "bob", "cleo"):
            store(run, id, 0, 0, 1)
    (folder / "o.toml").write_text(
        "\n".join(
            f'[[override]]\nsubmission = "{id}"\npoints = {points}\nreason = "R"\n{what}'
            for id, points, what in (
                ("ann", 2, 'check = "double"'), ("bob", 3, 'part = "3"'), ("cleo", 5, ""),
            )
        )
    )  # fmt: skip
    words = ["report", folder / "new", "--assignment", folder / "assignment", "-j", "1"]
    main([str(word) for word in (*words, "--override", folder / "o.toml")])
    assert told(folder, capsys) == [
        "ann: 1 → 3",
        "  part 1: 0 → 2 (double 0 → 2, by staff)",
        "bob: 1 → 3",
        "  part 3: 1 → 3 (by staff)",
        "cleo: 1 → 5",
        "  all: 1 → 5 (by staff)",
        "3 scores moved: 3 up, 0 down.",
    ]
    assert next(move.checks for move in compare(folder / "old", folder / "new")) == (
        ("double", 0, 2),
    )
