"""A session with real guests: loading, calling, failing, and leaving nothing behind."""

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from autograder.model.failures import (
    Crowded,
    Died,
    Flooded,
    NotFilledIn,
    NotFound,
    NotRun,
    OutOfMemory,
    Raised,
    TimedOut,
    Unreadable,
)
from autograder.model.limits import CallLimits, Limits
from autograder.sandbox import process
from autograder.sandbox.isolation import LEVELS, available_levels, why_not
from autograder.sandbox.levels.bubblewrap import Bubblewrap
from autograder.sandbox.session import Session, StandIns
from autograder.sandbox.survivors import adopt_orphans, find_marked, is_alive
from tests.processes import descendants

DATA = Path(__file__).resolve().parents[2] / "fixtures" / "fashion_mnist"
SHORT = CallLimits(cpu=0.7, wall=2.0)
LIMITS = Limits(statement_cpu_seconds=0.7, memory_mib=512, output_mib=1)


CONFINING = [level for level in LEVELS if level != "process"]


def skip_without(level):
    if level not in available_levels():
        pytest.skip(why_not(level))


@pytest.fixture(params=LEVELS)
def level(request):
    skip_without(request.param)
    return request.param


def opened(source, level, **options):
    data = source if isinstance(source, bytes) else source.encode()
    options.setdefault("limits", LIMITS)
    session = Session("homework3.x.py", (("homework3.x.py", data),), level=level, **options)
    session.load()
    return session


# Loading


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffx = 'é'\n".encode(),
        "x = 'é'\r\ny = 2\r\n".encode(),
        "x = 'é'\ry = 2\r".encode(),
        "x = 'é'\n".encode("utf-16"),
        "x = 'é'\n".encode("utf-16-le"),
        "x = 'é'\n".encode("latin-1"),
        "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
        "x = 'é'".encode(),
        "\fx = 'é'\n\0\0\0".encode(),
    ],
)
def test_every_encoding_that_can_be_read_is(data):
    with opened(data, "process") as session:
        assert session.problem is None
        assert session.get("x") == "é"


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("x = 1\ny = 2 // the answer\n", 2, "comment starts with #"),
        ("x = 1\n\nprint 'hello'\n", 3, "Python 2"),
        ("<<<<<<< HEAD\nx = 1\n", 1, "merge conflict"),
        ("```python\nx = 1\n```\n", 1, "chat or a web page"),
        ("if True:\n\tx = 1\n        y = 2\n", 3, "TabError"),
        ("x = ‘a’\n", 1, "U+2018"),
        ("x = 1\ny = '\0'\n", 2, "null byte"),
        ("# coding: rot13\nk = 1\n", 1, "not a text encoding"),
        ("", None, "no Python statements"),
        ("x = " + "(" * 5000 + ")" * 5000, None, ""),
    ],
)
def test_what_is_not_python_is_said_with_its_line(source, line, says):
    with opened(source, "process") as session:
        assert session.problem is not None
        assert says in str(session.problem)
        if line is not None:
            assert session.problem.place.line == line
        with pytest.raises(NotRun, match="could not be loaded"):
            session.call("softmax")


AWKWARD = """import os, sys, signal
import numpy as np
before = 1
1 / 0
while True: pass
sys.exit(0)
exit()
os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
input("name? ")
raise KeyboardInterrupt
x = np.load("C:\\\\Users\\\\Bob\\\\fashion_mnist_test_labels.npy")
y = np.load("/content/drive/fashion_mnist_test_labels.npy").shape[0]
import seaborn as sns, torch
import matplotlib.pyplot as plt
fig, axes = plt.subplots(2, 5)
axes[1, 2].imshow([[1]]); line, = plt.plot([1]); plt.show()
try:
    import cupy as xp
except ImportError:
    xp = np
old = np.Inf + np.float(1)
if __name__ == "__main__":
    1 / 0
def f():
    return before
def uses_torch():
    return torch.nn.Linear(3)
after = 2
"""


