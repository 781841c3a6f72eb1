"""From the name of a file to the usernames in it, and from usernames to a safe identifier."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from autograder.intake.paths import inert_name

MAX_TEAM = 2
PLAIN_LENGTH = 64
_SLUG_LENGTH = 40
_HASH_LENGTH = 16

_ABBREVIATIONS = {"homework": "hw", "assignment": "asg", "project": "proj"}
# A second suffix is taken off only if it is one of these: "alice.doc.py" is by a user "doc".
_INNER_SUFFIXES = frozenset({"py", "ipynb", "pdf", "tar"})
_SUFFIXES = frozenset(
    {
        *("py", "pyw", "ipynb", "txt", "json", "md", "html", "htm", "pdf", "doc", "docx", "odt"),
        *("rtf", "pages", "zip", "tar", "gz", "tgz", "7z", "rar", "png", "jpg", "jpeg", "heic"),
    }
)
_NOT_A_NAME = re.compile(r"final|copy|draft|submission|v\d{1,2}")
_PLACEHOLDER = re.compile(r"(?:wpi)?user(?:name)?\d?|your_?(?:user)?name\d?")
_EMAIL = re.compile(r"@[\w-]+(?:\.[\w-]+)*?\.(?:edu|com|org|net|gov|ac\.uk)(?=\.|$)")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_COPY = re.compile(r"\s*\(\s*(\d{1,3})\s*\)|\s*-\s*copy(?:\s*\(?\d+\)?)?$|\s+copy(?:\s+\d+)?$")
_RENAMED = re.compile(rf"-(?:(\d{{1,2}})|{_UUID})(?=[.]|$)")
_USERNAME = re.compile(r"[a-z0-9_][a-z0-9_-]*")
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


@dataclass(frozen=True)
class FileName:
    """A file name, taken apart.

    `named` tells whether it starts with the stem, `copy` is the number of a renamed copy (Canvas
    writes `homework3-1.alice.py`, a browser `homework3.alice (1).py`), `note` says how the name
    differs from what the homework asks for, `too_many` that it has more names than a team.
    """

    authors: tuple[str, ...]
    named: bool
    copy: int
    note: str | None
    too_many: bool


@functools.lru_cache(512)
def split_name(filename: str, stem: str = "homework3", max_team: int = MAX_TEAM) -> FileName:
    """Take a file name apart: see `FileName`. Raises nothing."""
    base = re.split(r"[/\\]", filename)[-1][:1000]
    text, suffixes = _without_suffixes(identity(base).strip())
    notes = []
    if len(suffixes) > 1 and suffixes != ["tar", "gz"]:
        notes.append(f"it ends in .{'.'.join(suffixes)}")
    copies = [int(found) for found in _COPY.findall(text) if found]
    without_copy = _COPY.sub("", text)
    if without_copy != text:
        notes.append("it is the name of a copy")
    copies += [int(found) for found in _RENAMED.findall(without_copy) if found]
    text = _RENAMED.sub("", without_copy)
    start = _stem_pattern(stem).match(text)
    if not start:
        return FileName((), False, max(copies, default=0), _sentence(base, stem, notes), False)
    if base[: len(stem)] != stem:
        notes.append(f"it does not start with {stem}")
    authors, found = _authors(text[start.end() :])
    notes += found
    if authors and any(letter.isupper() for letter in base[len(stem) :]):
        notes.append("it has capital letters")
    too_many = len(authors) > max_team
    if too_many:
        notes.append(f"it has {len(authors)} names, and a team has at most {max_team}")
    if not authors:
        notes.append("it has no username")
    note = _sentence(base, stem, notes) if notes else None
    return FileName(authors, True, max(copies, default=0), note, too_many)


def identity(name: str) -> str:
    """Return the form in which two spellings of one username are equal: NFKC, case folded."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def is_word(character: str) -> bool:
    """Tell whether it may stand in a word: a letter, a mark on one, a digit, or such as "_".

    These are Ruby's `[[:word:]]`, by which Canvas squashes names; Python's has no marks.
    """
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc", "Me", "Pc")


def local_part(login: str) -> str:
    """Return the username in a login: of an e-mail address, what stands before the @."""
    return identity(login.strip().partition("@")[0])


