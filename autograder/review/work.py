"""What there is to grade: the submissions of a folder of results, and which are the same."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.gradebook.build import names_by_id, reports_in
from autograder.gradebook.hand import Owned
from autograder.model.identity import Identity
from autograder.model.report import CheckResult, Report
from autograder.pdf.record import PdfRecord, Proposal, WrittenAnswer, read_record
from autograder.render.bounds import bounded_check
from autograder.store.results import Results
from autograder.text.inert import inert_line

NO_PDF, UNREADABLE, EMPTY = "no PDF", "unreadable PDF", "empty PDF"
SAME_NUMBERS, SAME_TEXT = "same numbers", "same text"
_EMPTY_PDF = "The PDF's pages are empty."


@dataclass(frozen=True)
class ReviewGroup:
    """What some submissions have in common: `name` for people; `digest` tells texts apart."""

    name: str
    digest: str = ""


@dataclass(frozen=True)
class Work:
    """A submission to grade: a team once.

    `key` stands for it in addresses and tells nothing of whose it is; `names` are all words that
    would, `number` is what it is called without names. `pdf` is the SHA-256 of its PDF, "" without;
    `derivations` are what the student wrote as functions too.
    """

    key: str
    number: int
    id: str
    identity: Identity
    who: str
    names: tuple[str, ...]
    pdf: str
    record: PdfRecord | None
    derivations: tuple[CheckResult, ...] = ()

    @property
    def sender(self) -> str:
        return self.identity.sender

    @property
    def owned(self) -> Owned:
        return Owned(self.id, self.identity, self.who, self.pdf)

    @property
    def owner(self) -> tuple[str, str]:
        """The key of its grades in the database."""
        return self.id, self.sender

    def proposals(self, part: str) -> tuple[Proposal, ...]:
        found = self.record.proposals if self.record is not None else ()
        return tuple(each for each in found if each.part == part)

    def sentences(self) -> dict[int, list[str]]:
        """Return the pages on which something proposed stands, and the sentences there."""
        found: dict[int, list[str]] = {}
        for each in self.record.proposals if self.record is not None else ():
            for sentence, page in proposed_places(each):
                found.setdefault(page, []).append(sentence)
        return found

    def pages(self) -> int:
        """How many pages there are to look at."""
        return self.record.pages or 0 if self.record is not None else 0

    def answer(self, part: str) -> WrittenAnswer | None:
        """Return where the PDF's headings say that a part is answered."""
        found = self.record.answers if self.record is not None else ()
        return next((each for each in found if each.part == part), None)

    def group(self, part: str) -> ReviewGroup | None:
        """Return what makes it the same as others in a part, None for nothing."""
        if self.record is None:
            return ReviewGroup(NO_PDF)
        if self.record.problem == _EMPTY_PDF:
            return ReviewGroup(EMPTY)
        if self.record.problem and not self.record.images:
            return ReviewGroup(UNREADABLE)
        proposals = self.proposals(part)
        if proposals and all(each.value is not None for each in proposals):
            numbers = ", ".join(f"{each.value:g}{each.unit}" for each in proposals)
            return ReviewGroup(f"{SAME_NUMBERS}: {numbers}")
        answer = self.answer(part)
        return (
            ReviewGroup(SAME_TEXT, answer.digest) if answer is not None and answer.digest else None
        )


def proposed_places(proposal: Proposal) -> list[tuple[str, int]]:
    """Return (sentence, page) of what is proposed, or where to look where nothing is."""
    if proposal.sentence and proposal.page:
        return [(proposal.sentence, proposal.page)]
    return [(each.sentence, each.page) for each in proposal.places]


def read_works(out: Path, assignment: Assignment, secret: str) -> list[Work]:
    """Return the submissions of a folder of results, in the order of their ids.

    They are called as the roster calls them, where the folder keeps one.
    """
    names = names_by_id(out)
    works = []
    for number, report in enumerate(reports_in(out), start=1):
        folder = Results(out).of(report.id).folder
        record = read_record(folder)
        works.append(_work_of(report, record, number, secret, names.get(report.id, "")))
    return works


def _work_of(report: Report, record: PdfRecord | None, number: int, secret: str, who: str) -> Work:
    people = report.provenance.people if report.provenance is not None else ()
    names = [each.name for each in people if each.name and not each.squashed]
    own = f"{report.id}\0{report.owner.sender}"
    key = hmac.new(secret.encode(), own.encode("utf-8", "replace"), "sha256").hexdigest()[:16]
    files = [*report.files, *([record.file] if record is not None else [])]
    known = [report.id, *report.authors, *files]
    known += [text for each in people for text in (each.name, each.login, each.id)]
    known += re.split(r"[;,]\s*", who)
    return Work(
        key=key,
        number=number,
        id=report.id,
        identity=report.owner,
        who=who or inert_line(" and ".join(names or report.authors) or report.id),
        names=_longest_first(known),
        pdf=record.digest if record is not None else "",
        record=record,
        derivations=tuple(map(bounded_check, report.derivations)),
    )


def _longest_first(names: Sequence[str]) -> tuple[str, ...]:
    """Return names as they are looked for in texts; too short ones would be found everywhere."""
    words = {name for name in names if len(name) >= 3}
    words |= {word for name in names for word in name.split() if len(word) >= 4}
    return tuple(sorted(words, key=lambda name: (-len(name), name)))


def nameless_text(text: str, work: Work, anonymous: bool) -> str:
    """Return a text; of an `anonymous` one nothing says whose it is, as far as that is known."""
    for name in work.names if anonymous else ():
        text = text.replace(name, "…")
    return text
