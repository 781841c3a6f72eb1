"""The corpus of hostile and awkward submissions, at every level that works here."""

import ast
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from autograder.assignment import PACKAGE, load_assignment
from autograder.audit.hostile import judge_case, read_cases, run_corpus, text_of
from autograder.audit.traps import Traps
from autograder.audit.variants import reference_text
from autograder.config import read_toml
from autograder.render.results_json import read_results
from autograder.sandbox import wire
from autograder.sandbox.isolation import LEVELS, available_levels, why_not
from tests.whole import WHOLE

ASSIGNMENT = load_assignment()
assert ASSIGNMENT.corpus is not None
CORPUS = ASSIGNMENT.corpus
CASES = read_cases(CORPUS, ASSIGNMENT.stem)
SECTIONS = sorted({case.section for case in CASES})
CONFINING = [level for level in LEVELS if level != "process"]


def skip_without(level):
    if level not in available_levels():
        pytest.skip(why_not(level))


def test_every_numbered_case_is_there_or_it_is_said_why_not():
    covered = {number for case in CASES for number in case.numbers}
    explained = {}
    for path in CORPUS.glob("*/not_expressed.toml"):
        entries = [each.values for each in read_toml(path).tables("number")]
        explained |= {entry["n"]: entry["why"] for entry in entries}
    assert all(explained.values())
    assert sorted(set(range(1, 219)) - covered - explained.keys()) == []


def test_no_file_is_forgotten():
    for section in SECTIONS:
        folder = CORPUS / section
        used = {case.file for case in CASES if case.section == section}
        used |= {"cases.toml", "not_expressed.toml", "build.py"}
        assert {path.name for path in folder.iterdir() if path.is_file()} <= used


