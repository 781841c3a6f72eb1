"""docs/troubleshooting.md has every message that ends a command with exit code 2."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from pathlib import Path

from autograder.sandbox.trouble import ADVICE

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "troubleshooting.md"
# What is put in is told by no code; "…" stands for it on the page.
GAP = "…"
MOST = 24
# What a function is called that makes the sentence, and the words of an error by itself.
WORDS_FOLLOW = 3
# Whatever of a message is no gap: less says nothing by which it could be found.
LEAST_LETTERS = 6


@functools.cache
def trees():
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "autograder").rglob("*.py"))
        # Its exceptions are those of a student's process.
        if "guest" not in path.parts
    }


@functools.cache
def expected_errors():
    """Return the names of all errors that the command line tells and ends with 2."""
    names, bases = {"ExpectedError"}, {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {each.id for each in node.bases if isinstance(each, ast.Name)}
    while more := {name for name, above in bases.items() if above & names} - names:
        names |= more
    return names


@functools.cache
def functions():
    """Return every function of the package by its name, where there is one alone."""
    found = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[node.name] = None if node.name in found else node
    return found


def texts(node, function, depth=WORDS_FOLLOW):
    """Return what an expression may say, with gaps for what is put in."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        pieces = [each.value if isinstance(each, ast.Constant) else GAP for each in node.values]
        return ["".join(map(str, pieces))]
    if isinstance(node, ast.BinOp):
        left, right = (texts(each, function, depth) for each in (node.left, node.right))
        return [a + b for a, b in itertools.product(left, right)][:MOST]
    if isinstance(node, ast.IfExp):
        return texts(node.body, function, depth) + texts(node.orelse, function, depth)
    if depth and isinstance(node, ast.Name) and function is not None:
        given = [
            each.value
            for each in ast.walk(function)
            if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", "") == node.id
        ]
        return [text for each in given for text in texts(each, function, depth - 1)] or [GAP]
    if depth and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        called = functions().get(node.func.id)
        if called is not None:
            returned = [each.value for each in ast.walk(called) if isinstance(each, ast.Return)]
            return [text for each in returned for text in texts(each, called, depth - 1)] or [GAP]
    return [GAP]


def messages():
    """Yield (file and line, message) of each error that a command tells."""
    for path, tree in trees().items():
        inside = {
            id(node): function
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if isinstance(node.func, ast.Name) and node.func.id in expected_errors():
                for text in texts(node.args[0], inside.get(id(node))):
                    if len(re.findall(r"\w", text)) >= LEAST_LETTERS:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def shell_messages():
    """Yield the same of what the scripts say when they can't set up."""
    text = (ROOT / "scripts" / "environment.sh").read_text(encoding="utf-8")
    for match in re.finditer(r"\bfail ((?:\\\n|[^\n;])+)", text):
        words = re.sub(r'"?\s*\\\n\s*"?|"', " ", match[1])
        yield "scripts/environment.sh", re.sub(r"\$(\{[^}]*\}|\w+)", GAP, " ".join(words.split()))


def start_messages():
    for name in ("_why_not_here", "_too_little_memory"):
        function = functions()[name]
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                for text in texts(node.value, function, 0):
                    if text.strip(GAP):
                        yield "autograder/start.py", text


@functools.cache
def all_messages():
    """Return all of them, sorted. Not at import: every worker would read all of the package."""
    advised = {("autograder/sandbox/trouble.py", text) for text in ADVICE.values()}
    return sorted({*messages(), *shell_messages(), *start_messages(), *advised})


@functools.cache
def entries():
    """Return the messages of the page's tables, as patterns. What only tells a place is none."""
    rows = re.findall(r"^\| (.+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    spans = [
        span
        for row in rows
        if "usage" not in row and "`line N`" not in row and "of the system" not in row
        for span in re.findall(r"`([^`]+)`", row)
    ]
    pieces = [[re.escape(piece.strip()) for piece in span.split(GAP)] for span in spans]
    return [re.compile(".*?".join(each)) for each in pieces]


def in_one_line(message):
    return " ".join(message.split())


def test_every_message_is_on_the_page():
    missing = [
        f"{place}: {message}"
        for place, message in all_messages()
        if not any(each.search(in_one_line(message)) for each in entries())
    ]
    assert not missing


def test_every_entry_is_said_somewhere():
    said = [in_one_line(message) for _, message in all_messages()]
    unknown = [each.pattern for each in entries() if not any(map(each.search, said))]
    assert not unknown
