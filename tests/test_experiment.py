"""An experiment with what students read: who reads which words, and what `compare` makes of it."""

import re
import shutil

import pytest

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.config import ConfigError
from autograder.gradebook.experiment import effect_of
from autograder.model.experiment import VARIANTS, Experiment, Wording
from autograder.store.results import Results
from autograder.validation.static import static_flaws
from tests.tiny import write_compared

OTHER = "By how much does double(x) grow when x grows by 1?"
RUBRIC = """
title = "Tiny"
stem = "tiny"
reference = "reference.py"
[[function]]
name = "double"
part = "1"
idea = "Part 1 is about doubling."
checks = [{ id = "double", points = 2, public = true, title = "double(x) is 2 x" }]
[[function]]
name = "triple"
part = "2"
checks = [{ id = "triple", points = 2, title = "triple(x) is 3 x" }]
"""
EXPERIMENT = f"""
[experiment]
hints = [2, 1]
wordings = [{{ mistake = "adds", text = "{OTHER}" }}]
"""
REFERENCE = "def double(x):\n    return 2 * x\n\ndef triple(x):\n    return 3 * x\n"
CHECKS = """
import pytest
from autograder.author import mistake

mistake("double", "adds", lambda x: x + 2, "Your double adds 2 instead of multiplying by it.")

@pytest.mark.check("double")
def test_double(double):
    double.compare(3.5)
    double.compare(4.5)

@pytest.mark.check("triple")
def test_triple(triple):
    triple.compare(3.5)
    triple.compare(4.5)
"""
WRONG = REFERENCE.replace("2 * x", "x + 2")
# Of these alice, bob and carol read B, dave and grace A.
PEOPLE = ("alice", "bob", "carol", "dave", "grace")


def written(folder, rubric):
    return write_compared(folder, rubric, REFERENCE, CHECKS)


def handed_in(folder, wrong):
    folder.mkdir()
    for name in PEOPLE:
        source = WRONG if name in wrong else REFERENCE
        (folder / f"tiny.{name}.py").write_text(f"{source}\n# {name}\n")
    return folder


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """Grade two hand-ins of a class: in the second alice, bob and dave have mended theirs."""
    tmp_path = tmp_path_factory.mktemp("graded")
    assignment = written(tmp_path / "assignment", RUBRIC + EXPERIMENT)

    def grade(name, wrong, *more):
        given = handed_in(tmp_path / f"{name}_in", wrong)
        options = ["--out", tmp_path / name, "--assignment", assignment, "--isolation", "process"]
        assert main(list(map(str, ["grade", given, *options, *more]))) == 0
        return tmp_path / name

    old = grade("old", PEOPLE, "--experiment", "-j", "1")
    return old, grade("new", ("carol", "grace"), "-j", "1")


@pytest.fixture
def graded(graded_once, tmp_path):
    return [shutil.copytree(each, tmp_path / each.name) for each in graded_once]


def page(out, id, name="student_page"):
    text = getattr(Results(out).of(id), name).read_text("utf-8")
    return re.sub(r"(?s)<(style|script).*?</\1>", "", text)


def test_half_read_other_words_and_other_hints_and_staff_read_which(graded, capsys):
    old, new = graded
    for id in PEOPLE:
        is_other = id in ("alice", "bob", "carol")
        student = page(old, id)
        assert (OTHER in student) is is_other
        assert ("adds 2 instead of" in student) is not is_other
        assert ("Part 1 is about doubling." in student) is not is_other
        # A small input is of a deeper level than either reads.
        assert "double(x)\n" not in student
        staff = page(old, id, "staff_page")
        assert "adds 2 instead of" in staff and OTHER not in staff
        shown = re.search(r"(?s)variant.*?([AB])\b", staff)[1]
        assert shown == VARIANTS[is_other]
        # The words change no result, and the second run makes no experiment.
        assert "adds 2 instead of" in Results(old).of(id).result.read_text()
        assert OTHER not in page(new, id)


def test_compare_tells_after_which_more_was_mended(graded, capsys):
    old, new = graded
    capsys.readouterr()
    assert main(["compare", str(old), str(new)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "A: 1 of 2 (50%), in 2 submissions" in told
    assert "B: 2 of 3 (67%), in 3 submissions" in told
    assert "would differ as much in 100 of 100 cases." in told
    # Without an experiment nothing is said of one.
    assert main(["compare", str(new), str(old)]) == 0
    assert "variants" not in capsys.readouterr().out


@pytest.mark.slow
def test_it_stays_until_it_is_ended(graded):
    old, _ = graded
    assert main(["report", str(old)]) == 0
    assert OTHER in page(old, "alice")
    assert main(["report", str(old), "--no-experiment"]) == 0
    assert OTHER not in page(old, "alice")
    assert "Part 1 is about doubling." in page(old, "alice")


def test_without_one_in_the_rubric_it_is_refused(tmp_path, capsys):
    assignment = written(tmp_path / "assignment", RUBRIC)
    given = handed_in(tmp_path / "in", PEOPLE)
    options = ["--out", str(tmp_path / "out"), "--assignment", str(assignment), "--experiment"]
    assert main(["grade", str(given), *options, "--isolation", "process"]) == 2
    assert "--experiment needs a table [experiment] in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "says"),
    {
        "[experiment]\n": "nothing differs between its variants",
        "[experiment]\nhints = [1]\n": "hints = [1] is not two levels from 0 to 4",
        '[experiment]\nwordings = [{ mistake = "adds", text = "" }]\n': "text is empty",
        "[experiment]\nhint = [1, 2]\n": "did you mean 'hints'?",
        '[experiment]\nwordings = [{ mistake = "adds", text = "a" }, { mistake = "adds", '
        'text = "b" }]\n': "adds",
    }.items(),
)
def test_what_is_wrong_in_the_table_is_told(tmp_path, table, says):
    folder = written(tmp_path / "assignment", RUBRIC + table)
    with pytest.raises(ConfigError, match=re.escape(says)):
        load_assignment(folder)


def test_a_mistake_that_nothing_names_is_told(tmp_path):
    (tmp_path / "audit").mkdir()
    folder = written(tmp_path / "assignment", (RUBRIC + EXPERIMENT).replace('"adds"', '"ads"'))
    told = [str(each.text) for each in static_flaws(folder, everything=True)]
    assert any("mistake has 'ads', which no check and no known" in each for each in told)


def test_halves_are_halves_and_differ_between_assignments():
    experiment = Experiment(wordings=(Wording("adds", OTHER),))
    ids = [f"student{number}" for number in range(2000)]
    first, second = (
        [experiment.variant_of(id, stem) for id in ids] for stem in ("tiny", "homework3")
    )
    assert 900 < first.count("A") < 1100
    assert 900 < sum(a == b for a, b in zip(first, second)) < 1100


def test_who_is_alone_in_a_variant_leaves_nothing_to_compare(graded, tmp_path):
    old, new = graded
    for id in ("dave", "grace"):
        Results(new).of(id).result.unlink()
    experiment = Experiment(wordings=(Wording("adds", OTHER),))
    found = effect_of(old, new, experiment, "tiny")
    assert found.chance is None
    assert [each.submissions for each in found.followed] == [0, 3]
