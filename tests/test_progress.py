"""What is told while many are graded: rate, time left, who is slow; on a terminal and in a log."""

import io

from autograder.progress import Progress, duration_text


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(stream, seconds, total=10):
    clock = Clock()
    progress = Progress(total, stream, clock)
    for number, each in enumerate(seconds):
        clock.now += each
        progress.step(f"user{number}", each, resumed=each == 0)
    progress.end()
    return stream.getvalue()


def test_a_log_gets_a_line_now_and_then():
    text = run(io.StringIO(), [4.0] * 8)
    assert text.splitlines() == [
        "4 of 10 graded, 4 s each, about 24 s left",
        "8 of 10 graded, 4 s each, about 8 s left",
    ]


def test_a_terminal_gets_one_line_that_renews_itself():
    text = run(Terminal(), [0.25] * 10)
    assert text.count("\n") == 1
    assert text.rstrip("\n").rpartition("\x1b[K")[2] == "10 of 10 graded, 4.0 a second"


def test_what_was_known_does_not_count_for_the_rate():
    text = run(Terminal(), [0, 0, 0, 2.0])
    assert text.endswith("4 of 10 graded, 3 known already, 2 s each\n")


def test_the_first_few_say_nothing_of_the_rest():
    lines = run(Terminal(), [9.0, 0.5, 0.25, 0.25, 0.5, 0.5], total=20).split("\x1b[K")
    assert [" left" in line for line in lines[1:]] == [False] * 3 + [True] * 3


def test_who_is_slow_is_named():
    assert "slowest user5 60 s" in run(Terminal(), [1, 1, 1, 1, 1, 60, 1, 1, 1])


def test_times_in_words():
    assert [duration_text(each) for each in (8, 600, 9000)] == ["8 s", "10 min", "2.5 h"]
