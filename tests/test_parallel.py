"""Items given to several processes: in order, and one that dies costs its own item only."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import psutil
import pytest

from autograder.parallel import ProcessDied, begun, end_well, kept_processes, spread


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


def processes_of(found):
    return {pid for _, pid in found}


def test_processes_that_are_kept_do_one_kind_of_work_after_the_other():
    with kept_processes():
        first = processes_of(spread(squared, range(9), 2))
        # Where they have started, few items go to them too.
        assert processes_of(spread(squared, range(2), 2, few=9)) <= first
        executor = begun(2)
        assert executor.submit(squared, 3).result()[1] in first
        end_well(executor)
        assert processes_of(spread(squared, range(9), 2)) <= first
    children = {each.pid: each for each in psutil.Process().children()}
    left = [children[pid] for pid in first if pid in children]
    assert psutil.wait_procs(left, timeout=20)[1] == []
    assert not processes_of(spread(squared, range(9), 2)) & first


@pytest.mark.slow
def test_a_death_among_kept_processes_costs_its_item_only(tmp_path):
    work = functools.partial(deadly, tmp_path, frozenset({4}))
    with kept_processes():
        found = list(spread(work, range(8), 2, lost=lambda number: None))
        assert found == [None if number == 4 else number for number in range(8)]
        assert len(processes_of(spread(squared, range(9), 2))) >= 1


def well_then_badly():
    with kept_processes():
        list(spread(squared, range(9), 2))
        list(spread(failing, range(9), 2))


def test_an_exception_ends_kept_processes_at_once():
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(ValueError, match="three"):
        well_then_badly()
    after = set(psutil.Process().children(recursive=True)) - before
    left = [each for each in after if not is_multiprocessings_own(each)]
    assert psutil.wait_procs(left, timeout=20)[1] == []
