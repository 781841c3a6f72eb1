"""What the server knows, and what it answers: plain values for the page, as JSON."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import ExpectedError
from autograder.gradebook.database import (
    FIRST_READING,
    SECOND_READING,
    GradeItem,
    PartGrade,
)
from autograder.gradebook.overrides import give_override, overrides_in
from autograder.pdf.reader import MAX_PDF_PAGES
from autograder.pdf.record import Proposal
from autograder.render.html.comments import comment_html
from autograder.review.agreement import agreement_in
from autograder.review.exchange import releasing
from autograder.review.grades import Action, ConflictError, Grades, ReviewError
from autograder.review.history import change_text, step_text
from autograder.review.material import code_of, machine_of
from autograder.review.pictures import Pictures
from autograder.review.turns import Turns, target_of
from autograder.review.values import float_in, text_in, whole_in
from autograder.review.work import (
    UNREADABLE,
    ReviewGroup,
    Work,
    nameless_text,
    proposed_places,
    read_works,
)
from autograder.store.results import Results
from autograder.text.wording import derivation_outcome

_UNSEEN = (
    "Nobody has seen here what is in them. Open some of the files with another program before all "
    "of them get the same."
)
_MAX_COMMENTS = 200
_MAX_REASON = 500
_SAMPLE = 3
_AHEAD = 3


@dataclass(frozen=True)
class Asked:
    """What a request is about: a submission, a part, and which reading of it; by whom."""

    work: Work
    part: str
    reading: int
    grader: str


class Room:
    """A folder of results while it is graded by hand."""

    def __init__(
        self,
        out: Path,
        assignment: Assignment,
        level: str,
        *,
        anonymous: bool = False,
        publish: Callable[[], None] | None = None,
    ) -> None:
        """`publish` writes the tables and pages, and raises what keeps it from that.

        Raises ReviewError, and TableError for a database that can't be read.
        """
        self.out, self.assignment, self.anonymous = out, assignment, anonymous
        self.grades = Grades(Results(out).grades, assignment.hand)
        works = read_works(out, assignment, self.grades.meta("secret"))
        self.grades.bring_home(each.owned for each in works)
        self.works = {each.key: each for each in works}
        self.turns = Turns(self.grades, works)
        self.pictures = Pictures(out, works, level)
        # Cells of hand_grades.csv that disagree with what is here, each in a sentence.
        self.conflicts: tuple[str, ...] = ()
        self._publish, self._publishing = publish, threading.Lock()
        self._overriding = threading.Lock()

    def close(self) -> None:
        self.pictures.close()
        self.grades.close()

    def asked(self, values: Mapping[str, Any], grader: str) -> Asked:
        """Return what a request is about. Raises ReviewError for what isn't there."""
        work = self.works.get(text_in(values, "key"))
        part, reading = text_in(values, "part"), values.get("reading", FIRST_READING)
        if work is None:
            raise ReviewError("There is no such submission. Load the page again.")
        if part not in self.grades.parts or reading not in (FIRST_READING, SECOND_READING):
            raise ReviewError("There is no such part. Load the page again.")
        return Asked(work, part, int(reading), grader)

    # What the page starts with.

    def start(self, grader: str) -> dict[str, Any]:
        """Return what the page needs before anything else, and where this grader stopped."""
        parts = [self.part(name) for name in self.grades.parts]
        place = self.grades.meta(f"place {grader}").split(" ")
        part, key = place if len(place) == 2 else ("", "")
        if part not in self.grades.parts or key not in self.works:
            part = next((each["part"] for each in parts if each["left"]), parts[0]["part"])
            key = ""
        return {
            "grader": grader,
            "title": self.assignment.title,
            "anonymous": self.anonymous,
            "parts": parts,
            "part": part,
            "key": key,
            "released": self.grades.is_released(),
            "conflicts": list(self.conflicts),
            "order": self.grades.meta("order", "random"),
            "second_share": self.turns.second_share(),
        }

    def part(self, name: str) -> dict[str, Any]:
        """Return a part with its items, and how far it has come."""
        part, pace = self.grades.parts[name], self.turns.pace(name)
        return {
            "part": name,
            "title": part.title,
            "points": part.points,
            "scoring": self.grades.scoring(name),
            "items": [_item(each) for each in self.grades.items(name)],
            "all": pace.all,
            "done": pace.done,
            "left": pace.all - pace.done,
            "flagged": pace.flagged,
            "replaced": pace.replaced,
            "by": [{"grader": who, "done": count} for who, count in pace.by],
            "seconds": pace.seconds,
            "seconds_left": pace.left,
        }

    # One submission.

    def show(self, asked: Asked) -> dict[str, Any]:
        """Return all that the page shows of a submission in a part, and note where the grader is.

        Of a second reading only its own grade is told: it is blind. `next` is what comes then, kept
        for this grader, so that it is on the screen as soon as a key is pressed.
        """
        work, part, grader = asked.work, asked.part, asked.grader
        other = self.turns.claim(work.key, part, grader, asked.reading)
        self.pictures.first(work)
        found = self.turns.next_open(part, grader, work.key, reserved=True)
        then = None
        if found is not None:
            then = self._shown(replace(asked, work=found[0], reading=found[1]), "")
        return {**self._shown(asked, other), "next": then}

    def _shown(self, asked: Asked, other: str) -> dict[str, Any]:
        work, part = asked.work, asked.part
        grade = self.grades.grade(target_of(work, part, asked.reading))
        ordered = self.turns.ordered(part)
        record = work.record
        proposals = work.proposals(part)
        return {
            "key": work.key,
            "part": part,
            "reading": asked.reading,
            "name": self.name(work),
            "place": next(i for i, each in enumerate(ordered, 1) if each.key == work.key),
            "all": len(ordered),
            "pages": min(work.pages(), MAX_PDF_PAGES),
            "pdf": work.pdf[:16],
            "page": self._page(grade, proposals, part, work),
            "problem": _pdf_problem(work),
            "remarks": list(record.remarks) if record is not None else [],
            "grade": self.grade(grade, part),
            "replaced": bool(grade.done and grade.pdf != work.pdf),
            "other": other,
            "proposals": [self._proposal(each, work) for each in proposals],
            "derivations": [
                {
                    "title": f"{each.function}: {each.title}",
                    "outcome": derivation_outcome(each),
                    "message": nameless_text(each.message, work, self.anonymous),
                }
                for each in work.derivations
                if each.part == part
            ],
            "group": self._group_of(work, part, asked.reading),
            "ahead": self._ahead(ordered, work),
        }

    def name(self, work: Work) -> str:
        return f"Submission {work.number}" if self.anonymous else work.who

    def grade(self, grade: PartGrade, part: str) -> dict[str, Any]:
        return {
            "items": list(grade.items),
            "adjustment": grade.adjustment,
            "fixed": grade.fixed,
            "comment": grade.comment,
            "html": comment_html(grade.comment),
            "flag": grade.flag,
            "done": grade.done,
            "version": grade.version,
            "grader": grade.grader,
            "points": self.grades.points(grade, part),
        }

    def _page(
        self, grade: PartGrade, proposals: tuple[Proposal, ...], part: str, work: Work
    ) -> int:
        """Return the page to open: where it was graded, where its numbers or its heading stand, or
        as usual."""
        found = next((each.page for each in proposals if each.page), 0)
        answer = work.answer(part)
        found = found or (answer.page if answer is not None else 0)
        page = grade.page or found or self.turns.usual_page(part) or 1
        return max(1, min(page, min(work.pages(), MAX_PDF_PAGES) or 1))

    def _proposal(self, proposal: Proposal, work: Work) -> dict[str, Any]:
        value = "" if proposal.value is None else f"{proposal.value:g} {proposal.unit}".strip()
        places = [
            {
                "sentence": nameless_text(sentence, work, self.anonymous),
                "page": page,
                "boxes": self.pictures.marks(work, page).get(sentence, []),
            }
            for sentence, page in proposed_places(proposal)
        ]
        return {
            "title": proposal.title,
            "value": value,
            "remark": proposal.remark,
            "places": places,
        }

    def _ahead(self, ordered: list[Work], work: Work) -> list[dict[str, Any]]:
        """Return the next submissions, whose pictures the browser gets ready."""
        at = ordered.index(work)
        listed = [*ordered[at + 1 : at + 1 + _AHEAD], *ordered[max(0, at - 1) : at]]
        return [{"key": each.key, "pdf": each.pdf[:16], "pages": each.pages()} for each in listed]

    # Grading.

    def set_grade(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        """Change what is given; return the submission as it is on disk now."""
        target = target_of(asked.work, asked.part, asked.reading)
        old = self.grades.grade(target)
        new = self._changed(old, values, asked)
        action = Action(text_in(values, "id"), asked.grader)
        self.grades.change(action, target, whole_in(values, "version"), new)
        return self.show(asked)

    def _changed(self, old: PartGrade, values: Mapping[str, Any], asked: Asked) -> PartGrade:
        """Return a grade with what a request sets; all else stays."""
        change = values.get("set")
        known = {"items", "adjustment", "comment", "flag", "done"}
        if not isinstance(change, dict) or not change or change.keys() - known:
            raise ReviewError("The page asked for something that the server does not know.")
        made: dict[str, Any] = {}
        if "items" in change:
            items = change["items"]
            if not isinstance(items, list) or not all(type(each) is int for each in items):
                raise ReviewError("Items are a list of their numbers.")
            made["items"], made["fixed"] = tuple(items), None
        if "adjustment" in change:
            made["adjustment"] = float_in(change, "adjustment")
        if "comment" in change:
            made["comment"] = text_in(change, "comment")
        for name in ("flag", "done"):
            if name in change:
                made[name] = change[name] is True
        if made.keys() - {"comment", "flag"}:
            made["pdf"] = asked.work.pdf
            made["page"] = whole_in(values, "page")
        return replace(old, **made)

    def undo(self, grader: str, id: str) -> dict[str, Any]:
        """Take back this grader's last step; say what it was, and where."""
        events = self.grades.undo(Action(id, grader, "undo"))
        if not events:
            return {"message": "There is nothing left to undo.", "show": None}
        about = events[0].about
        by_owner = {each.owner: each for each in self.works.values()}
        work = by_owner.get((about.get("submission", ""), about.get("sender", "")))
        many = f" for {len(events)} submissions" if len(events) > 1 else ""
        shown = None
        if work is not None and about["part"] in self.grades.parts:
            shown = self.show(Asked(work, about["part"], about["reading"], grader))
        return {"message": f"Taken back: {step_text(events[0].kind)}{many}.", "show": shown}

    def next(self, asked: Asked, flagged: bool) -> dict[str, Any]:
        """Return the next submission that waits for this grader, claimed for them."""
        found = self.turns.next_open(asked.part, asked.grader, asked.work.key, flagged=flagged)
        if found is None:
            what = "is flagged." if flagged else "waits for you. ↓ is the next part."
            return {"message": f"Nothing in part {asked.part} {what}", "show": None}
        work, reading = found
        return {"message": "", "show": self.arrive(replace(asked, work=work, reading=reading))}

    def enter(self, part: str, key: str, grader: str) -> dict[str, Any]:
        """Return where to go on in a part: at `key`, or at what waits first."""
        if part not in self.grades.parts:
            raise ReviewError("There is no such part. Load the page again.")
        if key in self.works:
            return self.arrive(Asked(self.works[key], part, FIRST_READING, grader))
        found = self.turns.next_open(part, grader, "")
        work, reading = found or (self.turns.ordered(part)[0], FIRST_READING)
        return self.arrive(Asked(work, part, reading, grader))

    def beside(self, asked: Asked, step: int) -> dict[str, Any]:
        work = self.turns.beside(asked.part, asked.work.key, step) or asked.work
        return self.arrive(replace(asked, work=work, reading=FIRST_READING))

    def arrive(self, asked: Asked) -> dict[str, Any]:
        """Note where a grader is now, and show it; what comes next is kept for them."""
        self.grades.set_meta(f"place {asked.grader}", f"{asked.part} {asked.work.key}")
        return self.show(asked)

    # Items.

    def set_item(self, values: Mapping[str, Any], grader: str) -> dict[str, Any]:
        """Add, reword, revalue or remove an item; say how many scores moved."""
        part = text_in(values, "part")
        action = Action(text_in(values, "id"), grader, "item")
        points, text = float_in(values, "points"), text_in(values, "text")
        moved = 0
        if values.get("item") is None:
            self.grades.add_item(action, part, points, text)
        else:
            stored = [e for e in self.grades.items(part) if e.id == whole_in(values, "item")]
            if not stored:
                raise ReviewError("This item is gone. Load the page again.")
            old = replace(stored[0], version=whole_in(values, "version"))
            gone = values.get("gone") is True
            new = replace(old, points=points, text=text, gone=gone)
            moved = self.grades.change_item(action, old, new)
        return {"part": self.part(part), "moved": moved}

    def set_scoring(self, values: Mapping[str, Any], grader: str) -> dict[str, Any]:
        part = text_in(values, "part")
        action = Action(text_in(values, "id"), grader, "scoring")
        moved = self.grades.set_scoring(action, part, text_in(values, "scoring"))
        return {"part": self.part(part), "moved": moved}

    # Groups.

    def _group(self, part: str, group: ReviewGroup) -> list[Work]:
        """Return the submissions of a group that are open in a part."""
        grades = self.grades.grades_of(part)
        return [
            work
            for work in self.turns.ordered(part)
            if work.group(part) == group and not grades.get(work.owner, PartGrade()).done
        ]

    def _group_of(self, work: Work, part: str, reading: int) -> dict[str, Any] | None:
        group = work.group(part)
        if group is None or reading != FIRST_READING:
            return None
        others = [each for each in self._group(part, group) if each.key != work.key]
        sample = [{"key": e.key, "name": self.name(e)} for e in others[:_SAMPLE]]
        unseen = _UNSEEN if group.name == UNREADABLE else ""
        told = {"name": group.name, "others": len(others), "sample": sample, "warning": unseen}
        return told if others else None

    def grade_group(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give all others of a group what this one has, if they are as many as was confirmed."""
        given = self.grades.grade(target_of(asked.work, asked.part))
        if not given.done:
            raise ReviewError("Grade this one first: the others get what it has.")
        group = asked.work.group(asked.part)
        same = self._group(asked.part, group) if group is not None else []
        others = [each for each in same if each.key != asked.work.key]
        if len(others) != whole_in(values, "count"):
            raise ReviewError(
                f"There are {len(others)} of them now, not {whole_in(values, 'count')}: look again."
            )
        changes = []
        for work in others:
            target = target_of(work, asked.part)
            old = self.grades.grade(target)
            new = replace(
                given, pdf=work.pdf, comment=given.comment or old.comment, flag=old.flag, page=0
            )
            changes.append((target, old.version, new))
        self.grades.change_all(Action(text_in(values, "id"), asked.grader, "group"), changes)
        return {"message": f"{len(changes)} more are graded.", "show": self.show(asked)}

    # Beside the page.

    def code(self, work: Work) -> dict[str, Any]:
        return code_of(self.out, work, self.anonymous)

    def sharp(self, work: Work) -> dict[str, Any]:
        """Return which pages are there as sharp pictures, and where what is proposed stands."""
        ready, waits = self.pictures.sharp(work)
        return {"pages": ready, "more": waits}

    def machine(self, work: Work) -> dict[str, Any]:
        return machine_of(self.out, work, self.anonymous)

    def override(self, values: Mapping[str, Any], grader: str) -> dict[str, Any]:
        """Give points in place of the machine's, or take them back; return what is there now.

        Raises ConflictError where something else is there than the page has shown, and
        OverrideError.
        """
        work = self.works.get(text_in(values, "key"))
        if work is None:
            raise ReviewError("There is no such submission. Load the page again.")
        about = (work.id, text_in(values, "check"), text_in(values, "part"))
        if about[1] and about[2]:
            raise ReviewError("Give points for a check or for a part, not for both.")
        given = None
        if values.get("points") is not None:
            given = float_in(values, "points"), text_in(values, "reason")
            if len(given[1]) > _MAX_REASON:
                raise ReviewError(f"A reason has at most {_MAX_REASON} characters.")
        with self._overriding:
            there = {each.key: each for each in overrides_in(self.out).get(work.id, ())}.get(about)
            if (there.points if there is not None else None) != values.get("was"):
                raise ConflictError("Somebody else has changed it in the meantime. Look again.")
            give_override(self.out, self.assignment, about, given, grader)
        return self.machine(work)

    def comments(self, part: str) -> dict[str, Any]:
        """Return the comments that were given in a part, the commonest first."""
        counts = Counter(e.comment for e in self.grades.grades_of(part).values() if e.comment)
        return {"comments": [text for text, _ in counts.most_common(_MAX_COMMENTS)]}

    def log(self, asked: Asked) -> dict[str, Any]:
        """Return who changed what of a submission in a part, the newest first."""
        target = target_of(asked.work, asked.part, asked.reading)
        items = {each.id: each for each in self.grades.items(asked.part)}
        events = [
            {
                "at": each.at,
                "grader": each.grader,
                "what": change_text(each.before, each.after, items, each.kind),
            }
            for each in self.grades.log(target)
        ]
        return {"events": events}

    def progress(self) -> dict[str, Any]:
        return {"parts": [self.part(name) for name in self.grades.parts]}

    def agreement(self) -> dict[str, Any]:
        """Return, by part, how first and second readings agree, and the cases that differ."""
        return {"parts": [agreement_in(self.turns, name, self.name) for name in self.grades.parts]}

    def settings(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Change the order or the share that is read twice, for everybody."""
        if "order" in values:
            if values["order"] not in ("random", "given"):
                raise ReviewError("The order is random or given.")
            self.grades.set_meta("order", values["order"])
        if "second_share" in values:
            share = float_in(values, "second_share")
            if not 0 <= share <= 1:
                raise ReviewError("The share that is read twice is from 0 to 1.")
            self.grades.set_meta("second_share", repr(share))
        return {"second_share": self.turns.second_share()}

    def release(self, released: bool) -> dict[str, Any]:
        """Let students read what was given by hand, or not; write the tables and pages anew.

        Raises ReviewError where that can't be: then it is as before.
        """
        words = "Students' pages show it" if released else "Students' pages don't show it"
        if self._publish is None:
            self.grades.release(released)
            return {"released": released, "message": f"{words} after autograder report."}
        message = f"{words} now."
        try:
            with self._publishing, releasing(self.out, self.assignment, released):
                self._publish()
        except (ExpectedError, OSError) as error:
            if self.grades.is_released() is not released:
                raise ReviewError(
                    "It stays as it was, since not everything could be written (autograder report "
                    f"puts right what was): {error}"
                ) from None
            message = f"{message} But the pages could not be written: {error}"
        return {"released": released, "message": message}


def _item(item: GradeItem) -> dict[str, Any]:
    return {"id": item.id, "points": item.points, "text": item.text, "version": item.version}


def _pdf_problem(work: Work) -> str:
    if work.record is None:
        return "No PDF was handed in."
    return work.record.problem or ""
