"""The final score on a page is the total of the gradebook, and is there when that is."""

import pytest

from autograder.model.report import Outcome
from autograder.render.html.making import why_no_pages
from autograder.store.results import Results
from tests.gradebook.test_standing import Folder

pytestmark = pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")


@pytest.mark.parametrize("what", ["", 'part = "1"', 'check = "double"'])
def test_where_the_grader_failed_staffs_points_make_it_final(tmp_path, what):
    folder = Folder(tmp_path)
    folder.add("carol", score=0.0, outcome=Outcome.GRADER_ERROR)
    folder.add("dan", score=0.0, outcome=Outcome.GRADER_ERROR)
    folder.build(roster=False)
    for login in ("carol", "dan"):
        folder.give(login, 10, 4)
    path = tmp_path / "overrides.toml"
    path.write_text(f'[[override]]\nsubmission = "carol"\npoints = 2\nreason = "Read."\n{what}\n')
    assert folder.report("--override", path) == 0
    totals = {row["login"]: (row["total"], row["complete"]) for row in folder.rows()}
    assert totals == {"carol": ("16", "yes"), "dan": ("", "no: the grader failed")}
    for login, there in (("carol", True), ("dan", False)):
        stored = Results(folder.out).of(login)
        for page in (stored.student_page, stored.staff_page):
            assert ("Final score: 16 of 17." in page.read_text("utf-8")) is there
            assert ("Final score" in page.read_text("utf-8")) is there
