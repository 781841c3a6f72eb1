"""A folder of results: which files lie in it, and where."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import ExpectedError


class NoResultsError(ExpectedError):
    """A folder that should hold results holds none; the text says which."""


@dataclass(frozen=True)
class StoredSubmission:
    """The folder of one submission in a folder of results."""

    folder: Path

    @property
    def result(self) -> Path:
        """Everything that is known of it, in Gradescope's format."""
        return self.folder / "results.json"

    @property
    def trace(self) -> Path:
        """What look-alikes are found by, of the code."""
        return self.folder / "trace.npy"

    @property
    def code(self) -> Path:
        """The code as it was graded, for pages and look-alikes."""
        return self.folder / "code.json"

    @property
    def pdf(self) -> Path:
        return self.folder / "submission.pdf"

    @property
    def pdf_record(self) -> Path:
        """What was found in the PDF."""
        return self.folder / "pdf.json"

    @property
    def pdf_images(self) -> Path:
        """A folder with a picture of each page."""
        return self.folder / "pdf"

    @property
    def student_page(self) -> Path:
        return self.folder / "report.html"

    @property
    def staff_page(self) -> Path:
        return self.folder / "staff.html"


@dataclass(frozen=True)
class StoredReplacement:
    """The folder of a submission whose code staff mended."""

    folder: Path

    @property
    def mended(self) -> Path:
        """A folder with the mended file alone, under its own name."""
        return self.folder / "mended"

    @property
    def original(self) -> Path:
        """The code as it was handed in, in the form of a code.json."""
        return self.folder / "original.json"


@dataclass(frozen=True)
class Results:
    """A folder of results, what `--out` names; nothing is read or written before it is asked for.

    Nothing else knows what its files are called (docs/grading_a_class.md tells people).
    """

    folder: Path

    @functools.cached_property
    def submissions(self) -> Path:
        """The folder with a folder for each submission."""
        return self.folder / "submissions"

    def of(self, id: str) -> StoredSubmission:
        return StoredSubmission(self.submissions / id)

    def exist(self) -> bool:
        """Tell whether anything was ever graded into the folder."""
        return self.submissions.is_dir()

    def require(self) -> Results:
        """Return itself. Raises NoResultsError where nothing was ever graded into the folder."""
        if not self.exist():
            raise NoResultsError(
                f"{self.folder} holds no results: it has no folder {self.submissions.name}. Give a "
                "folder that was the --out of grade."
            )
        return self

    def ids(self) -> list[str]:
        """Return the names of the folders of submissions, in order, whether a result is in or not.

        Raises OSError.
        """
        return sorted(path.name for path in self.submissions.iterdir()) if self.exist() else []

    @property
    def runs(self) -> Path:
        """What was handed in in which run, and for which assignment."""
        return self.folder / "class.json"

    @property
    def roster(self) -> Path:
        """A copy of the roster that was given last."""
        return self.folder / "roster_used.csv"

    @property
    def hand_grades(self) -> Path:
        """Points given by hand: the only file in which people write."""
        return self.folder / "hand_grades.csv"

    def replacement(self, id: str) -> StoredReplacement:
        return StoredReplacement(self._replacements / id)

    def replaced_ids(self) -> list[str]:
        """Return the submissions whose code staff mended, in order. Raises OSError."""
        folder = self._replacements
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    @property
    def _replacements(self) -> Path:
        return self.folder / "replacements"

    @property
    def overrides(self) -> Path:
        """Points that staff gave in place of the machine's."""
        return self.folder / "overrides.json"

    @property
    def grades(self) -> Path:
        """The database of what is given by hand, once `autograder review` was started."""
        return self.folder / "grades.sqlite3"

    @property
    def gradebook(self) -> Path:
        return self.folder / "gradebook.csv"

    @property
    def scores(self) -> Path:
        """The parts, where the gradebook is what Canvas imports."""
        return self.folder / "scores.csv"

    @property
    def needs_a_look(self) -> Path:
        return self.folder / "needs_a_look.csv"

    @property
    def overview(self) -> Path:
        """The class at a glance."""
        return self.folder / "index.html"

    @property
    def lookalikes(self) -> Path:
        return self.folder / "lookalikes.json"

    @property
    def lookalike_pages(self) -> Path:
        return self.folder / "lookalikes"

    def feedback(self, platform: str) -> Path:
        """Return the archive of reports that a platform gives back to its students."""
        return self.folder / f"{platform}_feedback.zip"
