"""Who gets the score of which submission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autograder.gradebook.roster import Roster, Student, may_be_called, name_words
from autograder.intake.names import local_part
from autograder.model.provenance import Person, Provenance

_ASK = "please see who it is."


@dataclass(frozen=True)
class Claim:
    """What credit depends on: the submission's id, its authors by file name, and its provenance.

    `run` is higher for what a later run was given, `content` a hash of what was handed in, "" where
    that is not known.
    """

    id: str
    authors: tuple[str, ...]
    provenance: Provenance | None = None
    run: int = 0
    content: str = ""


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
    """`given` tells whose score a submission's is, `remarks` what staff must decide or check.

    `unknown` are those who are named but not in the roster, `absent` the students without one.
    `outdated` are the submissions all of whose people are named in what was handed in later,
    `undecided` those who are named in several, or may be who handed one in; none counts yet.
    """

    given: dict[str, tuple[Somebody, str]]
    remarks: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]
    absent: tuple[Student, ...]
    outdated: frozenset[str] = frozenset()
    undecided: tuple[tuple[Somebody, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class _Claim:
    who: Somebody
    id: str
    handed_in: bool
    run: int = 0
    content: str = ""

    def is_outdated_by(self, other: _Claim) -> bool:
        """Tell whether another claim of the same key is of what the same person handed in later."""
        senders = {each.who.platform_id for each in (self, other) if each.handed_in} - {""}
        return other.run > self.run and len(senders) < 2


def give_credit(submissions: Iterable[Claim], roster: Roster | None) -> Credits:
    """Say who gets the score of which submission.

    All of a team get it; whom a file names that its sender is not named in does not. Somebody whom
    two submissions name gets that of the one that was handed in later, at another run; of one run
    that of the one that they handed in themselves; where that does not decide, none, and staff are
    told.
    """
    named = _gathered(submissions, roster)
    claims, remarks = named.claims, named.remarks
    given: dict[str, tuple[Somebody, str]] = {}
    counting: set[str] = set()
    outdated: set[str] = set()
    later: list[tuple[str, str]] = []
    undecided: list[tuple[Somebody, tuple[str, ...]]] = []
    for key, all_claims in claims.items():
        current = [claim for claim in all_claims if not any(map(claim.is_outdated_by, all_claims))]
        counting |= {claim.id for claim in current}
        for claim in all_claims:
            if claim not in current:
                outdated.add(claim.id)
                later.append((claim.id, _later_text(claim, current)))
        chosen, doubts = _decide(current)
        remarks += doubts
        if not chosen:
            ids = tuple(dict.fromkeys(claim.id for claim in current))
            undecided.append((current[0].who, ids))
        for number, claim in enumerate(chosen):
            given[key if number == 0 else f"{key}\n{number}"] = (claim.who, claim.id)
    present = {claim.who.student for own in claims.values() for claim in own}
    unsure = {each: ids for each, ids in named.possible.items() if each not in present}
    undecided += [(_known(each), tuple(dict.fromkeys(ids))) for each, ids in unsure.items()]
    present |= set(unsure)
    absent = tuple(each for each in (roster.students if roster else ()) if each not in present)
    outdated -= counting
    return Credits(
        given,
        (*(each for each in remarks if each[0] not in outdated), *later),
        tuple(each for each in named.unknown if each[0] not in outdated),
        absent,
        frozenset(outdated),
        tuple(undecided),
    )


@dataclass
class _Named:
    """Who is named in all submissions: claims by person, remarks, whom nobody knows, who may be.

    The last are students of whom it can't be told which one handed something in.
    """

    claims: dict[str, list[_Claim]] = field(default_factory=dict)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    possible: dict[Student, list[str]] = field(default_factory=dict)


def _gathered(submissions: Iterable[Claim], roster: Roster | None) -> _Named:
    named = _Named()
    for handed in submissions:
        people = _people_of(handed, roster)
        named.remarks += [(handed.id, remark) for remark in people.remarks]
        named.unknown += [(handed.id, name) for name in people.strangers]
        for student in people.possible:
            named.possible.setdefault(student, []).append(handed.id)
        for claim in people.claims:
            timed = replace(claim, run=handed.run, content=handed.content)
            named.claims.setdefault(claim.who.key, []).append(timed)
    return named


def names_of(
    authors: tuple[str, ...], provenance: Provenance | None, roster: Roster | None
) -> tuple[str, ...]:
    """Return what staff call those whose submission it is: their names in the roster.

    Whom the roster doesn't have is called as the platform, or else the file, calls them.
    """
    if roster is not None:
        found = _people_of(Claim("", authors, provenance), roster)
        known = [each.who.name or each.who.login or each.who.key for each in found.claims]
        return tuple(dict.fromkeys([*known, *found.strangers])) or authors
    people = provenance.people if provenance is not None else ()
    names = tuple(each.name for each in people if each.name and not each.squashed)
    return names or authors or tuple(each.name or each.login or each.id for each in people)


def _later_text(claim: _Claim, current: list[_Claim]) -> str:
    name = claim.who.name or claim.who.login or claim.who.key
    ids = " and ".join(dict.fromkeys(each.id for each in current))
    return (
        f"It only lies in the folder of results, from before; for {name}, {ids} counts, handed in "
        f"later. --forget {claim.id} drops it."
    )


def _decide(claims: list[_Claim]) -> tuple[list[_Claim], list[tuple[str, str]]]:
    """Choose among the submissions that name one person; tell staff about all of them.

    Several are chosen only where the platform says that they are of several people.
    """
    if len({claim.id for claim in claims}) == 1:
        return claims[:1], []
    name = claims[0].who.name or claims[0].who.login
    ids = list(dict.fromkeys(claim.id for claim in claims))
    own = {claim.id: claim for claim in claims if claim.handed_in}
    if len(own) == 1:
        (chosen,) = own.values()
        text = f"{name} is named in {' and '.join(ids)}; {chosen.id}, handed in by {name}, counts."
        return [chosen], [(id, text) for id in ids]
    senders = {claim.who.platform_id for claim in own.values()} - {""}
    if own and len(senders) == len(own):
        login = claims[0].who.login
        text = (
            f"{login} is named in {' and '.join(ids)}, by different people: each gets what they "
            f"handed in, and a roster would say who is {login}."
        )
        return list(own.values()), [(id, text) for id in ids]
    if claims[0].content and len({claim.content for claim in claims}) == 1:
        # A platform that has a team's files once for each of it.
        return claims[:1], []
    text = f"{name} is named in {' and '.join(ids)}: no score is given until staff decide."
    return [], [(id, text) for id in ids]


@dataclass(frozen=True)
class _People:
    """Whose a submission may be: its claims, whom of its people nobody knows, and what is odd.

    `possible` are students of whom it is one's, and it can't be told whose.
    """

    claims: list[_Claim]
    strangers: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    possible: list[Student] = field(default_factory=list)


def _people_of(handed: Claim, roster: Roster | None) -> _People:
    people = handed.provenance.people if handed.provenance is not None else ()
    if roster is None:
        return _People([_Claim(each, handed.id, own) for each, own in _named_in(handed, people)])
    senders, strangers, remarks, possible = _senders_of(handed, roster)
    own = {each.key for each in senders}
    found = [(author, roster.with_login(author)) for author in handed.authors]
    named = [_known(students[0]) for _, students in found if len(students) == 1]
    nobody = [author for author, students in found if not students]
    for author, students in found:
        if len(students) > 1 and not {_known(each).key for each in students} & own:
            remarks.append(f"{author} is {_distinguished(students)} in the roster: {_ASK}")
            possible += students
    claims = [_Claim(each, handed.id, True) for each in senders]
    partners = [each for each in named if each.key not in own]
    if partners and len(partners) == len(named) and _is_of_another(handed, senders, named, roster):
        others = " and ".join(each.name or each.login for each in partners)
        remarks.append(
            f"The file name does not name whoever handed it in; {others}, whom it names, "
            "gets no score for it until staff decide."
        )
    else:
        claims += [_Claim(each, handed.id, not people) for each in partners]
    # One name that nobody has is the sender's own, spelt in another way.
    spelt = len(senders) == 1 and len(nobody) == 1 and len(handed.authors) == 1
    return _People(claims, [*strangers, *([] if spelt else nobody)], remarks, possible)


def _senders_of(
    handed: Claim, roster: Roster
) -> tuple[list[Somebody], list[str], list[str], list[Student]]:
    """Return who of the roster sent it, the senders that aren't there, what is odd, and of whom
    it can't be told which sent it."""
    senders: list[Somebody] = []
    strangers: list[str] = []
    remarks: list[str] = []
    possible: list[Student] = []
    provenance = handed.provenance
    for person in provenance.people if provenance is not None else ():
        candidates = roster.candidates(person, provenance.platform if provenance else "")
        if len(candidates) > 1:
            candidates = _named_too(candidates, handed, roster)
        if len(candidates) > 1:
            remarks.append(
                f"Whoever handed it in is {_distinguished(candidates)} in the roster, by number, "
                f"login and name: {_ASK}"
            )
            possible += candidates
        elif candidates:
            senders.append(_known(candidates[0]))
        else:
            strangers.append(person.name or person.login or person.id)
    return senders, strangers, remarks, possible


