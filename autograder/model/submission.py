"""What was handed in, as data: no student code has run and none has been parsed."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field

from autograder.model.identity import Identity
from autograder.model.provenance import Provenance
from autograder.model.remark import Remark

_CONTENT_LENGTH = 32


@dataclass(frozen=True)
class Cell:
    """A piece of source: the whole of a `.py` file, or one code cell of a notebook.

    `label` is what a student calls it ("homework3.alice.py", "cell 4"); `data` are its bytes as
    handed in, since decoding belongs to the guest.
    """

    label: str
    data: bytes


@dataclass(frozen=True)
class Submission:
    """One submission, ready to be graded.

    Attributes
    ----------
    id : safe for a file system; from the usernames in the file name (`alice`, `alice.bob`).
    authors : usernames, one or two (staff are told of more), empty when the name has none.
    code : name of the file that is graded, or None where no code was found.
    cells : its source; one cell for a `.py`, one for each code cell of a notebook.
    notebook : whether it is a notebook, whatever its name.
    helpers : other Python files that it may import, by relative path with `/`.
    pdf : name and bytes of the PDF, or None.
    files : the names of everything that was handed in, junk left out.
    remarks : what a student should know about how the files were read, and why staff should look.
    problem : why there is nothing to grade, in a sentence, or None.
    provenance : who handed it in by the platform's export, or None where no platform told.
    identity : what its `id` was made from, or None before it has one of its own.
    """

    id: str
    authors: tuple[str, ...] = ()
    code: str | None = None
    cells: tuple[Cell, ...] = ()
    notebook: bool = False
    helpers: dict[str, bytes] = field(default_factory=dict)
    pdf: tuple[str, bytes] | None = None
    files: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    problem: str | None = None
    provenance: Provenance | None = None
    identity: Identity | None = None

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the code that would be run, in hexadecimal."""
        digest = hashlib.sha256()
        pieces = [(cell.label, cell.data) for cell in self.cells]
        for name, data in [*pieces, *sorted(self.helpers.items())]:
            for blob in (name.encode("utf-8", "surrogatepass"), data):
                digest.update(len(blob).to_bytes(8, "big"))
                digest.update(blob)
        return digest.hexdigest()

    @functools.cached_property
    def pdf_digest(self) -> str:
        """SHA-256 of the bytes of the PDF, in hexadecimal; "" without one."""
        return hashlib.sha256(self.pdf[1]).hexdigest() if self.pdf is not None else ""

    @property
    def content(self) -> str:
        """A hash of all that was read of it, and of the platform's name for it."""
        key = self.provenance.key if self.provenance is not None else ""
        whole = (self.digest, self.pdf_digest, self.files, self.problem, key)
        return hashlib.sha256(repr(whole).encode()).hexdigest()[:_CONTENT_LENGTH]
