"""Guests that answer anything: a clean failure of that call, in bounded time, whatever it is."""

import contextlib
import json
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.model.failures import GuestFailure
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox import session as session_module
from autograder.sandbox.launching import SANDBOX, Launch, base_python, packages_folder
from autograder.sandbox.session import Session
from autograder.sandbox.trouble import MachineTrouble

LIMITS = Limits(
    call_cpu_seconds=1,
    call_wall_seconds=2,
    statement_cpu_seconds=0.25,
    load_cpu_seconds=1,
    memory_mib=256,
    reply_mib=4,
    total_wall_seconds=20,
)
# A guest of ours that answers rightly, but for requests of one kind: those it answers as the JSON
# in its argument says. {"raw": hex} sends these bytes, {"value": …} a frame with the request's
# number.
FAKE = """
import importlib.util, json, sys
sys.path.append(sys.argv[2])
spec = importlib.util.spec_from_file_location("wire", sys.argv[1])
wire = sys.modules["wire"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wire)
replies, attacked = json.loads(sys.argv[3])
RIGHT = {
    "open": {
        "statements": [["h.py", 1, "def f(): pass", True, "", ["f"]]],
        "remarks": [],
        "inner": [],
    },
    "run": {"results": [None]},
    "names": {
        "names": [["f", "function", [], True], ["g", "value", None, True]],
        "stubs": [],
        "references": {"f": ["g"]},
    },
    "call": {"value": 1.0, "changed": [], "seconds": 0.0},
    "get": {"value": 1.0},
}
out = sys.stdout.buffer
def fill(buffer):
    if sys.stdin.buffer.readinto(buffer) < len(buffer): sys.exit()
def send(value):
    for part in wire.encode(value, 1 << 22): out.write(part)
    out.flush()
send({"ready": [3, 11, 0]})
position = 0
while True:
    request = wire.decode(fill, 1 << 22)
    sys.stderr.buffer.write(request["token"].encode()); sys.stderr.flush()
    reply = {"value": RIGHT[request["op"]]}
    if request["op"] == attacked:
        reply = replies[position % len(replies)]
        position += 1
    if "raw" in reply:
        out.write(bytes.fromhex(reply["raw"])); out.flush()
        if reply.get("ends"): sys.exit()
    else:
        value = reply["value"]
        send({**value, "id": request["id"]} if isinstance(value, dict) else value)
"""

LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=9)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        *(
            "value",
            "changed",
            "seconds",
            "error",
            "statements",
            "remarks",
            "inner",
            "results",
            "references",
            "reason",
        ),
        *("names", "stubs", "problem", "place", "kind", "places", "type", "text", "what"),
    ]
)
OBJECTS = st.dictionaries(FIELDS, TREES | st.dictionaries(FIELDS, TREES, max_size=4), max_size=6)
REPLIES = st.lists(
    st.fixed_dictionaries({"raw": st.binary(max_size=60).map(bytes.hex), "ends": st.booleans()})
    | st.fixed_dictionaries({"value": OBJECTS | TREES}),
    min_size=1,
    max_size=4,
)


def launching(replies, attacked):
    def make_launch(level, job):
        words = (str(SANDBOX / "wire.py"), packages_folder(), json.dumps([replies, attacked]))
        return Launch((base_python(), "-I", "-S", "-B", "-c", FAKE, *words), {}, job.scratch)

    return make_launch


def test_without_an_attack_the_fake_guest_is_believed(monkeypatch):
    monkeypatch.setattr(session_module, "make_launch", launching([], ""))
    with Session("h.py", (("h.py", b"def f(): pass\n"),), level="fake", limits=LIMITS) as session:
        session.load()
        assert session.problem is None
        assert session.call("f").value == 1.0
        assert session.get("g") == 1.0


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(replies=REPLIES, attacked=st.sampled_from(["open", "run", "names", "call", "get"]))
@pytest.mark.slow
def test_whatever_a_guest_answers_is_a_clean_failure_or_an_answer(replies, attacked, monkeypatch):
    monkeypatch.setattr(session_module, "make_launch", launching(replies, attacked))
    monkeypatch.setattr(session_module, "CallLimits", lambda cpu, wall: CallLimits(0.3, 0.4))
    monkeypatch.setattr(session_module, "MAX_LOAD_RESTARTS", 2)
    monkeypatch.setattr(session_module, "MAX_RESTARTS", 2)
    with Session("h.py", (("h.py", b"def f(): pass\n"),), level="fake", limits=LIMITS) as session:
        session.load()
        for ask in (session.call, session.call, session.get):
            for name in ("f", "g"):
                with contextlib.suppress(GuestFailure):
                    ask(name)


@pytest.mark.parametrize("size", [0, 1, 1 << 22])
def test_a_guest_that_sends_without_end_is_stopped(size, monkeypatch):
    source = (
        "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)\n"
        if size
        else "import time\ntime.sleep(60)\n"
    )

    def make_launch(level, job):
        return Launch((sys.executable, "-I", "-S", "-c", source), {}, job.scratch)

    monkeypatch.setattr(session_module, "make_launch", make_launch)
    monkeypatch.setattr(session_module, "START_LIMITS", CallLimits(1, 2))
    with (
        pytest.raises(MachineTrouble, match=r"can't be started: (it was not ready|what it sent)"),
        Session("h.py", (("h.py", b"x = 1\n"),), level="fake", limits=LIMITS) as session,
    ):
        session.load()
