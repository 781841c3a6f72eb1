"""From a template and its values to a page: one file, with a policy that lets nothing else in.

A page has one style sheet and at most one script, both inline and both allowed by their hash in
its Content-Security-Policy (https://www.w3.org/TR/CSP3/); images are data. So nothing that a
student wrote could run or be fetched, even if it were not escaped. Attributes `style=` and
`onclick=` do not work on such a page, by the same policy.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.store.durable import write_whole
from autograder.text import wording

_HERE = Path(__file__).parent
# What Python leaves beside its code is none of it.
_MADE_FROM = (".py", ".html", ".css", ".js")
_NEEDED = ("jinja2", "matplotlib")
_POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def page_sources() -> list[Path]:
    """Return the files that pages are made by: code, templates, styles and scripts, sorted."""
    return sorted(path for path in _HERE.rglob("*") if path.suffix in _MADE_FROM)


def why_no_pages() -> str:
    """Return why no page can be written here, in one sentence, or "" where they can."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"No pages were written: {wording.joined(missing)} {'is' if len(missing) == 1 else 'are'} "
        'not installed. Install with: pip install "autograder[pages]".'
    )


def page(
    template: str, *, styles: Sequence[str] = (), scripts: Sequence[str] = (), **values: Any
) -> bytes:
    """Return the page that a template of `templates/` makes of `values`, as UTF-8.

    `styles` and `scripts` are files of `assets/`; base.css comes before them. All values are
    escaped, but for those that are `_markup`. Raises jinja2.UndefinedError for a name that has no
    value.
    """
    style = _assets(("base.css", *styles))
    script = _assets(tuple(scripts))
    policy = _POLICY.format(style=_source(style), script=_source(script) if script else "'none'")
    text = (
        _environment()
        .get_template(template)
        .render(**values, style=_markup(style), script=_markup(script), policy=policy)
    )
    return bytes(text.encode("utf-8", "backslashreplace"))


def write_page(path: Path, data: bytes) -> None:
    """Write a page in one step; a reader sees the old one or the new. Raises OSError."""
    write_whole(path, data)


def _markup(text: str) -> Any:
    """Return text that is put into a page as it is: only for what no student has a hand in."""
    from markupsafe import Markup

    return Markup(text)


@functools.cache
def _environment() -> Any:
    """Return the jinja2 environment: everything is escaped, and a misspelt name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["trusted"] = _markup
    made.filters["number"] = wording.number
    made.filters["joined"] = wording.joined
    made.globals["where"] = wording.where
    made.globals["counted"] = wording.counted
    made.globals["score_of"] = wording.score_of
    return made


@functools.cache
def _assets(names: tuple[str, ...]) -> str:
    """Return files of `assets/`, one after the other."""
    return "\n".join((_HERE / "assets" / name).read_text(encoding="utf-8") for name in names)


def _source(text: str) -> str:
    """Return the hash of an inline style sheet or script, as a policy names it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
