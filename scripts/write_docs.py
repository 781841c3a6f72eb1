"""Write the pages of docs/ that the code knows better: index, rubric, mistakes, commands, options.

    python scripts/write_docs.py

`tests/test_docs.py` fails when a page is not what this would write.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ".venv/bin/python scripts/write_docs.py"
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from rubric_words import FREE, LEFT_OUT, WORDS  # noqa: E402

from autograder import assignment as rubric  # noqa: E402
from autograder import author  # noqa: E402
from autograder.assignment import Assignment, load_assignment  # noqa: E402
from autograder.audit.variants import EquivalentSpec, MutantSpec, RestylingSpec  # noqa: E402
from autograder.author.function import Function  # noqa: E402
from autograder.cli import make_parser  # noqa: E402
from autograder.grading.mistakes import Mistake  # noqa: E402
from autograder.grading.plugin import GradingPlugin  # noqa: E402
from autograder.homework3 import mistakes  # noqa: E402

AUTHORING = ROOT / "docs" / "authoring.md"
# What stands above is written by hand.
REFERENCE = "## Reference\n"
# A bar inside a cell of a table.
BAR = r"\|"
# The page by which all others are found: what somebody wants, and where it stands. What is no file
# yet is left out.
READERS = {
    "A student": (("check your own file", "checking"),),
    "A teaching assistant": (
        ("grade a class in an evening, from the export to Canvas", "evening"),
        ("grade on Gradescope", "gradescope"),
        ("grade by hand, with the keyboard", "review"),
        ("know what a sentence that stopped a command means", "troubleshooting"),
        ("know how exports, teams, rosters and lateness are read", "grading_a_class"),
        ("read the pages that it makes", "reports"),
        ("use a cluster", "cluster"),
    ),
    "An instructor": (
        ("change this homework", "adapting"),
        ("write another homework", "authoring"),
        ("give students a kit", "student_kit"),
        ("use GitHub Classroom, a wheel or Docker", "other_places"),
    ),
    "Who wants to know how it works": (
        ("the map of the code, and how to extend it", "architecture"),
        ("what each word means", "words"),
        ("what is promised of strangers' code, and what not", "security"),
        ("the mathematics, and where the published key is wrong", "mathematics"),
        ("how fast it is", "performance"),
    ),
}
LOOKED_UP = (
    ("What does this option do?", "commands"),
    ("Which checks are there, for how many points?", "rubric"),
    ("Which mistakes does it name?", "mistakes"),
    ("What may stand in `rubric.toml`?", "authoring#the-keys-of-rubrictoml"),
    (
        "What is this file in the folder of results?",
        "grading_a_class#what-lies-in-the-folder-of-results",
    ),
    ("Why are two submissions alike?", "lookalikes"),
    ("How does it find numbers in a PDF?", "pdf"),
    ("What does a right solution reach on the full data?", "reference_run"),
    ("Which score moved after an update?", "evening#afterwards"),
    ("Is it safe to run a stranger's file here?", "security"),
)
# Of homework 3: those of SGD and tuneHyperparameters are found by their checks.
MISTAKES = {
    "softmax": ("SOFTMAX", "SOFTMAX_LARGE"),
    "fCE": ("COST", "COST_ALPHA"),
    "gradK": ("GRADIENT_W", "GRADIENT_B", "GRADIENT_ALPHA"),
    "computeAccuracy": ("ACCURACY",),
    "AffineTransformation": ("AFFINE",),
    "Composition": ("COMPOSITION",),
    "composeFG": ("COMPOSE",),
    "ComputeJacobians": ("JACOBIANS_B", "JACOBIANS_W"),
}


def pages() -> dict[Path, str]:
    """Return each page's text by its path."""
    return {
        ROOT / "docs" / "index.md": index_page(),
        ROOT / "docs" / "rubric.md": rubric_page(load_assignment()),
        ROOT / "docs" / "mistakes.md": mistakes_page(),
        ROOT / "docs" / "commands.md": commands_page(make_parser()),
        AUTHORING: authoring_page(),
    }


def version_of_text(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:12]


def index_page() -> str:
    """Return the page that leads to all others, by reader and by question."""
    text = [
        "# All pages\n",
        "By who you are, then by what you ask. `python -m sphinx -W docs build/site` makes a site "
        "of these pages that needs no network.\n",
    ]
    for reader, wishes in READERS.items():
        text.append(f"\n## {reader}\n")
        text += table(("you want to", "read"), linked(wishes))
    text.append("\n## By question\n")
    text += table(("question", "page"), linked(LOOKED_UP))
    return "".join(text)


