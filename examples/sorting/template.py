def quicksort(items):
    """Return a new list with the items in ascending order."""
    raise NotImplementedError


def moving_average(values, width):
    """Return the mean of each `width` neighbouring values, as a list."""
    raise NotImplementedError