def test_a_statement_that_misbehaves_is_skipped_and_the_rest_loads(level):
    with opened(AWKWARD, level, data_files=tuple(DATA.glob("*labels.npy"))) as session:
        skipped = {session.statements[i].place.line: why for i, why in session.skipped.items()}
        assert set(skipped) == {4, 5, 6, 7, 8, 9, 10, 11}
        assert "division by zero" in skipped[4]
        assert "stopped after 0.7 s of computing" in skipped[5]
        assert "end the program" in skipped[6]
        assert "exit code 0" in skipped[8]
        assert "a kill" in skipped[9]
        assert "EOFError" in skipped[10]
        assert session.get("y") == 1000
        assert session.call("f").value == 1
        assert session.get("after") == 2
        assert {"seaborn", "torch", "matplotlib"} <= set(session.stubs)
        assert "cupy" not in session.stubs
        with pytest.raises(Raised, match="torch is not available"):
            session.call("uses_torch")


def test_names_are_suggested():
    source = (
        "def softMax(z): return z\n"
        "class Net:\n    def gradK(self): pass\n"
        "if __name__ == '__main__':\n    def fCE(): pass\n"
        "SGD = 3\n"
        "def later(): raise NotImplementedError\n"
        "W_1 = None\n"
    )
    with opened(source, "process") as session:
        for name, says in (
            ("softmax", "did you mean softMax"),
            ("gradK", "method of class Net"),
            ("fCE", "inside an if block"),
            ("SGD", "not a function"),
        ):
            with pytest.raises(NotFound, match=says):
                session.call(name)
        with pytest.raises(NotFilledIn, match="later is not filled in yet"):
            session.call("later")
        with pytest.raises(NotFilledIn, match="W_1 is not filled in yet"):
            session.get("W_1")


def test_a_notebook_keeps_its_python_cells():
    cells = (
        ("cell 1", b"%matplotlib inline\n!pip install x\nimport numpy as np"),
        ("cell 2", b"def broken(:\n    pass"),
        ("cell 3", b"%%time\ndef f(x):\n    return 2 * x"),
        ("cell 4", b"%%bash\nrm -rf /"),
        ("cell 5", b"get_ipython().run_line_magic('time', '')\ndisplay(f(1))\ny = 1 / 0"),
    )
    with Session("h.ipynb", cells, level="process", limits=LIMITS, notebook=True) as session:
        session.load()
        assert session.problem is None
        assert session.call("f", 4).value == 8
        places = [session.statements[i].place for i in session.skipped]
        assert [(place.file, place.line) for place in places] == [("cell 2", 1), ("cell 5", 3)]
        assert any("%%bash" in note for note in session.remarks)


def test_helpers_can_be_imported_and_shadow_nothing(level):
    helpers = {
        "mine.py": b"def double(x): return 2 * x",
        "numpy.py": b"raise RuntimeError('shadowed')",
        "json.py": b"raise RuntimeError('shadowed')",
    }
    source = "import numpy as np, json\nfrom mine import double\ndef f(): return double(np.pi)"
    with opened(source, level, helpers=helpers) as session:
        assert not session.skipped
        assert session.call("f").value == pytest.approx(2 * np.pi)


# Calling


VALUES = """import numpy as np, collections, decimal, types
def matrix(): return np.matrix([[1., 2.]])
def masked(): return np.ma.masked_array([1., 2.], [False, True])
def objects(): return np.array([1.0, decimal.Decimal(2)], dtype=object)
def numbers(): return [1, 2.5, True, None, "a", 1j, np.float32(3), decimal.Decimal(1)]
def single(): return np.ones(2, np.float32)
def half(): return np.ones(2, np.float16)
def long(): return np.ones(2, np.longdouble)
def big_endian(): return np.arange(3, dtype=">i4")
def span(): return range(3)
def nested(): return {"dW": [np.ones(2)], "db": (1,)}
class Lying(np.ndarray):
    def __eq__(self, other): return True
    def __array__(self, *a, **k): raise RuntimeError
def lying(): return np.arange(3.).view(Lying)
class Frame:
    def __array__(self, *a, **k): return np.arange(2.)
def frame(): return Frame()
def generator(): yield 1
async def coroutine(): return 1
def function(): return generator
def cls(): return Frame
def a_set(): return {1}
def text(): return np.array([["a"], ["bc"]])
def digits(): return np.array(["1", 2], dtype=object)
def texts(): return np.full(30_000, "a")
def keys(): return {(1, np.int64(2)): "a", None: 1, np.float64(0.5): 2, True: 3, np.str_("b"): 4}
def large(): return [2**60 + i for i in range(12)]
def larger(): return [2.5] * 10 + [2**60 + 1, 2**70]
def records(): return np.zeros(2, [("a", float)])
def endless():
    def forever():
        while True: yield 1
    return forever()
def itself():
    a = []; a.append(a); return a
def deep():
    a = []
    for _ in range(100_000): a = [a]
    return a
def huge(): return np.broadcast_to(0., (10**6, 10**6))
class Pair:
    def __len__(self): return 2
    def __getitem__(self, i): return (1., 2.)[i]
def pair(): return Pair()
def user_list(): return collections.UserList([1., 2.])
def queue(): return collections.deque([1., 2.])
def user_dict(): return collections.ChainMap({"W": 1.}, {"b": 2.})
class Made(tuple):
    def __new__(cls, x=1): return super().__new__(cls, (x, 2.))
class Plain:
    def __init__(self, x): self.x = x
class Long(Pair):
    def __len__(self): return 10**12
def long_pair(): return Long()
def hostile():
    class Bad:
        @property
        def __class__(self): raise RuntimeError
        def __getattr__(self, name): raise RuntimeError
        def __repr__(self): raise RuntimeError
    return Bad()
"""


