"""Points that staff give in place of the machine's: how they are written, and where they show."""

import re
import shutil

import pytest

from autograder.cli import main
from autograder.gradebook.build import reports_in
from autograder.gradebook.overrides import OverrideError, give_override, overrides_in
from autograder.model.report import Outcome
from autograder.render.html.making import why_no_pages
from autograder.render.results_json import stored_result
from autograder.store.code import StoredCell, StoredCode, write_code
from autograder.store.results import Results
from tests.gradebook.test_standing import Folder

REASON = "The handout's example has it that way."


@pytest.fixture
def whole(tmp_path):
    made = Folder(tmp_path)
    made.add("alice", score=0.5, outcome=Outcome.PARTIAL)
    made.add("bob", score=0.0, outcome=Outcome.FAILED)
    made.add("carol", score=0.0, outcome=Outcome.GRADER_ERROR)
    return made


@pytest.fixture
def folder(whole, monkeypatch):
    """The same without pages, which most of this is not about."""
    monkeypatch.setattr("autograder.course.why_no_pages", lambda: "No pages were written.")
    return whole


def write(folder, *tables):
    path = folder.top / "overrides.toml"
    path.write_text("\n".join(f"[[override]]\n{table}\n" for table in tables))
    return path


def one(folder, submission="alice", points=2, what='check = "double"', reason=REASON):
    lines = (f'submission = "{submission}"', what, f"points = {points}", f'reason = "{reason}"')
    return write(folder, "\n".join(filter(None, lines)))


def judged(folder):
    return {each.id: each for each in reports_in(folder.out)}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ('check = "double"', "Part 1, check double of double: 2 of 2 points instead of 0.5"),
        ('part = "1"', "Part 1: 2 of 2 points instead of 0.5"),
        ("", "All points by the machine: 2 of 2 points instead of 0.5"),
    ],
)
def test_a_check_a_part_or_all_get_other_points(folder, what, text):
    before = Results(folder.out).of("alice").result.read_bytes()
    folder.report("--override", one(folder, what=what))
    assert judged(folder)["alice"].score == 2
    (row, *_) = folder.rows()
    assert (row["machine"], row["part 1"]) == ("2", "2" if what else "0.5")
    assert row["overrides"] == f"{text}, given by staff. {REASON}"
    # The machine's own result is as it was, and no other command needs the file again.
    assert Results(folder.out).of("alice").result.read_bytes() == before
    assert stored_result(folder.out, "alice").score == 0.5
    (folder.top / "overrides.toml").unlink()
    folder.report()
    assert folder.rows()[0]["machine"] == "2"
    # The next file takes the place of this one.
    folder.report("--override", write(folder))
    assert folder.rows()[0]["machine"] == "0.5" and folder.rows()[0]["overrides"] == ""


def test_one_that_covers_another_does_not_change_what_the_machine_gave(folder):
    tables = ('check = "double"\npoints = 1', 'part = "1"\npoints = 1.5', "points = 2")
    start = f'submission = "alice"\nreason = "{REASON}"\n'
    folder.report("--override", write(folder, *(start + each for each in tables)))
    report = judged(folder)["alice"]
    assert [each.machine for each in report.overridden] == [0.5] * 3
    assert (report.score, report.part_scores()) == (2, {"1": (1.5, 2)})
    assert not any(each.changed for each in report.overridden)


@pytest.mark.parametrize("what", ['check = "double"', 'part = "1"', ""])
def test_who_has_no_score_since_the_grader_failed_gets_one(folder, what):
    folder.report("--override", one(folder, "carol", 1, what))
    assert folder.rows()[2]["machine"] == "1"
    assert "grader failed" not in folder.rows()[2]["complete"]


def test_it_is_flagged_when_what_it_was_written_over_has_changed(folder, capsys):
    path = one(folder, what='part = "1"')
    folder.report("--override", path)
    assert not any("When staff gave" in row["reason"] for row in folder.rows("needs_a_look.csv"))
    regraded(folder, "alice", 1.5)
    for more in ((), ("--override", path)):
        folder.report(*more)
        reasons = [row["reason"] for row in folder.rows("needs_a_look.csv")]
        assert (
            "When staff gave 2 points for part 1, the machine gave 0.5 and gives 1.5 now. "
            "Look again; another wording of its reason says that it still holds."
        ) in reasons
    assert folder.rows()[0]["machine"] == "2"
    folder.report("--override", one(folder, what='part = "1"', reason=f"{REASON} Still."))
    assert not any("When staff gave" in row["reason"] for row in folder.rows("needs_a_look.csv"))


def regraded(folder, id, score):
    """Put another result in place of one."""
    shutil.rmtree(Results(folder.out).of(id).folder)
    folder.add(id, score=score, outcome=Outcome.PARTIAL)


def test_another_code_is_told_too(folder):
    stored = Results(folder.out).of("alice")
    write_code(stored.folder, StoredCode("tiny.py", (StoredCell("tiny.py", "a"),)))
    folder.report("--override", one(folder))
    write_code(stored.folder, StoredCode("tiny.py", (StoredCell("tiny.py", "b"),)))
    folder.report()
    (changed,) = [
        row["reason"] for row in folder.rows("needs_a_look.csv") if "staff gave" in row["reason"]
    ]
    assert changed.startswith(
        "When staff gave 2 points for check double, the code was another one."
    )


