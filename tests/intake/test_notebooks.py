"""Notebooks of every age and state."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import notebooks
from autograder.intake.notebooks import NotebookError, read_notebook
from autograder.model.submission import Cell


def cells_of(data, name):
    return read_notebook(data, name).cells


def notebook(*sources, **more):
    """Return a notebook of format 4; a source that is a dict is a whole cell."""
    cells = [
        source
        if isinstance(source, dict)
        else {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
        for source in sources
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    return json.dumps(document).encode()


def fails(data, *words):
    with pytest.raises(NotebookError) as error:
        cells_of(data, "n.ipynb")
    for word in ("n.ipynb", *words):
        assert word in str(error.value)
    assert str(error.value).isprintable()


def test_code_cells_are_numbered_in_document_order_and_text_is_not_counted():
    text = {"cell_type": "markdown", "metadata": {}, "source": "# title"}
    data = notebook("a = 1", text, ["b = 2\n", "c = 3"], "", "d = 4")
    assert cells_of(data, "n.ipynb") == (
        Cell("cell 1", b"a = 1"),
        Cell("cell 2", b"b = 2\nc = 3"),
        Cell("cell 4", b"d = 4"),
    )


def test_lists_of_lists_and_rubbish_in_a_source():
    assert cells_of(notebook([["a", " = "], "1", None, 7]), "n")[0].data == b"a = 1"


def test_cells_of_other_languages_are_left_out_and_said():
    found = read_notebook(notebook("%%bash\nls", "a = 1", "  %%html\n<b>", "%%time\nb = 2"), "n")
    assert [cell.label for cell in found.cells] == ["cell 2", "cell 4"]
    assert found.cells[1].data == b"%%time\nb = 2"
    assert "Cell 1" in found.remarks[0]
    assert "%%bash" in found.remarks[0]
    assert "%%html" in found.remarks[1]


def test_line_magics_stay_for_the_guest():
    source = "%matplotlib inline\n!pip install x\na = 1"
    assert cells_of(notebook(source), "n")[0].data == source.encode()


def test_outputs_are_ignored_however_large():
    output = {"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}, "metadata": {}}
    cell = {"cell_type": "code", "metadata": {}, "source": "a = 1", "outputs": [output] * 3}
    assert cells_of(notebook(cell), "n") == (Cell("cell 1", b"a = 1"),)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("source", ["a = 1\nb = 2", ["a = 1", "b = 2"], ["a = 1\n", "b = 2"]])
def test_old_formats_are_upgraded(version, source, capfd):
    cells = [
        {"cell_type": "markdown", "source": "x"},
        {"cell_type": "code", "input": source, "outputs": [], "language": "python"},
    ]
    document = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}}
    document["worksheets"] = [{"cells": cells, "metadata": {}}]
    data = json.dumps(document).encode()
    (cell,) = cells_of(data, "n")
    assert cell.label == "cell 1"
    assert cell.data.split() == b"a = 1 b = 2".split()
    assert capfd.readouterr() == ("", "")


def test_an_old_format_that_is_damaged():
    fails(b'{"nbformat": 3, "worksheets": [{"cells": 7}]}', "old format")
    fails(b'{"nbformat": 2}', "old format")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings(encoding):
    data = notebook("a = 'é'").decode().encode(encoding)
    assert cells_of(data, "n")[0].data == "a = 'é'".encode()


def test_a_lone_surrogate_becomes_the_escape_that_python_knows():
    assert cells_of(notebook("a = '\ud800'"), "n")[0].data == b"a = '\\ud800'"


def test_another_kernel_is_noted():
    found = read_notebook(notebook("x <- 1", metadata={"kernelspec": {"language": "R"}}), "n")
    assert "language is r" in found.remarks[0]
    python = {"language_info": {"name": "python"}}
    assert not read_notebook(notebook("x = 1", metadata=python), "n").remarks


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "line 1"),
        (b'{"cells": [', "damaged"),
        (b'{"cells": [\n\n<<<<<<< HEAD', "line 3"),
        (b"\xff\xfe\xfa", "damaged"),
        (b"[1]", "not a notebook"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [1, null, {}, {"cell_type": "code"}]}', "no code cells"),
        (b'{"cells":' + b"[" * 200_000, "too deeply"),
        (b'{"nbformat": 4, "cells": ' + b"9" * 10_000 + b"}", ""),
    ],
)
def test_what_is_no_notebook(data, word):
    fails(data, word)


def test_only_text():
    fails(notebook({"cell_type": "markdown", "source": "x"}), "no code cells")


def test_too_large(monkeypatch):
    monkeypatch.setattr(notebooks, "MAX_BYTES", 1000)
    fails(notebook("a" * 2000), "Clear its outputs")
    monkeypatch.setattr(notebooks, "MAX_VALUES", 50)
    fails(notebook(["a"] * 60), "50 values")


def test_a_hostile_name_is_escaped():
    with pytest.raises(NotebookError) as error:
        cells_of(b"{", "a\x1b.ipynb")
    assert "\\x1b" in str(error.value)


@given(st.binary(max_size=200))
def test_any_bytes(data):
    for each in (data, b"{" + data, notebook("a")[:40] + data):
        assert_survives(each)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 6) | st.text(max_size=5) | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "worksheets", "cell_type", "source", "input", "metadata", "nbformat"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values, st.integers(0, 5), st.sampled_from(["cells", "worksheets"]))
def test_any_json(value, version, key):
    assert_survives(json.dumps(value).encode())
    assert_survives(json.dumps({"nbformat": version, "metadata": value, key: value}).encode())
    sheet = {"cells": value, "worksheets": [{"cells": value}]}
    assert_survives(json.dumps({"nbformat": version, **sheet}).encode())


def assert_survives(data):
    problem = "none"
    try:
        assert cells_of(data, "n.ipynb")
    except NotebookError as error:
        problem = str(error)
    assert problem.isprintable()
