"""What an audit makes of right and wrong solutions, and what its page says of the grader."""

import shutil
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.audit.grading import Verdict, judge_variant
from autograder.audit.hints import hints_page
from autograder.audit.page import mutants_page, restylings_page, upper_bound
from autograder.audit.run import audit
from autograder.audit.seeds import seeds_page, try_seeds, try_share
from autograder.audit.variants import Variant, read_mutants, read_restylings, reference_text
from autograder.cli import main
from autograder.config import ConfigError
from tests.tiny import RUBRIC, write_assignment

ASSIGNMENT = load_assignment()
SORTING = Path(__file__).resolve().parents[2] / "examples" / "sorting"


def judged(id):
    variant = next(each for each in read_mutants(ASSIGNMENT) if each.id == id)
    return judge_variant((variant, ASSIGNMENT.folder, "process"))


def test_a_mutant_loses_points_where_it_is_wrong_and_is_named():
    verdict = judged("affine-b-subtracted")
    assert verdict.caught
    assert verdict.named_rightly
    assert not verdict.named_wrongly
    assert verdict.elsewhere == ()
    assert verdict.errors == ()


@pytest.mark.slow
def test_the_reference_is_no_mutant():
    variant = Variant("same", "mutant", reference_text(ASSIGNMENT), "softmax", ("softmax-axis",))
    verdict = judge_variant((variant, ASSIGNMENT.folder, "process"))
    assert not verdict.caught
    page = "\n".join(mutants_page("Mutants", [verdict], {"same": ""}))
    assert "### Survivors (1)" in page
    assert "| softmax | 1 | 0 |" in page


def made(variant, **fields):
    known = {"lost": {}, "named": frozenset(), "elsewhere": (), "errors": (), "messages": ()}
    return Verdict(variant, **{**known, **fields}, seconds=1.0)


def test_the_page_lists_what_the_grader_did_wrong():
    variant = Variant("m-1", "mutant", "", "f", ("f-sign",), "a + b → a - b")
    verdict = made(
        variant, lost={"f": 1.0, "g": 2.0}, named=frozenset({"f-half"}), elsewhere=("g",)
    )
    page = "\n".join(mutants_page("Mutants", [verdict], {"m-1": ""}))
    assert "m-1: g" in page
    assert "m-1: f-half instead of f-sign" in page
    style = made(Variant("r-1", "restyling", ""), lost={"f": 1.0}, messages=("f-values: no",))
    assert "1 graded, 1 lost points" in "\n".join(restylings_page([style]))


def test_a_mistake_that_is_not_named_is_listed_where_one_is_asked_for():
    asked = made(Variant("m-1", "mutant", "", "f", ("f-sign", "f-half")), lost={"f": 1.0})
    silent = made(Variant("m-2", "mutant", "", "f"), lost={"f": 1.0}, messages=("f: no",))
    survivor = made(Variant("m-3", "mutant", "", "f", ("f-sign",)))
    assert [each.unnamed for each in (asked, silent, survivor)] == [True, False, False]
    page = "\n".join(mutants_page("M", [asked, silent], {"m-1": "", "m-2": ""}))
    assert "### Mistakes not named (1)" in page
    assert "m-1: f-sign or f-half" in page
    assert "m-2" not in page


def test_a_mutant_that_lists_no_mistakes_may_have_any_name():
    free = made(
        Variant("m-1", "mutant", "", "f", any_name=True), lost={"f": 1.0}, named=frozenset({"a"})
    )
    bound = made(Variant("m-2", "mutant", "", "f"), lost={"f": 1.0}, named=frozenset({"a"}))
    assert [each.named_wrongly for each in (free, bound)] == [False, True]
    page = "\n".join(mutants_page("M", [free, bound], {"m-1": "", "m-2": ""}))
    assert "### Mistakes named of mutants that list none (1)\n\n- m-1: a" in page
    assert "m-2: a instead of none" in page


def test_where_nothing_was_looked_at_it_is_said():
    assert mutants_page("M", [], {}) == ["## M", "", "There are none.", ""]
    assert "There are no mutants to look at" in "\n".join(hints_page([]))


MUTANTS = """
[[mutant]]
id = "double-tripled"
function = "double"
old = "2 * x"
new = "3 * x"
mistakes = ["tripled"]
"""