@pytest.fixture(scope="module")
def values():
    with opened(VALUES, "process") as session:
        yield session


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("matrix", [[1.0, 2.0]]),
        ("masked", [1.0, 2.0]),
        ("objects", [1.0, 2.0]),
        ("single", [1.0, 1.0]),
        ("half", [1.0, 1.0]),
        ("long", [1.0, 1.0]),
        ("big_endian", [0, 1, 2]),
        ("span", [0, 1, 2]),
        ("lying", [0.0, 1.0, 2.0]),
        ("frame", [0.0, 1.0]),
    ],
)
def test_numbers_are_read_in_every_wrapping(values, name, expected):
    got = values.call(name).value
    assert type(got) is np.ndarray
    assert got.tolist() == expected


@pytest.mark.parametrize("name", ["pair", "user_list", "queue", "Made"])
def test_a_sequence_of_a_class_of_its_own_is_read(values, name):
    got = values.call(name).value
    assert list(got) == [1.0, 2.0]


def test_a_dict_of_a_class_of_its_own_is_read(values):
    assert values.call("user_dict").value == {"W": 1.0, "b": 2.0}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_set", {1}),
        ("text", [["a"], ["bc"]]),
        ("digits", ["1", 2]),
        ("keys", {(1, 2): "a", None: 1, 0.5: 2, True: 3, "b": 4}),
        ("larger", [2.5] * 10 + [2**60 + 1, 2**70]),
    ],
)
def test_what_is_not_numbers_alone_comes_as_it_is(values, name, expected):
    assert values.call(name).value == expected


def test_no_whole_number_is_rounded_on_its_way(values):
    assert values.call("large").value.tolist() == [2**60 + i for i in range(12)]


def test_a_class_in_place_of_a_function_is_told(values):
    with pytest.raises(NotFound, match="Plain is a class in your file"):
        values.call("Plain", 1)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("long_pair", "more than 20,000 items"),
        ("generator", "a generator"),
        ("endless", "a generator"),
        ("coroutine", "a coroutine"),
        ("function", "the function generator itself"),
        ("cls", "the class Frame"),
        ("texts", "an array of text"),
        ("records", "an array of records"),
        ("huge", "1000000×1000000"),
    ],
)
def test_what_is_not_numbers_is_described(values, name, says):
    with pytest.raises(Unreadable, match=says):
        values.call(name)


@pytest.mark.parametrize("name", ["itself", "deep", "hostile"])
def test_nothing_that_is_returned_breaks_the_session(values, name):
    with contextlib.suppress(Unreadable):
        values.call(name)
    assert values.call("span").value.tolist() == [0, 1, 2]


def test_inputs_are_fresh_and_changes_are_seen():
    source = "def f(X, L):\n    X += 1\n    L[0][0][:] = 0\n    return X.sum()\ndef g(X): return X"
    with opened(source, "process") as session:
        X, L = np.ones((2, 2)), [(np.ones(2), np.ones(1))]
        assert session.call("f", X, L).changed == (0, 1)
        assert session.call("f", X, L).value == 8.0
        assert X.sum() == 4
        assert session.call("g", X).changed == ()


