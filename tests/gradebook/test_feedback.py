"""The feedback zips, read by models of how Canvas and Moodle read them."""

import functools
import re
import zipfile

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.intake.exports.canvas import read_name
from autograder.store.results import Results
from tests.review.folders import put
from tests.test_class import generator
from tests.tiny import write_assignment

# What Canvas and Moodle know: whose attachment it is, and who takes part.
ATTACHED = re.compile(r"(?:LATE_)?(?:.*_)?(?P<user>\d+)_(?P<attachment>\d+)_")
STUDENTS = 9


def canvas_comment(name, attachments):
    """Return (user, attachment) to which Canvas gives a file; None where it reports a failure.

    Source: instructure/canvas-lms, infer_comment_context_from_filename.
    """
    base = name.rpartition("/")[2]
    tokens = [token for token in base.split("_") if token != "LATE"]
    if base.startswith("._") or tokens[-1].startswith("link"):
        return None
    if "anon" in tokens:
        start = tokens.index("anon") + 1
        user, attachment = (*tokens[start : start + 2], "", "")[:2]
    else:
        numbers = [token for token in tokens if re.fullmatch("[0-9]+", token)]
        user, attachment = (*numbers[:2], "", "")[:2]
    return (user, attachment) if attachment in attachments.get(user, ()) else None


def moodle_feedback(name, participants):
    """Return (participant, file) to which Moodle gives a file; None where it passes it over.

    Source: moodle/moodle, mod/assign/feedback/file/importziplib.php.
    """
    parts = name.split("/")
    if parts[-1].startswith((".", "~")):
        return None
    for part in parts:
        pieces = part.split("_", 4)
        if len(pieces) >= 4 and pieces[1].isdigit():
            if f"{pieces[2]}_{pieces[3]}" == "assignsubmission_file" and pieces[1] in participants:
                return pieces[1], parts[-1]
    return None


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A folder with a class's exports, and who handed in what; some names end in digits."""
    folder = tmp_path_factory.mktemp("feedback")
    made = generator()
    made.write_class(folder, STUDENTS, 4)
    write_assignment(folder / "assignment")
    return folder, made.make_class(STUDENTS, 4)[1]


@pytest.fixture(scope="module")
def graded(handed_in):
    """Return a function that grades a layout by a tiny assignment, once."""
    folder, _ = handed_in

    @functools.cache
    def graded(layout):
        words = ["grade", folder / f"{layout}.zip", "--assignment", folder / "assignment"]
        words += ["--out", folder / layout, "--isolation", "process", "-j", "1"]
        words += ["--roster", folder / "roster.csv"]
        assert main([str(word) for word in words]) == 0
        return folder / layout

    return graded


def entries(graded, layout):
    platform = layout.partition("_")[0]
    with zipfile.ZipFile(graded(layout) / f"{platform}_feedback.zip") as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("layout", ["canvas", "canvas_anonymous"])
def test_canvas_gives_each_file_to_whom_it_is_about(graded, handed_in, layout):
    _, handins = handed_in
    made = generator()
    code = made.code_of if layout == "canvas_anonymous" else None
    attachments = {}
    expected = set()
    for each in handins:
        user = code(each.number) if code else str(each.sender.canvas_id)
        numbers = [str(900_000 + 10 * each.number + place) for place in range(len(each.files))]
        attachments[user] = set(numbers)
        if each.entry == "file":
            expected.add((user, numbers[0]))
    found = {name: canvas_comment(name, attachments) for name in entries(graded, layout)}
    assert None not in found.values(), found
    # One for each that has a file to comment on, and none twice.
    assert {user for user, _ in found.values()} == {user for user, _ in expected}
    assert len(found) == len(expected)
    assert any(re.search(r"_\d+$", each.sender.sortable) for each in handins)


def test_each_file_is_about_its_receiver(graded, handed_in):
    _, handins = handed_in
    by_user = {str(each.sender.canvas_id): each for each in handins}
    for name, text in entries(graded, "canvas").items():
        match = ATTACHED.match(name)
        handin = by_user[match["user"]]
        display = handin.display.get(next(iter(handin.files)), next(iter(handin.files)))
        # The report names the file that was handed in, or one inside it.
        assert display in text or not display.endswith((".py", ".ipynb")), name


@pytest.mark.slow
def test_moodle_gives_each_file_to_whom_it_is_about(graded, handed_in):
    _, handins = handed_in
    expected = {str(each.sender.canvas_id) for each in handins if each.entry == "file"}
    everybody = {str(each.sender.canvas_id) for each in handins}
    found = [moodle_feedback(name, everybody) for name in entries(graded, "moodle")]
    assert None not in found
    assert {participant for participant, _ in found} >= expected
    assert len(found) == len(dict(found))


def test_the_same_results_make_the_same_zip(graded, handed_in):
    folder, _ = handed_in
    zipped = graded("canvas") / "canvas_feedback.zip"
    before = zipped.read_bytes()
    words = ["grade", folder / "canvas.zip", "--assignment", folder / "assignment", "--out"]
    words += [folder / "canvas", "--isolation", "process", "--roster", folder / "roster.csv"]
    assert main([str(word) for word in words]) == 0
    assert zipped.read_bytes() == before


@example("smith_bob_12_7", 77, 88, "a_b_3_4.py", False)
@example("late", 1, 2, "LATE_9_8.py", True)
@given(
    st.from_regex(r"\A\w{0,20}\Z").map(str.lower),
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    st.from_regex(r"\A[\w. -]{1,30}\.py\Z"),
    st.booleans(),
)
def test_whatever_the_name_the_prefix_leads_back(name, user, attachment, display, late):
    written = f"{name}_{'LATE_' if late else ''}{user}_{attachment}_{display}"
    found = read_name(written, known={str(user)})
    # Some names are so odd that a roster decides about them.
    assume(found and (found[0].id, found[0].attachment) == (str(user), str(attachment)))
    feedback = f"{found[0].prefix}report.html"
    assert canvas_comment(feedback, {str(user): {str(attachment)}}) == (str(user), str(attachment))


def test_when_nobody_is_left_to_give_back_to_there_is_no_zip(tmp_path, capsys):
    out, folder = tmp_path / "out", write_assignment(tmp_path / "assignment")
    for id in ("alice", "bob"):
        put(out, id, load_assignment(folder).hand)
    report = ["report", str(out), "--assignment", str(folder), "-j", "1"]
    main(report)
    zipped = Results(out).feedback("canvas")
    for id, left in (("alice", 1), ("bob", 0)):
        capsys.readouterr()
        main([*report, "--forget", id])
        assert ("canvas_feedback.zip" in capsys.readouterr().out) is zipped.exists() is bool(left)
        if left:
            with zipfile.ZipFile(zipped) as archive:
                assert [name[:4] for name in archive.namelist()] == ["bob_"]
