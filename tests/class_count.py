"""What the page of a class takes from a folder of results, as a run counts it on its way."""

from autograder.gradebook.build import reports_in
from autograder.gradebook.roster import roster_for
from autograder.overview import ClassCount


def count_class(out, assignment):
    roster, _ = roster_for(out, None)
    found = ClassCount(assignment, roster)
    for report in reports_in(out):
        found.add(report)
    return found
