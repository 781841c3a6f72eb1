"""Whether the rubric and the Python of its checks speak of the same things."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.config import TomlTable
from autograder.model.limits import CallLimits
from autograder.text.nearest import meant_by, meant_text, nearest_text
from autograder.validation.flaw import Flaw, of_config
from autograder.validation.source import CheckFunction, Mark, PythonFile

# What pytest itself gives to tests, as far as the grader leaves its plugins on.
_PYTESTS = (
    *("request", "tmp_path", "tmp_path_factory", "monkeypatch", "capsys", "capfd", "recwarn"),
    *("pytestconfig", "record_property", "doctest_namespace", "subtests"),
)
_GRADERS = ("submission", "rng", "thresholds", "assignment")
_MARKS = ("check", "limits", "parametrize", "usefixtures", "filterwarnings", "timeout")
# A number with one of these words in its name is a share.
_SHARES = ("accuracy", "share", "fraction", "probability")


@dataclass(frozen=True)
class Rubric:
    """What the checks are compared with: the file, and its tables of names and checks."""

    table: TomlTable
    names: Sequence[TomlTable]
    checks: Sequence[TomlTable]
    # What misspelt names are meant to be.
    meant: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        return self.table.path

    def thresholds(self) -> TomlTable:
        return self.table.table("thresholds")

    def fixtures(self) -> list[str]:
        """Return the required names and those of derivations, each of which is a fixture too."""
        functions = [str(each.values.get("function")) for each in self.checks]
        return list(dict.fromkeys([*self.required(), *functions, *sorted(self.meant)]))

    def required(self) -> list[str]:
        """Return the required names, as often as they stand there."""
        return [str(each.values.get("name")) for each in self.names]

    def has_one_name_twice(self) -> bool:
        """Tell whether a name stands twice, so that another one is missing for that reason."""
        return len(self.names) > len(set(self.required()))


def check_flaws(folder: Path, rubric: Rubric, sources: Sequence[PythonFile]) -> Iterator[Flaw]:
    """Yield what is wrong between the rubric and its checks."""
    checks = (folder / "checks").absolute()
    tests = [each for each in sources if checks in each.path.parents]
    yield from _name_flaws(rubric)
    yield from _title_flaws(rubric)
    yield from _file_flaws(checks, tests)
    yield from _mark_flaws(rubric, tests)
    if not rubric.has_one_name_twice():
        for source in tests:
            yield from _fixture_flaws(rubric, source, tests)
        yield from _mistake_flaws(rubric, sources)
    for source in tests:
        yield from _chance_flaws(source)
    yield from _threshold_flaws(rubric, sources)
    yield from _leaderboard_flaws(rubric, sources)


def _name_flaws(rubric: Rubric) -> Iterator[Flaw]:
    """Yield functions whose name, as a fixture, is another thing; aliases that mean two."""
    whose = {name: name for name in rubric.required()}
    for each in rubric.names:
        name = each.values.get("name")
        if name in (*_GRADERS, *_PYTESTS):
            text = f"name = {name!r} is what checks call another thing: choose another name"
            yield Flaw(rubric.path, each.line("name"), text)
        aliases = each.values.get("aliases", ())
        for alias in aliases if isinstance(aliases, list) else ():
            other = whose.setdefault(str(alias), str(name))
            if other != name:
                text = f"aliases of {name!r} has {alias!r}, which stands for {other!r}: take it out"
                yield Flaw(rubric.path, each.line("aliases"), text)


def _title_flaws(rubric: Rubric) -> Iterator[Flaw]:
    """Yield checks whose title says nothing."""
    for each in rubric.checks:
        if not str(each.values.get("title", "?")).strip():
            text = "title is empty: write what is asked, in a few words"
            yield of_config(rubric.path, each.error(text, "title"))


def _file_flaws(checks: Path, tests: Sequence[PythonFile]) -> Iterator[Flaw]:
    """Yield files with checks that pytest does not look into."""
    if not tests:
        yield Flaw(checks, 0, "there is no check here: add a file such as test_part1.py")
    for source in tests:
        collected = source.path.name.startswith("test_") or source.path.stem.endswith("_test")
        if not collected and any(each.marked("check") for each in source.tests):
            line = source.tests[0].line
            text = "its checks are never run, since its name does not begin with test_: rename it"
            yield Flaw(source.path, line, text)


def _mark_flaws(rubric: Rubric, tests: Sequence[PythonFile]) -> Iterator[Flaw]:
    """Yield ids without a test, tests without an id, and what both call otherwise."""
    ids = {str(each.values["id"]): each for each in rubric.checks if "id" in each.values}
    found = [(source, test) for source in tests for test in source.tests]
    marked = [(source, test, mark) for source, test in found for mark in test.marked("check")[:1]]
    known = {mark.text for _, _, mark in marked}
    missing = {id: table for id, table in ids.items() if id not in known}
    for source, _, mark in marked:
        if mark.text is not None and mark.text not in ids:
            near = meant_by(mark.text, missing) or meant_by(mark.text, ids)
            table = missing.pop(near, None)
            yield Flaw(source.path, mark.line, _unknown_id(mark.text, near, table))
    yield from _misused_marks(found)
    yield from _several_tests(marked)
    yield from _shadowed_tests(tests)
    if any(mark.text is None for _, _, mark in marked):
        # Which ids they have can't be read.
        return
    for id, table in missing.items():
        text = f'[[check]] {id!r} has no test: mark one in checks/ with @pytest.mark.check("{id}")'
        yield Flaw(rubric.path, table.line("id"), text)


def _unknown_id(id: str, near: str, table: TomlTable | None) -> str:
    place = f", which has no test, line {table.line('id')} of the rubric" if table else ""
    hint = f"did you mean {near!r}{place}?" if near else "add it there, or take the test out"
    return f"the mark's check {id!r} is not in the rubric ({hint})"


def _misused_marks(found: Iterable[tuple[PythonFile, CheckFunction]]) -> Iterator[Flaw]:
    """Yield tests without a mark, marks that nobody knows, and arguments that these don't take."""
    limits = [each.name for each in fields(CallLimits)]
    for source, test in found:
        strange = [each for each in test.marks if each.name not in _MARKS]
        for mark in strange:
            hint = nearest_text(mark.name, _MARKS)
            text = f"pytest.mark.{mark.name} means nothing to the grader ({hint})"
            yield Flaw(source.path, mark.line, text)
        meant = any(meant_by(each.name, _MARKS) == "check" for each in strange)
        if not test.marked("check") and not meant:
            text = (
                f"{test.name} has no mark and is never run: write "
                '@pytest.mark.check("the id of its check") above it'
            )
            yield Flaw(source.path, test.line, text)
        if test.returns and test.marked("check"):
            text = (
                f"{test.name} returns or yields something, which decides nothing: write assert, or "
                "compare"
            )
            yield Flaw(source.path, test.returns, text)
        for mark in test.marked("check"):
            if mark.count > 1:
                text = "pytest.mark.check takes one id: give each check a test of its own"
                yield Flaw(source.path, mark.line, text)
        for mark in test.marked("limits"):
            if sorted(mark.keywords) != sorted(limits) or mark.text is not None:
                text = f"pytest.mark.limits takes {' and '.join(f'{each}=…' for each in limits)}"
                yield Flaw(source.path, mark.line, f"{text}, in seconds: write both")