def some(section):
    """Two cases of a section; all but the first of every other section go with --all."""
    own = [case for case in CASES if case.section == section]
    first = [pytest.mark.slow] if SECTIONS.index(section) % 2 else []
    return [(own[0], first), (own[len(own) // 2], [pytest.mark.slow])]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(each, marks=marks, id=each.id)
        for section in SECTIONS
        for each, marks in some(section)
    ],
)
def test_some_of_the_sections(case):
    level = available_levels()[-1]
    if level not in case.levels:
        pytest.skip(f"{level} promises nothing here")
    assert judge_case((case, ASSIGNMENT.folder, level)).misses == ()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("level", LEVELS)
def test_the_corpus_a_share_of_it_at_each_level(level):
    """A share of the cases; `autograder audit --kinds hostile` judges all at each level."""
    skip_without(level)
    share = CASES[LEVELS.index(level) :: 1 if WHOLE else 45 * len(LEVELS)]
    judged = list(run_corpus(share, ASSIGNMENT.folder, level, jobs=os.cpu_count() or 1))
    missed = {f"{each.case.section}/{each.case.id}": each.misses for each in judged if each.misses}
    assert missed == {}


THIEF = """
import os, socket
def look(*_, **__):
    found = []
    for path in ("@SECRET_FILE@", f"/proc/{os.getppid()}/environ"):
        try: found.append(open(path).read())
        except (OSError, UnicodeError): pass
    try: socket.create_connection(("127.0.0.1", @PORT@), timeout=1)
    except OSError: pass
    try: open("@CANARY@/x", "w").close()
    except OSError: pass
    raise ValueError(str(found))
softmax = look
"""


@pytest.mark.slow
def test_the_traps_catch_a_thief(tmp_path):
    """At `process` the thief succeeds, so that the traps are known to work."""
    (tmp_path / "theft").mkdir()
    (tmp_path / "theft" / "cases.toml").write_text(
        '[[case]]\nid = "thief"\nnumbers = [165]\nhostile = true\nloses = { softmax = 1.0 }\n'
        f'source = """{THIEF}"""\n'
    )
    case = read_cases(tmp_path, ASSIGNMENT.stem)[0]
    misses = " ".join(judge_case((case, ASSIGNMENT.folder, "process")).misses)
    for what in ("secret stands in the report", "socket of this machine", "outside the scratch"):
        assert what in misses
    for level in CONFINING:
        if level in available_levels():
            assert judge_case((case, ASSIGNMENT.folder, level)).misses == ()


def test_the_traps_see_survivors():
    with Traps() as traps:
        words = [sys.executable, "-c", f"import time; time.sleep(60)  # {traps.mark}"]
        left = subprocess.Popen(words, start_new_session=True)
        assert traps.found("") == ["1 process survived"]
        left.wait(10)


MEMORY_MIB, DISK_MIB = 2500, 400


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("level", CONFINING if WHOLE else CONFINING[:1])
def test_hostile_ones_beside_as_many_ordinary_ones(level, tmp_path):
    """Two workers; the ordinary ones get their usual scores, within bounds of memory and disk."""
    skip_without(level)
    count = 40 if WHOLE else 2
    hostile = [case for case in CASES if case.hostile and not case.build and level in case.levels]
    hostile = hostile[:: max(1, len(hostile) // count)][:count]
    assert len(hostile) == count
    reference = reference_text(ASSIGNMENT).encode()
    handed = tmp_path / "handed"
    handed.mkdir()
    with Traps() as traps:
        for number, case in enumerate(hostile):
            text = text_of(case, reference, traps)
            (handed / f"homework3.a{number:02}.py").write_bytes(text)
            ordinary = reference + f"\n# number {number}\n".encode()
            (handed / f"homework3.b{number:02}.py").write_bytes(ordinary)
        out = tmp_path / "out"
        words = [sys.executable, "-m", "autograder", "grade", str(handed), "--out", str(out)]
        words += ["-j", "2", "--isolation", level]
        run = subprocess.Popen(words, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
        peak = watch(run)
        assert run.returncode == 0
        # Our own helpers end when they see that their process has; hostile ones would stay.
        psutil.wait_procs(set(psutil.Process().children(recursive=True)) - traps.before, timeout=5)
        assert traps.found("") == []
    for number in range(count):
        assert (
            read_results(out / "submissions" / f"b{number:02}" / "results.json").score
            == ASSIGNMENT.machine_points
        )
        assert read_results(out / "submissions" / f"a{number:02}" / "results.json").checks
    assert peak["memory"] < MEMORY_MIB
    assert peak["disk"] < DISK_MIB


def scratch_mib():
    """Return what the scratch folders of guests take; other tests fill the same disk."""
    total = 0
    for folder in Path(tempfile.gettempdir()).glob("autograder-*"):
        for place, _, names in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total / 2**20


def watch(run):
    """Return the peaks of memory and disk, in MiB, until a process ends."""
    peak = {"memory": 0.0, "disk": 0.0}
    ended = threading.Event()
    threading.Thread(target=lambda: (run.wait(), ended.set()), daemon=True).start()
    while not ended.wait(0.1):
        resident = 0
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(run.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    resident += process.memory_info().rss
        peak["memory"] = max(peak["memory"], resident / 2**20)
        peak["disk"] = max(peak["disk"], scratch_mib())
    return peak


def test_what_attacks_take_of_the_guest_is_there():
    """An attack on a name that the guest no longer has would fail by itself, and prove nothing."""
    text = "".join(path.read_text() for path in sorted(CORPUS.glob("*/cases.toml")))
    frames = set(re.findall(r"co_name != [\"'](\w+)", text))
    wanted = set(re.findall(r"f_locals\[[\"'](\w+)", text))
    tree = ast.parse((PACKAGE / "sandbox" / "guest" / "main.py").read_text())
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert frames and frames <= functions.keys()
    nodes = [node for name in frames for node in ast.walk(functions[name])]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    assert wanted and wanted <= names
    attributes = set(re.findall(r"_autograder_guest_wire[\"']\]\.(\w+)", text))
    assert attributes and attributes <= vars(wire).keys()