def _named_too(candidates: list[Student], handed: Claim, roster: Roster) -> list[Student]:
    """Return those of one name whose username the file has too; all where that is nobody."""
    by_file = {each for author in handed.authors for each in roster.with_login(author)}
    alike = len({name_words(each.name) for each in candidates}) == 1
    return [each for each in candidates if each in by_file] or candidates if alike else candidates


def _distinguished(students: list[Student]) -> str:
    """Return the names of students, each with what tells them apart."""
    return " and ".join(
        f"{each.name or each.login} ({each.login or each.id or f'line {each.line}'})"
        for each in students
    )


def _is_of_another(
    handed: Claim, senders: list[Somebody], named: list[Somebody], roster: Roster
) -> bool:
    """Tell whether a file is from nobody whom it names, `named`, none of whom is in `senders`.

    A sender who isn't in the roster may still be one of them, under another name.
    """
    provenance = handed.provenance
    if provenance is None or not provenance.people:
        return False
    if senders:
        # A name that nobody has may be the sender's.
        return all(map(roster.with_login, handed.authors))
    # Canvas' own roster has the very ids of the export.
    if provenance.platform == "canvas" and roster.is_canvas:
        return True
    return not any(
        _may_be(person, each.student)
        for person in provenance.people
        for each in named
        if each.student is not None
    )


