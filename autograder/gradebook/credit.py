"""Who gets the score of which submission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.gradebook.roster import Roster, Student
from autograder.intake.origin import Origin, Person


@dataclass(frozen=True)
class Handed:
    """What credit depends on: the submission's id, its authors by file name, and its origin."""

    id: str
    authors: tuple[str, ...]
    origin: Origin | None = None


@dataclass(frozen=True)
class Somebody:
    """Who may get a score: a student of the roster, or, without one, whoever is named.

    `key` is equal for two mentions of one person.
    """

    key: str
    name: str
    login: str = ""
    platform_id: str = ""
    student: Student | None = None


@dataclass(frozen=True)
class Credits:
    """`given` tells whose score a submission's is, `looks` what staff must decide or check.

    `unknown` are those who are named but not in the roster, `absent` the students without one.
    """

    given: dict[str, tuple[Somebody, str]]
    looks: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]
    absent: tuple[Student, ...]


@dataclass(frozen=True)
class Claim:
    who: Somebody
    id: str
    handed_in: bool


def give_credit(submissions: Iterable[Handed], roster: Roster | None) -> Credits:
    """Say who gets the score of which submission.

    All of a team get it. Somebody whom two submissions name gets that of the one that they handed
    in themselves; where that does not decide, none, and staff are told.
    """
    claims: dict[str, list[Claim]] = {}
    looks: list[tuple[str, str]] = []
    unknown: list[tuple[str, str]] = []
    for handed in submissions:
        own, strangers, odd = people_of(handed, roster)
        looks += [(handed.id, remark) for remark in odd]
        unknown += [(handed.id, name) for name in strangers]
        for claim in own:
            claims.setdefault(claim.who.key, []).append(claim)
    given: dict[str, tuple[Somebody, str]] = {}
    for key, all_claims in claims.items():
        chosen, remarks = decide(all_claims)
        looks += remarks
        if chosen is not None:
            given[key] = (chosen.who, chosen.id)
    present = {claim.who.student for own in claims.values() for claim in own}
    absent = tuple(each for each in (roster.students if roster else ()) if each not in present)
    return Credits(given, tuple(looks), tuple(unknown), absent)


def decide(claims: list[Claim]) -> tuple[Claim | None, list[tuple[str, str]]]:
    """Choose among the submissions that name one person; tell staff about those not chosen."""
    if len({claim.id for claim in claims}) == 1:
        return claims[0], []
    name = claims[0].who.name or claims[0].who.login
    ids = list(dict.fromkeys(claim.id for claim in claims))
    own = list(dict.fromkeys(claim.id for claim in claims if claim.handed_in))
    if len(own) == 1:
        chosen = next(claim for claim in claims if claim.id == own[0] and claim.handed_in)
        text = f"{name} is named in {' and '.join(ids)}; {own[0]}, handed in by {name}, counts."
        return chosen, [(id, text) for id in ids]
    text = f"{name} is named in {' and '.join(ids)}: no score is given until staff decide."
    return None, [(id, text) for id in ids]


def people_of(handed: Handed, roster: Roster | None) -> tuple[list[Claim], list[str], list[str]]:
    """Return the claims of one submission, whom of its people nobody knows, and what is odd."""
    origin = handed.origin
    people = origin.people if origin is not None else ()
    if roster is None:
        return [Claim(each, handed.id, own) for each, own in named_in(handed, people)], [], []
    claims: list[Claim] = []
    strangers: list[str] = []
    looks: list[str] = []
    for person in people:
        student = roster.find(person)
        if student is None:
            strangers.append(person.name or person.login or person.id)
        else:
            claims.append(Claim(known(student), handed.id, True))
    senders = {claim.who.key for claim in claims}
    unknown_authors = []
    named: set[str] = set()
    for author in handed.authors:
        student = roster.find_login(author)
        named |= {known(student).key} if student is not None else set()
        if student is None:
            unknown_authors.append(author)
        elif (who := known(student)).key not in senders:
            claims.append(Claim(who, handed.id, not people))
    if named and not unknown_authors and senders and not senders & named:
        looks.append("The file name does not name whoever handed it in.")
    # One name that nobody has is the sender's own, spelt in another way.
    spelt = len(senders) == 1 and len(unknown_authors) == 1 and len(handed.authors) == 1
    if not spelt:
        strangers += unknown_authors
    return claims, strangers, looks


def known(student: Student) -> Somebody:
    key = student.id or student.login or student.name
    return Somebody(key, student.name, student.login, student.id, student)


def named_in(handed: Handed, people: tuple[Person, ...]) -> list[tuple[Somebody, bool]]:
    """Without a roster: the authors by file name; the platform's people where that names none."""
    if handed.authors:
        logins = [person.login.partition("@")[0].casefold() for person in people]
        alone = people[0] if len(people) == 1 == len(handed.authors) else Person()
        return [
            (
                Somebody(author, alone.name, author, alone.id),
                not people or author in logins or bool(alone.id or alone.name),
            )
            for author in handed.authors
        ]
    if people:
        return [
            (Somebody(each.id or each.login or each.name, each.name, each.login, each.id), True)
            for each in people
        ]
    return [(Somebody(handed.id, handed.id), True)]
