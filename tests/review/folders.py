"""Folders of results to grade by hand: made without grading, with PDFs that are really read."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment, HandItem, HandPart, load_assignment
from autograder.model.identity import identity_of
from autograder.model.provenance import Person, Provenance
from autograder.model.report import (
    CheckResult,
    CheckSpec,
    HandGraded,
    LoadReport,
    Outcome,
    Report,
)
from autograder.pdf.keeping import keep_pdf
from autograder.pdf.record import Proposal, WrittenAnswer, read_record, write_record
from autograder.render.results_json import write_results
from autograder.store.code import StoredCell, StoredCode, write_code
from autograder.store.results import Results
from tests.tiny import HAND, RUBRIC, write_assignment

MACHINE = CheckSpec("double", "double(x) is 2 x", "1", "double", 2.0)
ITEMS = (HandItem(6, "the rule"), HandItem(4, "the sum"))
# The smallest picture there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


def tiny_assignment(folder: Path, items: tuple[HandItem, ...] = ITEMS) -> Assignment:
    """Return an assignment of one machine part and one hand part, "2", of 10 points."""
    loaded = load_assignment(write_assignment(folder, RUBRIC + HAND))
    return replace(loaded, hand=(HandPart("2", "derive", 10.0, items=items),))


def report_of(id: str, hand: tuple[HandPart, ...], name: str = "", **more: object) -> Report:
    provenance = Provenance(
        "canvas",
        f"{id}_1",
        (Person(id=f"9{len(id)}{sum(map(ord, id))}", name=name or id.title()),),
        prefixes=(f"{id}_1_2_",),
    )
    return Report(
        assignment="Tiny",
        id=id,
        authors=(id,),
        files=(f"tiny.{id}.py", f"tiny.{id}.pdf"),
        checks=(CheckResult(MACHINE, 2.0, Outcome.PASSED),),
        hand_graded=tuple(HandGraded(each.part, each.title, each.points) for each in hand),
        load=LoadReport(found=("double",)),
        isolation="process",
        seed=1,
        provenance=provenance,
        identity=identity_of(id, provenance),
        **more,  # type: ignore[arg-type]
    )


def put(
    out: Path,
    id: str,
    hand: tuple[HandPart, ...],
    pdf: bytes | None = b"%PDF-1.4 nothing",
    *,
    name: str = "",
    pages: int = 2,
    problem: str | None = None,
    proposals: tuple[Proposal, ...] = (),
    answers: tuple[WrittenAnswer, ...] = (),
    code: str = "def double(x):\n    return 2 * x\n",
    **more: object,
) -> None:
    """Put a submission into a folder of results; its PDF is taken for read, with these pages.

    `more` are fields of its report.
    """
    stored = Results(out).of(id)
    stored.folder.mkdir(parents=True, exist_ok=True)
    write_results(stored.result, report_of(id, hand, name, **more))
    write_code(stored.folder, StoredCode(f"tiny.{id}.py", (StoredCell(f"tiny.{id}.py", code),)))
    if pdf is None:
        keep_pdf(stored.folder, None)
        return
    keep_pdf(stored.folder, (f"tiny.{id}.pdf", pdf + hashlib.sha256(id.encode()).digest()))
    record = read_record(stored.folder)
    assert record is not None
    stored.pdf_images.mkdir(exist_ok=True)
    names = () if problem else tuple(f"page-{n}.png" for n in range(1, pages + 1))
    for each in names:
        (stored.pdf_images / each).write_bytes(PNG)
    write_record(
        stored.folder,
        replace(
            record,
            pages=pages,
            problem=problem,
            images=names,
            proposals=proposals,
            answers=answers,
        ),
    )
