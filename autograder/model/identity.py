"""Who a submission is from: what tells two of one name apart, in every run and in every order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograder.model.provenance import Provenance

_PLAIN = "plain"
_HASH_LENGTH = 8
_SENDER_CHARS = 80
# What stands behind a name in the id of one of several: a hash, and a number where all is equal.
# Results of before have a number alone. (The hash of `safe_id` is longer, and part of the name.)
_MARK = re.compile(r"~(?:[0-9a-f]{8}(?:-\d+)?|\d{1,4})")
# Platforms whose own ids of people may come later than their e-mail addresses.
_BY_LOGIN = ("gradescope",)


@dataclass(frozen=True)
class Identity:
    """Who sent a submission, and what was in it.

    `name` is the id that its file name gives (`alice`, `alice.bob`). `platform` and `senders` are
    what an export tells, with the platform's own ids of people; without an export `senders` is
    empty. `content` is a hash of all that was read of it, "" where that is not known.
    """

    name: str
    platform: str = _PLAIN
    senders: tuple[str, ...] = ()
    content: str = ""

    @property
    def sender(self) -> str:
        """The sender in one word, such as "canvas:4711"; without an export "plain:" and the name.

        The same sender gives the same word, and no two give one of their own platform.
        """
        who = "+".join(self.senders) if self.senders else self.name
        visible = "".join(letter if letter.isprintable() else "_" for letter in who)
        odd = visible != who or who != who.strip() or len(who) > _SENDER_CHARS
        if odd or any("+" in each or "~" in each for each in self.senders):
            visible = f"{visible.strip()[:40]}~{_hashed(*self.senders)}"
        return f"{self.platform}:{visible}"

    @property
    def own_id(self) -> str:
        """The id where another submission has the name: told apart by sender, else by content."""
        return f"{self.name}~{self._mark(not self.senders)}"

    @property
    def narrow_id(self) -> str:
        """The id where even one sender has several of the name."""
        return f"{self.name}~{self._mark(True)}"

    def _mark(self, with_content: bool) -> str:
        return _hashed(self.platform, *self.senders, *([self.content] if with_content else []))

    def has_sender_of(self, other: Identity) -> bool:
        """Tell whether a platform says that both are from one sender."""
        own, others = (self.platform, self.senders), (other.platform, other.senders)
        return bool(self.senders) and own == others


def _hashed(*parts: str) -> str:
    """Return a short hash in which no two lists of texts can be confused."""
    digest = hashlib.sha256()
    for part in parts:
        blob = part.encode("utf-8", "surrogatepass")
        digest.update(len(blob).to_bytes(8, "big"))
        digest.update(blob)
    return digest.hexdigest()[:_HASH_LENGTH]


def identity_of(name: str, provenance: Provenance | None, content: str = "") -> Identity:
    """Return who sent a submission of this name, as far as its export tells."""
    if provenance is None:
        return Identity(name, content=content)
    kinds = ("login", "id", "name") if provenance.platform in _BY_LOGIN else ("id", "login", "name")
    told = (
        next(filter(None, (getattr(each, kind) for kind in kinds)), "")
        for each in provenance.people
    )
    senders = tuple(sorted({each.casefold() for each in told if each})) or (provenance.key,)
    return Identity(name, provenance.platform, senders, content)


def name_of(id: str) -> str:
    """Return the name that an id was made from: `alice` of `alice~1a2b3c4d`."""
    name, mark, rest = id.rpartition("~")
    return name if mark and _MARK.fullmatch(f"~{rest}") else id


def owner_of(id: str, provenance: Provenance | None, identity: Identity | None) -> Identity:
    """Return whose an id is; of a result stored before that was kept, as its provenance tells."""
    return identity or identity_of(name_of(id), provenance)


# From a name to what a folder of results knows of it: id -> whose that is.
_Recorded = Callable[[str], Mapping[str, Identity]]


def own_ids(identities: Sequence[Identity], recorded: _Recorded) -> list[str]:
    """Return an id for each submission of a run, all different, in whatever order they come.

    1. Whoever has an id in the folder of results already keeps it: by the sender; without a
       sender by the content, or by being the only one of the name.
    2. Else the only one of a name has the name, if nobody in the folder does.
    3. Else it gets the name, `~` and a hash of its sender, or of its content without one.
    """
    groups: dict[str, list[int]] = {}
    for place, each in enumerate(identities):
        groups.setdefault(each.name, []).append(place)
    ids = [""] * len(identities)
    for name, places in groups.items():
        group = [identities[place] for place in places]
        for place, id in zip(places, _ids_of_group(group, recorded(name)), strict=True):
            ids[place] = id
    return ids


def _ids_of_group(group: Sequence[Identity], known: Mapping[str, Identity]) -> list[str]:
    """Return the ids of all that have one name."""
    ids = _kept(group, known)
    name = group[0].name
    if len(group) == 1 and not ids and name not in known:
        return [name]
    wanted: dict[str, list[int]] = {}
    for place, each in enumerate(group):
        if place not in ids:
            several = sum(each.has_sender_of(other) for other in group) > 1
            wanted.setdefault(each.narrow_id if several else each.own_id, []).append(place)
    taken = {*known, *ids.values()}
    for id, places in sorted(wanted.items()):
        # Only those that are equal in all get numbers, so that it is all the same which has which.
        number = 1
        for place in places:
            while (own := id if number == 1 else f"{id}-{number}") in taken:
                number += 1
            taken.add(own)
            ids[place] = own
    return [ids[place] for place in range(len(group))]


def _kept(group: Sequence[Identity], known: Mapping[str, Identity]) -> dict[int, str]:
    """Return the ids, by place in the group, of those who have one in the folder already."""
    ids: dict[int, str] = {}
    # The shortest first, which is the bare name.
    listed = sorted(known.items(), key=lambda pair: (len(pair[0]), pair[0]))
    for certain in (True, False):
        for id, owner in listed:
            if id in ids.values():
                continue
            own = [
                place
                for place, each in enumerate(group)
                if place not in ids and _keeps(each, id, owner, group, certain)
            ]
            if own:
                ids[own[0]] = id
    return ids


def _keeps(
    each: Identity, id: str, owner: Identity, group: Sequence[Identity], certain: bool
) -> bool:
    """Tell whether an id of the folder is this one's: `certain` only where its content says so."""
    same_sender = each.has_sender_of(owner)
    if not same_sender and (each.senders or owner.senders):
        return False
    if certain:
        return bool(owner.content) and each.content == owner.content
    if same_sender:
        return sum(other.has_sender_of(owner) for other in group) == 1
    return len(group) == 1 and id == each.name
