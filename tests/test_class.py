"""A whole class, as four platforms export it: everybody's score, and who must be looked at."""

import csv
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.sandbox.isolation import available_levels

ROOT = Path(__file__).resolve().parents[1]
LAYOUTS = ("canvas", "gradescope", "moodle", "brightspace")


def generator():
    path = ROOT / "fixtures" / "class_export" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate_class", path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def scores_in(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["login"].partition("@")[0]: (row["machine"] and float(row["machine"]), row)
            for row in csv.DictReader(file)
        }


def grade(made, layout, out, *more):
    level = available_levels()[-1]
    words = ["grade", str(made / f"{layout}.zip"), "--out", str(out), "--isolation", level]
    assert main([*words, "--roster", str(made / "roster.csv"), *more]) == 0


def expected(made):
    truth = json.loads((made / "truth.json").read_text(encoding="utf-8"))["students"]
    return {login: each for login, each in truth.items() if each["handed_in"]}


def compare(made, out):
    truth, found = expected(made), scores_in(out / "scores.csv")
    assert found.keys() == truth.keys()
    wrong = {
        login: (score, truth[login]["score"])
        for login, (score, _) in found.items()
        if score != truth[login]["score"]
    }
    assert wrong == {}
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    made = tmp_path_factory.mktemp("class")
    generator().write_class(made, 14, 3)
    return made


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everybody_gets_the_score_that_their_code_deserves(small, tmp_path, layout):
    grade(small, layout, tmp_path / "out")
    found = compare(small, tmp_path / "out")
    late = {login for login, (_, row) in found.items() if row["days late"]}
    told = {login for login, each in expected(small).items() if each["late"]}
    # Moodle's export does not tell when; the others tell a time, or (Canvas) a mark.
    assert late == (told if layout == "canvas" else set())


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_class_of_three_hundred(tmp_path):
    generator().write_class(tmp_path / "made", 300, 7)
    grade(tmp_path / "made", "canvas", tmp_path / "out")
    compare(tmp_path / "made", tmp_path / "out")
