def quicksort(items):
    if not items:
        return []
    below = [each for each in items if each < items[0]]
    above = [each for each in items if each > items[0]]
    return quicksort(below) + [items[0]] + quicksort(above)


def moving_average(values, width):
    return [sum(values[i : i + width]) for i in range(len(values) - width + 1)]
