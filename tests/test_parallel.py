"""Items given to several processes: in order, and one that dies costs its own item only."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import psutil
import pytest

from autograder.parallel import ProcessDied, spread


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def deadly(places: Path, deadly: frozenset[int], number: int) -> int:
    """Die of a deadly number; of a negative one only where nobody has died of it before."""
    mark = places / str(number)
    if number in deadly and not (number < 0 and mark.exists()):
        mark.touch()
        os._exit(1)
    return number


def failing(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def test_all_come_in_order_from_other_processes():
    found = list(spread(squared, range(20), 2))
    assert [each for each, _ in found] == [number * number for number in range(20)]
    assert os.getpid() not in {pid for _, pid in found}


@pytest.mark.parametrize("options", [{"jobs": 1}, {"jobs": 2, "few": 9}])
def test_few_stay_here(options):
    assert {pid for _, pid in spread(squared, range(8), **options)} == {os.getpid()}


def test_what_kills_its_process_is_lost_and_nothing_else(tmp_path):
    work = functools.partial(deadly, tmp_path, frozenset({4}))
    found = list(spread(work, range(8), 2, chunk=2, lost=lambda number: None))
    assert found == [None if number == 4 else number for number in range(8)]


def test_what_killed_its_process_once_is_done_in_another(tmp_path):
    work = functools.partial(deadly, tmp_path, frozenset({-2}))
    assert list(spread(work, [0, -2, 2], 2)) == [0, -2, 2]


def test_without_a_word_for_the_lost_it_is_an_error(tmp_path):
    work = functools.partial(deadly, tmp_path, frozenset({1}))
    with pytest.raises(ProcessDied, match="that had 1 died"):
        list(spread(work, [0, 1, 2], 2))


def is_multiprocessings_own(process):
    """It keeps one, which holds nothing. What has ended meanwhile is not that one."""
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_an_exception_is_raised_as_it_is_and_ends_the_processes():
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(ValueError, match="three"):
        list(spread(failing, range(9), 2))
    after = set(psutil.Process().children(recursive=True)) - before
    left = [each for each in after if not is_multiprocessings_own(each)]
    assert psutil.wait_procs(left, timeout=20)[1] == []
