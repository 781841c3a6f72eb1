"""PDFs as other programs write them: a browser's print, and matplotlib's plots."""

from __future__ import annotations

import io
import random

import pytest

pytest.importorskip("pypdfium2", reason="needs the extra `pdf`")

from autograder.assignment import load_assignment
from autograder.pdf.proposing import propose, searched_lines
from autograder.pdf.reader import read_pdf
from autograder.sandbox.isolation import available_levels

WANTED = load_assignment().proposals
LEVEL = available_levels()[-1]
RESULTS = "We evaluated the final model once. On the test set, we obtained an unregularized "
RESULTS += (
    "cross-entropy of 0.4531 and a classification accuracy of 83.92%. It confuses shirts with "
)
RESULTS += "coats in 13.4% of the cases."
PAGES = {
    "list": (
        "<h2>3. Softmax regression</h2><ul><li>learning rate: 0.05</li><li>epochs: 30</li>"
        "<li>Test cross-entropy: 0.4531</li><li>Test accuracy: 83.92%</li></ul>"
    ),
    "columns": (
        "<div style='columns:2;text-align:justify;hyphens:auto' lang=en><p>We derive the gradient "
        "of the cross-entropy and minimise it by stochastic gradient descent, 20 epochs with a "
        "learning rate of 0.1. On the training set we reach a cross-entropy of 0.4012. All pixels "
        f"are scaled to the unit interval, and no others are used.</p><p>{RESULTS}</p></div>"
    ),
    "table": (
        "<p>These are the results of our final model, after tuning.</p><table border=1>"
        "<tr><th></th><th>Train</th><th>Validation</th><th>Test</th></tr>"
        "<tr><th>Cross-entropy</th><td>0.4102</td><td>0.4388</td><td>0.4531</td></tr>"
        "<tr><th>Accuracy</th><td>86.10%</td><td>85.00%</td><td>83.92%</td></tr></table>"
    ),
    "mathematics": (
        "<p>The unregularized cost on the test set is <math><msub><mi>f</mi><mi>CE</mi></msub>"
        "<mo>=</mo><mn>0.4531</mn></math> and the test accuracy is <math><mn>83.92</mn><mi>%</mi>"
        "</math>.</p>"
    ),
    "notebook": (
        '<pre style="background:#eee">print("Test cross-entropy:", fCE(W, Xt, Yt, b=b))\n'
        'print("Test accuracy:", computeAccuracy(W, Xt, Yt, b))</pre>'
        "<pre>Test cross-entropy: 0.4531\nTest accuracy: 0.8392</pre>"
    ),
}
LABELS = ["Test accuracy", "Test cross-entropy", "test loss", "Training accuracy", "fCE (test)"]
LABELS += ["Cross-entropy", "Accuracy on the test set", "epoch", "learning rate", "test acc"]


def values(data: bytes) -> list[float | None]:
    return [each.value for each in propose(searched_lines(read_pdf(data, LEVEL)), WANTED)]


@pytest.fixture
def printed(browser):
    """Return a function from HTML to what a browser prints of it."""
    page = browser.new_page()

    def make(html: str) -> bytes:
        page.set_content(f"<html><body>{html}</body></html>")
        return page.pdf()

    yield make
    page.close()


# What stands beside these is not understood, or they are a table.
UNCLEAR = ("columns", "table", "notebook")


@pytest.mark.parametrize("name", PAGES)
def test_what_a_browser_prints_is_read(name, printed):
    wanted = [pytest.approx(0.4531), pytest.approx(83.92)]
    assert values(printed(PAGES[name])) == ([None, None] if name in UNCLEAR else wanted)


@pytest.mark.parametrize("embedded", [3, 42])
def test_what_matplotlib_writes_is_read(embedded):
    matplotlib = pytest.importorskip("matplotlib", reason="needs matplotlib")
    pytest.importorskip("matplotlib.figure")
    with matplotlib.rc_context({"pdf.fonttype": embedded}):
        figure = matplotlib.figure.Figure()
        figure.text(
            0.1, 0.8, "On the test set, the cross-entropy is 0.4512\nand 84.13 % are correct."
        )
        assert values(saved(figure)) == [pytest.approx(0.4512), pytest.approx(84.13)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_no_plot_has_a_result_in_it(seed):
    """Random plots whose titles, legends and ticks stand near each other by chance."""
    pytest.importorskip("matplotlib.figure", reason="needs matplotlib")
    rng = random.Random(seed)
    for _ in range(40):
        assert values(saved(random_figure(rng))) == [None, None]


def test_a_bar_under_a_title_is_no_row_of_a_table():
    """Its number is the only one under the title, and no row of the plot has another."""
    pytest.importorskip("matplotlib.figure", reason="needs matplotlib")
    figure = random_figure(random.Random(1069))
    assert values(saved(figure)) == [None, None]


def saved(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="pdf")
    return buffer.getvalue()


def random_figure(rng: random.Random):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(rng.choice([5, 7, 9]), rng.choice([4, 6, 9])))
    rows, columns = rng.choice([(1, 1), (1, 2), (2, 2), (3, 2)])
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        steps = range(1, rng.choice([4, 6, 11, 21]))
        if rng.random() < 0.6:
            for _ in range(rng.choice([1, 2, 3])):
                top = rng.choice([0.45, 0.84, 60])
                axes.plot(steps, [top * (1 + 1 / i) for i in steps], label=rng.choice(LABELS))
            axes.legend(loc=rng.choice(["best", "upper left", "lower right", "center"]))
            if rng.random() < 0.4:
                axes.twinx().plot(steps, [0.45 + 1 / i for i in steps])
        elif rng.random() < 0.5:
            bars = axes.bar(range(4), [round(rng.uniform(0.4, 0.9), 2) for _ in range(4)])
            axes.bar_label(bars)
            axes.set_xticks(range(4), ["lr 0.1", "lr 0.01", "0.5", "0.45"])
        else:
            cells = [[round(rng.random(), 2) for _ in range(4)] for _ in range(4)]
            axes.imshow(cells)
            for i, row in enumerate(cells):
                for j, value in enumerate(row):
                    axes.text(j, i, str(value))
        for put in (axes.set_title, axes.set_xlabel, axes.set_ylabel):
            if rng.random() < 0.6:
                put(rng.choice(LABELS))
    return figure
