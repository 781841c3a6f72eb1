"""The parts of a page: drawings, lines of code, formulas, colours."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment import load_assignment
from autograder.config import ConfigError
from autograder.model.figures import (
    MAX_POINTS,
    Band,
    Curves,
    Figure,
    Line,
    Matrix,
    curves,
    grey,
    images,
    is_sound,
)
from autograder.model.report import Place
from autograder.render.html.drawing import KEPT_TAGS, SVG, picture, svg_of
from autograder.render.html.excerpts import around, definition
from autograder.render.html.formulas import read_formulas
from autograder.render.html.making import page_sources, why_no_pages
from autograder.store.code import StoredCell, StoredCode

drawn = pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")
ANY = st.floats(width=64)
SOURCE = "import os\nW_1 = 1\n\ndef f(x,\n      y):\n    # a remark\n\n    return x\n\nf = f\n"
CODE = StoredCode("a.py", (StoredCell("a.py", SOURCE),))


def words_of(svg):
    root = ElementTree.fromstring(svg)
    tags = {element.tag.removeprefix(f"{{{SVG}}}") for element in root.iter()}
    assert tags <= KEPT_TAGS | {"title", "desc"}, tags
    assert not re.search(r"\s(?:on\w+|style)=", svg)
    return " ".join(root.itertext())


@drawn
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ANY, ANY, ANY), min_size=1, max_size=6))
def test_curves_of_any_numbers(points):
    columns = list(zip(*points))
    made = curves("x", "y", range(len(points)), {"a < b": columns[0], "c": columns[1]})
    figure = Figure("T & t", "in <words>", curves=made)
    assert is_sound(figure)
    words = words_of(svg_of(figure, "id"))
    assert "a < b" in words and "T & t" in words and "in <words>" in words


@drawn
def test_a_drawing_is_of_the_pages_colours_and_has_ids_of_its_own():
    made = curves("x", "y", [1, 2], {"yours": [1, 2]}, Band("band", (0.5, 1.0), (2.0, 3.0)))
    first, second = (svg_of(Figure("t", "w", curves=made), prefix) for prefix in ("one", "two"))
    assert "#0000" not in first
    for colour in ("var(--own)", "var(--reference)", "currentColor", "var(--line)"):
        assert colour in first
    ids = [set(re.findall(r'id="([^"]+)"', each)) for each in (first, second)]
    assert ids[0] and not ids[0] & ids[1]
    for svg, own in zip((first, second), ids):
        assert set(re.findall(r"#([\w-]+)", svg)) <= own


@drawn
def test_a_matrix_tells_each_count():
    matrix = Matrix("true", "called", ("cat", "dog"), ((17, 0), (4, 31)))
    words = words_of(svg_of(Figure("t", "w", matrix=matrix), "m"))
    assert {"17", "4", "31", "cat", "dog", "true", "called"} <= set(words.split())


@drawn
def test_pictures_hold_the_pixels():
    from base64 import b64decode
    from io import BytesIO

    from PIL import Image

    pixels = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    made = images(("a", "b"), {"yours": pixels})
    data = picture(made, 0, 1).removeprefix("data:image/png;base64,")
    assert np.array_equal(np.asarray(Image.open(BytesIO(b64decode(data)))), pixels[1])


@pytest.mark.parametrize(
    "array", [np.zeros(4), np.full(4, np.nan), np.array([np.inf, -np.inf, 0.0, 1e308]), np.ones(0)]
)
def test_grey_of_anything_is_bytes(array):
    assert grey(array).dtype == np.uint8 and grey(array).shape == array.shape


def test_what_does_not_fit_together_is_not_sound():
    good = curves("x", "y", [1, 2], {"a": [1, 2]})
    short = Curves("x", "y", (1.0, 2.0), (Line("a", (1.0,)),))
    long = curves("x", "y", range(MAX_POINTS + 1), {"a": range(MAX_POINTS + 1)})
    pixels = images(("a",), {"yours": np.zeros((1, 2, 2))})
    matrix = Matrix("r", "c", ("a", "b"), ((1, 2),))
    wrong = [
        Figure("none", ""),
        Figure("two", "", curves=good, images=pixels),
        Figure("short", "", curves=short),
        Figure("long", "", curves=long),
        Figure("pixels", "", images=type(pixels)(9, 9, ("a",), ("yours",), pixels.pixels)),
        Figure("base64", "", images=type(pixels)(2, 2, ("a",), ("yours",), ("<script>",))),
        Figure("matrix", "", matrix=matrix),
    ]
    assert is_sound(Figure("good", "", curves=good)) and is_sound(Figure("p", "", images=pixels))
    assert not any(is_sound(each) for each in wrong)


def test_the_lines_around_a_place():
    found = around(CODE, Place("a.py", 8, "return x", "f"))
    assert [line.number for line in found.lines if line.marked] == [8]
    assert [line.number for line in found.lines] == [5, 6, 7, 8, 9, 10]
    # another text than was kept: its own line alone
    (line,) = around(CODE, Place("a.py", 8, "return z", "f")).lines
    assert (line.text, line.marked) == ("return z", True)
    assert around(None, Place("a.py", 8, "return z")).lines == (line,)
    assert around(CODE, Place("b.py", 3)) is None and around(CODE, None) is None
    assert around(CODE, Place("a.py", 0, "return x")) is None


def test_the_lines_that_define_a_name():
    assert [line.number for line in definition(CODE, "W_1").lines] == [2]
    # the last one wins, as in Python
    assert [line.number for line in definition(CODE, "f").lines] == [10]
    code = StoredCode("a.py", (StoredCell("a.py", SOURCE.replace("f = f\n", "")),))
    assert [line.number for line in definition(code, "f").lines] == [4, 5, 6, 7, 8]
    assert definition(CODE, "g") is None and definition(CODE, "a-b") is None


@given(st.text(), st.integers(-3, 9), st.text())
def test_any_code_has_lines(text, number, line):
    code = StoredCode("a.py", (StoredCell("a.py", text),))
    for found in (around(code, Place("a.py", number, line)), definition(code, "f")):
        assert found is None or sum(each.marked for each in found.lines) <= 1


def test_every_function_of_the_homework_has_a_formula_or_needs_none():
    assignment = load_assignment()
    formulas = read_formulas(assignment.folder)
    names = {check.function for check in assignment.checks}
    assert names - formulas.keys() <= {"tuneHyperparameters"}
    known = names | {check.id for check in assignment.checks}
    # An instructor may drop a function, and a check with it.
    known |= set(re.findall(r"^(?:def )?(\w+)", assignment.reference.read_text("utf-8"), re.M))
    assert formulas.keys() <= known


@pytest.mark.parametrize(
    "mathml",
    [
        "<math><script>alert(1)</script></math>",
        "<math onclick='x'><mi>x</mi></math>",
        "<math><mi href='http://example.org'>x</mi></math>",
        "<svg/>",
        "<math><mi>x</math>",
    ],
)
def test_a_formula_is_mathml_and_nothing_else(tmp_path, mathml):
    text = f"[[formula]]\non = ['f']\npart = '1'\nsays = 's'\nmathml = \"{mathml}\"\n"
    (tmp_path / "formulas.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"formulas\.toml"):
        read_formulas(tmp_path)


def luminance(colour):
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour, paper, share):
    parts = [
        round(
            share * int(colour[place : place + 2], 16)
            + (1 - share) * int(paper[place : place + 2], 16)
        )
        for place in (1, 3, 5)
    ]
    return "#" + "".join(f"{each:02x}" for each in parts)


def palettes():
    (base,) = (path for path in page_sources() if path.name == "base.css")
    style = base.read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    assert len(found) == 3
    return {"light": found[0], "dark": found[1], "paper": {**found[0], **found[2]}}


@pytest.mark.parametrize("name", ["light", "dark", "paper"])
def test_contrast_of_text_and_of_figures(name):
    from autograder.render.html.drawing import DEEPEST

    colours = palettes()[name]
    for text in ("text", "quiet", "link", "good", "bad", "mixed"):
        for ground in ("paper", "panel"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["text"], colours["mark"]) >= 7
    assert contrast(colours["text"], mixed(colours["own"], colours["paper"], DEEPEST)) >= 4.5
    for line in ("own", "reference"):
        assert contrast(colours[line], colours["paper"]) >= 3, line
    # in grey, the student's line stands out from the band that it lies on
    assert contrast(colours["own"], mixed(colours["reference"], colours["paper"], 0.3)) >= 3


def test_assets_name_no_address():
    for path in page_sources():
        if path.suffix in (".css", ".js", ".html"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"https?://|//[a-z]|@import|url\(", text.replace("// A link", "")
            ), path
