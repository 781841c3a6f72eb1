"""Which files beside the graded one it may import."""

import zipfile

from autograder.intake.reader import read_submission
from autograder.model.remark import Remark


def handed_in(folder, helpers):
    path = folder / "homework3.ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("homework3.ann.py", "x = 1")
        for name in helpers:
            archive.writestr(name, "y = 2")
    return read_submission(path)


def test_one_that_lies_too_deep_is_left_out_and_said(tmp_path):
    """With the folder that it would be written into no system has so long a path."""
    deep = "/".join(["a" * 250] * 17) + "/h.py"
    submission = handed_in(tmp_path, [deep, "near.py", "folder/inner.py"])
    assert sorted(submission.helpers) == ["folder/inner.py", "near.py"]
    (remark,) = [each for each in submission.remarks if "too long" in each.text]
    assert isinstance(remark, Remark)
    assert submission.problem is None
