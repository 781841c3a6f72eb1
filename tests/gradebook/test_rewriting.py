"""hand_grades.csv is never replaced while somebody else writes it, nor cut."""

import subprocess
import sys

import pytest

from autograder.assignment import HandPart
from autograder.gradebook.columns import heading
from autograder.gradebook.hand import Owned, read_hand_grades, write_template
from autograder.gradebook.tables import TableError
from autograder.model.identity import Identity

HAND_GRADES = "hand_grades.csv"

PARTS = (HandPart("1", "derive", 20),)
HEAD = f"submission,who,{heading(PARTS[0])},note,sender,file"
ALICE = "alice,Alice,17.5,good,plain:alice,no PDF"


def owned(id):
    return Owned(id, Identity(id), id.capitalize())


BOTH = (owned("alice"), owned("bob"))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / HAND_GRADES
    path.write_text(f"{HEAD}\n{ALICE}\n")
    return path


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_what_is_replaced_stays_beside_it(path):
    path.chmod(0o640)
    before = path.read_bytes()
    assert write_template(path, BOTH, PARTS) == ""
    assert "bob" in path.read_text() and ALICE in path.read_text()
    assert path.with_name(f"{HAND_GRADES}.before").read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o640
    # Where there is nothing to add, nothing is written.
    assert write_template(path, BOTH, PARTS) == ""
    assert path.with_name(f"{HAND_GRADES}.before").read_bytes() == before
    assert names(path.parent) == [HAND_GRADES, f"{HAND_GRADES}.before"]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text(f"{HEAD}\n{ALICE.replace('17.5', '3')}\n"),
        lambda path: path.write_text(f"{HEAD}\n"),
        lambda path: path.unlink(),
    ],
)
def test_a_file_that_has_changed_since_it_was_read_is_left_alone(path, change):
    read = read_hand_grades(path, PARTS)
    change(path)
    after = path.read_bytes() if path.exists() else None
    sentence = write_template(path, BOTH, PARTS, read=read)
    assert sentence == (
        f"{path} was changed since it was read, so that it is left as it is. Please run the same "
        "command again: what is new is added then."
    )
    assert (path.read_bytes() if path.exists() else None) == after
    assert not path.with_name(f"{HAND_GRADES}.before").exists()


def test_a_file_that_has_come_since_is_left_alone(path):
    path.unlink()
    read = read_hand_grades(path, PARTS)
    path.write_text(f"{HEAD}\n{ALICE}\n")
    assert "was changed since it was read" in write_template(path, BOTH, PARTS, read=read)
    assert path.read_text() == f"{HEAD}\n{ALICE}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes a file")
def test_a_file_that_still_grows_is_left_alone(path):
    """Somebody copies it there: what is to come of it is not there yet."""
    copying = "import sys; file = open(sys.argv[1], 'a'); print(flush=True); input(); "
    copying += "file.write('bob,Bob,20,,plain:bob,no PDF\\n')"
    with subprocess.Popen(
        [sys.executable, "-c", copying, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        writer.stdout.readline()
        sentence = write_template(path, BOTH, PARTS)
        writer.communicate(b"\n")
    assert f"{path} is being written by another program, so that it is left as it" in sentence
    found = read_hand_grades(path, PARTS)
    assert [found.of(each, 1) for each in BOTH] == [(17.5,), (20.0,)]


@pytest.mark.parametrize("lock", [f".~lock.{HAND_GRADES}#", f"~${HAND_GRADES}"])
def test_a_file_that_somebody_has_open_is_left_alone(path, lock):
    before = path.read_bytes()
    path.with_name(lock).touch()
    sentence = write_template(path, BOTH, PARTS)
    assert f"{path} is open in another program ({path.with_name(lock)} says so)" in sentence
    assert f"remove {lock} if nobody has it open" in sentence
    assert path.read_bytes() == before
    path.with_name(lock).unlink()
    assert write_template(path, BOTH, PARTS) == ""
    assert "bob" in path.read_text()


def test_a_link_stays_a_link(path, tmp_path):
    shared = tmp_path / "shared" / "grades.csv"
    shared.parent.mkdir()
    path.rename(shared)
    path.symlink_to(shared)
    assert write_template(path, BOTH, PARTS) == ""
    assert path.is_symlink() and path.resolve() == shared
    assert "bob" in shared.read_text()
    assert names(shared.parent) == ["grades.csv", "grades.csv.before"]
    # What has it open may have been told by that name.
    shared.with_name(".~lock.grades.csv#").touch()
    assert "is open in another program" in write_template(path, (*BOTH, owned("carl")), PARTS)
    shared.unlink()
    with pytest.raises(TableError, match="is a link to"):
        write_template(path, BOTH, PARTS)


def test_a_row_that_stands_there_twice_is_told_with_both_lines(path):
    path.write_text(f"{HEAD}\n{ALICE}\nbob,Bob,,,,\n{ALICE.replace('17.5', '3')}\n")
    with pytest.raises(TableError, match=r"line 4: alice stands there twice, in line 2 too"):
        write_template(path, BOTH, PARTS)
    path.write_text(f"{HEAD},{heading(PARTS[0])}\n{ALICE},3\n")
    with pytest.raises(TableError, match=r"the column '1 \(of 20\)' twice"):
        write_template(path, BOTH, PARTS)


def test_what_excel_wrote_stays_in_its_form(path):
    text = f"sep=;\r\n{HEAD}\r\n{ALICE}\r\n".replace(",", ";").replace("17.5", "17,5")
    path.write_bytes(text.encode("utf-16"))
    assert write_template(path, BOTH, PARTS) == ""
    written = path.read_bytes().decode("utf-16")
    assert written.splitlines()[0] == "sep=;"
    assert written.splitlines()[2:] == [
        "alice;Alice;17,5;good;plain:alice;no PDF",
        "bob;Bob;;;plain:bob;no PDF",
    ]
    assert read_hand_grades(path, PARTS).of(BOTH[0], 1) == (17.5,)
