"""Write the pages of docs/ that the code knows better: the rubric's table and the commands.

    python scripts/write_docs.py

`tests/test_docs.py` fails when a page is not what this would write.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import Assignment, load_assignment  # noqa: E402
from autograder.cli import make_parser  # noqa: E402

# A bar inside a cell of a table.
BAR = r"\|"


def pages() -> dict[Path, str]:
    """Return each page's text by its path."""
    return {
        ROOT / "docs" / "rubric.md": rubric_page(load_assignment()),
        ROOT / "docs" / "commands.md": commands_page(make_parser()),
    }


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
            "Written by `python scripts/write_docs.py` from the assignment's `rubric.toml`, where "
            "everything is changed.\n\n",
            f"{number(total)} points: {number(assignment.machine_points)} by machine "
            f"({number(seen)} of them in public checks, which students can run themselves), "
            f"{number(by_hand)} by hand.\n\n",
            "## Checks\n",
            *table(("part", "function", "check", "what it asks", "points", "public"), checks),
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
        "Written by `python scripts/write_docs.py` from the commands themselves. "
        "`./run_autograder.sh COMMAND …` and `autograder COMMAND …` are the same.\n",
    ]
    for words, command in subcommands(parser):
        text.append(f"\n## `{parser.prog} {words}`\n{command.description or ''}\n\n")
        text += table(("argument", "what it is"), map(argument, arguments(command)))
    return "".join(text)


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
    return f"`{words}`", action.help or ""


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
