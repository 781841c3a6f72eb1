"""Finds the look-alikes in a folder of results: lookalikes.json and a page for each pair."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment import Assignment
from autograder.lookalikes.comparing import (
    NO_TRACE,
    Trace,
    alike_pairs,
    common_statements,
    rare_shares,
    trace,
    without_statements,
)
from autograder.lookalikes.groups import Group, groups_of
from autograder.lookalikes.keeping import keep_trace, kept_trace
from autograder.lookalikes.page import ComparedCode, reading_of, write_pair
from autograder.lookalikes.statements import Statement, statements
from autograder.parallel import spread
from autograder.render.html.making import page_sources
from autograder.render.results_json import stored_result
from autograder.store.code import StoredCode, read_code
from autograder.store.digest import digest_of
from autograder.store.durable import write_whole
from autograder.store.record import rebuilt
from autograder.store.results import Results
from autograder.text import wording

NEEDED = {"pygments": "pygments", "scipy": "scipy", "jinja2": "jinja2"}
# Fewer than this many are read here: another process would take longer to start.
FEW = 60
# Where more are alike, as when half a class has the same source, the rest is counted.
MAX_PAGES = 500
# A file name of 255 bytes is the most that file systems take.
_MAX_NAME_LENGTH = 200
# In a stored result, where every quote inside a text has a backslash before it.
_AUTHORS = re.compile(rb'"authors": ?\[[^\]]*\]')


@dataclass(frozen=True)
class _Alike:
    """Two submissions that read alike: how much, and how many statements nobody else wrote so.

    `rare` are those that few others wrote so.
    """

    a: str
    b: str
    similarity: float
    shared: int
    theirs_alone: int
    rare: int = 0
    page: str = ""


# What the fields of a pair are called in lookalikes.json.
_KEYS = {
    **{name: name for name in ("a", "b", "similarity", "theirs_alone", "page")},
    **{"shared": "shared_statements", "rare": "rare_statements"},
}


@dataclass(frozen=True)
class _Found:
    """The pairs, the most alike first, and their groups; how many were compared, and how many not.

    `common` is the number of statements that were left out since nearly all have them.
    """

    pairs: tuple[_Alike, ...]
    groups: tuple[Group, ...]
    compared: int
    too_short: int
    common: int = 0

    @property
    def alike(self) -> int:
        """How many submissions are in a group."""
        return sum(len(each.members) for each in self.groups)


def why_no_lookalikes() -> str:
    """Return why none can be found here, in one sentence, or "" where they can."""
    missing = [name for module, name in NEEDED.items() if not importlib.util.find_spec(module)]
    if not missing:
        return ""
    return (
        f"Look-alikes were not searched for: {wording.joined(missing)} "
        f"{'is' if len(missing) == 1 else 'are'} not installed. "
        'Install with: pip install "autograder[lookalikes]".'
    )


def find_lookalikes(
    out: Path, assignment: Assignment, *, jobs: int, threshold: float | None = None
) -> _Found:
    """Compare all submissions below `out`; write lookalikes.json and pages of pairs.

    Members of one team are not compared with each other. Where nothing has changed since the last
    time, what was found then is returned. Needs what `why_no_lookalikes` names. Raises OSError.
    """
    options = assignment.lookalikes
    limit = options.threshold if threshold is None else threshold
    results = Results(out)
    ids = [id for id in results.ids() if results.of(id).code.exists()]
    codes = {id: digest_of(results.of(id).code) for id in ids}
    source = _source_of(out, codes, assignment, threshold)
    if known := _found_before(out, source):
        return known
    required = frozenset(name.name for name in assignment.names)
    given = trace([each for path in options.given for each in statements(_decoded(path), required)])
    read = dict(zip(ids, _traces(out, codes, required, given, jobs), strict=True))
    common = common_statements([each for each in read.values() if each.statements.size])
    read = {id: without_statements(each, common) for id, each in read.items()}
    everybodys = Trace(given.runs, np.union1d(given.statements, common), given.of)
    wanted = {id: each for id, each in read.items() if each.statements.size >= options.least}
    team = functools.cache(functools.partial(_authors, out))
    ranked = _ranked(wanted, limit, options.rare if threshold is None else None)
    pairs = [each for each in ranked if not team(each.a) & team(each.b)]
    groups = groups_of(pairs)
    shown = sorted(place for each in groups for place in each.with_pages)[:MAX_PAGES]
    for place in shown:
        pairs[place] = _named(pairs[place])
    short = len(read) - len(wanted)
    found = _Found(tuple(pairs), tuple(groups), len(wanted), short, int(common.size))
    readings = functools.lru_cache(64)(functools.partial(_reading, out, required))
    writers = Counter(
        digest for each in wanted.values() for digest in set(each.statements.tolist())
    )
    for pair in pairs:
        if pair.page:
            write_pair(
                out / pair.page, pair, readings(pair.a), readings(pair.b), writers, everybodys
            )
    document = _document(found, limit, source)
    write_whole(results.lookalikes, json.dumps(document, indent=1).encode("ascii") + b"\n")
    current = {Path(pair.page).name for pair in pairs if pair.page}
    for path in results.lookalike_pages.glob("*.html"):
        if path.name not in current:
            path.unlink()
    return found


def _source_of(
    out: Path, codes: Mapping[str, str], assignment: Assignment, threshold: float | None
) -> str:
    """Return the hash of all that the look-alikes are found in and shown with.

    `codes` are the hashes of the code of each submission, by id.
    """
    names = [each.name for each in assignment.names]
    digest = hashlib.sha256(repr((assignment.lookalikes, threshold, names, codes)).encode())
    own = sorted(Path(__file__).parent.glob("*.py"))
    for path in [*own, *page_sources(), *assignment.lookalikes.given]:
        digest.update(digest_of(path).encode())
    results = Results(out)
    for id in codes:
        digest.update(_team_in(results.of(id).result))
    return digest.hexdigest()


def _team_in(result: Path) -> bytes:
    """Return who handed in, as a stored result says it: all else there is no matter of code."""
    try:
        data = result.read_bytes()
    except OSError:
        return b"\n"
    found = _AUTHORS.search(data)
    return (found[0] if found else data) + b"\n"


def _found_before(out: Path, source: str) -> _Found | None:
    """Return what lookalikes.json says, if it was made from this and its pages are there."""
    results = Results(out)
    try:
        document = json.loads(results.lookalikes.read_bytes())
        if document["made_from"] != source:
            return None
        pairs = [
            rebuilt(_Alike, {name: each[key] for name, key in _KEYS.items()})
            for each in document["pairs"]
        ]
        if not all((out / each.page).is_file() for each in pairs if each.page):
            return None
        counts = [int(document[key]) for key in ("compared", "too_short", "common")]
        return _Found(tuple(pairs), tuple(groups_of(pairs)), *counts)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _traces(
    out: Path, codes: Mapping[str, str], required: frozenset[str], given: Trace, jobs: int
) -> Iterator[Trace]:
    """Yield the traces of submissions, in their order; those that are kept are not remade."""
    common, results = _common_source(required, given), Results(out)
    sources = {id: f"{common} {code}" for id, code in codes.items()}
    kept = {id: kept_trace(results.of(id).trace, sources[id]) for id in codes}
    new = [(id, sources[id]) for id in codes if kept[id] is None]
    work = functools.partial(_trace_of, out, required, given)
    # To its end: what is spread and left in the middle ends the processes that it was spread over.
    made = iter(list(spread(work, new, jobs, few=FEW, chunk=8, lost=lambda each: NO_TRACE)))
    for known in kept.values():
        yield next(made) if known is None else known


def _trace_of(out: Path, required: frozenset[str], given: Trace, wanted: tuple[str, str]) -> Trace:
    """Make the trace of a submission, from what has this source, and keep it."""
    id, source = wanted
    stored = Results(out).of(id)
    code = read_code(stored.folder)
    if code is None:
        return NO_TRACE
    made = trace(_statements_of(code, required), given)
    keep_trace(stored.trace, source, made)
    return made


def _common_source(required: frozenset[str], given: Trace) -> str:
    """Return the hash of what all traces depend on beside the code that they are of."""
    digest = hashlib.sha256(repr(sorted(required)).encode())
    for numbers in (given.runs, given.statements, given.of):
        digest.update(numbers.tobytes() + b";")
    for name in ("comparing.py", "statements.py"):
        digest.update(digest_of(Path(__file__).with_name(name)).encode())
    return digest.hexdigest()


def _statements_of(code: StoredCode, required: frozenset[str]) -> list[Statement]:
    return statements("\n".join(cell.text for cell in code.cells), required)


def _ranked(documents: Mapping[str, Trace], threshold: float, rare: int | None) -> list[_Alike]:
    """Return the pairs that are alike enough, or share `rare` statements; the most alike first."""
    ids = sorted(documents)
    written = [frozenset(documents[id].statements.tolist()) for id in ids]
    count = Counter(digest for each in written for digest in each)
    pairs = []
    listed = [documents[id] for id in ids]
    shares = rare_shares(listed)
    also = {pair for pair, number in shares.items() if rare is not None and number >= rare}
    for pair in alike_pairs(listed, threshold, also):
        both = written[pair.a] & written[pair.b]
        alone = sum(count[digest] == 2 for digest in both)
        similarity = round(pair.similarity, 4)
        few = shares[pair.a, pair.b]
        pairs.append(_Alike(ids[pair.a], ids[pair.b], similarity, len(both), alone, few))
    return sorted(pairs, key=lambda each: (-each.similarity, each.a, each.b))


def _authors(out: Path, id: str) -> frozenset[str]:
    report = stored_result(out, id)
    return frozenset() if report is None else frozenset(report.authors)


def _named(pair: _Alike) -> _Alike:
    """Return the pair with the place of its page."""
    name = f"{pair.a}--{pair.b}"
    if len(name.encode()) > _MAX_NAME_LENGTH:
        name = hashlib.sha256(name.encode()).hexdigest()
    page = Results(Path()).lookalike_pages / f"{name}.html"
    return replace(pair, page=page.as_posix())


def _reading(out: Path, required: frozenset[str], id: str) -> ComparedCode:
    code = read_code(Results(out).of(id).folder) or StoredCode("")
    return reading_of(id, code, _statements_of(code, required))


def _document(found: _Found, threshold: float, source: str) -> dict[str, Any]:
    """Return lookalikes.json."""
    return {
        "threshold": threshold,
        "explanation": explanation(found, threshold),
        "groups": [
            {"members": list(each.members), "least": each.least, "most": each.most}
            for each in found.groups
        ],
        "pairs": [
            {key: getattr(each, name) for name, key in _KEYS.items()} for each in found.pairs
        ],
        "compared": found.compared,
        "too_short": found.too_short,
        "common": found.common,
        "made_from": source,
    }


def explanation(found: _Found, threshold: float) -> str:
    """Return what the figures mean, for people."""
    short = (
        f" {wording.counted(found.too_short, 'submission')} with too little code of their own "
        "were not compared."
        if found.too_short
        else ""
    )
    common = (
        f" {wording.counted(found.common, 'statement')} that nearly all have were left out as "
        "given."
        if found.common
        else ""
    )
    return (
        f"{wording.counted(found.compared, 'submission')} were compared, each with all others, "
        "without names, layout, comments and what everybody was given. Similarity is 100 % where "
        "all statements of one are in the other, in whatever order; what few have in common counts "
        f"more than what many have. A group hangs together by pairs from {100 * threshold:g} % on, "
        "and by such as share statements that hardly anybody else wrote. "
        f"It is a hint to read both, and says nothing of who wrote what.{short}{common}"
    )


def _decoded(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