@pytest.mark.parametrize(
    ("asked", "code"), [('["tripled"]', 1), ("[]", 0), ('["tripled"]\nunnamed = "by chance"', 0)]
)
def test_a_mistake_that_is_not_named_is_something_wrong(tmp_path, capsys, asked, code):
    folder = write_assignment(tmp_path / "tiny", f'reference = "reference.py"\n{RUBRIC}')
    (folder / "reference.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "audit").mkdir()
    (folder / "audit" / "mutants.toml").write_text(MUTANTS.replace('["tripled"]', asked))
    options = ["--assignment", str(folder), "--kinds", "mutants", "-j", "1"]
    assert main(["audit", *options]) == code
    told = capsys.readouterr().out
    assert ("### Mistakes not named (1)" in told) == (code == 1)
    assert ("which need not be (1)\n\n- double-tripled: tripled: by chance" in told) == (
        "unnamed" in asked
    )
    assert "with 1 process." in told


def test_an_equivalent_mutant_does_not_count():
    verdict = made(Variant("m-1", "generic", "", "f", (), "a → b"))
    page = "\n".join(mutants_page("Mutants", [verdict], {"m-1": "the same"}))
    assert "| f | 0 | 0 |" in page
    assert "m-1: `a → b`: the same" in page


def test_all_data_of_the_audit_can_be_read():
    mutants, restylings = read_mutants(ASSIGNMENT), read_restylings(ASSIGNMENT)
    assert len(mutants) >= 150
    assert len(restylings) >= 100
    for each in (*mutants, *restylings):
        compile(each.source, each.id, "exec")
    functions = {each.name for each in ASSIGNMENT.names}
    assert functions <= {each.function for each in mutants}


def test_seeds_that_fail_are_found(monkeypatch):
    checks = ("softmax-values", "fce-alpha", "inputs-unchanged")
    right = ("the reference", reference_text(ASSIGNMENT))
    assert try_share((ASSIGNMENT.folder, range(3), checks, right)) == {c: [] for c in checks}
    wrong = ("wrong", right[1].replace("alpha / 2 * np.sum", "alpha * np.sum"))
    assert try_share((ASSIGNMENT.folder, range(3), checks, wrong))["fce-alpha"] == [0, 1, 2]
    changing = right[1] + "\n\n\ndef gradK(W, *rest, whole=gradK):\n    W += 1\n"
    changing += "    return whole(W - 1, *rest)\n"
    found = try_share((ASSIGNMENT.folder, range(2), checks, ("changing", changing)))
    assert found["inputs-unchanged"] == [0, 1]


@pytest.mark.timeout(120)
def test_seeds_are_tried_in_parallel_and_told():
    tried = try_seeds(ASSIGNMENT, 2, 2, ("softmax-values",))
    assert [(each.check, each.tries, each.failed) for each in tried] == [("softmax-values", 2, ())]
    page = "\n".join(seeds_page(tried))
    assert "| softmax-values | 2 | 0 | 77.6 % |" in page


@pytest.mark.parametrize(
    ("failures", "tries", "bound"),
    [(0, 10_000, 0.0002995), (0, 1, 0.95), (3, 3, 1.0), (0, 0, 1.0), (1, 100, 0.04656)],
)
def test_the_bound_is_clopper_and_pearsons(failures, tries, bound):
    assert upper_bound(failures, tries) == pytest.approx(bound, rel=1e-3)


def test_what_no_variant_has_in_its_id_is_refused():
    with pytest.raises(ConfigError, match=r"--only 'nosuch': no mutants or generic has that in"):
        audit(load_assignment(SORTING), ("mutants", "generic"), jobs=1, only="nosuch")


def test_what_no_generic_mutant_changes_is_said(tmp_path):
    folder = tmp_path / "sorting"
    shutil.copytree(SORTING, folder)
    reference = folder / "reference.py"
    text = reference.read_text()
    start = text.index("def moving_average")
    reference.write_text(
        f"{text[:start]}def moving_average(values, width):\n    return windows(values, width)\n"
        "\n\ndef windows" + text[start + len("def moving_average") :]
    )
    page = audit(load_assignment(folder), ("generic",), jobs=1).page
    assert "Nothing in moving_average is changed by them: write mutants for that." in page
