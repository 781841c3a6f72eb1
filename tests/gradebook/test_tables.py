"""CSV files as people and spreadsheets write them: read, or refused with the line."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.gradebook.tables import TableError, points, read_table, table_bytes

PLAIN = "submission,part (of 10),note\nalice,8.5,good\nbob,,\n"
SEMICOLONS = PLAIN.replace(",", ";").replace("8.5", "8,5")


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-be").replace(b"\x00s", b"\xfe\xff\x00s", 1),
        PLAIN.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
        SEMICOLONS.encode(),
        b"sep=;\r\n" + SEMICOLONS.replace("\n", "\r\n").encode(),
        b'\xef\xbb\xbf"sep=,",,\n' + PLAIN.encode(),
        # More commas than semicolons stand in the titles.
        SEMICOLONS.replace("part (of 10)", "part, that, is, long").encode(),
    ],
)
def test_what_spreadsheets_write_is_read_and_keeps_its_form(tmp_path, data):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    table = read_table(path, "submission")
    assert (table.header[0], len(table.header)) == ("submission", 3)
    first = 3 if b"sep=" in data or data[:20].startswith("sep=".encode("utf-16")) else 2
    assert [line for line, _ in table.rows] == [first, first + 1]
    assert table.rows[0][1] in (("alice", "8.5", "good"), ("alice", "8,5", "good"))
    path.write_bytes(table_bytes(table.header, [row for _, row in table.rows], table.form))
    again = read_table(path, "submission")
    assert (again.header, again.rows, again.form) == (table.header, table.rows, table.form)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (PLAIN.replace("good", '"good'), 2, "not closed"),
        (PLAIN + '"carl,2,\n', 4, "not closed"),
        ("sep=,\n" + PLAIN.replace("good", '"good'), 3, "not closed"),
        # The quote of another row closes it.
        (PLAIN.replace("good", '"good').replace("bob,,", 'bob,,"see me"'), 2, "not closed"),
        (PLAIN.replace("good", '"') + 'carl,1,x\ndan,2,"\n', 2, "whole rows stand in it"),
        # A cell of two lines above it is right.
        (PLAIN.replace("good", '"very\ngood"') + 'carl,1,"\n', 5, "not closed"),
        (PLAIN.replace("good", '"good" work'), 2, "text follows"),
        (PLAIN.replace("good", "go\0od"), 2, "no text"),
    ],
)
def test_a_quote_that_is_not_closed_is_refused_with_the_line_where_it_opens(
    tmp_path, text, line, why
):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    with pytest.raises(TableError) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert why in str(caught.value)


@pytest.mark.parametrize("text", ['"very\ngood, ""really"""', 'see 5" there', '""'])
def test_quotes_that_are_right_are_read(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(PLAIN.replace("good", text))
    assert [row[0] for _, row in read_table(path).rows] == ["alice", "bob"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04...", "is a workbook, not a CSV file"),
        (PLAIN.encode("utf-16")[:-1], "breaks off"),
        (PLAIN.encode("utf-16-le"), "line 1: this is no text"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, data, why):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(TableError, match=why):
        read_table(path)


def test_a_link_to_nowhere_is_not_read_as_nothing(tmp_path):
    path = tmp_path / "t.csv"
    path.symlink_to(tmp_path / "gone.csv")
    with pytest.raises(TableError, match=r"is a link to .*gone\.csv, which is not there"):
        read_table(path)


# What a quote, a delimiter or the end of a line may be, for whoever reads it.
ODD = st.text(st.sampled_from("ab,;\t\"'\r\n= 0ü\u2028\x0b\x1c"), max_size=6).map(str.strip)


@example([("good\rwork", "", "x")], ";", False, "utf-8")
@example([("a\r\nb", "c\r\rd", "e\nf")], ",", True, "utf-16")
@given(
    st.lists(st.tuples(ODD, ODD, ODD), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_stands_in_a_cell_is_read_again(
    tmp_path_factory, rows, delimiter, named, encoding
):
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    mark = f"sep={delimiter}\n" if named else ""
    path.write_bytes(f"{mark}submission{delimiter}x{delimiter}y\n".encode(encoding))
    form = read_table(path, "submission").form
    path.write_bytes(table_bytes(("submission", "x", "y"), rows, form))
    try:
        table = read_table(path, "submission")
    except TableError as error:
        # A cell may look as if its quote had swallowed rows: that is refused.
        if "whole rows stand in it" not in str(error):
            raise
        return
    # What is a number among such cells says how numbers are written.
    assert replace(table.form, decimal=form.decimal) == form
    assert [row for _, row in table.rows] == [row for row in rows if any(row)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (7.0, "7"),
        (-0.0, "0"),
        (8.125, "8.12"),
        (9999.99, "9999.99"),
        (10000.25, "10000.25"),
        (12345.67, "12345.67"),
        (99999.99, "99999.99"),
    ],
)
def test_points_have_all_their_digits_and_two_decimals(value, text):
    assert points(value) == text


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("submission;a;b\nx;8,5;\n", ","),
        ("submission\ta\tb\nx\t8,5\t\n", ","),
        # A team of numbers, and a section, are no points.
        ("submission;a;b\n12.34;8,5;1.2\n", ","),
        ("submission;a;b\nx;8,5;\ny;7.5;\n", "."),
        ("submission;a;b\nx;8.5;\n", "."),
        ("submission;a;b\nx;8;\n", "."),
        ("submission;a;b\nx;1,2,3;see 4,5\n", "."),
        ('submission,a,b\nx,"8,5",\n', "."),
    ],
)
def test_the_decimal_mark_is_that_of_the_points_which_stand_there(tmp_path, text, mark):
    path = tmp_path / "t.csv"
    path.write_text(text)
    form = read_table(path, "submission").form
    assert (form.decimal, points(2.25, form.decimal)) == (mark, f"2{mark}25")
