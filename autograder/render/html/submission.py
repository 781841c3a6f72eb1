"""report.html and staff.html of one submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.model.experiment import Experiment
from autograder.model.hints import FORMULA
from autograder.model.report import ALL, POINTS, HandGraded, Report
from autograder.render.bounds import bounded
from autograder.render.hints import levels_of
from autograder.render.html.beside import Alike, Pdf
from autograder.render.html.comments import comment_html
from autograder.render.html.formulas import Formula, together
from autograder.render.html.making import page
from autograder.render.html.page_model import file_names, page_model
from autograder.render.redaction import for_student
from autograder.store.code import StoredCode
from autograder.text import wording
from autograder.text.inert import inert_line

_STYLES, _SCRIPTS = ("submission.css",), ("open.js",)


@dataclass(frozen=True)
class Context:
    """What pages need beside a Report: the handout's formulas, limits in words, and what is shown.

    `answers` are the formulas that answer the handout: for staff, and for students who may see all.
    `shown` is one of STUDENTS_SEE: what students read of hidden checks; `fixed` are the messages
    that are the same whatever a check's inputs. `levels` say for each check, by its id, how deep
    the hints may go before the deadline and after it; all of them where nothing is said.
    `experiment` is one that is made, and `stem` the assignment's, by which its variants are chosen.
    """

    formulas: Mapping[str, Sequence[Formula]]
    limits: str = ""
    shown: str = POINTS
    fixed: tuple[str, ...] = ()
    answers: Mapping[str, Sequence[Formula]] = field(default_factory=dict)
    levels: tuple[Mapping[str, int], ...] = ({}, {})
    experiment: Experiment | None = None
    stem: str = ""

    def variant_of(self, report: Report) -> str:
        """Return which variant of the experiment is read; "" where none is made."""
        return self.experiment.variant_of(report.id, self.stem) if self.experiment else ""


@dataclass(frozen=True)
class Beside:
    """What staff read beside the Report: remarks that it lacks, look-alikes, what is in the PDF.

    `who` are the names of those whose it is, "" where nobody knows more than the files tell.
    """

    remarks: tuple[str, ...] = ()
    alike: tuple[Alike, ...] = ()
    pdf: Pdf | None = None
    who: str = ""


_NOTHING_BESIDE = Beside()


@dataclass(frozen=True)
class HandNote:
    """What a grader said of a part, "" for the whole: (item, points), and the comment as typed."""

    part: str
    lines: tuple[tuple[str, float], ...] = ()
    comment: str = ""

    @property
    def html(self) -> str:
        return comment_html(self.comment)


@dataclass(frozen=True)
class ByHand:
    """What was given by hand: points in the order of the parts, what was said, and the final score.

    `final` is a sentence, "" while anything is open.
    """

    points: tuple[float | None, ...] = ()
    notes: tuple[HandNote, ...] = ()
    final: str = ""


_NOTHING = ByHand()


def student_page(
    report: Report,
    code: StoredCode | None,
    context: Context,
    made_from: str = "",
    hand: ByHand = _NOTHING,
    is_over: bool = False,
) -> bytes:
    """Return report.html: what the student may read, and nothing else.

    `made_from` is put into the page, to tell later whether it must be made anew. `hand` is what was
    given by hand, as far as students may read it; `is_over` tells whether the deadline has passed.
    """
    report = report.with_hand(hand.points)
    levels, variant = context.levels[is_over], context.variant_of(report)
    if context.experiment is not None:
        report = context.experiment.told(report, variant)
        levels = context.experiment.levels(levels, variant)
    own = bounded(for_student(report, context.shown, frozenset(context.fixed), levels))
    answers = context.answers if context.shown == ALL else {}
    deepest = levels_of(report, levels)
    stated = {
        name: formulas
        for name, formulas in context.formulas.items()
        if all(level >= FORMULA for (_, of), level in deepest.items() if of == name)
    }
    view = page_model(own, code, together(stated, answers))
    return page(
        "report.html",
        styles=_STYLES,
        scripts=_SCRIPTS,
        made_from=made_from,
        view=view,
        hand=hand,
        totals=totals(own),
        files=file_names(own),
        limits=context.limits,
    )


def staff_page(
    report: Report,
    code: StoredCode | None,
    context: Context,
    beside: Beside = _NOTHING_BESIDE,
    made_from: str = "",
    hand: ByHand = _NOTHING,
) -> bytes:
    """Return staff.html: everything."""
    report = report.with_hand(hand.points)
    whole = bounded(report)
    view = page_model(whole, code, together(context.formulas, context.answers), staff=True)
    return page(
        "staff.html",
        styles=_STYLES,
        scripts=_SCRIPTS,
        made_from=made_from,
        view=view,
        who=beside.who or view.who,
        hand=hand,
        totals=totals(whole),
        remarks=list(dict.fromkeys((*whole.staff_remarks(), *beside.remarks))),
        alike=beside.alike,
        pdf=beside.pdf,
        has_code=code is not None,
        facts=facts(whole, context.variant_of(report)),
        limits=context.limits,
    )


def totals(report: Report) -> dict[str, str]:
    done = [each for each in report.hand_graded if each.score is not None]
    left = sum(each.max_score for each in report.hand_graded if each.score is None)
    hand = wording.number(sum(each.score or 0.0 for each in done))
    most = wording.number(sum(each.max_score for each in report.hand_graded))
    by_hand = _hand_words(report.hand_graded)
    return {
        "machine_score": wording.number(report.score),
        "machine_points": wording.number(report.max_score),
        "machine": f"{wording.number(report.score)} of {wording.number(report.max_score)}",
        "hand": (
            f"open, of {most}" if not done else f"{hand} of {most}" + (" so far" if left else "")
        )
        if report.hand_graded
        else "",
        "by_hand": by_hand,
    }


def _hand_words(parts: Sequence[HandGraded]) -> str:
    phrases = wording.by_hand(parts)
    if not phrases:
        return ""
    left = [part.part for part in parts if part.score is None]
    where = f" ({wording.joined(list(dict.fromkeys(left)))})" if left else ""
    text = "; ".join(phrases)
    if left:
        text += f" and not in this sum yet{where}"
    return f"{text[0].upper()}{text[1:]}."


def facts(report: Report, variant: str = "") -> list[tuple[str, str]]:
    """Return what staff may want to know of how it was graded; `variant` is an experiment's."""
    provenance = report.provenance
    found = [
        ("id", report.id),
        ("files", file_names(report)),
        ("isolation", report.isolation),
        ("seed", str(report.seed)),
        ("graded in", f"{report.seconds:.1f} s"),
        ("variant", variant),
    ]
    if provenance is not None:
        people = [
            " ".join(filter(None, (each.name, each.login, each.id))) for each in provenance.people
        ]
        found += [
            ("platform", provenance.platform),
            ("handed in by", "; ".join(people)),
            ("handed in", provenance.submitted),
            ("due", provenance.due),
        ]
    slow = sorted(report.checks, key=lambda check: -check.seconds)[:3]
    found.append(
        ("slowest checks", ", ".join(f"{check.id} {check.seconds:.2f} s" for check in slow))
    )
    return [(name, inert_line(value, 1000)) for name, value in found if value]