def test_one_of_somebody_who_is_gone_is_told(folder):
    folder.report("--override", one(folder))
    folder.report("--forget", "alice")
    assert "Staff gave points for alice, which is not there." in [
        row["reason"] for row in folder.rows("needs_a_look.csv")
    ]


@pytest.mark.skipif(bool(why_no_pages()), reason=why_no_pages() or "-")
def test_staff_read_what_it_was_and_the_student_the_points_and_the_reason(whole):
    whole.report()
    stored = Results(whole.out).of("alice")
    whole.report("--override", one(whole))
    staff = stored.staff_page.read_text("utf-8")
    assert "Part 1, check double of double: 2 of 2 points instead of 0.5, given by staff." in staff
    assert "The machine: partial, 0.5 of 2 points." in staff
    student = re.sub(r"<[^>]*>", "", stored.student_page.read_text("utf-8"))
    assert "Part 1, a check of double: 2 of 2 points, given by staff. The handout" in student
    assert "instead of" not in student and "double(x) is 2 x" not in student
    assert Results(whole.out).of("bob").student_page.read_text("utf-8").count("given by staff") == 0


def test_what_is_wrong_with_a_file_is_told_by_its_line(folder, capsys):
    good = f'submission = "alice"\npoints = 1\nreason = "{REASON}"'
    for tables, line, words in (
        (
            [good, good.replace("alice", "alise")],
            7,
            "no submission 'alise' (did you mean 'alice'?)",
        ),
        ([good + '\ncheck = "duoble"'], 5, "no check 'duoble' (did you mean 'double'?)"),
        ([good + '\npart = "9"'], 5, "grades no part '9' (known are 1)"),
        ([good.replace("1", "2.5")], 3, "points = 2.5 is not from 0 to 2"),
        ([good.replace("1", '"one"')], 3, "is not a number"),
        ([good.replace(REASON, " ")], 4, "reason is empty"),
        ([good + '\nwhy = "x"'], 5, "'why' is not known"),
        ([good, good], 7, "stands there twice"),
        ([good + '\ncheck = "double"\npart = "1"'], 5, "can't both be given"),
    ):
        path = write(folder, *tables)
        assert folder.report("--override", path) == 2, words
        told = capsys.readouterr().err
        assert f"{path}, line {line}: " in told and words in told, told
        assert overrides_in(folder.out) == {}
    assert folder.report("--override", folder.top / "nothing.toml") == 2
    assert "is not there" in capsys.readouterr().err
    (folder.out / "overrides.json").write_text("{")
    assert folder.report() == 2
    assert "Remove it, and give --override FILE once more." in capsys.readouterr().err


def test_a_run_takes_one_with_it_and_needs_a_folder(folder, capsys, tmp_path):
    (tmp_path / "tiny.erin.py").write_text("def double(x): return x\n")
    words = ["grade", tmp_path / "tiny.erin.py", "--assignment", tmp_path / "assignment"]
    words += ["--isolation", "process", "-j", "1"]
    path = one(folder, "erin")
    assert main([str(word) for word in (*words, "--override", path)]) == 2
    assert "--override needs --out" in capsys.readouterr().err
    # Graded anew, it still holds.
    for more in (("--override", path), ("--no-resume",)):
        assert main([str(word) for word in (*words, "--out", tmp_path / "new", *more)]) == 0
        assert "2/2" in capsys.readouterr().out
        (report,) = reports_in(tmp_path / "new")
        assert report.score == 2 and report.overridden[0].machine == 0


def test_what_was_given_on_the_page_stays_beside_a_file_that_does_not_name_it(folder):
    assignment = folder.assignment
    give_override(folder.out, assignment, ("bob", "double", ""), (1.0, "Half."), "ann")
    give_override(folder.out, assignment, ("alice", "double", ""), (1.0, "Half."), "ann")
    folder.report("--override", one(folder))
    kept = {each.key: each for own in overrides_in(folder.out).values() for each in own}
    assert kept["bob", "double", ""].by == "ann" and kept["bob", "double", ""].points == 1
    assert (kept["alice", "double", ""].by, kept["alice", "double", ""].points) == ("", 2)
    assert judged(folder)["bob"].score == 1
    # A file without it takes back what stood in a file, and nothing else.
    folder.report("--override", one(folder, "carol", 1))
    assert sorted(overrides_in(folder.out)) == ["bob", "carol"]
    give_override(folder.out, assignment, ("bob", "double", ""), None, "ann")
    assert sorted(overrides_in(folder.out)) == ["carol"]


@pytest.mark.parametrize(
    ("about", "given", "text"),
    [
        (("alice", "double", ""), (3.0, "x"), "from 0 to 2"),
        (("alice", "double", ""), (1.0, " "), "Say why"),
        (("alice", "none", ""), (0.0, "x"), "nothing that the machine"),
        (("nobody", "double", ""), (1.0, "x"), "nothing that the machine"),
    ],
)
def test_what_can_not_be_given_on_the_page_is_refused(folder, about, given, text):
    with pytest.raises(OverrideError, match=text):
        give_override(folder.out, folder.assignment, about, given, "ann")
    assert overrides_in(folder.out) == {}
