"""Guests that forge replies, die late or hide memory: only the call that did it suffers."""

import io
import os
import select

import numpy as np
import pytest

from autograder.model.failures import Died, GuestFailure, Raised
from autograder.model.limits import Limits
from autograder.sandbox.isolation import available_levels
from autograder.sandbox.messages import (
    MessageError,
    clipped_text,
    listed,
    read_opened,
    read_returned,
)
from autograder.sandbox.session import Session, remove_scratch
from autograder.sandbox.wire import MAGIC, PREFIX, WireError, decode

LEVELS = available_levels()
CONFINED = [level for level in LEVELS if level != "process"]

# Student code that knows all about the guest: it finds the pipe, the frame and the request's id.
FORGER = """
import sys, os, threading
def frame():
    each = sys._getframe()
    while each.f_code.co_name != '_serve': each = each.f_back
    return each
def send(fields, id=None):
    serve = frame()
    fields = {**fields, 'id': id or serve.f_locals['number']}
    encode = sys.modules['_autograder_guest_wire'].encode
    for part in encode(fields, 1 << 20): serve.f_locals['replies'].write(part)
def answers_twice():
    send({'value': 42.0, 'changed': [], 'seconds': 0.0})
    return 1.0
def answers_for_nobody():
    send({'value': 42.0}, id='0' * 16)
    return 1.0
def answers_without_fields(): send({'error': {'kind': 3, 'places': 7}})
def answers_a_number():
    serve = frame()
    encode = sys.modules['_autograder_guest_wire'].encode
    for part in encode(5, 1 << 20): serve.f_locals['replies'].write(part)
def answers_with_arrays(where):
    import numpy as np
    rows = np.empty((10_000, 0))
    fields = {'changed': {'changed': rows}, 'places': {'error': {'kind': 'raised', 'places': rows}},
              'reason': {'error': {'kind': 'raised', 'places': [], 'reason': [np.array([1, 2])]}},
              'reasons': {'error': {'kind': 'raised', 'reason': ['none', np.ones((6,) * 6)]}},
              'text': {'error': {'kind': 'raised', 'type': rows, 'text': rows, 'places': []}}}
    send({'value': 1.0, **fields[where]})
def floods():
    send({'value': 1.0, 'changed': [], 'seconds': 0.0})
    for _ in range(20): send({'value': 2.0})
def dies_later():
    threading.Timer(0.05, os._exit, [3]).start()
    return 1.0
def honest(): return 7.0
"""


def opened(source, level, limits=None):
    cells = (("homework3.x.py", source.encode()),)
    session = Session(
        "homework3.x.py", cells, level=level, limits=limits or Limits(statement_cpu_seconds=2)
    )
    session.load()
    assert session.problem is None
    return session


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_answer_is_not_taken_for_that_of_the_next_call(level):
    with opened(FORGER, level) as session:
        assert session.call("answers_twice").value == 42.0
        assert session.call("honest").value == 7.0
        assert session.call("honest").value == 7.0


@pytest.mark.parametrize("name", ["answers_for_nobody", "answers_a_number"])
def test_an_answer_to_no_request_ends_that_guest_only(name):
    with opened(FORGER, "process") as session:
        with pytest.raises(Died):
            session.call(name)
        assert session.call("honest").value == 7.0


def test_an_answer_put_together_wrongly_is_a_failure_of_that_call():
    with opened(FORGER, "process") as session:
        with pytest.raises(GuestFailure):
            session.call("answers_without_fields")
        assert session.call("honest").value == 7.0


@pytest.mark.parametrize(
    ("where", "failure"),
    [("changed", Died), ("places", Died), ("reason", Died), ("reasons", Died)],
)
def test_an_array_where_a_list_belongs_is_not_gone_through(where, failure):
    with opened(FORGER, "process") as session:
        with pytest.raises(failure):
            session.call("answers_with_arrays", where)
        assert session.call("honest").value == 7.0


@pytest.mark.parametrize("where", ["reason", "reasons"])
def test_what_is_put_together_wrongly_while_the_file_is_loaded_costs_its_statement(where):
    with opened(f"{FORGER}\nanswers_with_arrays({where!r})\n", "process") as session:
        assert len(session.skipped) == 1
        assert session.call("honest").value == 7.0


# What a guest may send of a file, each wrong in one place.
STATEMENT = ["a.py", 1, "x = 1", False, "", ["x"]]
OPENED = {"statements": [STATEMENT], "inner": [["f", "class C"]], "remarks": ["read as Latin-1"]}
WRONGLY_OPENED = [
    {"statements": [["a.py", float("inf"), "x = 1", False, "", []]]},
    {"statements": [["a.py", 1.5, "x = 1", False, "", []]]},
    {"statements": [["a.py", True, "x = 1", False, "", []]]},
    {"statements": np.ones((6,) * 6)},
    {"statements": [STATEMENT[:3]]},
    {"inner": [["f"]]},
    {"inner": 5},
    {"remarks": None},
]


