from autograder.author import mistake, reference

for wrong in (
    ("loses-duplicates", lambda x: sorted(set(x)), "It loses items that are equal to the pivot."),
    ("descending", lambda x: sorted(x)[::-1], "It sorts in descending order."),
    ("not-sorted", lambda x: x, "It returns the list as it was."),
    ("drops-pivot", lambda x: sorted(x[1:]), "It loses the pivot: put it between the two parts."),
    ("one-level", lambda x: sorted(x, key=lambda each: each >= x[0]), "Sort both parts as well."),
):
    mistake("quicksort", *wrong)
for wrong in (
    ("sums", lambda x, w: [m * w for m in reference.moving_average(x, w)], "Divide the sums."),
    ("drops-last", lambda x, w: reference.moving_average(x, w)[:-1], "The last window is missing."),
    ("wider", lambda x, w: reference.moving_average(x, w + 1), "Each window has a value too many."),
    ("all", lambda x, w: [m * w / len(x) for m in reference.moving_average(x, w)], "Divide by w."),
):
    mistake("moving_average", *wrong)