def test_random_numbers_are_repeatable():
    source = (
        "import numpy as np, random\n"
        "def f(): return [np.random.rand(), np.random.default_rng().random(), random.random()]\n"
    )
    with opened(source, "process") as session:
        first, second, other = (session.call("f", seed=seed).value for seed in (1, 1, 2))
        assert first == second
        assert not set(first) & set(other)


def test_an_exception_comes_with_the_student_line():
    source = (
        "import numpy as np\ndef f(x):\n    return g(x)\ndef g(x):\n    return np.linalg.inv(x)\n"
    )
    with opened(source, "process") as session:
        with pytest.raises(Raised, match="LinAlgError: Singular matrix") as caught:
            session.call("f", np.zeros((2, 2)))
        place = caught.value.place
        assert (place.line, place.function, place.text) == (5, "g", "return np.linalg.inv(x)")


def test_hostile_exceptions_are_only_exceptions():
    source = (
        "class Bad(Exception):\n    def __str__(self): raise RuntimeError\n"
        "def bad(): raise Bad\n"
        "def long(): raise ValueError('x' * 10**7)\n"
        "def leave(): raise SystemExit(3)\n"
        "def interrupt(): raise KeyboardInterrupt\n"
        "def recurse(): return recurse()\n"
    )
    with opened(source, "process") as session:
        for name in ("bad", "long", "leave", "interrupt", "recurse"):
            with pytest.raises(Raised) as caught:
                session.call(name)
            assert len(str(caught.value)) < 5000


def test_stand_ins_replace_and_go_again():
    source = "def low(x): return -x\ndef high(x): return 2 * low(x)\ndef helper(): return 'mine'\n"
    stand_ins = StandIns(("low",), "def helper(x): return x\ndef low(x): return helper(x)\n")
    with opened(source, "process") as session:
        assert session.call("high", 3).value == -6
        session.use_stand_ins(stand_ins)
        assert session.call("high", 3).value == 6
        assert session.call("helper").value == "mine"
        session.use_stand_ins(None)
        assert session.call("high", 3).value == -6


# Limits: each function below would run for ever, or succeed, without its limit


MISBEHAVING = """import os, sys, time, signal, ctypes, threading
import numpy as np
def ok(): return 1
def loop():
    while True: pass
def stubborn():
    for number in range(1, 32):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass
def sleep(): time.sleep(60)
def one_array(): return np.ones(10**9).sum()
def growing():
    kept = []
    while True: kept.append(np.ones(10**6))
def flood():
    while True: print("x" * 1000)
def flood_fd():
    while True: os.write(1, b"x" * 65536)
def big_reply(): return np.ones(2 * 10**7)
def big_file():
    with open("big", "wb") as file:
        for _ in range(64): file.write(b"x" * 2**20)
def many_files(): return len([open("f%d" % i, "w") for i in range(1000)])
def leave(): os._exit(0)
def abort(): os.abort()
def segfault(): ctypes.string_at(0)
def close_all(): os.closerange(0, 256)
def forge():
    for fd in range(3, 20):
        try: os.write(fd, b"agr1" + b"\\xff" * 40)
        except OSError: pass
    return 1
def stop(): os.kill(os.getpid(), signal.SIGSTOP)
"""

ENDINGS = [
    ("loop", TimedOut, "0.7 s of computing"),
    ("stubborn", TimedOut, "0.7 s of computing"),
    ("sleep", TimedOut, "stopped after 2 s"),
    ("stop", TimedOut, "stopped after 2 s"),
    ("one_array", OutOfMemory, "512 MiB"),
    ("growing", OutOfMemory, "512 MiB"),
    ("flood", Flooded, "1 MiB"),
    ("flood_fd", Flooded, "1 MiB"),
    ("big_reply", Unreadable, "far too large"),
    ("big_file", Raised, "File too large"),
    ("many_files", Raised, "Too many open files"),
    ("leave", Died, "exit code 0"),
    ("abort", Died, "abort"),
    ("segfault", Died, "segmentation fault"),
    ("close_all", Died, ""),
    ("forge", Died, ""),
]


# On a busy machine a loop gets its CPU time late, and memory fills slowly.
PATIENT = {
    "loop": CallLimits(0.7, 20),
    "stubborn": CallLimits(0.7, 20),
    "one_array": CallLimits(20, 40),
    "growing": CallLimits(20, 40),
}