def without_suffix(filename: str) -> str:
    """Return a file name without the suffixes that say its type."""
    stripped = filename.strip()
    kept, _ = _without_suffixes(stripped)
    return kept or stripped


def safe_id(authors: tuple[str, ...], fallback: str) -> str:
    """Return an identifier that can be the name of a file on every system.

    `alice` and `bob` give `alice.bob`; without authors, `fallback` is the name. Ordinary usernames
    are kept as they are; anything else is spelt with ASCII letters and gets `~` and a hash, so
    that names which differ in more than case or Unicode form never share an identifier. The first
    character is a letter, a digit or `_`. Raises nothing.
    """
    names = tuple(identity(name) for name in (authors or (fallback,)))
    plain = ".".join(names)
    if (
        all(_USERNAME.fullmatch(name) for name in names)
        and not RESERVED.fullmatch(names[0])
        and len(plain) <= PLAIN_LENGTH
    ):
        return plain
    digest = hashlib.sha256()
    for name in names:
        blob = name.encode("utf-8", "surrogatepass")
        digest.update(len(blob).to_bytes(8, "big"))
        digest.update(blob)
    # No dot: on Windows, "nul.alice" is the device NUL.
    letters = unicodedata.normalize("NFKD", "-".join(names)[:1000]).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9_]+", "-", letters.decode("ascii").casefold())
    slug = slug[:_SLUG_LENGTH].strip("-") or "unnamed"
    return f"{slug}~{digest.hexdigest()[:_HASH_LENGTH]}"


def _without_suffixes(text: str) -> tuple[str, list[str]]:
    """Return the text and the suffixes taken off it, in the order in which they stand."""
    suffixes: list[str] = []
    while True:
        head, dot, tail = text.rpartition(".")
        tail = tail.strip().casefold()
        if not dot or tail not in (_INNER_SUFFIXES if suffixes else _SUFFIXES):
            return text, suffixes
        text = head.rstrip()
        suffixes.insert(0, tail)


@functools.lru_cache(16)
def _stem_pattern(stem: str) -> re.Pattern[str]:
    """Return what a stem looks like at the start of a name: "Homework 3", "hw_03" too."""
    word, number = re.fullmatch(r"(.*?)(\d*)", identity(stem), re.DOTALL).groups()  # type: ignore[union-attr]
    words = [re.escape(word)]
    if word in _ABBREVIATIONS:
        words.append(_ABBREVIATIONS[word])
    number = rf"[ _\-.]{{0,3}}0?{number}" if number else ""
    return re.compile(rf"\s*(?:{'|'.join(words)}){number}(?=[ _\-.,&+]|$)")


def _authors(rest: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the usernames in what follows the stem, and what is odd about it."""
    notes = []
    if rest and not rest.startswith("."):
        notes.append("the usernames should follow a dot each")
    bare = _EMAIL.sub("", rest)
    if bare != rest:
        notes.append("it has an e-mail address in place of a username")
    # After a dot, "_" and "-" may be part of a username.
    separators = r"[.,&+\s]+" if rest.startswith(".") else r"[.,&+\s_\-]+"
    parts = [part for part in re.split(separators, bare) if part.strip("_-")]
    authors: list[str] = []
    for part in parts:
        if _PLACEHOLDER.fullmatch(part):
            notes.append(f"the placeholder {inert_name(part.upper())} is still in it")
        elif part in authors:
            notes.append("it has the same name twice")
        elif _NOT_A_NAME.fullmatch(part) and (len(parts) > 1 or not rest.startswith(".")):
            notes.append(f"{inert_name(part)} was not taken for a username")
        elif part != "and":
            authors.append(part)
    if rest.startswith(".") and re.search(r"[,&+]|\S\s+\S", bare):
        notes.append("the usernames should follow a dot each")
    return tuple(authors), notes


def _sentence(base: str, stem: str, notes: list[str]) -> str:
    """Return how a name differs from what is asked for."""
    reasons = "; ".join(dict.fromkeys(notes)) or "it is not a name of this homework"
    _, suffixes = _without_suffixes(base)
    suffix = next((each for each in suffixes if each in ("py", "ipynb", "pdf", "zip")), "py")
    wanted = f"{stem}.USERNAME.{suffix}"
    if base == wanted:
        return f"The name {inert_name(base)} is the template's: put your username for USERNAME."
    return f"The name {inert_name(base)} should be like {wanted}: {reasons}."
