"""Figures as SVG that a page can hold: drawn by matplotlib, then cleaned.

The drawing uses a few stand-in colours; each becomes a colour of the page, so that a figure follows
light, dark and paper. What a page's policy forbids is taken out: style sheets, `style=` attributes,
metadata and every id that nothing refers to. All text of a figure is text in the SVG, escaped.
"""

from __future__ import annotations

import base64
import io
import math
import re
import threading
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from autograder.model.figures import Curves, Figure, Images, Matrix, bytes_of
from autograder.text.layout import clipped

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Sheet

SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
# Stand-in -> what the page makes of it.
_INK, _OWN, _REFERENCE, _GRID = "#000001", "#000002", "#000003", "#000004"
_COLOURS = {
    _INK: "currentColor",
    _OWN: "var(--own)",
    _REFERENCE: "var(--reference)",
    _GRID: "var(--line)",
}
_STYLE_ATTRIBUTES = frozenset(
    (
        *("fill", "fill-opacity", "opacity", "text-anchor"),
        *("stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-dashoffset"),
        *("stroke-linecap", "stroke-linejoin"),
    )
)
_KEPT_ATTRIBUTES = frozenset(
    ("d", "x", "y", "width", "height", "transform", "viewBox", "clip-path", "href")
)
KEPT_TAGS = frozenset(("svg", "g", "path", "rect", "defs", "clipPath", "use", "text"))
# More can't be told apart from infinity on an axis.
_MAX_VALUE = 1e12
_LINE_STYLES = ("-", "--", ":", "-.")
_MARKERS = ("o", "s", "^", "D")
_FONT_SIZE = 10
# Longer labels would leave no room for what they name; the table beside has them whole.
_LABEL_CELLS, _TITLE_CELLS = 14, 40
# Inches of a cell of a matrix, and of the margin that has its labels; the share that stays free.
_CELL, _SIDE, _EDGE = (0.42, 0.36), 1.15, 0.01
# The deepest shade of a cell: text on it keeps its contrast, by day and by night.
DEEPEST = 0.45
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pages",
    "font.size": _FONT_SIZE,
    "text.color": _INK,
    "text.parse_math": False,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
# matplotlib's settings are of the whole process.
_DRAWING = threading.Lock()


def svg_of(figure: Figure, prefix: str) -> str:
    """Return the curves or the matrix of a figure as an SVG element for a page.

    `prefix` begins every id in it and must differ from that of each other figure of the page.
    Raises ValueError for a figure that has neither.
    """
    import matplotlib

    with _DRAWING, matplotlib.rc_context():
        # not the settings of whoever runs this
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        if figure.curves is not None:
            drawn = _draw_curves(figure.curves)
        elif figure.matrix is not None:
            drawn = _draw_matrix(figure.matrix)
        else:
            raise ValueError("only curves and matrices are drawn")
        buffer = io.BytesIO()
        drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return _inert_svg(buffer.getvalue(), prefix, figure.title, figure.alternative)


def _draw_curves(curves: Curves) -> Sheet:
    from matplotlib.figure import Figure as Sheet

    # matplotlib's own layout would draw everything twice
    sheet = Sheet(figsize=(4.2, 2.9))
    axes = sheet.add_axes((0.14, 0.16, 0.83, 0.66))
    if curves.band is not None:
        low, high = _drawable(curves.band.low), _drawable(curves.band.high)
        axes.fill_between(curves.x, low, high, color=_REFERENCE, alpha=0.3, linewidth=0)
        axes.plot(curves.x, low, color=_REFERENCE, linewidth=1, linestyle="--")
        axes.plot(
            curves.x, high, color=_REFERENCE, linewidth=1, linestyle="--", label=curves.band.label
        )
    for number, line in enumerate(curves.lines):
        axes.plot(
            curves.x,
            _drawable(line.y),
            color=_OWN,
            linewidth=2,
            linestyle=_LINE_STYLES[number % len(_LINE_STYLES)],
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=5,
            label=line.label,
        )
    axes.set_xlabel(clipped(curves.x_label, _TITLE_CELLS))
    axes.set_ylabel(clipped(curves.y_label, _TITLE_CELLS))
    axes.set_xticks(curves.x, [f"{each:g}" for each in curves.x])
    axes.ticklabel_format(axis="y", scilimits=(-2, 4))
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    sheet.legend(loc="upper left", frameon=False, fontsize=_FONT_SIZE, ncols=1)
    return sheet