@pytest.mark.parametrize(("name", "failure", "says"), ENDINGS)
def test_every_limit_binds_and_names_itself(level, name, failure, says):
    with opened(MISBEHAVING, level) as session:
        with pytest.raises(failure) as caught:
            session.call(name, limits=PATIENT.get(name, SHORT))
        assert says in str(caught.value)
        assert session.call("ok").value == 1


@pytest.mark.parametrize("level", CONFINING)
def test_a_fork_bomb_meets_the_process_limit(level):
    skip_without(level)
    source = (
        "import os, time\n"
        "def f():\n"
        "    made = 0\n"
        "    try:\n"
        "        while made < 300:\n"
        "            if os.fork() == 0: time.sleep(30); os._exit(0)\n"
        "            made += 1\n"
        "    except OSError: pass\n"
        "    return made\n"
    )
    with opened(source, level, limits=Limits(processes=16)) as session:
        assert session.call("f").value < 16


@pytest.mark.parametrize(
    "last", ["while True: pass", pytest.param("time.sleep(30)", marks=pytest.mark.slow)]
)
def test_processes_that_nothing_confines_are_counted_and_all_ended(last):
    """Each of a generation is the parent of all that follow, in a session of its own."""
    source = (
        "import os, time\n"
        "def f():\n"
        "    for _ in range(7):\n"
        "        if os.fork() == 0: os.setsid()\n"
        f"    {last}\n"
        "def g(): return 1\n"
    )
    before = descendants()
    with opened(source, "process", limits=Limits(memory_mib=1 << 14)) as session:
        with pytest.raises(Crowded, match="more than 32 processes"):
            session.call("f", limits=CallLimits(20, 60))
        assert session.call("g").value == 1
        assert session.left == 0
    assert descendants() <= before


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="orphans become ours on Linux only")


@LINUX
def test_the_exit_code_of_another_child_of_ours_is_left_to_whoever_waits_for_it():
    with opened("x = 1", "process") as session:
        child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert session.get("x") == 1
    assert child.wait() == 7


@LINUX
def test_a_number_that_may_be_another_s_by_now_is_not_killed(monkeypatch):
    """Once the exit code of a guest has been taken, the kernel may give its number away."""
    killed = []
    with opened("x = 1", "process") as session:
        guest = session._process
        guest.popen.kill()
        guest.popen.wait()
        monkeypatch.setattr(process, "kill_fast", lambda pids: killed.extend(pids))
    assert guest.popen.pid not in killed


def test_what_fills_the_machine_is_nobodys_while_bubblewrap_sets_up(monkeypatch, tmp_path):
    """Until a process has changed its root, the file systems that it sees are the machine's."""
    skip_without("bubblewrap")
    launch, script = Bubblewrap.launch, tmp_path / "slow"

    def slow(self, job):
        found = launch(self, job)
        script.write_text(f'#!/bin/sh\nsleep 0.6\nexec {found.command[0]} "$@"\n')
        script.chmod(0o755)
        return replace(found, command=(str(script), *found.command[1:]))

    monkeypatch.setattr(Bubblewrap, "launch", slow)
    with opened("x = 1", "bubblewrap") as session:
        assert session.get("x") == 1


@pytest.mark.parametrize("level", CONFINING)
def test_memory_of_children_counts(level):
    skip_without(level)
    source = (
        "import os, time\nimport numpy as np\n"
        "def f():\n"
        "    for _ in range(6):\n"
        "        if os.fork() == 0:\n"
        "            kept = np.ones(2 * 10**7); time.sleep(30); os._exit(0)\n"
        "    time.sleep(30)\n"
    )
    with opened(source, level) as session, pytest.raises(OutOfMemory, match="512 MiB"):
        session.call("f", limits=CallLimits(10, 20))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what processes share")
@pytest.mark.parametrize("level", LEVELS)
def test_memory_that_a_program_shares_with_its_children_counts_once(level):
    skip_without(level)
    source = (
        "import os, time\nimport numpy as np\n"
        "def f():\n"
        "    kept = np.ones(3 * 10**7)\n"
        "    children = [os.fork() for _ in range(2)]\n"
        "    time.sleep(1)\n"
        "    if 0 in children: os._exit(0)\n"
        "    for child in children: os.waitpid(child, 0)\n"
        "    return len(kept)\n"
    )
    with opened(source, level) as session:
        assert session.call("f", limits=CallLimits(10, 20)).value == 3 * 10**7


