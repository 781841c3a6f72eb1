"""docs/words.md: one name, one idea, and a retired word is nobody's name."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "autograder"
# What lies there runs by itself: checks are pytest's, the rest is copied into packages.
PROGRAMS = ("homework3/checks/", "packaging/kit_files/", "packaging/gradescope_files/")
# Parts of one form, which each module of a kind has.
FORMS = {
    "add": ("commands/",),
    "run": ("commands/", "checking.py", "gradescope/run.py"),
    "read": ("intake/exports/",),
    "own_names": ("intake/exports/",),
    "reader": ("intake/exports/",),
    "main": ("",),
}
# In the student kit it takes the place of the package's own module.
KIT = "homework3/kit/"
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def retired_words():
    """Return the words of the pages' last columns, in small letters."""
    rows = re.findall(r"^\|.*\|(.*)\|$", (ROOT / "docs" / "words.md").read_text(), re.MULTILINE)
    return {word.lower() for row in rows for word in re.findall(r"`(\w+)`", row)}


@functools.cache
def modules():
    return {
        path.relative_to(PACKAGE).as_posix(): list(
            names_in(ast.parse(path.read_text(encoding="utf-8")))
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def names_in(tree):
    """Yield the names that a module defines at its top level."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


@pytest.mark.parametrize("word", sorted(retired_words()))
def test_a_retired_word_is_nobodys_name(word):
    for path, names in modules().items():
        places = [*Path(path).with_suffix("").parts, *names]
        found = [each for each in places if word in (part.lower() for part in WORD.findall(each))]
        assert not found, f"{path}: {found}"


def test_a_public_name_stands_in_one_module():
    where = defaultdict(set)
    for path, names in modules().items():
        if not path.startswith((*PROGRAMS, KIT)):
            for name in names:
                if not name.startswith("_"):
                    where[name].add(path)
    twice = {name: paths for name, paths in where.items() if len(paths) > 1}
    for name, places in FORMS.items():
        left = {path for path in twice.pop(name, ()) if not path.startswith(places)}
        assert not left, (name, left)
    assert not twice


def test_what_the_page_names_exists():
    text = (ROOT / "docs" / "words.md").read_text()
    for path in re.findall(r"`([\w/]+\.py|[\w]+/)`", text):
        base = ROOT if path.startswith("tests/") else PACKAGE
        assert (base / path).exists(), path
