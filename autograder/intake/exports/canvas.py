"""Canvas, "Download Submissions": one flat folder, who and when in each file's name.

Source: instructure/canvas-lms, lib/content_zipper.rb.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.exports.item import Item, with_own_names
from autograder.intake.names import is_word
from autograder.intake.paths import inert_name
from autograder.model.provenance import Person, Provenance

_NAME = re.compile(
    r"(?P<first>LATE_)?(?:(?P<name>[^/]*?)_)?(?P<late>LATE_)?"
    r"(?:anon_(?P<anon>[A-Za-z0-9]+)|(?P<id>\d+))_"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<kind>text|link)\.html)",
    re.DOTALL,
)
# What is left of a name that itself ends in "_" and digits, read as Canvas reads it.
_LONGER = re.compile(r"(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")
_MAX_PREFIXES = 20
_TEXT = "The text was typed into Canvas; a file is needed."
_LINK = "A link was handed in instead of a file; it is not followed."


@dataclass(frozen=True)
class _CanvasName:
    """A file name of the export, taken apart. `id` is the user's, or the anonymous one."""

    name: str
    late: bool
    id: str
    anonymous: bool
    attachment: str
    file: str
    kind: str

    @property
    def prefix(self) -> str:
        """The start of the name that a file of feedback needs.

        Canvas takes the first two numbers between `_` for the user and the attachment, so that
        those of the name itself are left out.
        """
        late = "LATE_" if self.late else ""
        if self.anonymous:
            return f"{late}anon_{self.id}_{self.attachment}_"
        words = [word for word in self.name.split("_") if not _DIGITS.fullmatch(word)]
        return f"{'_'.join([*filter(None, words), ''])}{late}{self.id}_{self.attachment}_"


def read_name(
    filename: str, stem: str = "", known: Collection[str] = ()
) -> tuple[_CanvasName, bool] | None:
    """Take the name of a file in the export apart; tell also whether it can be read in two ways.

    A name that itself ends in `_` and digits looks as if those were the id. The ids of a roster,
    `known`, decide; without one the reading whose file starts with the homework's `stem`.
    """
    match = _NAME.fullmatch(filename)
    if match is None or not all(map(is_word, match["name"] or "")):
        return None
    if (match["name"] or "").endswith("LATE") and match["anon"]:
        return None
    first = _CanvasName(
        name=match["name"] or "",
        late=bool(match["first"] or match["late"]),
        id=match["anon"] or match["id"],
        anonymous=bool(match["anon"]),
        attachment=match["attachment"] or "",
        file=match["file"] or "",
        kind=match["kind"] or "",
    )
    longer = _LONGER.fullmatch(first.file) if first.name and not first.anonymous else None
    if longer is None:
        return first, False
    second = _CanvasName(
        name=f"{first.name}_{first.id}",
        late=first.late,
        id=first.attachment,
        anonymous=False,
        attachment=longer["attachment"],
        file=longer["file"],
        kind="",
    )
    if known and (first.id in known) != (second.id in known):
        return (first, False) if first.id in known else (second, False)
    named = second.file.casefold().startswith(stem.casefold()) if stem else False
    return (second if named else first), True


def own_names(names: Sequence[str]) -> list[str]:
    """Return the files that are named as Canvas names them, all of which lie in one folder."""
    own = [name for name in names if read_name(name.rpartition("/")[2]) is not None]
    return own if len({name.rpartition("/")[0] for name in own}) == 1 else []


def reader(stem: str, known: Collection[str] = ()) -> Callable[[Path, Sequence[str]], list[Item]]:
    """Return what reads an export of Canvas."""

    def read(top: Path, names: Sequence[str]) -> list[Item]:
        groups: dict[tuple[bool, str], list[tuple[str, _CanvasName, bool]]] = {}
        for name in names:
            found = read_name(name.rpartition("/")[2], stem, known)
            if found is None:
                continue
            own, twofold = found
            groups.setdefault((own.anonymous, own.id), []).append((name, own, twofold))
        return [_item_of(top, group) for _, group in sorted(groups.items())]

    return read


def _item_of(top: Path, group: Sequence[tuple[str, _CanvasName, bool]]) -> Item:
    first = group[0][1]
    files = [(each.attachment, each.file, top / name) for name, each, _ in group if not each.kind]
    kinds = {each.kind for _, each, _ in group if each.kind}
    remarks = []
    if any(twofold for _, _, twofold in group):
        remarks.append(
            f"The file names of {inert_name(first.name)} (user {first.id}) can be read in two "
            "ways; a roster would decide."
        )
    problem = ""
    if not files:
        problem = _LINK if "link" in kinds else _TEXT
    elif kinds:
        remarks.append(f"Beside the files: {_LINK if 'link' in kinds else _TEXT}")
    person = Person(
        id="" if first.anonymous else first.id, name=first.name, squashed=bool(first.name)
    )
    key = f"anon_{first.id}" if first.anonymous else f"{first.name}_{first.id}".strip("_")
    provenance = Provenance(
        platform="canvas",
        key=key,
        people=() if first.anonymous else (person,),
        late=any(each.late for _, each, _ in group),
        prefixes=tuple(each.prefix for _, each, _ in group if not each.kind)[:_MAX_PREFIXES],
        anonymous=first.anonymous,
    )
    return Item(provenance, with_own_names(files), tuple(remarks), problem)
