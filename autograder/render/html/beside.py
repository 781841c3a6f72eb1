"""What other tools left beside a result: what was read in its PDF, and which others are like it.

Their files are data that may be absent or broken; a page then says nothing of them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.store.results import Results, StoredSubmission
from autograder.text.inert import inert_line


@dataclass(frozen=True)
class Alike:
    """A submission that reads like this one: its id, how much, and a link to the two texts.

    `group` is how many read alike with these two among them, 0 where that isn't known.
    """

    other: str
    similarity: str
    page: str
    group: int = 0


@dataclass(frozen=True)
class ProposalRow:
    """What is proposed for a quantity: its value in words, and (sentence, page) where it stands."""

    quantity: str
    value: str
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pdf:
    """What is known of the PDF; `file` links to it, `images` are (link, number of the page)."""

    pages: int | None = None
    problem: str = ""
    remarks: tuple[str, ...] = ()
    proposals: tuple[ProposalRow, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    file: str = ""


def found_alike(out: Path) -> dict[str, tuple[Alike, ...]]:
    """Return id -> its look-alikes, as lookalikes.json of a folder of results has them."""
    found: dict[str, list[Alike]] = {}
    document = read_json(Results(out).lookalikes)
    sizes: dict[str, int] = {}
    for group in objects_in(document, "groups"):
        members = group.get("members")
        listed = members if isinstance(members, list) else []
        sizes |= {str(id): len(listed) for id in listed}
    for pair in objects_in(document, "pairs"):
        ids = [str(pair.get("a", "")), str(pair.get("b", ""))]
        page = link("../..", str(pair.get("page", "")), out)
        for id, other in (ids, ids[::-1]):
            if page:
                similarity = share(pair.get("similarity"))
                alike = Alike(inert_line(other), similarity, page, sizes.get(id, 0))
                found.setdefault(id, []).append(alike)
    return {id: tuple(pairs) for id, pairs in found.items()}


def found_pdf(folder: Path) -> Pdf | None:
    """Return what pdf.json in the folder of a submission says, or None without one."""
    stored = StoredSubmission(folder)
    document = read_json(stored.pdf_record)
    if document is None:
        return None
    pages, remarks = document.get("pages"), document.get("remarks")
    images = sorted(
        (int(path.stem.removeprefix("page-")), path.name)
        for path in stored.pdf_images.glob("page-*.png")
        if path.stem.removeprefix("page-").isdecimal()
    )
    return Pdf(
        pages if isinstance(pages, int) else None,
        _words(document.get("problem")),
        tuple(map(_words, remarks)) if isinstance(remarks, list) else (),
        tuple(map(_proposal_of, objects_in(document, "proposals"))),
        tuple((f"{stored.pdf_images.name}/{name}", str(number)) for number, name in images),
        stored.pdf.name if stored.pdf.is_file() else "",
    )


def _proposal_of(entry: dict[str, Any]) -> ProposalRow:
    """Return one proposal; where no value is proposed, its remark says why."""
    value = " ".join(filter(None, (_words(entry.get("value")), _words(entry.get("unit")))))
    remark = _words(entry.get("remark"))
    places = [entry] if entry.get("sentence") else objects_in(entry, "places")
    return ProposalRow(
        _words(entry.get("title")) or _words(entry.get("quantity")),
        f"{value}. {remark}" if value and remark else value or remark or "not found",
        tuple((_words(each.get("sentence")), _words(each.get("page"))) for each in places),
    )


def _words(value: Any) -> str:
    return "" if value is None else inert_line(str(value), 400)


def link(up: str, page: str, out: Path) -> str:
    """Return a relative link to a page below `out`, or "" where it is no file there."""
    inside = (out / page).resolve()
    if not page or not inside.is_file() or out.resolve() not in inside.parents:
        return ""
    return f"{up}/{quote(page)}"


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def objects_in(document: dict[str, Any] | None, key: str) -> list[dict[str, Any]]:
    found = (document or {}).get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def share(value: Any) -> str:
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f"{100 * value:.0f} %"
    return inert_line(str(value), 60)
