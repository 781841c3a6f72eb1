def quicksort(items):
    if len(items) < 2:
        return list(items)
    pivot, rest = items[0], items[1:]
    below = [each for each in rest if each < pivot]
    above = [each for each in rest if not each < pivot]
    return quicksort(below) + [pivot] + quicksort(above)


def moving_average(values, width):
    return [sum(values[i : i + width]) / width for i in range(len(values) - width + 1)]
