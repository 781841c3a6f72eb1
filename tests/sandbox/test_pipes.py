"""The pipes of a guest, carried by one thread or by three: a real process at their other end."""

import select
import subprocess
import sys
import time

import pytest

from autograder.sandbox.output import Output
from autograder.sandbox.pipes import Polled, Pumped

MARK = b"\0mark\0"
KINDS = [pytest.param(Pumped, id="pumped")]
if hasattr(select, "poll"):
    KINDS.append(pytest.param(Polled, id="polled"))
# Long enough for a slow machine; what is tested is never that it passes.
PATIENCE = 20.0


@pytest.fixture(params=KINDS)
def started(request):
    """Return a function that starts a program and gives its pipes and what it prints."""
    begun = []

    def start(program):
        guest = subprocess.Popen(
            [sys.executable, "-c", f"import os, sys, time\n{program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        output = Output(MARK)
        pipes = request.param(guest.stdin, guest.stdout, guest.stderr, output)
        begun.append((guest, pipes))
        return pipes, output

    yield start
    for guest, pipes in begun:
        guest.kill()
        guest.wait()
        pipes.close()


def received(pipes, size):
    """Return so many bytes, or fewer where it ends."""
    data, deadline = bytearray(size), time.monotonic() + PATIENCE
    room = memoryview(data)
    while room and time.monotonic() < deadline:
        count = pipes.receive(room)
        if count == 0:
            break
        if count is None:
            pipes.wait(0.05)
        room = room[count or 0 :]
    return bytes(data[: size - len(room)])


def test_what_is_larger_than_a_pipe_crosses_both_ways_at_once(started):
    pipes, _ = started(
        "while data := os.read(0, 4096):\n    while data:\n        data = data[os.write(1, data):]"
    )
    sent = bytes(range(256)) * 12_000
    pipes.send([sent[:5], b"", memoryview(sent)[5:]])
    assert received(pipes, len(sent)) == sent


def test_printing_never_holds_an_answer_up(started):
    pipes, output = started(
        "for _ in range(100): os.write(2, b'x' * 10_000)\n"
        f"os.write(1, b'answer'); os.write(2, {MARK!r}); os.read(0, 1)"
    )
    pipes.begin()
    assert received(pipes, 6) == b"answer"
    pipes.wait_for_mark(PATIENCE)
    assert output.total == 1_000_000
    assert not output.broken


def test_what_is_printed_after_an_answer_is_not_the_next_ones(started):
    pipes, output = started(
        f"os.write(2, b'first' + {MARK!r} + b'late'); os.write(1, b'1')\n"
        f"os.read(0, 1); os.write(2, b'second' + {MARK!r}); os.write(1, b'2'); os.read(0, 1)"
    )
    pipes.begin()
    assert received(pipes, 1) == b"1"
    deadline = time.monotonic() + PATIENCE
    while "late" not in output.text() and time.monotonic() < deadline:
        pipes.wait(0.01)
    pipes.begin()
    pipes.send([b"x"])
    assert received(pipes, 1) == b"2"
    pipes.wait_for_mark(PATIENCE)
    assert output.text() == "second"


def test_the_end_is_told_and_what_is_sent_then_is_lost(started):
    pipes, output = started("os.write(2, b'its last words'); os.write(1, b'ab')")
    assert received(pipes, 5) == b"ab"
    assert pipes.receive(memoryview(bytearray(1))) == 0
    pipes.wait_for_mark(PATIENCE)
    assert (output.text(), output.ended) == ("its last words", True)
    pipes.send([b"x" * 1_000_000])
    pipes.wait(0.01)


def test_a_mark_that_does_not_come_is_waited_for_once(started):
    pipes, output = started("os.read(0, 1)")
    pipes.begin()
    pipes.wait_for_mark(0.01)
    assert output.broken
    started_at = time.monotonic()
    pipes.wait_for_mark(10 * PATIENCE)
    assert time.monotonic() - started_at < PATIENCE


def test_a_guest_that_sends_without_end_is_held_up(started):
    pipes, output = started(
        "sent = 0\nwhile True:\n    sent += os.write(1, b'x' * 4096)\n    os.write(2, b'y')"
    )
    pipes.begin()
    assert received(pipes, 10) == b"x" * 10
    seen, same = -1, 0
    while same < 5:
        pipes.wait_for_mark(0.0)
        output.broken = False
        time.sleep(0.02)
        same = same + 1 if output.total == seen else 0
        seen = output.total
    # Each byte that it printed stands for 4096 that it could send.
    assert 4096 * seen < 4_000_000
