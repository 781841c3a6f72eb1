"""The wrong and the right solutions that an audit grades, made from the reference."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, RubricError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Variant:
    """A solution to grade.

    `kind` is "mutant" (hand-written), "generic" (made by a syntax-tree mutation) or "restyling";
    `function` is the one that a mutant changes, `mistakes` the ids that name it rightly, `change`
    what was changed, in a line or two.
    """

    id: str
    kind: str
    source: str
    function: str = ""
    mistakes: tuple[str, ...] = ()
    change: str = ""


def reference_text(assignment: Assignment) -> str:
    """Return the source of the reference solution. Raises RubricError if there is none."""
    if assignment.reference is None:
        raise RubricError(f"{assignment.folder / 'rubric.toml'} names no reference solution.")
    return assignment.reference.read_text(encoding="utf-8")


def read_mutants(assignment: Assignment) -> list[Variant]:
    """Read `audit/mutants.toml`: single mistakes, each a replacement or a new definition.

    Raises RubricError if a replaced text is not in its function exactly once.
    """
    reference = reference_text(assignment)
    return [
        Variant(
            entry["id"],
            "mutant",
            _mutated(reference, entry),
            entry["function"],
            tuple(entry.get("mistakes", ())),
            f"{entry['old']} → {entry['new']}" if "old" in entry else entry["source"].strip(),
        )
        for entry in read_array(assignment.folder / "audit" / "mutants.toml", "mutant")
    ]


def read_restylings(assignment: Assignment) -> list[Variant]:
    """Read `audit/restylings.toml`: right solutions in other styles."""
    reference = reference_text(assignment)
    return [
        Variant(
            entry["id"],
            "restyling",
            entry["source"]
            if entry.get("whole")
            else _with_definitions(reference, entry["source"]),
            change=entry.get("title", ""),
        )
        for entry in read_array(assignment.folder / "audit" / "restylings.toml", "restyling")
    ]


@dataclass(frozen=True)
class _Equivalents:
    """Why some generic mutants are no mistakes: (function, part of the change, reason) each."""

    entries: tuple[tuple[str, str, str], ...]

    def reason(self, variant: Variant) -> str:
        """Return the reason why the variant is as right as the reference, or ""."""
        name = variant.id.rpartition("-")[0]
        for function, change, reason in self.entries:
            if variant.kind == "generic" and name == function and change in variant.change:
                return reason
        return ""


def read_equivalents(assignment: Assignment) -> _Equivalents:
    """Read `audit/equivalents.toml`.

    Each entry has `function`, the name whose definition was changed, `changes`, texts of which one
    is a part of "old line → new line", and the `reason`.
    """
    table = read_array(assignment.folder / "audit" / "equivalents.toml", "equivalent")
    return _Equivalents(
        tuple(
            (entry["function"], change, entry["reason"])
            for entry in table
            for change in entry["changes"]
        )
    )


def read_array(path: Path, name: str) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        return list(tomllib.loads(path.read_text(encoding="utf-8")).get(name, []))
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{path} is not valid TOML: {error}.") from None


def _mutated(reference: str, entry: dict[str, Any]) -> str:
    """Return the reference with one text replaced, inside one function or at module level."""
    if "source" in entry:
        return _with_definitions(reference, entry["source"])
    start, end = _extent(reference, entry["function"])
    body = reference[start:end]
    if body.count(entry["old"]) != 1:
        raise RubricError(
            f"mutant {entry['id']!r}: {entry['old']!r} is {body.count(entry['old'])} times in "
            f"{entry['function']}; it must be there once."
        )
    return reference[:start] + body.replace(entry["old"], entry["new"]) + reference[end:]


def _extent(reference: str, name: str) -> tuple[int, int]:
    """Return where the function `name` stands in the text; a constant's extent is its line."""
    start = reference.find(f"\ndef {name}(")
    if start < 0:
        start = reference.find(f"\n{name} = ")
        if start < 0:
            raise RubricError(f"the reference does not define {name}.")
        return start + 1, reference.find("\n", start + 1)
    following = [reference.find(f"\n{word}", start + 1) for word in ("def ", "# ----", "if __name")]
    later = [position for position in following if position > 0]
    return start + 1, min(later, default=len(reference))


def _with_definitions(reference: str, source: str) -> str:
    """Return the reference with further definitions behind it, which win over its own."""
    return f"{reference.rstrip()}\n\n\n{source.strip()}\n"
