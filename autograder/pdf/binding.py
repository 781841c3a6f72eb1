"""Which number is which quantity of which data, for what a sentence says without a doubt.

An island is a run of symbols with nothing unread in it. Each rule reads a whole island or nothing;
an island is understood only where all rules that read it say the same. Of numbers of other data
nothing more is asked.
"""

from __future__ import annotations

import re

# For each number of an island: data (t, r) and quantity (q, b).
_Reading = tuple[tuple[str, str], ...]
_DATA, _QUANTITIES = "tr", "qb"
_FULL = re.compile(r"(?:[tr][qb]n|[qb][tr]n)+")
_BY_DATA = re.compile(r"(?:[tr](?:[qb]n)+){2,}")
_BY_QUANTITY = re.compile(r"(?:[qb](?:[tr]n)+){2,}|(?:[qb](?:n[tr])+){2,}")
_LISTS = (
    re.compile(r"(?P<d>[tr])S*(?P<q>[qb](?:S+[qb])+)(?P<n>n(?:S+n)+)"),
    re.compile(r"(?P<q>[qb](?:S+[qb])+)S*(?P<d>[tr])(?P<n>n(?:S+n)+)"),
    re.compile(r"(?P<d>[tr](?:S+[tr])+)S*(?P<q>[qb])(?P<n>n(?:S+n)+)"),
    re.compile(r"(?P<q>[qb])S*(?P<d>[tr](?:S+[tr])+)(?P<n>n(?:S+n)+)"),
)


def read_island(island: str) -> _Reading | None:
    """Return what the numbers of an island are, or None where it can't be told for certain."""
    # A gap parts statements; whether it ties a label to a number is seen by the whole table.
    marks = re.sub(r"\|*E[|E]*", "E", island).replace("|", "S")
    bare = re.sub(r"[SE]", "", marks) if "|" not in re.sub(r"E\||\|E", "", island) else ""
    chunks = [chunk for chunk in re.split(r"S+", marks.replace("E", "")) if chunk]
    readings = (
        _all_labelled(chunks),
        _labels_first(bare),
        _of_one_data(re.sub(r"^([tr])E", r"\1S", marks)),
        _of_one_quantity(chunks),
        _groups(bare),
        _parallel(marks.replace("E", "")),
    )
    found = {
        tuple(("r", "?") if pair[0] == "r" else pair for pair in reading)
        for reading in readings
        if reading
    }
    return found.pop() if len(found) == 1 else None


def _all_labelled(chunks: list[str]) -> _Reading | None:
    """ "test accuracy 84%, train accuracy 86%"; in any order within each.

    What is of other data needs no name.
    """
    pairs = [("r", "?") if chunk in ("rn", "nr") else _pair(chunk) for chunk in chunks]
    if not pairs or any(pair is None for pair in pairs):
        return None
    return tuple(pair for pair in pairs if pair is not None)


def _pair(chunk: str) -> tuple[str, str] | None:
    data = [each for each in chunk if each in _DATA]
    quantities = [each for each in chunk if each in _QUANTITIES]
    fits = len(chunk) == 3 and len(data) == len(quantities) == 1 and "n" in chunk
    return (data[0], quantities[0]) if fits else None


def _labels_first(bare: str) -> _Reading | None:
    """ "train loss 0.41 test loss 0.45", with or without commas."""
    if not _FULL.fullmatch(bare):
        return None
    triples = [bare[i : i + 3] for i in range(0, len(bare), 3)]
    return _all_labelled(triples)


def _of_one_data(marks: str) -> _Reading | None:
    """ "on the test set, a cross-entropy of 0.45 and 84% correct", or with the data at the end."""
    data = [each for each in marks if each in _DATA]
    begins = re.split("S", marks)[0]
    if len(data) != 1 or (data[0] not in begins and marks[-1] not in _DATA):
        return None
    rest = marks.replace(data[0], "").strip("SE").replace("E", "")
    chunks = [chunk for chunk in re.split(r"S+", rest) if chunk]
    if all(chunk in ("qn", "nq", "bn", "nb") for chunk in chunks):
        named = [chunk.replace("n", "") for chunk in chunks]
    elif re.fullmatch(r"(?:[qb]nS*)+", rest):
        named = list(rest.replace("S", "").replace("n", ""))
    else:
        return None
    if not named or len(set(named)) < len(named):
        return None
    return tuple((data[0], name) for name in named)


def _of_one_quantity(chunks: list[str]) -> _Reading | None:
    """ "accuracy: 86% (train), 84% (test)", "86% training and 84% test accuracy"."""
    everything = "".join(chunks)
    named = [each for each in everything if each in _QUANTITIES]
    if len(named) != 1:
        return None
    whole = [chunk for chunk in chunks if chunk not in _QUANTITIES]
    edge = chunks[0] if named[0] in chunks[0] else chunks[-1]
    if named[0] not in edge:
        return None
    bare = [chunk.replace(named[0], "") for chunk in whole]
    if len(bare) == 1 and re.fullmatch(r"(?:[tr]n){2,}|(?:n[tr]){2,}", bare[0]):
        if chunks[0][0] != named[0]:
            return None
        bare = [bare[0][i : i + 2] for i in range(0, len(bare[0]), 2)]
    if not bare or not all(re.fullmatch(r"[tr]n|n[tr]", chunk) for chunk in bare):
        return None
    data = [chunk.replace("n", "") for chunk in bare]
    if data.count("t") > 1:
        return None
    return tuple((each, named[0]) for each in data)


def _groups(bare: str) -> _Reading | None:
    """ "train: loss 0.41, accuracy 86%; test: loss 0.45, accuracy 84%", or grouped by quantity."""
    for pattern, outer in ((_BY_DATA, _DATA), (_BY_QUANTITY, _QUANTITIES)):
        if not pattern.fullmatch(bare):
            continue
        groups = [group for group in re.split(rf"(?=[{outer}])", bare) if group]
        inner = groups[0][1:].replace("n", "")
        alike = all(group[1:].replace("n", "") == inner for group in groups)
        if alike and len(set(inner)) == len(inner):
            pairs = [(group[0], name) for group in groups for name in inner]
            return tuple(pair if outer == _DATA else pair[::-1] for pair in pairs)
    return None


def _parallel(marks: str) -> _Reading | None:
    """ "training and test accuracy were 86% and 84%, respectively"."""
    for pattern in _LISTS:
        found = pattern.fullmatch(marks)
        if not found:
            continue
        data, named = found["d"].replace("S", ""), found["q"].replace("S", "")
        count = found["n"].count("n")
        pairs = [(each, name) for each in data for name in named]
        wanted = [pair for pair in pairs if pair[0] == "t"]
        if len(pairs) == count and len(set(wanted)) == len(wanted):
            return tuple(pairs)
    return None
