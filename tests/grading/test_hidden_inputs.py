"""What the student's process is told can't be turned into the inputs of hidden checks."""

import numpy as np

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.submission import Cell, Submission
from tests.tiny import RUBRIC, write_assignment

CHECK = """
import pytest
from autograder.grading.verdicts import Wrong

@pytest.mark.check("double")
def test_double(submission, rng):
    told = submission.call("double", 1)
    raise Wrong(f"{int(told)} {float(rng.random())!r}")
"""
# The first word of the generator's state is the seed that it was given.
SOURCE = "import numpy as np\ndef double(x): return int(np.random.get_state()[1][0])\n"


def test_what_the_guests_generator_was_seeded_with_is_no_part_of_the_seed(tmp_path):
    """All of what was left, 16 bits, is tried in a second, as a function could."""
    rubric = 'secret = "s3cret"\n' + RUBRIC.replace("points = 2", "points = 2\npublic = false")
    assignment = load_assignment(write_assignment(tmp_path / "tiny", rubric, CHECK))
    name = "tiny.ann.py"
    handed = Submission("ann", ("ann",), name, (Cell(name, SOURCE.encode()),), files=(name,))
    (check,) = grade(handed, assignment, level="process").checks
    told, drawn = check.message.split()
    # It was the first call of the check.
    low = (int(told) - 1) % 2**32
    for high in range(2**16):
        seed = [low + (high << 32), *b"double"]
        assert np.random.default_rng(seed).random() != float(drawn)
