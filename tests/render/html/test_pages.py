"""report.html and staff.html: what is on them, for whom, and that nothing on them acts."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.model.figures import Band, Figure, Matrix, curves
from autograder.model.provenance import Person, Provenance
from autograder.model.remark import to_both, to_staff
from autograder.model.report import (
    STUDENTS_SEE,
    CheckResult,
    CheckSpec,
    HandGraded,
    LoadReport,
    Outcome,
    Place,
    Report,
    Skipped,
)
from autograder.render.html.beside import Alike, Pdf, ProposalRow, found_alike
from autograder.render.html.formulas import Formula
from autograder.render.html.making import why_no_pages
from autograder.render.html.submission import Beside, ByHand, Context, staff_page, student_page
from autograder.store.code import StoredCell, StoredCode

pytestmark = pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")

CODE = StoredCode(
    "hw.alice.py",
    (StoredCell("hw.alice.py", "import os\n\n\ndef f(x):\n    y = x + 1\n    return y\n"),),
)
CONTEXT = Context({"f": (Formula("3", "what f is", "<math><mi>f</mi></math>"),)})
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</pre></code></td></table></body></html><h1>33 of 33</h1>",
    "{{ 7*7 }}{% raw %}{# #}",
    "javascript:alert(1)",
    "<!-- --><![CDATA[ ]]>&lt;&#60;",
    "\x1b[2J\u202e\x00\ud800",
    "</title></style></script><style>*{display:none}</style>",
    "[win](http://example.org) http://example.org",
)
# What a page is made of; nothing else may come into being.
TAGS = frozenset(
    """
    html head meta title style body a header main footer p h1 h2 h3 h4 h5 section article div span
    strong ol ul li code pre figure figcaption table thead tbody tfoot tr th td br details summary
    dl dt dd nav img script math mi svg desc g path defs clippath use text rect
    """.split()  # noqa: SIM905
)


class Elements(HTMLParser):
    """The elements of a page, and the text that a reader sees."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.text = ""
        self.inside = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside not in ("style", "script"):
            self.text += data


def check(id, public=True, outcome=Outcome.FAILED, **more):
    spec = {"title": f"title of {id}", "part": "3", "function": "f", "points": 2.0}
    spec |= {key: more.pop(key) for key in spec if key in more}
    values = {"score": 2.0 if outcome is Outcome.PASSED else 0.0, **more}
    return CheckResult(
        **{
            "spec": CheckSpec(id, public=public, **spec),
            "outcome": outcome,
            "message": f"message of {id}",
            "output": f"printed in {id}",
            "staff": f"staff on {id}",
            **values,
        }
    )


def report(*checks, **more):
    values = {
        "assignment": "Homework",
        "id": "alice",
        "authors": ("alice",),
        "files": ("hw.alice.py",),
        "checks": checks,
        "hand_graded": (HandGraded("1", "derive", 10.0),),
        "load": LoadReport(found=("f",)),
        "isolation": "bubblewrap",
        "seed": 7,
        "remarks": to_staff("it imports torch"),
        "conventions": ("dW is features × classes",),
        "provenance": Provenance("canvas", "k", (Person("77", "alice@school", "Alice A."),)),
        "fingerprint": "hash-of-everything",
    }
    return Report(**{**values, **more})


def both(made, code=CODE, context=CONTEXT, hand=ByHand()):  # noqa: B008
    student = student_page(made, code, context, hand=hand)
    return student.decode(), staff_page(made, code, context, hand=hand).decode()


def test_what_is_hidden_is_on_the_staff_page_only():
    hidden = check(
        "secret", False, mistake="named", place=Place("hw.alice.py", 5, "y = x + 1", "f")
    )
    hidden = replace(hidden, figures=(figure(),), carried="")
    student, staff = both(report(check("open"), hidden))
    for text in ("title of", "message of", "printed in", "staff on"):
        assert f"{text} secret" in staff
        assert f"{text} secret" not in student
    for text in ("secret", "figure of losses", "it imports torch", "alice@school", "hash-of-"):
        assert text not in student, text
    assert "it imports torch" in staff and "alice@school" in staff and "figure of losses" in staff
    for text in ("title of open", "message of open", "printed in open"):
        assert text in student
    assert "staff on open" not in student and "staff on open" in staff
    # its points are no secret
    assert "another check on other inputs, which is not shown" in student
    assert "0 of 2 points" in student


@pytest.mark.parametrize("shown", STUDENTS_SEE)
def test_the_rubric_says_what_students_see_of_hidden_checks(shown):
    checks = (
        check("named", False, mistake="the-mistake"),
        check("composed", False, mistake="the-mistake", message="It is wrong for 4 layers."),
        check("unnamed", False),
        check("carried", False, Outcome.FAILED, score=2.0, carried="softmax was to blame"),
    )
    context = replace(CONTEXT, shown=shown, fixed=("message of named",))
    page = student_page(report(*checks), CODE, context).decode()
    assert ("It is wrong for 4 layers." in page) == (shown == "all")
    assert ("message of named" in page) == (shown != "points")
    assert ("message of unnamed" in page) == (shown == "all")
    assert ("title of unnamed" in page) == (shown == "all")
    assert "softmax was to blame" in page
    assert "printed in" not in page and "staff on" not in page and "the-mistake" not in page


