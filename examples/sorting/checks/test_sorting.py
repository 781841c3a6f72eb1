import pytest


@pytest.mark.check("sort-small")
def test_small(quicksort):
    for items in ([3, 1, 2], [5, 4], [7], [], [2, 2, 1]):
        quicksort.compare(items)


@pytest.mark.check("sort-many")
def test_many(quicksort, rng):
    for count in (13, 40, 101):
        quicksort.compare(rng.integers(-20, 20, count).tolist())
    quicksort.compare(["pear", "fig", "apple", "fig"])


@pytest.mark.check("average-small")
def test_average(moving_average):
    moving_average.compare([1.0, 2.0, 6.0, 4.0], 2)
    moving_average.compare([3.0, 9.0, 1.0, 5.0, 8.0], 3)


@pytest.mark.check("average-many")
def test_windows(moving_average, rng):
    for count, width in ((12, 1), (9, 9), (30, 7)):
        moving_average.compare(rng.normal(size=count).tolist(), width)
