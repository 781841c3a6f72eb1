"""The zip for Gradescope, set up and run in a container as the platform does it."""

import json
import os
import sys

import jsonschema
import pytest

from autograder.assignment import load_assignment
from autograder.packaging.gradescope import package_gradescope
from autograder.render.results_json import report_of
from autograder.sandbox.isolation import available_levels
from tests.gradescope.container import CPUS, Container
from tests.gradescope.docker import IMAGE, DockerContainer, docker_works
from tests.gradescope.uploads import ROOT, metadata, sample
from tests.results_schema import GRADESCOPE, RESULTS
from tests.whole import WHOLE

SECONDS, OWN_MIB = 600, 400
FULL = load_assignment().machine_points
FUNCTIONS = (
    *("softmax", "fCE", "gradK", "computeAccuracy", "SGD", "tuneHyperparameters"),
    *("AffineTransformation", "Composition", "composeFG", "ComputeJacobians"),
)


def loops(names):
    return "".join(f"def {name}(*args, **more):\n    while True:\n        pass\n" for name in names)


HUNGRY = b"import numpy as np\ndef softmax(z):\n    return [np.ones(10**8) for _ in range(99)]\n"


def can_emulate():
    root = sys.platform == "linux" and os.geteuid() == 0
    return root and {"bubblewrap", "confined"} <= set(available_levels())


pytestmark = [
    pytest.mark.skipif(
        not (docker_works() if IMAGE else can_emulate()),
        reason="it takes Docker, or root and bubblewrap, to build the container",
    ),
    # One image for all of them.
    pytest.mark.xdist_group("container"),
    pytest.mark.timeout(900),
    # Building it takes half a minute; test_gradescope_zip.py runs the zip without.
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    folder = tmp_path_factory.mktemp("container")
    made = DockerContainer(folder) if IMAGE else Container(folder)
    made.build(package_gradescope(load_assignment()))
    yield made
    made.remove()


def graded(container, files, about=None):
    """Hand in, run, and return results.json, which is valid whatever was handed in."""
    container.hand_in(files, about)
    done = container.run()
    assert done.returncode == 0
    found = json.loads(container.results.read_text())
    jsonschema.validate(found, GRADESCOPE, jsonschema.Draft202012Validator)
    jsonschema.validate(found, RESULTS, jsonschema.Draft202012Validator)
    assert found["execution_time"] < SECONDS
    assert "Traceback" not in done.stdout
    return found


def test_the_image_is_built_quietly(container):
    ours = [line for line in container.log.splitlines() if not line.startswith("WARNING: Location")]
    title = load_assignment().title
    assert ours == [f"autograder: ready to grade '{title}' at the level confined."]


def test_a_right_submission_of_a_team_late_with_an_extension(container):
    """Also: the limits hold, the words are those of a batch run, and nobody else can read them."""
    about = metadata(
        ["alice", "bob"], "2026-10-07T12:00:00-04:00", extension="2026-10-06T23:59:00-04:00"
    )
    found = graded(container, {"homework3.alice.bob.py": sample("noalpha")}, about)
    extra = found["extra_data"]
    assert (found["score"], extra["isolation"]) == (31.25, "confined")
    assert (extra["id"], extra["authors"]) == ("alice.bob", ["alice", "bob"])
    assert (extra["provenance"]["late"], extra["provenance"]["due"]) == (
        True,
        "2026-10-06T23:59:00-04:00",
    )
    said = found["output"]
    assert "Handed in 12 hours and 1 minute after the due date." in said
    assert "Your own, extended due date counts." in said
    assert "13.25 of 15 points" in said and "31.25" not in said
    if container.limited:
        assert 0 < container.peak_mib < OWN_MIB


@pytest.mark.parametrize(
    ("files", "score", "words"),
    [
        ({}, 0, "no Python file"),
        ({"homework3.eve.py": b"def softmax(z:\n"}, 0, "Syntax error in homework3.eve.py, line 1"),
        (
            {f"part{n}.py": b"x = 1\n" for n in range(9)} | {"hw3 final.py": sample("perfect")},
            FULL,
            "",
        ),
    ],
    ids=["an empty folder", "a syntax error", "ten files"],
)
def test_awkward_uploads(container, files, score, words):
    found = graded(container, files, metadata(["eve"]))
    assert found["score"] == score
    assert words in found["output"]
    assert found["extra_data"]["provenance"]["people"][0]["login"] == "eve@wpi.edu"


def test_a_student_s_code_can_not_read_what_is_not_theirs(container):
    code = b"""
found = []
for path in ("/autograder/source/reference_solution/homework3.reference.py",
             "/autograder/source/autograder/homework3/rubric.toml",
             "/autograder/submission_metadata.json", "/autograder/results/results.json"):
    try:
        found.append(open(path).read())
    except OSError as error:
        found.append(type(error).__name__)
try:
    open("/autograder/results/results.json", "w").write("{}")
except OSError as error:
    found.append(type(error).__name__)
print(found)
raise ValueError("show what was printed")
"""
    found = graded(container, {"homework3.eve.py": code}, metadata(["eve"]))
    assert found["extra_data"]["load"]["output"].strip() == str(["PermissionError"] * 5)


def test_loops(container):
    """As much as two functions may take; with WHOLE=1 everywhere."""
    if not WHOLE:
        code = sample("perfect") + loops(FUNCTIONS[6:8]).encode()
        found = graded(container, {"homework3.eve.py": code}, metadata(["eve"]))
        assert 0 < found["score"] < FULL
        assert sum("stopped after" in each["output"] for each in found["tests"]) >= 2
        return
    code = loops(FUNCTIONS) + "import numpy as np\nW_1 = np.array([[1, 2], [0, 1], [-1, 0]])\n"
    code += "b_1 = np.array([0, 0, 3])\nW_2 = np.array([[1, -2, 0.25]])\nb_2 = np.zeros(1)\n"
    found = graded(container, {"homework3.eve.py": code.encode()}, metadata(["eve"]))
    assert found["score"] == 1
    if container.limited:
        assert found["execution_time"] * CPUS < SECONDS


def test_memory_without_end(container):
    found = graded(container, {"homework3.eve.py": HUNGRY + sample("perfect")}, metadata(["eve"]))
    # The last definition of softmax counts; with the first one alone it is the only one lost.
    assert found["score"] == FULL
    alone = sample("perfect") + b"\n" + HUNGRY
    found = graded(container, {"homework3.eve.py": alone}, metadata(["eve"]))
    assert 25 <= found["score"] < 31
    assert any("memory" in each["output"] for each in found["tests"])


def test_the_words_are_those_of_a_batch_run(container, tmp_path):
    from autograder.cli import main

    names = ("bomb", "columns", "key", "twolayers") if WHOLE else ("columns", "key")
    files = [ROOT / "fixtures" / "submissions" / f"homework3.{name}.py" for name in names]
    words = ["grade", *map(str, files), "--out", str(tmp_path), "--isolation", "confined"]
    assert main(words) == 0
    for path in files:
        found = graded(container, {path.name: path.read_bytes()}, None)
        id = found["extra_data"]["id"]
        batch = json.loads((tmp_path / "submissions" / id / "results.json").read_text())
        here = [(c.id, c.score, c.message, c.mistake) for c in report_of(found).checks]
        there = [(c.id, c.score, c.message, c.mistake) for c in report_of(batch).checks]
        assert here == there, path.name