def _may_be(person: Person, student: Student) -> bool:
    """Tell whether a sender whom the roster doesn't have can be a student that a file names."""
    return not person.login and may_be_called(student, person.name)


def _known(student: Student) -> Somebody:
    return Somebody(student.key, student.name, student.login, student.id, student)


def _named_in(handed: Claim, people: tuple[Person, ...]) -> list[tuple[Somebody, bool]]:
    """Without a roster: whoever the platform names with a login, and those whom the file names.

    Where the platform tells no logins, the one author of a file is its sender.
    """
    logins = {local_part(person.login): person for person in people if person.login}
    if logins:
        own = [
            (Somebody(login, each.name, each.login, each.id), True)
            for login, each in logins.items()
        ]
        # Of a file that names none of its senders, those whom it names may know nothing.
        partners = handed.authors if logins.keys() & set(handed.authors) else ()
        return own + [(Somebody(each, "", each), False) for each in partners if each not in logins]
    if handed.authors:
        alone = people[0] if len(people) == 1 == len(handed.authors) else Person()
        return [
            (
                Somebody(author, alone.name, author, alone.id),
                not people or bool(alone.id or alone.name),
            )
            for author in handed.authors
        ]
    if people:
        return [(Somebody(each.id or each.name, each.name, "", each.id), True) for each in people]
    return [(Somebody(handed.id, handed.id), True)]