@pytest.mark.parametrize("level", CONFINING)
def test_shared_memory_and_scratch_are_bounded(level):
    skip_without(level)
    source = (
        "def f(folder):\n"
        "    try:\n"
        "        for i in range(40):\n"
        "            with open(f'{folder}/{i}', 'wb') as file: file.write(b'x' * 2**20)\n"
        "    except OSError: return i\n"
        "    while True: pass\n"
    )
    with opened(source, level, limits=Limits(scratch_mib=8)) as session:
        for folder in ("/dev/shm", "/tmp", "."):
            if level == "bubblewrap":
                assert session.call("f", folder).value <= 8
                continue
            if folder != ".":
                assert session.call("f", folder).value == 0
                continue
            with pytest.raises(Flooded, match="8 MiB"):
                session.call("f", folder)


def test_two_time_outs_are_enough_for_one_function():
    with opened("def f():\n    while True: pass\ndef g(): return 1", "process") as session:
        for _ in range(2):
            with pytest.raises(TimedOut):
                session.call("f", limits=CallLimits(0.3, 2))
        with pytest.raises(NotRun, match="taking too long"):
            session.call("f", limits=CallLimits(0.3, 2))
        assert session.call("g").value == 1


@pytest.mark.slow
def test_a_function_that_ends_the_program_each_time_leaves_the_restarts_to_others():
    source = "import os\ndef f(): os._exit(3)\ndef g(): return 1\ndef h(): os._exit(4)"
    with opened(source, "process") as session:
        for name in ("f", "h"):
            for _ in range(5):
                with pytest.raises(Died):
                    session.call(name)
            for _ in range(40):
                with pytest.raises(NotRun, match=f"{name} had ended the whole program again"):
                    session.call(name)
        assert session.call("g").value == 1


@pytest.mark.parametrize("level", LEVELS)
def test_threads_need_little_of_the_addresses_that_a_guest_may_use(level):
    skip_without(level)
    source = (
        "import threading, time\n"
        "def f(n):\n"
        "    def work(): kept = bytes(10); time.sleep(0.5)\n"
        "    threads = [threading.Thread(target=work) for _ in range(n)]\n"
        "    for each in threads: each.start()\n"
        "    for each in threads: each.join()\n"
        "    return n\n"
    )
    with opened(source, level) as session:
        assert session.call("f", 12).value == 12


def test_the_budget_of_a_submission_ends():
    limits = Limits(total_cpu_seconds=0.5)
    source = "def f():\n    while True: pass\ndef g(): return 1"
    with opened(source, "process", limits=limits) as session:
        with pytest.raises(TimedOut):
            session.call("f", limits=CallLimits(0.8, 5))
        with pytest.raises(NotRun, match="time for this submission"):
            session.call("g")


def test_cheap_calls_do_not_use_up_the_budget():
    source = "import time\ndef f():\n    time.sleep(0.03)\ndef g(): return 1"
    with opened(source, "process", limits=Limits(total_cpu_seconds=0.8)) as session:
        for _ in range(25):
            session.call("f")
        assert session.call("g").value == 1


def test_a_session_leaves_nothing(level, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads = threading.active_count()
    children = descendants()
    source = (
        "import os, signal, time\n"
        "def f():\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(120)\n"
        "        os._exit(0)\n"
        "    time.sleep(0.3)\n"
    )
    with opened(source, level) as session:
        session.call("f")
        token, since = session._process.token, session._process.started
        assert len(find_marked(token, since)) >= 2
    assert not [process for process in find_marked(token, since) if is_alive(process)]
    assert descendants() == children
    assert not list(tmp_path.iterdir())
    assert threading.active_count() <= threads


def test_a_guest_that_ends_by_itself_leaves_no_zombie_of_bubblewrap():
    """Its init may end after bubblewrap itself, and is a child of ours then."""
    skip_without("bubblewrap")
    adopt_orphans()
    mine = set(psutil.Process().children())
    for _ in range(4):
        opened("import os\nos._exit(0)\nos._exit(1)\nos._exit(2)", "bubblewrap").close()
        assert set(psutil.Process().children()) == mine
