"""Is a folder one submission, or a folder of submissions?"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.gathering import IntakeError
from autograder.intake.names import split_name
from autograder.intake.paths import inert_name, is_junk

CODE = (".py", ".pyw", ".ipynb", ".py.txt", ".ipynb.txt")
_DEPTH = 4
_MAX_ENTRIES = 50_000

_Team = frozenset[str]


@dataclass
class _Folder:
    """What lies directly in a folder, by kind, and who is named at any depth."""

    path: Path
    code: list[Path] = field(default_factory=list)
    zips: list[Path] = field(default_factory=list)
    pdfs: list[Path] = field(default_factory=list)
    folders: list[_Folder] = field(default_factory=list)

    def handed(self) -> list[Path]:
        return [*self.code, *self.zips, *self.pdfs]

    def has_code(self) -> bool:
        return bool(self.code or self.zips or any(each.has_code() for each in self.folders))

    def teams(self, stem: str) -> set[_Team]:
        """Return the teams whose files lie in it, at any depth: those with code, if any."""
        code = _authors_of([*self.code, *self.zips], stem)
        below = [(each.teams(stem), each.has_code()) for each in self.folders]
        if self.has_code():
            found = [teams for teams, has_code in below if has_code]
            return _named(code.values()).union(*found)
        return _named(_authors_of(self.pdfs, stem).values()).union(*(teams for teams, _ in below))


def sorted_out(path: Path, stem: str) -> tuple[list[Path], list[tuple[Path, Path]]]:
    """Return the paths that are one submission each, in order of their names.

    With them come the files of code that stand for none, each with what stands for it.

    A file is one submission. A folder is one submission or many, by this rule, where a "team" is
    the usernames in the name of a file of code, an archive, or a PDF of nobody who has one of
    these, and junk and symbolic links do not exist. Names that share a user only are two teams:
    anybody can name anybody.

    1. Files of two teams lie directly in it: many. Each team's zip archives are its submissions,
       else its `.py` files, else its notebooks, else its PDFs; the reader finds the PDF beside
       them. So are archives and code without usernames, and the subfolders with code.
    2. Code lies directly in it: one.
    3. Two or more archives lie in it, or an archive beside subfolders with code: many.
    4. Two or more subfolders have code: many, unless all that is named is one team, and every one
       of them names it. Each subfolder is a submission, without code too, unless the rule itself
       finds several teams in it.
    5. One subfolder holds everything: the rule is applied to it.
    6. Otherwise: one.

    Raises IntakeError when the path does not exist or can't be read.
    """
    if not path.exists():
        raise IntakeError(f"{inert_name(str(path))} does not exist.")
    if not path.is_dir():
        return [path], []
    passed_over: list[tuple[Path, Path]] = []
    return _split(_look(path, _DEPTH, [_MAX_ENTRIES]), stem, passed_over), passed_over


def _split(folder: _Folder, stem: str, passed_over: list[tuple[Path, Path]]) -> list[Path]:
    authors = _authors_of([*folder.code, *folder.zips], stem)
    users = frozenset[str]().union(*authors.values())
    # The PDF of somebody who handed in code is found beside it.
    alone = _authors_of(folder.pdfs, stem)
    authors |= {path: team for path, team in alone.items() if not team & users}
    direct = _named(authors.values())
    with_code = [each for each in folder.folders if each.has_code()]
    if len(direct) > 1:
        own = _by_team(folder, authors, passed_over)
        return sorted([*own, *(each.path for each in with_code)])
    if folder.code:
        return [folder.path]
    if len(folder.zips) > 1 or (folder.zips and with_code):
        return sorted([*folder.zips, *(each.path for each in folder.folders)])
    if len(with_code) > 1:
        teams = [each.teams(stem) for each in with_code]
        if all(teams) and len(folder.teams(stem)) == 1:
            return [folder.path]
        return sorted(
            path for each in folder.folders for path in _of_subfolder(each, stem, passed_over)
        )
    if len(folder.folders) == 1 and not folder.handed():
        inner = _split(folder.folders[0], stem, passed_over)
        return inner if len(inner) > 1 else [folder.path]
    if len(folder.teams(stem)) > 1:
        return sorted(each.path for each in folder.folders)
    return [folder.path]


def _of_subfolder(folder: _Folder, stem: str, passed_over: list[tuple[Path, Path]]) -> list[Path]:
    """Return the submissions in one of several subfolders: several only where several teams are."""
    several = len(folder.teams(stem)) > 1
    return _split(folder, stem, passed_over) if several else [folder.path]


def _by_team(
    folder: _Folder, authors: dict[Path, _Team], passed_over: list[tuple[Path, Path]]
) -> list[Path]:
    """Return the files that stand for a submission each in a folder of many teams' files."""
    found = [path for path in (*folder.zips, *folder.code) if not authors[path]]
    scripts = [path for path in folder.code if ".ipynb" not in path.name.casefold()]
    notebooks = [path for path in folder.code if ".ipynb" in path.name.casefold()]
    taken: dict[_Team, Path] = {}
    for kind in (folder.zips, scripts, notebooks, folder.pdfs):
        own = [(authors[path], path) for path in kind if authors.get(path)]
        found += [path for team, path in own if team not in taken]
        passed_over += [(path, taken[team]) for team, path in own if team in taken]
        taken |= {team: path for team, path in own if team not in taken}
    return found


def _authors_of(paths: list[Path], stem: str) -> dict[Path, _Team]:
    return {path: frozenset(split_name(path.name, stem).authors) for path in paths}


def _named(teams: Iterable[_Team]) -> set[_Team]:
    """Return the teams, those without users left out."""
    return {team for team in teams if team}


def _look(path: Path, depth: int, left: list[int]) -> _Folder:
    """List a folder; one below it that can't be read looks empty. Raises IntakeError."""
    folder = _Folder(path)
    try:
        with os.scandir(path) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        if depth < _DEPTH:
            return folder
        raise IntakeError(f"{inert_name(str(path))} can't be read: {error.strerror}.") from None
    for entry in entries:
        left[0] -= 1
        if left[0] < 0:
            raise IntakeError(f"{inert_name(str(path))} holds more than {_MAX_ENTRIES:,} files.")
        if is_junk(entry.name) or entry.is_symlink():
            continue
        name = entry.name.casefold()
        child = path / entry.name
        if entry.is_dir(follow_symlinks=False):
            if depth > 0:
                folder.folders.append(_look(child, depth - 1, left))
        elif name.endswith(CODE):
            folder.code.append(child)
        elif name.endswith(".zip"):
            folder.zips.append(child)
        elif name.endswith(".pdf"):
            folder.pdfs.append(child)
    return folder
