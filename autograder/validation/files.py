"""Whether the files and packages that a rubric names are there."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.assignment import DEFAULT_FOLDER, PACKAGE, find_file, names_and_checks, places
from autograder.config import TomlTable
from autograder.packaging.gradescope import packages_in_zip
from autograder.text.nearest import asked_meant, meant_by, meant_text
from autograder.validation.flaw import Flaw
from autograder.validation.source import PythonFile, python_file

_LIKELY = ("numpy", "scipy", "pandas", "matplotlib", "sklearn", "sympy", "networkx")
# Secrets that anybody can read: those of the homework that come with the package, and none.
_PUBLISHED = ("", "change me each term")


def file_flaws(folder: Path, rubric: TomlTable) -> Iterator[Flaw]:
    """Yield what the rubric names and is not there: reference, stand-ins, data, packages."""
    for key, is_there in (
        ("reference", os.path.isfile),
        ("template", os.path.isfile),
        ("stand_ins", os.path.isfile),
        ("samples", os.path.isdir),
        ("corpus", os.path.isdir),
    ):
        # An installed package has no samples and no corpus: these are for a checkout.
        if key not in ("samples", "corpus") or not _is_installed(folder):
            yield from _place_flaws(folder, rubric, key, [rubric.values.get(key)], is_there)
    reference = list(_definition_flaws(folder, rubric, "reference"))
    yield from reference
    # What the reference lacks by that name the template lacks as well.
    told = {each.line for each in reference if each.path == rubric.path}
    of_template = _definition_flaws(folder, rubric, "template")
    yield from (each for each in of_template if each.line not in told)
    yield from _stand_in_flaws(folder, rubric)
    given = rubric.table("lookalikes")
    listed = given.values.get("given", ())
    yield from _place_flaws(folder, given, "given", listed, os.path.isfile)
    yield from _data_flaws(folder, rubric.table("requires"))
    yield from _package_flaws(rubric.table("requires"))


def _is_installed(folder: Path) -> bool:
    """Tell whether a folder is that of the homework that comes with an installed package."""
    return folder.resolve() == DEFAULT_FOLDER and (PACKAGE / "_shipped").is_dir()


def _place_flaws(
    folder: Path, table: TomlTable, key: str, names: object, is_there: Callable[[Path], bool]
) -> Iterator[Flaw]:
    for name in names if isinstance(names, list) else ():
        if isinstance(name, str) and name and find_file(folder, name, is_there) is None:
            if find_file(folder, name, os.path.exists) is not None:
                wanted = "file" if is_there is os.path.isfile else "folder"
                text = f"{key} = {name!r} is no {wanted}: name the {wanted}"
            else:
                near = _near_file(folder, name)
                hint = asked_meant(near) if near else f"looked for in {folder}"
                text = f"{key} = {name!r} is not there ({hint})"
            yield Flaw(table.path, table.line(key), text)


def _definition_flaws(folder: Path, rubric: TomlTable, key: str) -> Iterator[Flaw]:
    """Yield the names of the rubric that the reference, or the template, does not define."""
    path = find_file(folder, str(rubric.values.get(key, "")))
    if path is None:
        return
    source = python_file(path)
    if source.fault is not None:
        line, what = source.fault
        yield Flaw(path, line, f"it can't be read as Python ({what}): correct that line")
        return
    for table in names_and_checks(rubric)[0]:
        name = table.values.get("name")
        if not isinstance(name, str) or not name.isidentifier():
            # It has been told of.
            continue
        if source.names is not None and name not in source.names:
            hint = meant_text(name, source.names, f"write it into {path.name}")
            text = f"the {key} does not define {name!r} ({hint})"
            yield Flaw(rubric.path, table.line("name"), text)
        if key == "reference":
            yield from _form_flaws(table, name, source)
            yield from _answer_flaws(table, name, source)


def names_meant(folder: Path, rubric: TomlTable) -> set[str]:
    """Return the names of the reference's that misspelt names of the rubric are meant to be."""
    path = find_file(folder, str(rubric.values.get("reference", "")))
    defined = (python_file(path).names if path is not None else None) or frozenset()
    listed = [str(each.values.get("name")) for each in names_and_checks(rubric)[0]]
    missing = [each for each in listed if each not in defined]
    return {meant_by(each, defined - set(listed)) for each in missing} - {""}


def _answer_flaws(table: TomlTable, name: str, source: PythonFile) -> Iterator[Flaw]:
    """Yield a function that is called a value, and one that returns nothing."""
    if name in source.parameters and table.values.get("kind") == "value":
        text = f"kind: {name} of the reference is a function: take the line out"
        yield Flaw(table.path, table.line("kind"), text)
    if name in source.without_answer:
        text = f"{name} returns nothing: is its return missing?"
        yield Flaw(source.path, source.without_answer[name], text, warning=True)


def _stand_in_flaws(folder: Path, rubric: TomlTable) -> Iterator[Flaw]:
    """Yield a warning for what a student's process can't import, in what stands in for wrong ones.

    Then none of it does, and what builds on a wrong function is not carried forward.
    """
    listed = rubric.table("requires").values.get("packages", ("numpy",))
    packages = [str(each) for each in listed] if isinstance(listed, list) else ["numpy"]
    for key in ("reference", "stand_ins"):
        path = find_file(folder, str(rubric.values.get(key, "")))
        if path is None:
            continue
        for each in python_file(path).imports:
            first = each.module.partition(".")[0]
            if first in sys.stdlib_module_names or first in packages:
                continue
            text = (
                f"{first} is no package that students' processes have, so that nothing of this "
                "file stands in for a wrong function, and what builds on that gets nothing back: "
                "list it in packages, or write what is needed of it here"
            )
            yield Flaw(path, each.line, text, warning=True)


