"""What was changed, in words: the log as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.gradebook.database import GradeItem
from autograder.text.inert import inert_line


def step_text(kind: str) -> str:
    names = {"grade": "a step", "group": "a group", "item": "a change of an item"}
    return names.get(kind, f"{kind}")


def change_text(
    before: Mapping[str, Any], after: Mapping[str, Any], items: Mapping[int, GradeItem], kind: str
) -> str:
    """Return what a step changed, in words."""
    texts = []
    old, new = set(before["items"]), set(after["items"])
    for sign, ids in (("+", new - old), ("−", old - new)):
        texts += [f"{sign} {items[id].text if id in items else 'an item'}" for id in sorted(ids)]
    if before["done"] != after["done"]:
        texts.append("graded" if after["done"] else "open again")
    for name in ("adjustment", "fixed"):
        if before[name] != after[name]:
            value = after[name]
            texts.append(f"{name} {value:g}" if value is not None else f"no {name} points")
    if before["comment"] != after["comment"]:
        texts.append(f"comment: {inert_line(after['comment'], 200) or 'none'}")
    if before["flag"] != after["flag"]:
        texts.append("flagged" if after["flag"] else "no flag")
    if before["pdf"] != after["pdf"] and before["done"]:
        texts.append("looked at the new PDF")
    said = "; ".join(texts) or "nothing changed"
    return said if kind == "grade" else f"{kind}: {said}"
