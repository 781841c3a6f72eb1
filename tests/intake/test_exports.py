"""Exports of learning platforms: what belongs to whom, also where names are ambiguous."""

import os
import unicodedata
import zipfile

import pytest

from autograder.intake.exports.canvas import read_name
from autograder.intake.exports.opening import opened
from autograder.intake.gathering import IntakeError
from autograder.intake.reader import read_item
from autograder.model.provenance import Person
from autograder.model.remark import staff_texts

CODE = b"def softmax(z): return z\n"


def make(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(params=["folder", "zip"])
def export(request, tmp_path):
    """Return a function that makes an export and reads all of it."""

    def read(files, format="", known=(), logins=()):
        if request.param == "zip":
            path = zipped(tmp_path / "export.zip", files)
        else:
            path = make(tmp_path / "export", files)
        with opened(path, "homework3", format, known, logins) as found:
            submissions = [read_item(entry, "homework3") for entry in found.items]
        return found, submissions

    return read


# Canvas


@pytest.mark.parametrize(
    ("filename", "name", "late", "id", "attachment", "file"),
    [
        ("smithbob_77_88_a.py", "smithbob", False, "77", "88", "a.py"),
        ("smithbob_LATE_77_88_a.py", "smithbob", True, "77", "88", "a.py"),
        ("anon_x9Y_88_a.py", "", False, "x9Y", "88", "a.py"),
        ("LATE_anon_x9Y_88_a.py", "", True, "x9Y", "88", "a.py"),
        ("obrienleezoë_77_88_my file_2.py", "obrienleezoë", False, "77", "88", "my file_2.py"),
        ("van_dykeann_77_88_a.py", "van_dykeann", False, "77", "88", "a.py"),
    ],
)
def test_names_of_canvas(filename, name, late, id, attachment, file):
    found, twofold = read_name(filename)
    assert (found.name, found.late, found.id) == (name, late, id)
    assert (found.attachment, found.file) == (attachment, file)
    assert not twofold
    assert filename.startswith(found.prefix)


@pytest.mark.parametrize(("known", "id"), [(("12",), "12"), (("77",), "77")])
def test_a_roster_decides_about_a_name_that_ends_in_digits(known, id):
    found, twofold = read_name("smithbob_12_77_88_a.py", known=known)
    assert (found.id, twofold) == (id, False)


def test_without_a_roster_the_name_of_the_homework_decides():
    found, twofold = read_name("smithbob_12_77_88_homework3.bob.py", "homework3")
    assert (found.name, found.id, found.file) == ("smithbob_12", "77", "homework3.bob.py")
    assert twofold


def test_an_export_of_canvas(export):
    found, submissions = export(
        {
            "leeann_11_900_homework3.ann.py": CODE,
            "leeann_11_901_homework3.ann.pdf": b"%PDF-1.4\n",
            "smithbob_LATE_12_902_homework3-1.bob.carol.py": CODE,
            "ngdan_13_text.html": b"<p>mine</p>",
            "parkeve_14_link.html": b"<a href=x>",
        }
    )
    assert found.format == "canvas"
    ann, bob, dan, eve = submissions
    assert (ann.id, ann.pdf[0], ann.provenance.late) == ("ann", "homework3.ann.pdf", False)
    assert (bob.authors, bob.provenance.late) == (("bob", "carol"), True)
    assert bob.provenance.people == (Person(id="12", name="smithbob", squashed=True),)
    assert bob.provenance.prefixes == ("smithbob_LATE_12_902_",)
    assert "typed into Canvas" in dan.problem
    assert "not followed" in eve.problem
    assert dan.id == "ngdan"


@pytest.mark.parametrize(
    "name", ["शर्माराहुल", unicodedata.normalize("NFD", "müllerzoë"), "ศรีสุขสมชาย", "van_dykeann"]
)
def test_marks_on_letters_stand_in_names_of_canvas(export, name):
    found, (ann, other) = export(
        {
            "leeann_LATE_11_900_homework3.ann.py": CODE,
            f"{name}_12_901_homework3.other.py": CODE,
        }
    )
    assert found.format == "canvas"
    assert (ann.provenance.people[0].id, ann.provenance.late) == ("11", True)
    assert other.provenance.people == (Person(id="12", name=name, squashed=True),)


@pytest.mark.parametrize(
    ("files", "format"),
    [
        (["leeann_11_900_homework3.py", "smithbob_LATE_12_901_hw.py"], "canvas"),
        (
            ["Ann_11_assignsubmission_file/homework3.py", "Bob_12_assignsubmission_file/hw.py"],
            "moodle",
        ),
        (
            [
                "HW_ann_attempt_2026-10-05-23-00-00_homework3.py",
                "HW_bob_attempt_2026-10-05-23-00-00_homework3.py",
            ],
            "blackboard",
        ),
        (
            [
                "13-80 - Ann - Mar 9, 2026 905 AM - homework3.py",
                "14-80 - Bob - Mar 9, 2026 905 AM - homework3.py",
            ],
            "brightspace",
        ),
    ],
)
def test_a_file_that_staff_put_beside_an_export_is_told_and_changes_nothing(export, files, format):
    found, submissions = export(dict.fromkeys(files, CODE) | {"roster.csv": b"Student,ID\n"})
    assert (found.format, len(submissions)) == (format, 2)
    (told,) = found.remarks
    assert told.startswith("roster.csv was left out")


def test_a_name_that_no_disk_takes_is_cut_in_its_middle(tmp_path):
    files = {f"wangwei_13_902_{'作业' * 60}.py": CODE, "leeann_11_900_homework3.ann.py": CODE}
    with opened(zipped(tmp_path / "export.zip", files), "homework3") as found:
        _, wang = [read_item(entry, "homework3") for entry in found.items]
    assert wang.provenance.people[0].id == "13"
    assert wang.cells[0].data == CODE
    assert not found.remarks


def test_names_of_a_platform_in_one_student_s_folder_are_theirs_alone(export):
    mallory = {f"mallory/Mallory_104_assignsubmission_file_/{n}.py": CODE for n in range(40)}
    forged = {"mallory/Alice_101_assignsubmission_file_/homework3.alice.py": b"x = 1\n"}
    others = {f"{name}/homework3.{name}.py": CODE for name in ("alice", "bob", "carol")}
    found, submissions = export({**others, **mallory, **forged})
    assert found.format == "plain"
    assert {"alice", "bob", "carol"} <= {each.id for each in submissions}
    assert next(each for each in submissions if each.id == "alice").cells[0].data == CODE


@pytest.mark.parametrize("format", ["", "canvas", "plain"])
def test_code_beside_that_of_an_export_is_asked_about(export, format):
    names = ["leeann_11_900_homework3.ann.py", "smithbob_12_901_hw.py", "solution.py"]
    files = dict.fromkeys(names, CODE)
    if format:
        found, submissions = export(files, format)
        assert (found.format, len(submissions)) == (format, 2 if format == "canvas" else 1)
        return
    with pytest.raises(IntakeError, match=r"such as solution\.py.*--format canvas"):
        export(files)


def test_a_table_of_gradescope_with_lists_of_lists_is_read_at_once(export):
    twice = [b"a0: &a0 [x, x]"]
    twice += [b"a%d: &a%d [*a%d, *a%d]" % (n, n, n - 1, n - 1) for n in range(1, 60)]
    names = b"submission_1:\n  :submitters:\n  - :name: *a59\n"
    files = {"submission_metadata.yml": b"\n".join([*twice, names]), "submission_1/a.py": CODE}
    _, submissions = export(files)
    assert [each.cells[0].data for each in submissions if each.cells] == [CODE]


def test_a_zip_with_many_plots_is_one_submission(tmp_path):
    plots = {f"loss_epoch_{number}_20_run.png": b"" for number in range(1, 30)}
    path = zipped(tmp_path / "homework3.ann.zip", plots | {"homework3.ann.py": CODE})
    with opened(path, "homework3") as found:
        (entry,) = found.items
    assert found.format == "plain"
    assert entry.alone


def test_an_anonymous_export_of_canvas(export):
    _, (one, two) = export({"LATE_anon_ab1_900_homework3.ann.py": CODE, "anon_cd2_901_hw.py": CODE})
    assert (one.provenance.people, one.provenance.anonymous, one.provenance.late) == (
        (),
        True,
        True,
    )
    assert two.id.startswith("anon_cd2")


# The others

METADATA = b"""---
submission_5001:
  :submitters:
  - :name: Ann Lee
    :sid: '11'
    :email: ann@wpi.edu
  - :name: Bob
    :sid: '12'
    :email: bob@wpi.edu
  :created_at: 2026-10-05 23:00:00 -04:00
  :score: 3.0
submission_5002:
  :submitters:
  - :name: "*evil: [\\e[2J"
    :email: carol@wpi.edu
"""


def test_an_export_of_gradescope(export):
    found, (first, second) = export(
        {
            "assignment_9_export/submission_metadata.yml": METADATA,
            "assignment_9_export/submission_5001/homework3.ann.bob.py": CODE,
            "assignment_9_export/submission_5002/homework3.dave.py": CODE,
        }
    )
    assert found.format == "gradescope"
    assert [each.login for each in first.provenance.people] == ["ann@wpi.edu", "bob@wpi.edu"]
    assert first.provenance.submitted == "2026-10-05T23:00:00-04:00"
    assert any("handed in by carol" in look for look in staff_texts(second.remarks))


@pytest.mark.parametrize(
    "others",
    [
        {"Bob Ray_12_assignsubmission_file/homework3.bob.py": CODE},
        {"bob/homework3.bob.py": CODE, "carol/homework3.carol.py": CODE},
        {},
    ],
)
def test_a_table_that_a_student_hands_in_says_nothing_of_others(export, others):
    own = "Mal_13_assignsubmission_file" if "assign" in str(others) or not others else "mal"
    found, submissions = export(
        {
            **others,
            f"{own}/submission_metadata.yml": METADATA,
            f"{own}/submission_5001/homework3.ann.py": CODE,
        }
    )
    assert found.format == ("moodle" if own.startswith("Mal_") else "plain")
    assert len(submissions) == 1 + len(others)


def test_metadata_that_is_damaged_is_told(tmp_path):
    top = make(tmp_path / "export", {"submission_metadata.yml": b"a: [", "submission_1/a.py": CODE})
    with pytest.raises(IntakeError, match="can't be read"), opened(top, "homework3"):
        pass


def test_an_export_of_moodle(export):
    found, (ann, blind, text) = export(
        {
            "Ann Lee_11_assignsubmission_file_/homework3.ann.py": CODE,
            "Ann Lee_11_assignsubmission_file_/homework3.ann.pdf": b"%PDF-1.4\n",
            "Participant_12_assignsubmission_file/work/homework3.bob.zip": b"not a zip",
            "Carol Ng_13_assignsubmission_onlinetext/onlinetext.html": b"<p>",
        }
    )
    assert found.format == "moodle"
    assert (ann.id, ann.provenance.people) == ("ann", (Person(id="11", name="Ann Lee"),))
    assert blind.provenance.anonymous
    assert "typed into Moodle" in text.problem


def test_an_export_of_brightspace_takes_the_last_one(export):
    found, (bob,) = export(
        {
            "index.html": b"<html>",
            "13-80 - Bob A - B Smith - Mar 9, 2026 905 AM - homework3.bob.py": b"old = 1\n",
            "13-80 - Bob A - B Smith - Mar 29, 2026 1205 PM - homework3.bob.py": CODE,
        }
    )
    assert found.format == "brightspace"
    assert bob.provenance.submitted == "2026-03-29T12:05:00"
    assert bob.provenance.people[0].name == "Bob A - B Smith"
    assert bob.cells[0].data == CODE
    assert any("2 times" in look for look in staff_texts(bob.remarks))


def test_an_export_of_blackboard(export):
    found, (ann,) = export(
        {
            "HW 3_ann_attempt_2026-10-05-23-00-00.txt": b"Name: Ann",
            "HW 3_ann_attempt_2026-10-05-23-00-00_homework3.ann.py": CODE,
            "HW 3_ann_attempt_2026-10-01-10-00-00_homework3.ann.py": b"old = 1\n",
        }
    )
    assert found.format == "blackboard"
    assert (ann.cells[0].data, ann.provenance.submitted) == (CODE, "2026-10-05T23:00:00")


@pytest.mark.parametrize(
    ("heads", "logins", "found"),
    [
        (["Homework 3_j_smith", "Homework 3_smith"], (), ["j_smith", "smith"]),
        (["Homework 3_j_smith", "Homework 3_j_doe"], ("j_smith", "j_doe"), ["j_doe", "j_smith"]),
        (["HW_3_ann", "HW_3_anna"], (), ["ann", "anna"]),
        (["HW_3_ann"], ("Ann",), ["ann"]),
        (["HW_3_ann"], ("ann@x.edu",), ["ann"]),
    ],
)
def test_a_username_of_blackboard_may_have_the_mark_between_words(export, heads, logins, found):
    files = {f"{head}_attempt_2026-10-05-23-00-00_homework3.py": CODE for head in heads}
    export_read, submissions = export(files, logins=logins)
    assert export_read.format == "blackboard"
    assert [each.provenance.people[0].login for each in submissions] == found
    told = any("two ways" in look for each in submissions for look in staff_texts(each.remarks))
    assert told == (heads[0].startswith("HW_3") and not logins)


def test_a_file_named_like_an_attempt_of_somebody_else_is_its_senders(export):
    _, (ann, bob) = export(
        {
            "HW_ann_attempt_2026-10-05-10-00-00_homework3.ann.py": CODE,
            "HW_bob_attempt_2026-10-04-10-00-00_x_ann_attempt_2099-01-01-00-00-00_a.py": b"x = 1\n",
        }
    )
    assert [each.provenance.people[0].login for each in (ann, bob)] == ["ann", "bob"]
    assert ann.cells[0].data == CODE


def test_a_team_of_moodle_is_as_blind_as_its_members(export):
    _, (one,) = export({"Team 1-Participant_11_assignsubmission_file/homework3.py": CODE})
    assert one.provenance.anonymous


# Plain ones


def test_a_zip_of_zips(tmp_path):
    inner = zipped(tmp_path / "homework3.ann.zip", {"homework3.ann.py": CODE}).read_bytes()
    path = zipped(
        tmp_path / "all.zip", {"homework3.ann.zip": inner, "homework3.bob.zip": inner, "x.txt": b""}
    )
    with opened(path, "homework3") as found:
        assert found.format == "plain"
        assert sorted(entry.whole.name for entry in found.items) == [
            "homework3.ann.zip",
            "homework3.bob.zip",
        ]
    assert not found.items[0].whole.exists()


def test_one_students_zip_is_one_submission(tmp_path):
    path = zipped(tmp_path / "homework3.ann.zip", {"homework3.ann.py": CODE, "utils.py": CODE})
    with opened(path, "homework3") as found:
        assert [entry.whole for entry in found.items] == [path]


def test_the_format_can_be_said(tmp_path):
    top = make(tmp_path / "e", {"leeann_11_900_homework3.ann.py": CODE})
    with opened(top, "homework3", "plain") as found:
        assert found.format == "plain"
    with (
        pytest.raises(IntakeError, match="no export of moodle"),
        opened(top, "homework3", "moodle"),
    ):
        pass


def test_nothing_is_written_outside_and_no_link_followed(tmp_path):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("leeann_11_900_homework3.ann.py", CODE)
        archive.writestr("../leebob_12_901_homework3.bob.py", CODE)
        link = zipfile.ZipInfo("ngdan_13_902_homework3.dan.py")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with opened(path, "homework3", "canvas") as found:
        assert len(found.items) == 1
        assert len(found.remarks) == 2
    assert not (tmp_path / "leebob_12_901_homework3.bob.py").exists()


def test_a_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            name = f"leeann_{number}_900_homework3.ann.py"
            with archive.open(name, "w", force_zip64=True) as file:
                for _ in range(300):
                    file.write(bytes(2**20))
    with pytest.raises(IntakeError, match="too much"), opened(path, "homework3"):
        pass


def test_somebodys_own_zip_that_is_a_bomb_is_one_submission(tmp_path):
    """It is read like any other then, and stops nothing that is handed in beside it."""
    path = tmp_path / "homework3.ann.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("homework3.ann.py", CODE)
        archive.writestr("helper.py", CODE)
        with archive.open("data.npy", "w") as file:
            for _ in range(100):
                file.write(bytes(2**20))
    with opened(path, "homework3") as found:
        (item,) = found.items
        assert item.whole == path
        assert read_item(item, "homework3").authors == ("ann",)


def damaged(path, name):
    """Change a byte of a file in a zip, so that its checksum is wrong."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    data = bytearray(path.read_bytes())
    data[info.header_offset + 30 + len(name) + 3] ^= 1
    path.write_bytes(data)


def test_a_file_of_a_class_that_is_damaged_costs_itself_alone(tmp_path):
    names = ["leeann_11_900_homework3.ann.py", "leebob_12_901_homework3.bob.py"]
    path = zipped(tmp_path / "export.zip", dict.fromkeys(names, CODE))
    damaged(path, names[1])
    with opened(path, "homework3", "canvas") as found:
        read = {each.id: each for each in (read_item(i, "homework3") for i in found.items)}
    assert read.keys() == {"ann", "bob"}
    assert read["ann"].cells[0].data == CODE
    assert not read["bob"].cells or read["bob"].cells[0].data == b""
    (told,) = found.remarks
    assert told.startswith("leebob_12_901_homework3.bob.py could not be unpacked (Bad CRC-32")


def test_links_in_a_folder_are_not_followed(tmp_path):
    top = make(tmp_path / "e", {"leeann_11_900_homework3.ann.py": CODE})
    os.symlink("/etc/passwd", top / "ngdan_13_902_homework3.dan.py")
    with opened(top, "homework3") as found:
        assert len(found.items) == 1