def _form_flaws(table: TomlTable, function: str, source: PythonFile) -> Iterator[Flaw]:
    """Yield the parameters that the forms of a function speak of, and that it has not."""
    taken = source.parameters.get(function)
    for form in table.tables("accepts") if taken is not None else ():
        for key in ("turned", "columns", "order"):
            listed = form.values.get(key, ())
            for name in listed if isinstance(listed, list) else ():
                if name not in (taken or ()):
                    hint = meant_text(str(name), taken or (), "take it out")
                    text = f"{key}: {function} of the reference has no parameter {name!r} ({hint})"
                    yield Flaw(table.path, form.line(key), text)


def _near_file(folder: Path, name: str) -> str:
    """Return the path of a file or folder beside the one that is missing, or ""."""
    known: list[str] = []
    for base in places(folder):
        for place in ((base / name).parent, (base / name).parent.parent):
            if place.is_dir() and place.is_relative_to(base):
                known += [each.relative_to(base).as_posix() for each in place.iterdir()]
    return meant_by(name, dict.fromkeys(known))


def _data_flaws(folder: Path, requires: TomlTable) -> Iterator[Flaw]:
    data = requires.values.get("data", "")
    if not isinstance(data, str):
        return
    place = find_file(folder, data, os.path.isdir) or folder
    if data and find_file(folder, data, os.path.isdir) is None:
        yield from _place_flaws(folder, requires, "data", [data], os.path.isdir)
        return
    for key in ("files", "hidden"):
        listed = requires.values.get(key, ())
        for name in listed if isinstance(listed, list) else ():
            if isinstance(name, str) and not (place / name).is_file():
                there = [each.name for each in place.iterdir()]
                hint = meant_text(name, there, "put it there, or take it out")
                text = f"{key} has {name!r}, which is not in {place} ({hint})"
                yield Flaw(requires.path, requires.line(key), text)
    given, kept = (requires.values.get(key, ()) for key in ("files", "hidden"))
    both = [each for each in kept if each in given] if isinstance(given, (list, tuple)) else []
    for name in both if isinstance(kept, list) else ():
        text = f"hidden has {name!r}, which students get, as files has it too: take one out"
        yield Flaw(requires.path, requires.line("hidden"), text)


def _package_flaws(requires: TomlTable) -> Iterator[Flaw]:
    listed = requires.values.get("packages", ())
    names = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    # A misspelt one is asked about below.
    misspelt = any(meant_by(each, _LIKELY) == "numpy" for each in names)
    if isinstance(listed, list) and "numpy" not in names and not misspelt:
        text = (
            "packages lacks 'numpy', which the process that runs a student's code needs itself: "
            "list it"
        )
        yield Flaw(requires.path, requires.line("packages"), text)
    for name in names:
        line = requires.line("packages")
        if name in sys.stdlib_module_names:
            text = f"packages has {name!r}, which comes with Python: take it out"
            yield Flaw(requires.path, line, text)
        elif not re.fullmatch(r"\w+", name) or importlib.util.find_spec(name) is None:
            hint = meant_text(name, _LIKELY, "install it, or correct the name")
            text = f"packages has {name!r}, which is not installed here ({hint})"
            yield Flaw(requires.path, line, text)
        elif not (_distributions(name) & packages_in_zip(requires.path.parent)):
            wanted = sorted(_distributions(name))[0]
            text = (
                f"packages has {name!r}, which the zip for Gradescope does not install: write a "
                f"line {wanted}=={importlib.metadata.version(wanted)} into requirements.txt beside "
                "the rubric"
            )
            yield Flaw(requires.path, line, text, warning=True)


def _distributions(name: str) -> set[str]:
    """Return what a package is called where it is installed from, in small letters."""
    if name == "numpy":
        return {name}
    found = importlib.metadata.packages_distributions().get(name, [name])
    return {each.lower().replace("_", "-") for each in found}


def late_flaws(rubric: TomlTable) -> Iterator[Flaw]:
    """Yield a warning where lateness costs something, and not everywhere is known what is late."""
    late = rubric.values.get("late")
    if isinstance(late, dict) and late.get("per_day") and not late.get("due"):
        text = (
            "per_day without due: nothing is late in exports that tell when, but not by when, as "
            "those of Gradescope and Moodle"
        )
        yield Flaw(rubric.path, rubric.table("late").line("per_day"), text, warning=True)


def secret_flaws(rubric: TomlTable) -> Iterator[Flaw]:
    """Yield a warning where the inputs of hidden checks can be foretold."""
    secret = rubric.values.get("secret", "")
    if secret in _PUBLISHED:
        what = f"secret = {secret!r} is known to everybody" if secret else "there is no secret"
        text = f"{what}, so that the inputs of hidden checks can be foretold: write another"
        yield Flaw(rubric.path, rubric.line("secret"), text, warning=True)
