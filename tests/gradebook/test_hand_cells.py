"""hand_grades.csv: which column is a part's, and what is a number of points there."""

import pytest

from autograder.assignment import HandPart
from autograder.gradebook.columns import columns_of, heading, is_same_cell
from autograder.gradebook.hand import fill_open, read_hand_grades, write_template
from autograder.gradebook.tables import TableError
from tests.gradebook.test_rewriting import owned

ALICE, BOB = owned("alice"), owned("bob")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hand_grades.csv"


def parts_of(*names):
    return tuple(HandPart(name, "derive", 5) for name in names)


@pytest.mark.parametrize(
    "names",
    [
        ("part 2", "1"),
        ("part 2", "2"),
        ("2", "part 2"),
        ("2: derive", "2"),
        ("2 (of 3)", "2"),
        ("'2", "2"),
        ("=2", "2"),
        ("who", "1"),
        ("submission", "sender", "file", "1"),
    ],
)
def test_a_part_has_its_column_whatever_it_is_called(path, names):
    parts = parts_of(*names)
    assert write_template(path, [ALICE], parts) == ""
    before = path.read_text()
    cells = ",".join(f"{number}.5" for number in range(len(parts)))
    path.write_text(before.replace("alice,Alice," + "," * len(parts), f"alice,Alice,{cells},"))
    assert write_template(path, [ALICE, BOB], parts) == ""
    grades = read_hand_grades(path, parts)
    assert grades.of(ALICE, len(parts)) == tuple(each + 0.5 for each in range(len(parts)))
    assert path.read_text().splitlines()[0] == before.splitlines()[0]


def test_headings_of_before_are_still_a_parts(path):
    path.write_text("submission,who,part 2: derive (of 5),part 3,note,sender,file\nalice,,3,4,,,\n")
    assert read_hand_grades(path, parts_of("2", "3")).of(ALICE, 2) == (3, 4)
    # With a part of that very name it is that one's.
    with pytest.raises(TableError, match=r"has no column '2 \(of 5\)'"):
        read_hand_grades(path, parts_of("2", "part 2", "3"))


def test_the_columns_that_are_taken_in_are_the_same_ones():
    header = ["submission", "who", "part 2 (of 5)", "2 (of 5)", "note", "note 2", "sender", "file"]
    found = columns_of(header, ["2", "part 2"])
    assert found == {"2": 3, "part 2": 2, "note": 4, "note 2": 5}


@pytest.mark.parametrize(
    "cell", ["1_0", "٣", "３", "1e0", "0x1", "inf", "nan", "1.2.3", "1,2,3", "-1", "21", "3 points"]
)
def test_what_is_no_plain_number_is_refused_with_its_line(path, cell):
    parts = (HandPart("1", "derive", 20),)
    path.write_text(f'submission,who,{heading(parts[0])}\nalice,,"{cell}"\n')
    with pytest.raises(TableError, match=r"line 2: .* “1 \(of 20\)” is not a number from 0 to 20"):
        read_hand_grades(path, parts)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3", 3), ("3.25", 3.25), ("3,25", 3.25), (".5", 0.5), ("3.", 3), ("+2", 2), ("-0", 0)],
)
def test_a_plain_number_is_read(path, cell, value):
    parts = parts_of("1")
    path.write_text(f'submission,who,{heading(parts[0])}\nalice,,"{cell}"\n')
    (found,) = read_hand_grades(path, parts).of(ALICE, 1)
    assert (found, str(found)[0]) == (value, str(value)[0])


def test_cells_are_the_same_where_their_numbers_are():
    assert is_same_cell("7,5", "7.50", "2") and is_same_cell("7.5", "7,5", "2")
    assert is_same_cell("", "", "2") and not is_same_cell("", "0", "2")
    assert not is_same_cell("1_0", "10", "2")
    assert not is_same_cell("7,5", "7.5", "note 2")


def test_more_points_than_fit_into_six_digits_are_named_in_full(path):
    part = HandPart("1", "derive", 12345.67)
    assert heading(part) == "1 (of 12345.67)"
    path.write_text(f"submission,who,{heading(part)}\nalice,,12345.68\n")
    with pytest.raises(TableError, match=r"is not a number from 0 to 12345\.67\."):
        read_hand_grades(path, [part])


def test_zeros_are_written_in_the_form_of_the_table(path):
    parts = parts_of("1", "2")
    write_template(path, [ALICE], parts)
    path.write_text(path.read_text().replace(",", ";").replace("alice;Alice;;", "alice;Alice;2,5;"))
    assert fill_open(path, [ALICE], parts, read_hand_grades(path, parts)) == (1, "")
    assert path.read_text().splitlines()[1].startswith("alice;Alice;2,5;0;")