def _several_tests(marked: Iterable[tuple[PythonFile, CheckFunction, Mark]]) -> Iterator[Flaw]:
    """Yield checks that more than one test is for."""
    first: dict[str, tuple[PythonFile, Mark]] = {}
    for source, test, mark in marked:
        if test.marked("parametrize"):
            text = f"{test.name} is several tests of one check: take parametrize out, use a loop"
            yield Flaw(source.path, test.line, text)
        if mark.text is None:
            if not mark.keywords:
                text = (
                    'pytest.mark.check has no id: write @pytest.mark.check("the id of its check")'
                )
                yield Flaw(source.path, mark.line, text)
            continue
        before = first.setdefault(mark.text, (source, mark))
        if before[1] is not mark:
            where = f"{before[0].path.name}, line {before[1].line}"
            text = f"the check {mark.text!r} has a test already ({where}): make them one"
            yield Flaw(source.path, mark.line, text)


def _shadowed_tests(tests: Iterable[PythonFile]) -> Iterator[Flaw]:
    """Yield tests whose name stands again in their file: Python knows the last one alone."""
    for source in tests:
        first: dict[str, int] = {}
        for node in source.tree.body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
                continue
            line = first.setdefault(node.name, node.lineno)
            if line != node.lineno:
                text = (
                    f"{node.name} stands here again, so the test of that name in line {line} is "
                    "never run: rename one of them"
                )
                yield Flaw(source.path, node.lineno, text)


