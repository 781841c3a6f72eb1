"""What students get before the deadline answers nothing that the handout asks for."""

import gzip
import json
import re
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from autograder.assignment import load_assignment
from autograder.author.kept import KEPT_FILE
from autograder.homework3 import jacobian_layouts, mistakes
from autograder.model.report import CheckResult, LoadReport, Outcome, Report
from autograder.pages import fixed_texts
from autograder.render.html import formulas
from autograder.render.html.submission import Context, staff_page, student_page
from tests.packaging.kits import homework3_kit

ASSIGNMENT = load_assignment()
# The results of part 1, of 4(e) to 4(g), and the recursion of 4(h), however they are written: in a
# text without tags, blanks, brackets and the signs of indices.
GIVEAWAYS = {
    "part 1, one example": r"yhat[lk]?1[-−]yhat|[xX]yhat[lk]yhat|[-−]xyhat",
    "part 1, the total": r"yhati?[-−]yi?(?![a-zA-Z])|y[lki]*[-−]yhat|error/n",
    "part 1, in words": r"differenceof(yhatandy|yandyhat)|differencebetweenyhatandy",
    "the regularisation": r"α\*?[Ww]|(?<![a-z])alpha\*?W(?![a-zA-Z])",
    "4(e)": r"∂z2/?∂b2(=|is)(I|1|theidentity)",
    "4(f)": r"∂vecW?2=z1|A∂z/?∂vecW=xA|unvec[^.]*=xA",
    "4(g)": r"∂b1=W2|∂vecW?1=xW2|xW2",
    "4(h), a symbol for it": r"δ|delta_?\w*=",
    "4(h), for the biases": r"∂zn∂?bi=|dzn/dbi=",
    "4(h), for the weights": r"z(i|\{i)[-−]1\}?δ|inputoflayeri,whichisz|usestheinputof(the)?layer",
    "4(h), the chain": r"productofthe(matrices|W)|matricesofalllaterlayers",
}


def bare(text):
    """Return a text without what may stand between the letters of a formula."""
    text = re.sub(r"<mover[^>]*>\s*<mi>y</mi>.*?</mover>", "yhat", text, flags=re.DOTALL)
    text = re.sub(r"<mover[^>]*>\s*<mi>Y</mi>.*?</mover>", "yhat", text, flags=re.DOTALL)
    text = re.sub(r"<[^<>]*>", "", text).replace("ŷ", "yhat").replace("Ŷ", "yhat")
    text = re.sub(r"[⁽⁾ᵀ⁻ⁱⁿ]|[ᵃ-ᶿ]", "", text).replace("Y", "y")
    return re.sub(r"[\s_()\[\]{}\u2061]|&[a-z#0-9]+;", "", text)


def given_away(text):
    found = {name: re.search(pattern, bare(text)) for name, pattern in GIVEAWAYS.items()}
    return {name: match.group() for name, match in found.items() if match}


def messages():
    lists = [getattr(mistakes, name) for name in mistakes.__all__]
    lists += jacobian_layouts.LAYOUTS.values()
    return list(dict.fromkeys(each.message for listed in lists for each in listed))


def answers():
    return formulas.read_formulas(ASSIGNMENT.folder, formulas.ANSWERS)


def test_the_search_finds_what_answers_the_handout():
    """Each formula for staff is found, and so are the sentences that say the same in words."""
    shift = "the same for every constant a"
    for formula in {each for listed in answers().values() for each in listed}:
        assert given_away(formula.mathml) or formula.says.startswith(shift), formula.says
    for text, name in (
        ("∇ŷ_k = x ŷ_l (1 − ŷ_l)", "part 1, one example"),
        ("∇ŷ_k = −x ŷ_k ŷ_l", "part 1, one example"),
        ("−(1/n) Σ_i x⁽ⁱ⁾ (y_l⁽ⁱ⁾ − ŷ_l⁽ⁱ⁾)", "part 1, the total"),
        ("dW = X @ (yhat - Y) / n", "part 1, the total"),
        ("dW = X @ error / n + alpha * W", "the regularisation"),
        ("αW", "the regularisation"),
        ("∂z2/∂b2 = I", "4(e)"),
        ("unvec[A ∂z/∂vec W] = xA", "4(f)"),
        ("unvec ∂(f∘g)/∂vec[W2] = z1", "4(f)"),
        ("unvec ∂(f∘g)/∂vec[W1] = x W2", "4(g)"),
        ("δ_i = δ_{i+1} W_{i+1}", "4(h), a symbol for it"),
        ("delta = delta @ W", "4(h), a symbol for it"),
        ("∂z_n/∂z_i is the product of the matrices of all later layers", "4(h), the chain"),
        ("uses the input of layer i, which is z_{i-1}", "4(h), for the weights"),
    ):
        assert name in given_away(text), text


def test_the_handout_s_own_formulas_give_nothing_away():
    for listed in formulas.read_formulas(ASSIGNMENT.folder).values():
        for formula in listed:
            assert given_away(formula.mathml) == {}, formula.says


@pytest.mark.parametrize("message", messages())
def test_a_mistake_s_message_gives_nothing_away(message):
    assert given_away(message) == {}


def test_no_sentence_of_the_checks_gives_anything_away():
    for text in fixed_texts(ASSIGNMENT.folder):
        # The module's docstrings stay at home; what is raised is a sentence of one line.
        if "\n" not in text:
            assert given_away(text) == {}, text


@pytest.fixture(scope="module")
def kit():
    archive = zipfile.ZipFile(BytesIO(homework3_kit()))
    return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.slow
def test_no_text_of_the_kit_gives_anything_away(kit):
    for name, data in kit.items():
        about = "autograder/" not in name or "/homework3/" in name
        if about and not name.endswith((".npy", ".gz", ".json")):
            assert given_away(data.decode("utf-8")) == {}, name


@pytest.mark.slow
def test_no_recorded_message_of_the_kit_gives_anything_away(kit):
    recorded = json.loads(gzip.decompress(kit[f"autograder/homework3/{KEPT_FILE}"]))
    said = {message for listed in recorded["mistakes"].values() for _, message in listed}
    assert said
    for message in said:
        assert given_away(message) == {}, message


def failing_report():
    """Return the report of one who makes every mistake in every check."""
    text = "\n\n".join(messages())
    checks = tuple(
        CheckResult(
            replace(check, public=True),
            score=0.0,
            outcome=Outcome.FAILED,
            message=text,
            mistake="all",
        )
        for check in ASSIGNMENT.checks
    )
    return Report(
        assignment=ASSIGNMENT.title,
        id="alice",
        authors=("alice",),
        files=("homework3.alice.py",),
        checks=checks,
        hand_graded=(),
        load=LoadReport(),
        isolation="process",
        seed=1,
    )


def text_of(page):
    """Return the page without its style sheet and scripts."""
    return re.sub(r"(?s)<(style|script).*?</\1>", "", page.decode("utf-8"))


def test_the_student_s_page_answers_only_when_the_rubric_says_so():
    context = Context(formulas.read_formulas(ASSIGNMENT.folder), answers=answers())
    report = failing_report()
    for shown in ("points", "mistakes"):
        shows = Context(context.formulas, shown=shown, answers=context.answers)
        page = text_of(student_page(report, None, shows))
        assert "what is asked for, for every layer i" in page
        assert given_away(page) == {}
    shows_all = Context(context.formulas, shown="all", answers=context.answers)
    for page in (student_page(report, None, shows_all), staff_page(report, None, context)):
        assert {"4(h), a symbol for it", "the regularisation"} <= given_away(text_of(page)).keys()
