"""Generated PDFs of many layouts, each with what must come of it.

`entropy` and `accuracy` are what the document states, None where nothing may be proposed. A
proposal must be right or absent; `found` says that it must be there.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod
from PIL import Image

from tests.pdf import raw

SENTENCE = "On the test set, the cross-entropy is 0.4512 and the accuracy is 84.13%."


@dataclass(frozen=True)
class Made:
    """A document: its bytes, what it states, and what must be said of it."""

    name: str
    make: Callable[[], bytes]
    entropy: float | None = None
    accuracy: float | None = None
    found: bool = True
    problem: str = ""
    remark: str = ""
    pages: int | None = 1


def new(font: str = "Helvetica", size: float = 11) -> FPDF:
    pdf = FPDF(format="letter")
    pdf.add_page()
    pdf.set_font(font, size=size)
    return pdf


def written(pdf: FPDF) -> bytes:
    return bytes(pdf.output())


def prose(*paragraphs: str, font: str = "Times", size: float = 11) -> bytes:
    pdf = new(font, size)
    for text in paragraphs:
        pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    return written(pdf)


def lines(*texts: str, font: str = "Courier", size: float = 9) -> bytes:
    pdf = new(font, size)
    for text in texts:
        pdf.cell(0, 5, text, new_x="LMARGIN", new_y="NEXT")
    return written(pdf)


def table(
    rows: list[list[str]], width: float = 38, before: str = "", by_column: bool = False
) -> bytes:
    """Draw a table; by columns, the file has one column after the other."""
    pdf = new()
    pdf.multi_cell(0, 6, before or "Table 1: results.")
    top, left = pdf.get_y() + 4, pdf.l_margin
    cells = [(r, c) for r in range(len(rows)) for c in range(len(rows[0]))]
    for r, c in sorted(cells, key=lambda cell: cell[::-1]) if by_column else cells:
        pdf.set_xy(left + c * width, top + 8 * r)
        pdf.cell(width, 8, rows[r][c], border=1, align="L" if c == 0 else "C")
    return written(pdf)


def derivation() -> list[str]:
    """What else stands in such a homework."""
    return [
        "Problem 1 (20 points). For l = k the quotient rule gives x y_l (1 - y_l) as gradient; "
        "for l different from k it gives -x y_k y_l. Summing over all 10 classes and as "
        "labels sum to 1 we get -1/n times the sum of x (y - yhat), as in Section 2.3.",
        "Problem 2 (10 points). The log of the product over the n = 60000 examples is a sum of "
        "logs, which is the cross-entropy up to the factor 1/n (Eq. 4).",
    ]


def word_like() -> bytes:
    pdf = new("Times", 12)
    pdf.set_font("Times", "B", 16)
    pdf.cell(0, 12, "Homework 3", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Times", "", 10)
    pdf.cell(0, 8, "Alice Example, CS 541, 10/03/2025", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Times", "", 12)
    for text in derivation():
        pdf.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Times", "B", 13)
    pdf.cell(0, 10, "3. Softmax regression", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Times", "", 12)
    for text in (
        "Hyperparameters: 30 epochs, mini-batch size 64, learning rate 0.05, alpha 0.0001",
        "Validation cross-entropy: 0.4388",
        "Test cross-entropy (unregularized): 0.4497",
        "Percent correct on the test set: 84.02%",
    ):
        pdf.set_x(20)
        pdf.cell(0, 8, f"\x95  {text}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(-35)
    pdf.cell(0, 8, "Page 1 of 1", align="C")
    return written(pdf)


def tex_like() -> bytes:
    column = [
        "3  Softmax regression",
        "We searched a grid of 36 combinations of the learning rate (0.01, 0.03, 0.1), the mini-",
        "batch size (32, 128), and the number of epochs (10, 30), and selected the one with the",
        "best cross-entropy on the validation set (0.4391). After training with it on all of the",
        "60,000 training images, the unregularized cost on the test set is f_{CE} = 0.4485, and",
        "84.16% of the 10,000 test images were classified correctly.",
    ]
    return raw.pdf_of([raw.tex_column(column, 72, 700)])


def two_columns() -> bytes:
    left = [
        "1  Introduction",
        "We derive the gradient of the cross-",
        "entropy and minimise it by stochastic",
        "gradient descent with 20 epochs and a",
        "learning rate of 0.1. On the training set",
        "we reach a cross-entropy of 0.4012.",
    ]
    right = [
        "2  Results",
        "We evaluated the final model once. On",
        "the test set, we obtained a cross-",
        "entropy of 0.4531 and a classification accu-",
        "racy of 83.92%. The classifier confuses",
        "shirts with coats in 13.4% of the cases.",
    ]
    return raw.pdf_of([raw.tex_column(left, 60, 700) + raw.tex_column(right, 320, 700)])


def footnote() -> bytes:
    line = b"BT /F1 11 Tf 72 700 Td (The test cross-entropy is 0.4512) Tj /F1 6 Tf 4 Ts (1) Tj "
    line += b"/F1 11 Tf 0 Ts ( and the test accuracy is 84.13%) Tj /F1 6 Tf 4 Ts (2) Tj ET"
    return raw.pdf_of([line])


def unmapped() -> bytes:
    """A font whose codes mean nothing without a table that is not there."""
    text = "".join(chr(ord(each) + 3) if each != " " else " " for each in SENTENCE)
    return raw.pdf_of([raw.tex_column([text], 72, 700)])


def scanned(pages: int = 2) -> bytes:
    rng = np.random.default_rng(1)
    pdf = FPDF(format="letter")
    for _ in range(pages):
        pdf.add_page()
        noise = rng.integers(180, 255, size=(220, 170), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, "JPEG")
        buffer.seek(0)
        pdf.image(buffer, x=0, y=0, w=215)
    return written(pdf)


def drawn() -> bytes:
    pdf = new()
    for i in range(60):
        pdf.line(20 + i, 40 + 3 * (i % 5), 22 + i, 45 - 2 * (i % 3))
    return written(pdf)


def locked(user: str | None) -> bytes:
    pdf = new()
    pdf.set_encryption(
        owner_password="staff only",
        user_password=user,
        encryption_method=EncryptionMethod.RC4,
        permissions=AccessPermission.none(),
    )
    pdf.multi_cell(0, 6, SENTENCE)
    return written(pdf)


def long(count: int, place: int) -> bytes:
    pdf = FPDF(format="letter")
    pdf.set_font("Helvetica", size=11)
    for number in range(1, count + 1):
        pdf.add_page()
        pdf.cell(0, 8, SENTENCE if number == place else f"This is page {number} of {count}.")
    return written(pdf)


def huge() -> bytes:
    text = b"BT /F1 300 Tf 72 7000 Td (Test accuracy: 84.13%) Tj ET"
    return raw.pdf_of([text], size=(14400, 14400))


def plot() -> bytes:
    """A plot as matplotlib draws it: titles, ticks and a legend that are near numbers."""
    pdf = new()
    pdf.text(80, 40, "Test accuracy")
    for i in range(6):
        pdf.text(30, 130 - 14 * i, f"0.{60 + 5 * i}")
        pdf.text(40 + 20 * i, 138, f"0.{i}")
    pdf.text(70, 146, "learning rate")
    pdf.text(80, 156, "Test cross-entropy")
    for i in range(6):
        pdf.text(30, 240 - 14 * i, f"0.{40 + 5 * i}")
        pdf.text(160, 240 - 14 * i, f"0.{40 + 5 * i}")
        pdf.text(40 + 20 * i, 248, f"{5 * i}")
    pdf.text(110, 240 - 14, "test loss")
    pdf.text(110, 240 - 28, "train loss")
    return written(pdf)


def flood() -> bytes:
    rows = [
        f"BT /F3 1 Tf 10 {790 - 0.78 * i:g} Td ({'x' * 400}) Tj ET".encode() for i in range(1000)
    ]
    return raw.pdf_of([b"\n".join(rows)])


def damaged() -> bytes:
    return b"%PDF-1.7\n" + np.random.default_rng(3).bytes(4000)


def hostile() -> bytes:
    return prose(
        "<script>alert(1)</script> ${7*7} {{7*7}} =cmd|' /C calc'!A0 \x1b[2J "
        "<img src=x onerror=alert(1)> "
        "the test accuracy is 84.13%, \x07and the test cross-entropy is 0.4512.",
        font="Helvetica",
    )


EPOCHS = [
    f"epoch {i:2d}  train loss 0.{70 - i}  val loss 0.{72 - i}  val acc 0.8{i % 10}1"
    for i in range(1, 21)
]

DOCUMENTS = [
    Made("sentence", lambda: prose(*derivation(), SENTENCE), 0.4512, 84.13),
    Made("tex_like", tex_like, 0.4485, 84.16, found=False),
    Made("two_columns", two_columns, 0.4531, 83.92, found=False),
    Made("word_like", word_like, 0.4497, 84.02),
    Made(
        "table_of_sets",
        lambda: table(
            [
                ["", "Training", "Validation", "Test"],
                ["Cross-entropy", "0.4102", "0.4388", "0.4497"],
                ["Accuracy", "86.10%", "85.00%", "84.02%"],
            ]
        ),
        0.4497,
        84.02,
        found=False,
    ),
    Made(
        "table_by_column",
        lambda: table(
            [
                ["Set", "CE", "Accuracy (%)"],
                ["Train", "0.4102", "86.10"],
                ["Test", "0.4497", "84.02"],
            ],
            by_column=True,
        ),
        0.4497,
        84.02,
        found=False,
    ),
    Made(
        "table_of_labels",
        lambda: table(
            [["Metric", "Value"], ["Test cross-entropy", "0.4497"], ["Test accuracy", "0.8402"]],
            width=60,
        ),
        0.4497,
        84.02,
        found=False,
    ),
    Made(
        "fraction",
        lambda: prose("The test loss is 0.4512.", "Our accuracy on the test images is 0.8413."),
        0.4512,
        84.13,
    ),
    Made(
        "percent_word",
        lambda: prose(
            "We classify 84.13 percent of the test images correctly; the test CE is 0.4512."
        ),
        0.4512,
        84.13,
    ),
    Made(
        "comma_decimals",
        lambda: prose("Test cross-entropy: 0,4512", "Test accuracy: 84,13 %"),
        0.4512,
        84.13,
    ),
    Made(
        "scientific",
        lambda: lines("test cross-entropy: 4.512e-01", "test accuracy: 8.413e-01"),
        0.4512,
        84.13,
    ),
    Made(
        "many_numbers",
        lambda: prose(
            "Homework 3, October 3, 2025. Worcester, MA 01609. Student 900123456.",
            *derivation(),
            "3.2 Experiments. We ran 30 epochs with mini-batch size 64, learning rate 0.05, "
            "alpha = 0.5, seed 42, on 48,000 training images, for 312 s on 8 cores "
            "(version 3.11.7). The validation cross-entropy fell from 0.78 to 0.44. "
            "See Figure 7 on page 12.",
            SENTENCE,
            "4. The Jacobian is (1, -2, 0.25), so that the first entry is 0.75 (see 4.2.1).",
        ),
        0.4512,
        84.13,
        found=False,
    ),
    Made(
        "terminal",
        lambda: lines(
            "$ python homework3.alice.py",
            *EPOCHS,
            "best: {'epsilon': 0.03, 'batchSize': 32, 'alpha': 0.0, 'numEpochs': 30}",
            "Test cross-entropy: 0.4485326",
            "Test accuracy:      0.8416",
            "real 0m41.2s",
        ),
        0.4485326,
        84.16,
        found=False,
    ),
    Made(
        "side_by_side",
        lambda: prose(
            "The training and test accuracies are 86.1% and 84.0%, respectively. The "
            "cross-entropy is 0.4102 (train) and 0.4497 (test)."
        ),
        0.4497,
        84.0,
        found=False,
    ),
    Made(
        "heading",
        lambda: lines(
            "Results on the test set:",
            "Cross-entropy: 0.4512",
            "Percent correct: 84.13",
            font="Times",
        ),
        0.4512,
        84.13,
    ),
    Made("footnotes", footnote, 0.4512, 84.13, found=False),
    Made(
        "last_line_of_a_long_report",
        lambda: prose(*derivation() * 6, "Final test loss: 0.4512, final test accuracy: 84.13%"),
        0.4512,
        84.13,
    ),
    Made("hostile_text", hostile, 0.4512, 84.13, found=False),
    Made("one_only", lambda: prose("Test accuracy = 84.13 %."), None, 84.13),
    Made(
        "validation_only",
        lambda: prose("The accuracy on the validation set is 85.2%, and the cross-entropy 0.43."),
    ),
    Made("log_of_tests", lambda: lines(*(each.replace("val", "test") for each in EPOCHS))),
    Made(
        "grid_on_test",
        lambda: table(
            [
                ["learning rate", "batch size", "test accuracy", "test CE"],
                ["0.01", "64", "81.2%", "0.5412"],
                ["0.1", "64", "84.1%", "0.4512"],
            ]
        ),
    ),
    Made(
        "too_good", lambda: prose("Our test accuracy is 97.3% and the test cross-entropy is 0.081.")
    ),
    Made(
        "contradiction",
        lambda: prose("The test accuracy is 84.1%.", "In summary, the test accuracy is 82.5%."),
    ),
    Made("plot", plot),
    Made(
        "goals",
        lambda: prose(
            "A random classifier has a test accuracy of 10%. We hoped for a test accuracy "
            "of 85% and a test cross-entropy below 0.45."
        ),
    ),
    Made("no_numbers", lambda: prose("We report the test cross-entropy and the percent correct.")),
    Made("unmapped_font", unmapped),
    Made("scanned", scanned, problem="pictures", pages=2),
    Made("drawn", drawn, problem="drawn"),
    Made("empty_pages", lambda: written(new()), problem="empty"),
    Made("no_bytes", lambda: b"", problem="no bytes", pages=None),
    Made("user_password", lambda: locked("secret"), problem="encrypted", pages=None),
    Made("owner_password", lambda: locked(None), 0.4512, 84.13),
    Made("damaged", damaged, problem="damaged", pages=None),
    Made("truncated", lambda: prose(SENTENCE)[:-300], problem="damaged", pages=None),
    Made("not_a_pdf", lambda: b"PK\x03\x04 word/document.xml", problem="not a PDF", pages=None),
    Made("500_pages", lambda: long(500, 3), 0.4512, 84.13, remark="first 60 of 500", pages=500),
    Made("500_pages_late", lambda: long(500, 400), remark="first 60 of 500", pages=500),
    Made("huge_page", huge, None, 84.13),
    Made("active", raw.active, 0.4512, 84.1, remark="JavaScript"),
    Made("flood", flood, remark="Only the first"),
]
# These fight the reader: whatever becomes of them, it is said, bounded, and costs nobody else.
ATTACKS = {
    "holds_itself": raw.page_that_holds_itself,
    "bomb": lambda: raw.bomb(1500),
    "nested": lambda: raw.nested(300_000),
    "huge_count": lambda: raw.pdf_of([b""]).replace(b"/Count 1", b"/Count 99999999"),
}
