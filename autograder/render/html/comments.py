"""A grader's comment as HTML: Markdown, with TeX formulas between dollars as MathML.

Both are rendered by libraries (markdown-it-py, latex2mathml), without HTML of the comment's own,
without pictures, and with what comes out of a formula held to the elements of MathML.
"""

from __future__ import annotations

import functools
import html
import importlib.util
from typing import Any
from xml.etree import ElementTree

# What is longer is shown as it is typed.
_MAX_FORMULA, _MAX_MARKDOWN = 1_000, 12_000
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_TAGS = frozenset(
    (
        *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle"),
        *("mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
        *("mtable", "mtr", "mtd", "menclose"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form"),
        *("separator", "lspace", "rspace", "width", "height", "depth", "accent", "accentunder"),
        *("linethickness", "columnalign", "rowspacing", "columnspacing", "minsize", "maxsize"),
        *("symmetric", "largeop", "movablelimits", "notation"),
    )
)


def comment_html(text: str) -> str:
    """Return a comment as HTML that may stand in a page as it is; "" for none.

    Where the libraries are not installed, it is paragraphs of plain text.
    """
    if not text.strip():
        return ""
    if len(text) > _MAX_MARKDOWN or not _has_libraries():
        return "".join(f"<p>{html.escape(each)}</p>" for each in text.split("\n") if each.strip())
    return str(_markdown().render(text)).strip()


def _has_libraries() -> bool:
    names = ("markdown_it", "mdit_py_plugins", "latex2mathml")
    return all(importlib.util.find_spec(name) is not None for name in names)


@functools.cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20, "breaks": True})
    made.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        renderer=_formula,
    )
    made.disable(["image", "html_block", "html_inline"])
    return made


def _formula(tex: str, options: dict[str, Any]) -> str:
    """Return a formula as MathML, or as it was typed where it can't be read."""
    from latex2mathml.converter import convert

    typed = f"<code>{html.escape(tex)}</code>"
    if len(tex) > _MAX_FORMULA:
        return typed
    display = "block" if options.get("display_mode") else "inline"
    try:
        root = ElementTree.fromstring(convert(tex, display=display))
    # Its parser has no error of its own for everything that isn't TeX.
    except Exception:
        return typed
    for element in root.iter():
        element.tag = element.tag.removeprefix(_MATHML)
        if element.tag not in _TAGS:
            return typed
        for name in element.attrib.keys() - _ATTRIBUTES:
            del element.attrib[name]
    return ElementTree.tostring(root, encoding="unicode")