def test_another_choice_of_what_students_see_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        student_page(report(check("open")), CODE, replace(CONTEXT, shown="nothing"))


def test_it_says_what_was_asked_what_happened_and_where_to_look():
    failing = check("crash", place=Place("hw.alice.py", 5, "y = x + 1", "f"))
    student, _ = both(report(failing, check("fine", outcome=Outcome.PASSED, message="")))
    assert re.search(r'class="marked".*?y = x \+ 1', student)
    assert student.count('class="marked"') == 1
    assert "<math><mi>f</mi></math>" in student
    assert 'href="#check-crash"' in student and 'id="check-fine"' in student


def test_where_no_line_is_known_it_shows_the_function():
    student, _ = both(report(check("wrong")))
    assert "hw.alice.py, lines 4 to 6" in student and "def f(x):" in student
    student, _ = both(report(check("wrong", message="", outcome=Outcome.PASSED)))
    assert "def f(x):" not in student


def test_a_mistake_made_good_is_explained_and_is_not_what_to_look_at_first():
    made_good = check("later", score=2.0, carried="Full points: softmax was to blame.")
    student, _ = both(report(made_good, check("earlier", mistake="m")))
    assert "Full points: softmax was to blame." in student
    first = student.partition("Start with</h2>")[2].partition("</section>")[0]
    assert "message of earlier" in first and "message of later" not in first


def test_where_to_start_says_what_may_follow():
    cause = check("cause", function="softmax", message="softmax is not normalised. More of it.")
    later = check("later", function="gradK", score=2.0, outcome=Outcome.PASSED, message="")
    later = replace(later, carried="Full points: with a right softmax.", stood_in=("softmax",))
    student, _ = both(report(cause, later, check("hidden", False, Outcome.PASSED)))
    first = student.partition("Start with</h2>")[2].partition("</section>")[0]
    assert "softmax is not normalised." in first and "More of it" not in first
    assert "gradK may follow from it." in first


def test_a_function_of_which_only_hidden_checks_lost_points_may_be_where_to_start():
    cause = check("cause", False, function="softmax", mistake="m")
    later = check("later", function="gradK", score=2.0, outcome=Outcome.PASSED, message="")
    later = replace(later, carried="Full points: with a right softmax.", stood_in=("softmax",))
    page = student_page(report(cause, later), CODE, replace(CONTEXT, shown="points")).decode()
    first = page.partition("Start with</h2>")[2].partition("</section>")[0]
    assert re.search(r'href="#check-hidden-3-softmax">softmax</a>.*2 points', first)
    assert "gradK may follow from it." in first and "message of cause" not in page


def test_derivations_are_told_where_there_are_any():
    student, staff = both(report(check("open")))
    assert "erivations as functions" not in student + staff
    wrong = check("derive", points=0.0, function="dYhat", staff="expected 3")
    right = check("derived", points=0.0, outcome=Outcome.PASSED, score=0.0, message="")
    student, staff = both(report(check("open"), derivations=(wrong, right)))
    for page in (student, staff):
        section = page.partition('id="derivations"')[2].partition("</section>")[0]
        assert "Part 3, dYhat: title of derive" in section and "message of derive" in section
        assert "title of derived" in section
    assert "expected 3" in staff and "expected 3" not in student


def test_points_by_hand_are_open_until_they_are_given():
    student, _ = both(report(check("open")))
    assert "open, of 10" in student and "10 points are graded by hand" in student
    student, _ = both(report(check("open")), hand=ByHand((7.5,)))
    assert "7.5 of 10" in student and "open, of 10" not in student


def test_loading_is_told():
    load = LoadReport(
        skipped=(Skipped(Place("hw.alice.py", 1, "import os"), "it took too long"),),
        missing=("g",),
        suggestions=(("g", "did you mean G?"),),
        stubs=("torch",),
        remarks=("line endings of a Mac",),
    )
    student, staff = both(report(check("open"), load=load))
    for text in ("it took too long", "did you mean G?", "torch", "line endings of a Mac"):
        assert text in student and text in staff
    broken = LoadReport(problem="Syntax error", place=Place("hw.alice.py", 4, "def f(x):"))
    waiting = check("open", outcome=Outcome.NOT_RUN, message="Not run, because of that.")
    student, _ = both(report(waiting, load=broken))
    assert "Nothing could be graded" in student and student.count("def f(x):") == 1
    assert "Not run, because of that." not in student