def _fixture_flaws(
    rubric: Rubric, source: PythonFile, tests: Sequence[PythonFile]
) -> Iterator[Flaw]:
    """Yield the arguments of tests and fixtures that are nobody's fixture."""
    shared = [each for each in tests if each.path.name == "conftest.py"]
    known = {*_PYTESTS, *_GRADERS, *rubric.fixtures()}
    for each in (source, *shared):
        known |= {fixture.name for fixture in each.fixtures}
        known |= {wanted.bound for wanted in each.imports}
    for test in (*source.tests, *source.fixtures):
        given = {
            name.strip()
            for mark in test.marked("parametrize")
            for name in (mark.text or "").split(",")
        }
        for name in test.parameters:
            if name not in known and name not in given:
                ours = sorted({*_GRADERS, *rubric.fixtures()})
                hint = nearest_text(name, sorted(known)) if meant_by(name, known) else ""
                text = f"{test.name} asks for {name!r}, which is no fixture"
                hint = hint or f"known are {', '.join(ours)}"
                yield Flaw(source.path, test.line, f"{text} ({hint})")


def _chance_flaws(source: PythonFile) -> Iterator[Flaw]:
    """Yield a warning for inputs that nobody can draw again."""
    for name, line in source.chances:
        text = (
            f"{name} gives something else each time, so that no result can be had again: take the "
            "check's own rng"
        )
        yield Flaw(source.path, line, text, warning=True)


def _threshold_flaws(rubric: Rubric, sources: Sequence[PythonFile]) -> Iterator[Flaw]:
    """Yield thresholds that nobody looks up, lookups that find none, and shares that are none."""
    table = rubric.thresholds()
    if not table.values and meant_by("thresholds", rubric.table.values):
        # The table's own name is misspelt.
        return
    looked_up = {each.text for source in sources for each in source.thresholds}
    texts = {text for source in sources for text in source.texts}
    unused = [name for name in table.values if name not in texts]
    for source in sources:
        for each in source.thresholds:
            if each.text in table.values:
                continue
            near = meant_by(each.text, unused)
            if near:
                unused.remove(near)
                text = (
                    f"[thresholds] has {near!r}, which no check looks up; {source.path.name}, line "
                    f"{each.line}, asks for {each.text!r}: call them alike"
                )
                yield Flaw(rubric.path, table.line(near), text)
            else:
                hint = nearest_text(each.text, table.values)
                text = f"[thresholds] of the rubric has no {each.text!r} ({hint}): add it there"
                yield Flaw(source.path, each.line, text)
    for name in unused:
        hint = meant_text(name, looked_up, "take it out")
        text = f"[thresholds] has {name!r}, which no check looks up ({hint})"
        yield Flaw(rubric.path, table.line(name), text)
    shares = {each.text for source in sources for each in source.thresholds if each.share}
    for name, value in table.values.items():
        named = any(word in name.lower() for word in _SHARES)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and (named or name in shares) and not 0 <= value <= 1:
            text = f"{name} = {value:g} is a share and must be from 0 to 1: 65 percent is 0.65"
            yield Flaw(rubric.path, table.line(name), text)


def _mistake_flaws(rubric: Rubric, sources: Sequence[PythonFile]) -> Iterator[Flaw]:
    """Yield mistakes and small inputs of no function, and mistakes that would tell nothing."""
    names = rubric.fixtures()
    for source in sources:
        if not any(each.module.endswith(".author") for each in source.imports):
            continue
        for declared, name, line in source.declared:
            if name not in names:
                what = "a mistake" if declared == "mistake" else "small inputs"
                text = f"{what} of {name!r}, which is no function of the rubric"
                yield Flaw(source.path, line, f"{text} ({nearest_text(name, names)})")
        for text, line in source.mistake_flaws:
            yield Flaw(source.path, line, text)


def _leaderboard_flaws(rubric: Rubric, sources: Sequence[PythonFile]) -> Iterator[Flaw]:
    table = rubric.table.table("gradescope")
    measured = sorted({name for source in sources for name in source.measured})
    texts = {text for source in sources for text in source.texts}
    listed = table.values.get("leaderboard", ())
    for name in listed if isinstance(listed, list) else ():
        if isinstance(name, str) and name not in texts:
            text = f"leaderboard has {name!r}, which no check measures"
            hint = nearest_text(name, measured)
            yield Flaw(rubric.path, table.line("leaderboard"), f"{text} ({hint})")