def _draw_matrix(matrix: Matrix) -> Sheet:
    from matplotlib.figure import Figure as Sheet
    from matplotlib.patches import Rectangle

    size = len(matrix.labels)
    width, height = _SIDE + _CELL[0] * size, _SIDE + _CELL[1] * size
    sheet = Sheet(figsize=(width, height))
    axes = sheet.add_axes(
        (
            _SIDE / width,
            _SIDE / height,
            _CELL[0] * size / width - _EDGE,
            _CELL[1] * size / height - _EDGE,
        )
    )
    for i, row in enumerate(matrix.counts):
        whole = sum(row) or 1
        for j, count in enumerate(row):
            if count:
                shade = DEEPEST * math.sqrt(count / whole)
                axes.add_patch(Rectangle((j, i), 1, 1, facecolor=_OWN, alpha=shade, linewidth=0))
                axes.text(j + 0.5, i + 0.5, str(count), ha="center", va="center")
        axes.add_patch(Rectangle((i, i), 1, 1, fill=False, edgecolor=_INK, linewidth=1.2))
    middles = [each + 0.5 for each in range(size)]
    axes.set_xlim(0, size)
    axes.set_ylim(size, 0)
    labels = [clipped(label, _LABEL_CELLS) for label in matrix.labels]
    axes.set_xticks(middles, labels, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(middles, labels)
    axes.set_xlabel(clipped(matrix.column_label, _TITLE_CELLS))
    axes.set_ylabel(clipped(matrix.row_label, _TITLE_CELLS))
    axes.tick_params(length=0)
    axes.spines[:].set_color(_GRID)
    return sheet


def _drawable(values: tuple[float | None, ...]) -> list[float]:
    """Return numbers with nan, which is not drawn, for those that are absent or beyond all use."""
    return [
        value if value is not None and abs(value) <= _MAX_VALUE else math.nan for value in values
    ]


def _inert_svg(svg: bytes, prefix: str, title: str, description: str) -> str:
    """Return matplotlib's SVG in the page's colours, with only what a drawing needs."""
    root = ElementTree.fromstring(svg)
    referred = set(re.findall(rb"#([\w-]+)", svg))
    _clean(root, prefix, {each.decode() for each in referred})
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{prefix}-title {prefix}-desc",
        "focusable": "false",
    }
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(place, element)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str, referred: set[str]) -> None:
    """Keep the known tags and attributes of an element and of all below it."""
    attributes = {}
    for key, value in element.attrib.items():
        name = key.removeprefix(f"{{{_XLINK}}}")
        if name == "id" and value in referred:
            attributes["id"] = f"{prefix}-{value}"
        elif name in _KEPT_ATTRIBUTES:
            attributes[name] = value.replace("#", f"#{prefix}-")
        elif name == "style":
            attributes |= _presentation(value)
    element.attrib.clear()
    element.attrib.update(attributes)
    for child in list(element):
        tag = child.tag.removeprefix(f"{{{SVG}}}") if isinstance(child.tag, str) else ""
        if tag in KEPT_TAGS:
            _clean(child, prefix, referred)
        else:
            element.remove(child)


def _presentation(style: str) -> dict[str, str]:
    """Return the declarations of a style as attributes, stand-in colours replaced."""
    attributes = {}
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _STYLE_ATTRIBUTES:
            attributes[name] = _COLOURS.get(value, value)
        elif name == "font" and (size := re.search(r"([\d.]+)px", value)):
            attributes["font-size"] = size[1]
        elif name == "font-size":
            attributes["font-size"] = value.removesuffix("px")
    return attributes


def picture(images: Images, row: int, column: int) -> str:
    """Return one grey image as a data URL of a PNG. Raises ValueError for pixels that don't fit."""
    from PIL import Image

    size = images.height * images.width
    pixels = bytes_of(images, row)[column * size : (column + 1) * size]
    buffer = io.BytesIO()
    Image.frombytes("L", (images.width, images.height), pixels).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
