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

    def teams(self, stem: str) -> list[_Team]:
        """Return the teams that are named at any depth; those that share a user are one."""
        below = [team for each in self.folders for team in each.teams(stem)]
        return _merged([*_authors_of(self.handed(), stem).values(), *below])


def find_submissions(path: Path, stem: str = "homework3") -> list[Path]:
    """Return the paths that are one submission each, in order of their names.

    A file is one submission. A folder is one submission or many, by this rule, where a "team" is
    the usernames in a file name (two names that share a user are one team), and junk and symbolic
    links do not exist:

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
        return [path]
    return _split(_look(path, _DEPTH, [_MAX_ENTRIES]), stem)


def _split(folder: _Folder, stem: str) -> list[Path]:
    authors = _authors_of(folder.handed(), stem)
    direct = _merged(authors.values())
    with_code = [each for each in folder.folders if each.has_code()]
    if len(direct) > 1:
        return sorted([*_by_team(folder, authors, direct), *(each.path for each in with_code)])
    if folder.code:
        return [folder.path]
    if len(folder.zips) > 1 or (folder.zips and with_code):
        return sorted([*folder.zips, *(each.path for each in folder.folders)])
    if len(with_code) > 1:
        teams = [each.teams(stem) for each in with_code]
        if all(teams) and len(folder.teams(stem)) == 1:
            return [folder.path]
        return sorted(path for each in folder.folders for path in _of_subfolder(each, stem))
    if len(folder.folders) == 1 and not folder.handed():
        inner = _split(folder.folders[0], stem)
        return inner if len(inner) > 1 else [folder.path]
    if len(folder.teams(stem)) > 1:
        return sorted(each.path for each in folder.folders)
    return [folder.path]


def _of_subfolder(folder: _Folder, stem: str) -> list[Path]:
    """Return the submissions in one of several subfolders: several only where several teams are."""
    return _split(folder, stem) if len(folder.teams(stem)) > 1 else [folder.path]


def _by_team(folder: _Folder, authors: dict[Path, _Team], teams: list[_Team]) -> list[Path]:
    """Return the files that stand for a submission each in a folder of many teams' files."""
    found = [path for path in (*folder.zips, *folder.code) if not authors[path]]
    scripts = [path for path in folder.code if ".ipynb" not in path.name.casefold()]
    notebooks = [path for path in folder.code if ".ipynb" in path.name.casefold()]
    number_of = {user: number for number, team in enumerate(teams) for user in team}
    taken: set[int] = set()
    for kind in (folder.zips, scripts, notebooks, folder.pdfs):
        own = [(number_of[min(authors[path])], path) for path in kind if authors[path]]
        found += [path for number, path in own if number not in taken]
        taken |= {number for number, _ in own}
    return found


def _authors_of(paths: list[Path], stem: str) -> dict[Path, _Team]:
    return {path: frozenset(split_name(path.name, stem).authors) for path in paths}


def _merged(teams: Iterable[_Team]) -> list[_Team]:
    """Return the teams, those that share a user put together, those without users left out."""
    # Each user's parent; one of a team has itself.
    parents: dict[str, str] = {}

    def first_of(user: str) -> str:
        while parents.setdefault(user, user) != user:
            parents[user] = user = parents[parents[user]]
        return user

    for team in teams:
        heads = [first_of(user) for user in team]
        parents.update((head, heads[0]) for head in heads)
    together: dict[str, set[str]] = {}
    for user in list(parents):
        together.setdefault(first_of(user), set()).add(user)
    return [frozenset(users) for users in together.values()]


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
