"""submission_metadata.json: who handed in, when, by when, and what came of the last try.

Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/. Extensions
(`users[].assignment`) are not in that page and are read where they are. Whatever the file holds,
reading it raises nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.intake.paths import inert_path
from autograder.model.provenance import Person, Provenance, moment, seconds_late
from autograder.model.report import Report
from autograder.render.results_json import report_of

_MAX_BYTES = 64 * 1024 * 1024
_MAX_PEOPLE = 50
_MAX_CHARS = 300


@dataclass(frozen=True)
class Metadata:
    """What the platform tells of one upload.

    `extended` says that the deadline is the student's own, later than the class's; `previous` is
    the report of the try before, where the platform has handed it on; `remarks` are for staff.
    """

    provenance: Provenance
    extended: bool = False
    previous: Report | None = None
    remarks: tuple[str, ...] = ()


def read_metadata(path: Path) -> Metadata:
    """Read the metadata at `path`."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        remark = f"{path.name} can't be read ({why}): who handed it in, and when, is not known."
        return Metadata(Provenance("gradescope", ""), remarks=(remark,))
    return metadata_of(found)


def metadata_of(found: Any) -> Metadata:
    """Return what the parsed metadata tells."""
    about = _table(found)
    users = [_table(each) for each in _listed(about.get("users"))][:_MAX_PEOPLE]
    people = tuple(
        Person(
            id=_text(each.get("id")), login=_text(each.get("email")), name=_text(each.get("name"))
        )
        for each in users
    )
    usual = _text(_table(about.get("assignment")).get("due_date"))
    own = [_text(_table(each.get("assignment")).get("due_date")) for each in users]
    due = _latest([usual, *own])
    submitted = _text(about.get("created_at"))
    late = seconds_late(submitted, due)
    provenance = Provenance(
        platform="gradescope",
        key=f"submission_{_text(about.get('id'))}",
        people=people,
        late=None if late is None else late > 0,
        submitted=submitted,
        due=due,
    )
    remarks = []
    if not people:
        remarks.append("The metadata name nobody who handed it in.")
    if len({each for each in own if each} | {usual}) > 1 and len(people) > 1:
        remarks.append("Its people have different deadlines; the latest counts.")
    return Metadata(provenance, due != usual, _previous_report(about), tuple(remarks))


def _previous_report(about: dict[str, Any]) -> Report | None:
    """Return the report of the latest earlier upload; the platform hands on that one only."""
    for each in reversed(_listed(about.get("previous_submissions"))):
        results = _table(each).get("results")
        try:
            return report_of(json.loads(results) if isinstance(results, str) else results)
        except (ValueError, RecursionError):
            continue
    return None


def _latest(times: list[str]) -> str:
    """Return the latest of some ISO 8601 times, "" where none can be read."""
    known = [each for each in times if moment(each) is not None]
    chosen = known[0] if known else ""
    for each in known[1:]:
        if (seconds_late(each, chosen) or 0) > 0:
            chosen = each
    return chosen


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Return a value as one line of text that holds no control characters."""
    return "" if value is None else inert_path(str(value).strip())[:_MAX_CHARS]
