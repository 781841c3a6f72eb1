"""Write the exact versions that Gradescope's image gets, from what pip resolves for each Python.

    python scripts/lock_gradescope.py python3.10 python3.11 python3.12 python3.13

Each argument is an interpreter; what they agree on is written once, the rest with a marker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "autograder" / "packaging" / "gradescope_files" / "requirements.txt"
HEAD = "# The exact versions for Python {}; written by scripts/lock_gradescope.py.\n"


def resolved(interpreter: str, wanted: list[str]) -> tuple[str, dict[str, str]]:
    """Return the interpreter's version, as "3.12", and name -> version of all packages."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([interpreter, "-I", "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        words = ["pip", "install", "--quiet", "--dry-run", "--only-binary=:all:", "--report", "-"]
        options = {"check": True, "capture_output": True, "text": True}
        upgrade = [python, "-I", "-m", "pip", "install", "--quiet", "--upgrade", "pip"]
        subprocess.run(upgrade, **options)
        done = subprocess.run([python, "-I", "-m", *words, *wanted], **options)
        asked = [python, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        version = subprocess.run(asked, **options).stdout.strip()
    found = [each["metadata"] for each in json.loads(done.stdout)["install"]]
    return version, {each["name"].lower().replace("_", "-"): each["version"] for each in found}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    by_python = dict(resolved(each, project["dependencies"]) for each in sys.argv[1:])
    pins: dict[str, dict[str, list[str]]] = {}
    for python, packages in by_python.items():
        for name, version in packages.items():
            pins.setdefault(name, {}).setdefault(version, []).append(python)
    lines = []
    for name, versions in sorted(pins.items()):
        for version, pythons in versions.items():
            clauses = " or ".join(f"python_version == '{each}'" for each in pythons)
            marker = "" if len(pythons) == len(by_python) else f"; {clauses}"
            lines.append(f"{name}=={version}{marker}\n")
    TARGET.write_text(HEAD.format(", ".join(by_python)) + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
