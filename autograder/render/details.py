"""What there is to say about one check, or about loading, as paragraphs."""

from __future__ import annotations

from autograder.model.report import CheckResult, LoadReport, Outcome, Place
from autograder.text import wording
from autograder.text.layout import Paragraph

OUR_FAULT = "This is a fault of the grader, not of your code. Staff will look at it."


def check_details(
    check: CheckResult, staff: bool = False, indent: int = 0, most_lines: int | None = None
) -> list[Paragraph]:
    """Return what there is to say about one check besides its title and its points.

    Of what the code printed, at most `most_lines` lines are there (None: all of them), and none
    for a check that passed, nor for a hidden one unless `staff`: it may be the hidden inputs.
    """
    paragraphs = []
    shows_printed = check.outcome is not Outcome.PASSED and (check.public or staff)
    if check.outcome is Outcome.GRADER_ERROR:
        paragraphs.append(Paragraph(OUR_FAULT, indent=indent))
    if check.message:
        paragraphs.append(Paragraph(check.message, indent=indent))
    if check.carried:
        paragraphs.append(Paragraph(f"Carried forward: {check.carried}", indent=indent))
    if check.place:
        paragraphs += _place(check.place, indent)
    if check.output.strip() and shows_printed:
        paragraphs.append(Paragraph("Your code printed:", "quiet", indent))
        paragraphs.append(_printed(check.output, indent, most_lines))
    if check.staff and staff:
        paragraphs.append(Paragraph("For staff:", "quiet", indent))
        paragraphs.append(Paragraph(check.staff, "quiet", indent + 2, verbatim=True))
    return paragraphs


def load_details(
    load: LoadReport, indent: int = 0, most_lines: int | None = None
) -> list[Paragraph]:
    """Return what went wrong or was decided while the file was loaded."""
    paragraphs = []
    if load.problem:
        at = wording.where(load.place) if load.place else ""
        text = f"{at}: {load.problem}" if at else load.problem
        paragraphs.append(Paragraph(text, "bad", indent, "✗ "))
        # a message with a caret quotes the line itself
        if load.place and load.place.text.strip() not in load.problem:
            paragraphs += _source(load.place, indent + 2)
    for skipped in load.skipped:
        at = wording.where(skipped.place)
        text = f"{at} was skipped: {skipped.reason}" if at else skipped.reason
        paragraphs.append(Paragraph(text, "mixed", indent, "! "))
        paragraphs += _source(skipped.place, indent + 2)
    if load.missing and not load.problem:
        text = f"Not found in your file: {wording.joined(load.missing)}."
        paragraphs.append(Paragraph(text, "mixed", indent, "! "))
    paragraphs += [Paragraph(text, "", indent + 2) for _, text in load.suggestions]
    if load.stubs:
        text = f"Not installed where this was graded: {wording.joined(load.stubs)}."
        paragraphs.append(Paragraph(text, "", indent, "· "))
    paragraphs += [Paragraph(remark, "", indent, "· ") for remark in load.remarks]
    if load.output.strip() and (load.problem or load.skipped):
        paragraphs.append(Paragraph("Your code printed while it was loaded:", "quiet", indent))
        paragraphs.append(_printed(load.output, indent, most_lines))
    return paragraphs


def _few_lines(text: str, most: int) -> str:
    """Return the first lines and the last one, with a line that counts those between."""
    lines = text.rstrip().split("\n")
    if len(lines) <= most:
        return "\n".join(lines)
    left_out = len(lines) - most + 1
    return "\n".join([*lines[: most - 2], f"… {left_out:,} lines left out …", lines[-1]])


def _place(place: Place, indent: int) -> list[Paragraph]:
    source = _source(place, indent)
    colon = ":" if source else ""
    return [Paragraph(f"at {wording.where(place)}{colon}", "quiet", indent), *source]


def _source(place: Place, indent: int) -> list[Paragraph]:
    text = place.text.strip()
    return [Paragraph(text, "code", indent + 4, verbatim=True)] if text else []


def _printed(output: str, indent: int, most_lines: int | None) -> Paragraph:
    output = output.rstrip() if most_lines is None else _few_lines(output, most_lines)
    return Paragraph(output, "code", indent + 2, verbatim=True, quote=True)
