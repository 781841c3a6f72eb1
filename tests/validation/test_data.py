"""The rubric's [[data]]: data that are not what the checks take for granted are told."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder.validation.static import static_flaws

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "age_regression"
SPEC = 'file = "age_labels.npy"\nshape = [0]\nleast = 0\nmost = 120\n'
LABELS = np.array([12.9, 34.5, 80.0], dtype=np.float32)


def told(folder, spec=SPEC, labels=LABELS):
    """Return what validate says of the file of labels when the rubric's [[data]] is `spec`."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    rubric = folder / "rubric.toml"
    text = rubric.read_text(encoding="utf-8")
    assert SPEC in text
    rubric.write_text(text.replace(SPEC, spec), encoding="utf-8")
    if isinstance(labels, bytes):
        (folder / "data" / "age_labels.npy").write_bytes(labels)
    else:
        np.save(folder / "data" / "age_labels.npy", labels, allow_pickle=True)
    line = rubric.read_text(encoding="utf-8").splitlines().index(spec.splitlines()[0]) + 1
    flaws = [each for each in static_flaws(folder, everything=True) if "[[data]]" in each.text]
    assert {(each.path, each.line) for each in flaws} <= {(rubric, line)}
    return [each.text for each in flaws]


def test_data_as_the_checks_want_them_are_fine(tmp_path):
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (LABELS - 20, "goes from -7.1 to 60; the checks want numbers from 0 to 120"),
        (LABELS[:, None], "has the shape 3 × 1; the checks want any"),
        (np.array([1.0, np.nan]), "holds nan or infinity"),
        (np.array(["a", "b"]), "holds <U1, and no numbers"),
        (np.zeros(0), "is empty"),
        (np.array([{}], dtype=object), "can't be read as an array"),
        (b"not numpy's", "can't be read as an array"),
    ],
    ids=["range", "shape", "nan", "text", "empty", "objects", "another file"],
)
def test_what_is_strange_is_told_with_the_line(tmp_path, labels, words):
    (text,) = told(tmp_path, labels=labels)
    assert "age_labels.npy" in text and words in text


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (SPEC.replace("most = 120\n", "whole = true\n"), "holds numbers that are not whole"),
        (SPEC + "filled = true\n", ""),
        (SPEC.replace("120", "255") + "filled = true\n", "goes up to 80 only"),
        (SPEC.replace("age_labels", "age_lables"), "did you mean 'age_labels.npy'?"),
        (SPEC.replace("least = 0", "least = 20").replace("most = 120\n", ""), "numbers from 20"),
        (SPEC.replace("least = 0\n", "").replace("120", "50"), "want numbers up to 50"),
    ],
)
def test_each_key_binds(tmp_path, spec, words):
    texts = told(tmp_path, spec)
    assert [words in each for each in texts] == [True] * bool(words)