def linked(listed: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (words, link to the page) for each page that is there."""
    for words, target in listed:
        name, _, place = target.partition("#")
        page = ROOT / "docs" / f"{name}.md"
        # What this script writes is there when it has run.
        if page.exists() or name in ("rubric", "mistakes", "commands"):
            yield words, f"[{heading_of(page)}]({name}.md{'#' if place else ''}{place})"


def heading_of(page: Path) -> str:
    """Return what a page is called, without the homework that it is about."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"# The {page.stem}\n"
    return text.partition("\n")[0].removeprefix("# ").partition(": ")[0]


def mistakes_page() -> str:
    """Return the wrong answers that are known of each function, each by its first sentence."""
    text = [
        "# The mistakes that homework 3 names\n",
        f"Written by `{COMMAND}` from `autograder/homework3/mistakes/`: what the student reads "
        "first, where one of these explains every answer and no other does. Those of SGD "
        "and tuneHyperparameters are told apart by their checks.\n",
    ]
    for function, names in MISTAKES.items():
        found: dict[str, list[str]] = {}
        for each in (each for name in names for each in known_mistakes(name)):
            found.setdefault(first_words(each.message), []).append(f"`{each.id}`")
        text.append(f"\n## {function}\n")
        text += table(
            ("what is wrong", "id"),
            ((words, ", ".join(dict.fromkeys(ids))) for words, ids in found.items()),
        )
    return "".join(text)


def known_mistakes(name: str) -> tuple[Mistake, ...]:
    return getattr(mistakes, name)


def first_words(message: str) -> str:
    """Return the first sentence: what follows says where to look."""
    return re.split(r"(?<=[.])\s", message, maxsplit=1)[0]


def rubric_page(assignment: Assignment) -> str:
    by_hand = sum(part.points for part in assignment.hand)
    total = assignment.machine_points + by_hand
    seen = sum(check.points for check in assignment.checks if check.public)
    checks = [
        (
            check.part,
            f"`{check.function}`",
            f"`{check.id}`",
            check.title,
            number(check.points),
            "yes" if check.public else "",
        )
        for check in assignment.checks
    ]
    return "".join(
        (
            f"# The rubric: {assignment.title}\n",
            f"Written by `{COMMAND}` from the assignment's `rubric.toml`, where everything is "
            f"changed (its version: {version_of_text(assignment.rubric)}).\n\n",
            f"{number(total)} points: {number(assignment.machine_points)} by machine "
            f"({number(seen)} of them in public checks, which students can run themselves), "
            f"{number(by_hand)} by hand.\n\n",
            "## Checks\n",
            *table(("part", "function", "check", "what it asks", "points", "public"), checks),
            "\n## Derivations\nWhat students may write as functions too, without points.\n\n",
            *table(
                ("part", "function", "check", "what it is"),
                (
                    (each.part, each.signature, f"`{each.id}`", each.title)
                    for each in assignment.derivations
                ),
            ),
            "\n## By hand\n",
            *table(
                ("part", "what", "points"),
                ((part.part, part.title, number(part.points)) for part in assignment.hand),
            ),
            "\n### What a grader looks for\nThe items that `autograder review` starts with.\n\n",
            *table(
                ("part", "item", "points"),
                (
                    (part.part, item.text, number(item.points))
                    for part in assignment.hand
                    for item in part.items
                ),
            ),
            "\n## What builds on what\n"
            "A check of the function on the left that fails is run again with right versions of "
            "those on the right, and the better score counts.\n\n",
            *table(
                ("function", "builds on"),
                (
                    (f"`{name}`", ", ".join(f"`{each}`" for each in others))
                    for name, others in assignment.builds_on.items()
                ),
            ),
            "\n## Thresholds\n",
            *table(
                ("threshold", "value"),
                ((f"`{name}`", str(value)) for name, value in assignment.thresholds.items()),
            ),
        )
    )


def commands_page(parser: argparse.ArgumentParser) -> str:
    """Return a section for each command: its description, arguments and options."""
    text = [
        "# The commands\n",
        f"Written by `{COMMAND}` from the commands themselves. "
        "`./run_autograder.sh COMMAND …` and `autograder COMMAND …` are the same.\n",
    ]
    for words, command in subcommands(parser):
        text.append(f"\n## `{parser.prog} {words}`\n{command.description or ''}\n\n")
        text += table(("argument", "what it is"), map(argument, arguments(command)))
    return "".join(text)


def authoring_page() -> str:
    """Return the tutorial as it stands, and the reference anew."""
    tutorial = AUTHORING.read_text(encoding="utf-8").partition(REFERENCE)[0]
    lines = [
        REFERENCE,
        f"Written by `{COMMAND}` from the code.\n",
        "\n### What checks ask for\n",
        "Each name of the rubric is a fixture: the student's function, or value. Others are\n\n",
        *table(("fixture", "what it is"), fixtures()),
        "\n### What a function can do\n",
        *functions((f"median.{name}", each) for name, each in methods()),
        "\n### What `autograder.author` has\n",
        *functions(author_functions()),
        "\n### The keys of rubric.toml\n",
        "A `[[name]]` is a `[[function]]` without checks; a `[[check]]` stands by itself, with the "
        "`part` and `function` that it is about.\n\n",
        *table(("table", "key", "what it is", "if it is left out"), keys()),
        "\n### The tables of audit/\n",
        "In `mutants.toml`, `restylings.toml` and `equivalents.toml`.\n\n",
        *table(("table", "key", "what it is", "if it is left out"), audit_keys()),
    ]
    return tutorial + "".join(lines)


def fixtures() -> Iterator[tuple[str, str]]:
    for name in ("submission", "rng", "thresholds", "assignment"):
        made = vars(GradingPlugin).get(name) or vars(GradingPlugin)[f"{name}_fixture"]
        yield f"`{name}`", first_sentence(made)


def methods() -> Iterator[tuple[str, object]]:
    for name, each in vars(Function).items():
        if inspect.isfunction(each) and not name.startswith("_") and name != "finish":
            yield name, each


def author_functions() -> Iterator[tuple[str, object]]:
    for name in author.__all__:
        each = getattr(author, name)
        if inspect.ismodule(each):
            for inner, function in vars(each).items():
                if inspect.isfunction(function) and function.__module__ == each.__name__:
                    if not inner.startswith("_"):
                        yield f"{name}.{inner}", function
        else:
            yield name, each


def functions(listed: Iterable[tuple[str, object]]) -> list[str]:
    """Return a heading with its signature, and the documentation, for each function."""
    text = []
    for name, each in listed:
        signature = ""
        if callable(each):
            kept = [p for p in inspect.signature(each).parameters.values() if p.name != "self"]
            bare = [p.replace(annotation=inspect.Parameter.empty) for p in kept]
            signature = str(inspect.Signature(bare))
        words = inspect.getdoc(each) or ""
        # Headings inside a docstring are lists here.
        words = re.sub(r"\n(Parameters|Notes)\n-+\n", "\n", words)
        words = re.sub(r"^(\w+) : ", r"- `\1`: ", words, flags=re.MULTILINE)
        text.append(f"\n`{name}{signature}`: {words}\n")
    return text


def keys() -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each key. Raises KeyError for one of which rubric_words.py says nothing."""
    yield from rows("", {key: LEFT_OUT[""][key] for key in rubric.RUBRIC_KEYS})
    tables = {
        "function": (rubric.RequiredName, "[[function]]"),
        "function.accepts": (rubric.Convention, "accepts"),
        "function.checks": (rubric.CheckSpec, "checks"),
        "hand": (rubric.HandPart, "[[hand]]"),
        "derivation": (rubric.Derivation, "[[derivation]]"),
        "data": (rubric.DataSpec, "[[data]]"),
        "limits": (rubric.Limits, "[limits]"),
        "late": (rubric.LatePolicy, "[late]"),
        "gradescope": (rubric.GradescopeOptions, "[gradescope]"),
        "lookalikes": (rubric.LookalikeOptions, "[lookalikes]"),
        "source": (rubric.SourceOptions, "[source]"),
        "experiment": (rubric.Experiment, "[experiment]"),
    }
    for name, (cls, heading) in tables.items():
        given = ("part", "function") if name == "function.checks" else ()
        fields = [each for each in dataclasses.fields(cls) if each.name not in given]
        yield from rows(name, {each.name: default_text(each) for each in fields}, heading)
    required = {key: LEFT_OUT["requires"][key] for key in rubric.REQUIRES_KEYS}
    yield from rows("requires", required, "[requires]")
    for name, words in FREE.items():
        yield f"`[{name}]`", "", words, ""


def audit_keys() -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each key of the tables of `audit/`, as `keys` does."""
    specs = {"mutant": MutantSpec, "restyling": RestylingSpec, "equivalent": EquivalentSpec}
    for name, cls in specs.items():
        defaults = {each.name: default_text(each) for each in dataclasses.fields(cls)}
        yield from rows(name, defaults, f"[[{name}]]")


def rows(
    name: str, defaults: dict[str, str], heading: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    for key, default in defaults.items():
        yield f"`{heading}`" if heading else "", f"`{key}`", WORDS[name][key], default


def default_text(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return "refused"
    if field.default is None:
        return "any"
    if field.name == "mistakes" and field.default == ():
        return "any"
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{json.dumps(value)}`"


def first_sentence(function: object) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def subcommands(
    parser: argparse.ArgumentParser, before: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the words and the parser of each command that has no commands below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                inner = list(subcommands(below, f"{before}{name} "))
                yield from inner or [(before + name, below)]


def arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what the command takes, what has no dashes first."""
    shown = [each for each in command._actions if "--help" not in each.option_strings]
    return sorted(shown, key=lambda each: bool(each.option_strings))


def argument(action: argparse.Action) -> tuple[str, str]:
    value = action.metavar or (None if action.choices else action.dest.upper())
    if action.choices is not None:
        value = "|".join(map(str, action.choices))
    if action.nargs in ("+", "*"):
        value = f"{value} …"
    takes_none = action.nargs == 0
    names = ", ".join(action.option_strings)
    words = names if takes_none else f"{names} {value}".strip()
    told = (action.help or "").replace("%(default)s", str(action.default))
    return f"`{words}`", told


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return [
        f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |\n".replace("|  |", "| |")
        for cells in lines
    ]


def number(value: float) -> str:
    return f"{value:g}"


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
