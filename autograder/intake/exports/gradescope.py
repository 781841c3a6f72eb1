"""Gradescope, "Export Submissions": a folder for each, and submission_metadata.yml beside them.

The metadata has Ruby's symbols as keys; the fields are those that community loaders read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.intake.exports.item import Item, with_own_names
from autograder.intake.gathering import IntakeError
from autograder.model.provenance import Person, Provenance

METADATA = "submission_metadata.yml"
_MAX_BYTES = 100 * 1024 * 1024
_EMPTY = "The folder of this submission is empty."


def own_names(names: Sequence[str]) -> list[str]:
    """Return the metadata and the files in the folders of submissions beside it.

    It lies at the top, or in the one folder that is there: in a student's own folder it is their
    file, and says nothing of others.
    """
    tops = {name.partition("/")[0] for name in names}
    base = "" if METADATA in tops else f"{next(iter(tops))}/" if len(tops) == 1 else None
    if base is None or f"{base}{METADATA}" not in names:
        return []
    own = [name for name in names if re.match(r"submission_[^/]*/", name.removeprefix(base))]
    return [f"{base}{METADATA}", *own] if own else []


def read(top: Path, names: Sequence[str]) -> list[Item]:
    """Return the submissions of an export of Gradescope.

    Raises IntakeError where the metadata can't be read.
    """
    metadata = names[0]
    base = metadata[: -len(METADATA)]
    listed = _load(top / metadata)
    files: dict[str, list[tuple[str, str, Path]]] = {}
    for name in names:
        key, slash, file = name[len(base) :].partition("/")
        if slash:
            files.setdefault(key, []).append(("", file, top / name))
    keys = sorted({*listed, *files}, key=lambda key: (len(key), key))
    return [_item_of(key, listed.get(key), files.get(key, [])) for key in keys]


def _load(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise IntakeError(
            f"{METADATA} needs the package PyYAML: install autograder with the extra `exports`."
        ) from None
    try:
        with path.open("rb") as file:
            loaded = yaml.load(file.read(_MAX_BYTES), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise IntakeError(f"{METADATA} can't be read: {reason}.") from None
    if not isinstance(loaded, dict):
        raise IntakeError(f"{METADATA} is not a table of submissions.")
    return {str(key): value for key, value in loaded.items()}


def _item_of(key: str, fields: Any, files: list[tuple[str, str, Path]]) -> Item:
    about = _without_colons(fields) if isinstance(fields, dict) else {}
    people = []
    for each in about.get("submitters") or ():
        if isinstance(each, dict):
            one = _without_colons(each)
            people.append(
                Person(
                    id=_text(one.get("sid")),
                    login=_text(one.get("email")),
                    name=_text(one.get("name")),
                )
            )
    moment = about.get("created_at")
    submitted = moment.isoformat() if isinstance(moment, datetime) else _text(moment)
    remarks = () if fields is not None else (f"{METADATA} does not say whose {key} is.",)
    provenance = Provenance(
        platform="gradescope", key=key, people=tuple(people), submitted=submitted
    )
    return Item(provenance, with_own_names(files), remarks, "" if files else _EMPTY)


def _without_colons(fields: dict[Any, Any]) -> dict[str, Any]:
    """Return a table with the colons of Ruby's symbols taken off its keys."""
    return {str(key).lstrip(":"): value for key, value in fields.items()}


def _text(value: Any) -> str:
    # A list of lists may be written in few bytes and be endless.
    return str(value).strip() if isinstance(value, (str, int, float)) else ""
