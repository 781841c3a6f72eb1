"""A whole class, as each platform exports it: everybody's score, and who must be looked at."""

import csv
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.model.identity import name_of
from autograder.sandbox.isolation import available_levels
from tests.whole import WHOLE

# A class in which one is late, one hands in nothing, and two files are worth none.
SMALL, SMALL_SEED = 4, 3
ROOT = Path(__file__).resolve().parents[1]
LAYOUTS = ("canvas", "canvas_anonymous", "gradescope", "moodle", "brightspace")


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


def truth_of(made):
    return json.loads((made / "truth.json").read_text(encoding="utf-8"))


def compare(made, out, layout):
    """Compare everybody's score with what the generator knows; return the rows by login."""
    column = "anonymous" if layout == "canvas_anonymous" else "score"
    truth = truth_of(made)
    scores = {login: each[column] for login, each in truth["students"].items()}
    found = scores_in(out / "scores.csv")
    right = {login: score for login, score in scores.items() if score is not None}
    wrong = {
        login: (found.get(login, ("absent",))[0], right.get(login, "absent"))
        for login in found.keys() | right.keys()
        if found.get(login, ("absent",))[0] != right.get(login, "absent")
    }
    assert wrong == {}
    look_for_those_who_name_others(truth, out)
    return found


def look_for_those_who_name_others(truth, out):
    """Whoever hands in under the names of others is shown to staff, by a submission or by name."""
    with (out / "needs_a_look.csv").open(encoding="utf-8", newline="") as file:
        looks = list(csv.DictReader(file))
    for sender, others in truth["names others"]:
        # In an anonymous export, nothing tells who handed it in but that this name is missing.
        missing = f"{truth['students'][sender]['name']} is named in nothing"
        about = [
            row
            for row in looks
            if set(name_of(row["submission"]).split(".")) & {sender, *others}
            or row["reason"].startswith(missing)
        ]
        assert about, (sender, others)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    made = tmp_path_factory.mktemp("class")
    generator().write_class(made, SMALL, SMALL_SEED, trains=WHOLE)
    return made


# The others take as long again, and are graded with --all.
QUICK = [pytest.param(each, marks=[] if each == "canvas" else pytest.mark.slow) for each in LAYOUTS]


@pytest.mark.parametrize("layout", QUICK)
def test_everybody_gets_the_score_that_their_code_deserves(small, tmp_path, layout):
    grade(small, layout, tmp_path / "out")
    found = compare(small, tmp_path / "out", layout)
    late = {login for login, (_, row) in found.items() if row["days late"]}
    students = truth_of(small)["students"]
    told = {login for login in found if students[login]["late"]}
    # Canvas marks what is late; the others tell a time (Moodle none), and no deadline is set.
    assert late == (told if layout.startswith("canvas") else set())


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("layout", LAYOUTS if WHOLE else LAYOUTS[:1])
def test_a_large_class(tmp_path, layout):
    """A class from Canvas in which nothing trains; with WHOLE=1 all of it, and from the others."""
    count = 12 if not WHOLE or layout != "canvas" else 300
    generator().write_class(tmp_path / "made", count, 7, trains=WHOLE)
    grade(tmp_path / "made", layout, tmp_path / "out")
    compare(tmp_path / "made", tmp_path / "out", layout)
