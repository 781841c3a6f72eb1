"""How soon a student knows: seconds from the command to the first result, and to the last.

    python benchmarks/student_kit.py

Makes the kit, unpacks it, and checks a right and a wrong sample three times each.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import load_assignment  # noqa: E402
from autograder.packaging.kit import package_student  # noqa: E402


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(BytesIO(package_student(load_assignment()))).extractall(folder)
        print("| sample | s to the first result | s to the last |\n|---|---|---|")
        for name in ("perfect", "noalpha") * 3:
            path = ROOT / "fixtures" / "submissions" / f"homework3.{name}.py"
            start = time.perf_counter()
            run = subprocess.Popen(
                [sys.executable, "-m", "autograder", "check", str(path)],
                cwd=folder,
                stdout=subprocess.PIPE,
            )
            assert run.stdout is not None
            run.stdout.readline()
            first = time.perf_counter() - start
            run.communicate()
            print(f"| {name} | {first:.2f} | {time.perf_counter() - start:.2f} |", flush=True)


if __name__ == "__main__":
    main()
