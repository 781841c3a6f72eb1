"""The wrong and the right solutions that an audit grades, made from the reference."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.assignment import Assignment
from autograder.config import ConfigError, TomlTable, read_tables, refuse_twice
from autograder.model.submission import Cell, Submission


@dataclass(frozen=True)
class Variant:
    """A solution to grade.

    `kind` is "mutant" (hand-written), "generic" (made by a syntax-tree mutation) or "restyling";
    `function` is the one that a mutant changes, `mistakes` the ids that name it rightly, which any
    does where `any_name`; `unnamed` is why none of them need be named, `change` what was changed,
    in a line or two.
    """

    id: str
    kind: str
    source: str
    function: str = ""
    mistakes: tuple[str, ...] = ()
    change: str = ""
    unnamed: str = ""
    any_name: bool = False


def submission_of(variant: Variant, assignment: Assignment) -> Submission:
    """Return a variant as if it had been handed in."""
    name = f"{assignment.stem}.{variant.kind}.py"
    cells = (Cell(name, variant.source.encode()),)
    return Submission(id=variant.id, code=name, cells=cells, files=(name,))


def reference_text(assignment: Assignment) -> str:
    """Return the source of the reference solution. Raises ConfigError if there is none."""
    if assignment.reference is None:
        raise ConfigError(f"{assignment.rubric} names no reference solution that is there.")
    return assignment.reference.read_text(encoding="utf-8")


@dataclass(frozen=True)
class MutantSpec:
    """An entry of `audit/mutants.toml`: `new` in place of `old`, or `source` behind it all.

    One of `mistakes` must be named, unless `unnamed` says why none need be; where there are none,
    none may be, and where the key is left out any.
    """

    id: str
    function: str
    mistakes: tuple[str, ...] = ()
    old: str = ""
    new: str = ""
    source: str = ""
    unnamed: str = ""

    def __post_init__(self) -> None:
        if self.unnamed and not self.mistakes:
            raise ValueError("unnamed is a reason not to name mistakes, and there are none")
        if self.old == self.new and self.old:
            raise ValueError("new is the same as old")
        if bool(self.old) == bool(self.source):
            raise ValueError("exactly one of old and source is needed")


@dataclass(frozen=True)
class RestylingSpec:
    """An entry of `audit/restylings.toml`: `source` behind the reference, or the `whole` file."""

    id: str
    title: str
    source: str
    whole: bool = False


def read_mutants(assignment: Assignment) -> list[Variant]:
    """Read `audit/mutants.toml`: single mistakes, each a replacement or a new definition.

    Raises ConfigError, if a replaced text is not in its function exactly once too.
    """
    reference = reference_text(assignment)
    mutants = []
    for table in _entries(assignment, "mutant"):
        entry = table.into(MutantSpec)
        mutants.append(
            Variant(
                entry.id,
                "mutant",
                _mutated(reference, entry, table),
                entry.function,
                entry.mistakes,
                f"{entry.old} → {entry.new}" if entry.old else entry.source.strip(),
                entry.unnamed,
                any_name="mistakes" not in table.values,
            )
        )
    return mutants


def read_restylings(assignment: Assignment) -> list[Variant]:
    """Read `audit/restylings.toml`: right solutions in other styles. Raises ConfigError."""
    reference = reference_text(assignment)
    return [
        Variant(
            entry.id,
            "restyling",
            entry.source if entry.whole else _with_definitions(reference, entry.source),
            change=entry.title,
        )
        for entry in (each.into(RestylingSpec) for each in _entries(assignment, "restyling"))
    ]


@dataclass(frozen=True)
class EquivalentSpec:
    """Generic mutants that are as right as the reference, and why.

    `function` is the name whose definition was changed, `changes` are texts of which one is a part
    of "old line → new line".
    """

    function: str
    changes: tuple[str, ...]
    reason: str

    def __post_init__(self) -> None:
        if not self.changes or not all(self.changes):
            raise ValueError("changes has none, or an empty one, which would excuse everything")


@dataclass(frozen=True)
class Equivalents:
    """Why some generic mutants are no mistakes."""

    entries: tuple[EquivalentSpec, ...]

    def reason(self, variant: Variant) -> str:
        """Return the reason why the variant is as right as the reference, or ""."""
        name = variant.id.rpartition("-")[0]
        for entry in self.entries:
            meant = any(change in variant.change for change in entry.changes)
            if variant.kind == "generic" and name == entry.function and meant:
                return entry.reason
        return ""


def read_equivalents(assignment: Assignment) -> Equivalents:
    """Read `audit/equivalents.toml`. Raises ConfigError."""
    tables = _entries(assignment, "equivalent")
    return Equivalents(tuple(each.into(EquivalentSpec) for each in tables))


def _entries(assignment: Assignment, name: str) -> list[TomlTable]:
    """Return the tables of `audit/{name}s.toml`; none where there is no such file."""
    tables = read_tables(assignment.folder / "audit" / f"{name}s.toml", name)
    refuse_twice(tables, "id")
    return tables


def place_of_old(reference: str, entry: MutantSpec, table: TomlTable) -> int:
    """Return where the text that a mutant replaces begins in the reference.

    Raises ConfigError where it is not in its function, or constant, exactly once.
    """
    extent = _extent(reference, entry.function)
    if extent is None:
        raise table.error(f"the reference does not define {entry.function!r}", "function")
    start, end = extent
    body = reference[start:end]
    count = body.count(entry.old)
    if count != 1:
        times = f"{count} times" if count else "not"
        advice = "write more of what stands there" if count else "copy what stands there"
        text = f"{entry.old!r} is {times} in {entry.function} of the reference: {advice}"
        raise table.error(text, "old")
    return start + body.index(entry.old)


def _mutated(reference: str, entry: MutantSpec, table: TomlTable) -> str:
    """Return the reference with one text replaced, inside one function or at module level."""
    if entry.source:
        return _with_definitions(reference, entry.source)
    start = place_of_old(reference, entry, table)
    return reference[:start] + entry.new + reference[start + len(entry.old) :]


def _extent(reference: str, name: str) -> tuple[int, int] | None:
    """Return where the function `name` stands in the text; a constant's extent is its line.

    None where the text does not define it.
    """
    # It may be the first line of all.
    text = f"\n{reference}"
    start = text.find(f"\ndef {name}(")
    if start < 0:
        start = text.find(f"\n{name} = ")
        if start < 0:
            return None
        end = reference.find("\n", start)
        return start, end if end >= 0 else len(reference)
    following = [reference.find(f"\n{word}", start) for word in ("def ", "# ----", "if __name")]
    later = [position for position in following if position > 0]
    return start, min(later, default=len(reference))


def _with_definitions(reference: str, source: str) -> str:
    """Return the reference with further definitions behind it, which win over its own."""
    return f"{reference.rstrip()}\n\n\n{source.strip()}\n"