@pytest.mark.parametrize("wrong", WRONGLY_OPENED, ids=repr)
def test_a_file_is_told_in_the_usual_fields_or_not_at_all(wrong):
    assert read_opened(OPENED).statements[0].binds == ("x",)
    with pytest.raises(MessageError):
        read_opened({**OPENED, **wrong})


def test_texts_are_texts_and_short():
    large = np.ones((6,) * 6)
    told = read_opened({"problem": "p" * 10**6})
    assert 0 < len(told.problem) <= 1000
    assert read_opened({"problem": large}).problem
    statement = [large, 1, "t" * 10**6, False, large, [large]]
    told = read_opened(
        {"statements": [statement], "inner": [[large, "w" * 10**6]], "remarks": [large]}
    )
    assert len(repr(told)) < 2000
    assert read_returned({"changed": [0, True, 10**300, -1], "seconds": float("nan")}).changed == (
        0,
    )
    assert read_returned({"seconds": float("nan")}).seconds == 0.0


def test_of_an_error_only_its_texts_are_told():
    with opened(FORGER, "process") as session:
        with pytest.raises(Raised) as caught:
            session.call("answers_with_arrays", "text")
        assert (caught.value.type_name, caught.value.text) == ("", "")
    assert clipped_text("a" * 1000, 10) == "a" * 10
    assert listed(list(range(1000)), 3) == [0, 1, 2]


@pytest.mark.skipif(not hasattr(select, "poll"), reason="pipes can't be asked here")
def test_a_flood_of_answers_costs_the_next_call_nothing():
    with opened(FORGER, "process") as session:
        assert session.call("floods").value == 1.0
        assert session.call("honest").value == 7.0
        assert session.call("floods").value == 1.0
        # Where the pipe can't be asked, the flood ends with the call that meets it.
        session._process.has_leftovers = lambda: False
        with pytest.raises(Died, match="one answer after the other"):
            session.call("honest")
        assert session.call("honest").value == 7.0


@pytest.mark.parametrize("level", LEVELS)
def test_a_death_after_the_answer_costs_the_next_call_nothing(level):
    with opened(FORGER, level) as session:
        assert session.call("dies_later").value == 1.0
        session._process.popen.wait(10)
        assert session.call("honest").value == 7.0


def frame_of(header, body):
    text = header.encode()
    return io.BytesIO(PREFIX.pack(MAGIC, len(text), len(body)) + text + body)


@pytest.mark.parametrize(
    ("header", "body", "says"),
    [
        ('{"a": [["<f8", [1]]], "v": {"l": [{"a": 0}, {"a": 0}]}}', bytes(8), "in two places"),
        ('{"a": [["<f8", [0, 2147483647]]], "v": {"a": 0}}', b"", "impossible dimensions"),
        ('{"a": [], "v": {"c": [' + "9" * 309 + ", 1]}}", b"", "impossible size"),
    ],
)
def test_headers_that_cost_more_than_they_carry_are_refused(header, body, says):
    with pytest.raises(WireError, match=says):
        decode(frame_of(header, body).readinto, 1 << 20)


def test_a_folder_is_removed_whatever_was_made_in_it(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    top = tmp_path / "scratch"
    top.mkdir()
    (top / "link").symlink_to(outside)
    here = os.open(top, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.symlink(str(outside), "link", dir_fd=here)
    os.close(here)
    (top / "d" / "shut").mkdir()
    (top / "d" / "shut" / "file").write_text("x")
    (top / "d" / "shut").chmod(0)
    remove_scratch(top)
    assert not top.exists()
    assert (outside / "kept").read_text() == "kept"


HIDDEN_MEMORY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def error(result): return 0 if result != -1 else ctypes.get_errno()
def memory_file(): return error(libc.memfd_create(b'x', 0))
def segment(): return error(libc.shmget(0, 4096, 0o1600))
def name_space(): return error(libc.unshare(0x10000000))
def keyring(): return error(libc.syscall(248 if os.uname().machine == 'x86_64' else 217,
                                         b'user', b'name', b'secret', 6, -3))
"""


@pytest.mark.parametrize("level", CONFINED)
@pytest.mark.parametrize("name", ["memory_file", "segment", "name_space", "keyring"])
def test_memory_cannot_hide_from_the_limits(level, name):
    with opened(HIDDEN_MEMORY, level) as session:
        assert session.call(name).value == 1
