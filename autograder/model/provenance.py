"""Who handed a submission in, and when, as far as the learning platform's export tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True)
class Person:
    """Somebody as the platform names them; what it doesn't tell is "".

    `id` is the platform's own, `login` a username or an e-mail address, `name` as it is written in
    the export. `squashed` tells that the name is in lower case, without anything but letters, last
    name first, as Canvas writes it in file names.
    """

    id: str = ""
    login: str = ""
    name: str = ""
    squashed: bool = False


@dataclass(frozen=True)
class Provenance:
    """Where a submission comes from.

    `platform` is the format of the export, `key` its name of this submission. `late` is the
    platform's own mark, None where it makes none. `submitted` and `due` are ISO 8601 times, "" if
    not told. `prefixes` are the starts of the original file names that a file with feedback must
    have to find its way back.
    """

    platform: str
    key: str
    people: tuple[Person, ...] = ()
    late: bool | None = None
    submitted: str = ""
    due: str = ""
    prefixes: tuple[str, ...] = ()
    anonymous: bool = False


def seconds_late(submitted: str, due: str) -> float | None:
    """Return the seconds from the deadline to the upload; None where one of them isn't told.

    A time without a zone is one of the other's zone, or UTC where neither has one.
    """
    at, by = moment(submitted), moment(due)
    if at is None or by is None:
        return None
    zone = by.tzinfo or at.tzinfo or timezone.utc
    at, by = (each if each.tzinfo else each.replace(tzinfo=zone) for each in (at, by))
    return (at - by).total_seconds()


def moment(text: str) -> datetime | None:
    """Return an ISO 8601 time, with its zone where one is written; None for what is none."""
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" UTC", "+00:00"))
    except ValueError:
        return None