def test_a_report_with_nothing_in_it():
    empty = report(hand_graded=(), authors=(), files=(), load=LoadReport(), conventions=())
    for page in both(empty, code=None, context=Context({})):
        assert "no files" in page


def test_staff_see_the_pdf_and_the_look_alikes():
    proposal = ProposalRow("accuracy", "84 %", (("We got 84 %", "2"),))
    pdf = Pdf(3, "", (), (proposal,), (("pdf/page-1.png", "1"),), "submission.pdf")
    alike = Alike("bob", "91 %", "../../lookalikes/alice--bob.html")
    page = staff_page(report(check("a")), CODE, CONTEXT, Beside(("late",), (alike,), pdf)).decode()
    for text in ("We got 84 %", "pdf/page-1.png", "alice--bob.html", "91 %", "late"):
        assert text in page


def test_of_a_large_group_staff_see_how_large_it_is(tmp_path):
    """Few of its pairs have a page of both texts: without the number one looks like a pair."""
    pair = {"a": "alice", "b": "bob", "similarity": 0.91, "page": "lookalikes/alice--bob.html"}
    (tmp_path / "lookalikes").mkdir()
    (tmp_path / "lookalikes" / "alice--bob.html").write_text("both")
    members = ["alice", "bob", *(f"copy{number}" for number in range(5))]
    for listed, told in ((members, True), (members[:2], False)):
        document = {"pairs": [pair], "groups": [{"members": listed}]}
        (tmp_path / "lookalikes.json").write_text(json.dumps(document))
        alike = found_alike(tmp_path)["alice"]
        page = staff_page(report(check("a")), CODE, CONTEXT, Beside((), alike, None)).decode()
        assert ("one of 7 submissions that read alike" in page) == told


def figure(text="figure of losses"):
    line = curves(
        "epochs", text, [1, 2], {text: [0.5, float("nan")]}, Band(text, (0.1, 0.2), (1, 2))
    )
    return Figure(text, text, curves=line)


def attacked(text, outcome=Outcome.FAILED):
    place = Place(text, 5, text, text)
    counts = Matrix(text, text, (text, text), ((3, 0), (1, 2)))
    hostile = CheckResult(
        CheckSpec(text, text, "3", text, 2.0, True), 1.0, outcome,
        text, place, text, text, text, text,
        figures=(figure(text), Figure(text, text, matrix=counts)),
    )  # fmt: skip
    load = LoadReport(
        text,
        place,
        (Skipped(place, text),),
        (text,),
        (text,),
        ((text, text),),
        (text,),
        (text,),
        text,
    )
    return report(
        hostile,
        replace(hostile, outcome=Outcome.NOT_RUN, figures=()),
        replace(hostile, spec=replace(hostile.spec, public=False), figures=()),
        assignment=text, id=text, authors=(text,), files=(text,), load=load, isolation=text,
        remarks=to_both(text), conventions=(text,), problem="",
        provenance=Provenance(text, text, (Person(text, text, text),)),
    )  # fmt: skip


def inert_page(page):
    """Return the text of a page, if it has only what pages are made of."""
    found = Elements(page)
    tags = [tag for tag, _ in found.elements]
    assert set(tags) <= TAGS, set(tags) - TAGS
    assert tags.count("script") == 1 and tags.count("style") == 1 and tags.count("h1") == 1
    for tag, attributes in found.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), attributes
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
        link = attributes.get("href", "#")
        ours = ("report.html", "results.json", "code.json", "../../", "pdf/", "submission.pdf")
        assert link.startswith(("#", *ours)), (tag, link)
    return found.text


@pytest.mark.parametrize("text", ATTACKS)
def test_text_that_attacks_is_text(text):
    code = StoredCode(text, (StoredCell(text, f"{text}\n" * 9),))
    for outcome in (Outcome.FAILED, Outcome.GRADER_ERROR):
        made = attacked(text, outcome)
        alike = Alike(text, text, "../../x.html")
        pdf = Pdf(1, text, (text,), (ProposalRow(text, text, ((text, text),)),))
        pages = [student_page(made, code, replace(CONTEXT, shown=shown)) for shown in STUDENTS_SEE]
        pages.append(staff_page(made, code, CONTEXT, Beside((text,), (alike,), pdf)))
        for page in pages:
            words = inert_page(page)
            if text.isprintable() and text.isascii():
                assert text in words


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_text(text):
    made = attacked(text)
    code = StoredCode(text, (StoredCell(text, text),))
    made = replace(made, checks=tuple(replace(each, figures=()) for each in made.checks))
    inert_page(student_page(made, code, CONTEXT))
    inert_page(staff_page(made, code, CONTEXT))


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else():
    student, _ = both(report(check("open")))
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', student)[1])
    for tag in ("style", "script"):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", student, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_same_report_same_bytes():
    made = report(replace(check("open"), figures=(figure(),)))
    assert both(made) == both(made)
