"""What a notebook takes of the reading process is bounded, whatever its JSON is made of."""

import tracemalloc

import pytest

from autograder.intake.notebooks import MAX_VALUES, NotebookError, read_notebook

_MIB = 1024 * 1024
DEPTH = 900
# Bytes of JSON, and how often these may stand in a list before it is refused.
KINDS = {
    "objects in objects": (b'{"":' * DEPTH + b"0" + b"}" * DEPTH, MAX_VALUES // (3 * DEPTH + 1)),
    "objects with a key of their own": (b'{"k%08d":1.5}', MAX_VALUES // 4),
    "texts": (b'"%08d"', MAX_VALUES),
    "lists of one": (b"[1.5]", MAX_VALUES // 2),
}


def notebook(metadata):
    cell = b'{"cell_type":"code","source":"x = 1"}'
    return b'{"nbformat":4,"cells":[' + cell + b'],"metadata":[' + metadata + b"]}"


def filled(kind, count):
    text, _ = KINDS[kind]
    return notebook(b",".join(text % i if b"%" in text else text for i in range(count)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_that_is_read_takes_less_than_two_hundred_mebibytes(kind):
    data = filled(kind, KINDS[kind][1] - 10)
    tracemalloc.start()
    try:
        found = read_notebook(data, "homework3.ann.ipynb")
        assert tracemalloc.get_traced_memory()[1] < 200 * _MIB
    finally:
        tracemalloc.stop()
    assert found.cells[0].data == b"x = 1"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_larger_is_refused_before_it_is_parsed(kind):
    data = filled(kind, KINDS[kind][1] + 10)
    tracemalloc.start()
    try:
        with pytest.raises(NotebookError, match="Clear its outputs"):
            read_notebook(data, "homework3.ann.ipynb")
        assert tracemalloc.get_traced_memory()[1] < _MIB
    finally:
        tracemalloc.stop()


def test_an_old_one_is_not_copied_many_times():
    data = filled("objects in objects", 100).replace(b'"nbformat":4', b'"nbformat":3')
    with pytest.raises(NotebookError, match="more than 100,000 values"):
        read_notebook(data, "homework3.ann.ipynb")
