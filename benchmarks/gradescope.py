"""Time and memory in a container like Gradescope's: 768 MB and half a CPU.

    sudo python benchmarks/gradescope.py            # the samples of fixtures/submissions
    sudo python benchmarks/gradescope.py perfect loop

Builds the image from the zip (tests/gradescope/container.py says how) and prints a row for each
submission: seconds from start to end, and the highest memory of all processes together.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment import load_assignment  # noqa: E402
from autograder.packaging.gradescope import package_gradescope  # noqa: E402
from tests.gradescope.container import CPUS, MEMORY_MIB, Container  # noqa: E402


def main() -> None:
    chosen = sys.argv[1:]
    files = [
        path
        for path in sorted((ROOT / "fixtures" / "submissions").glob("homework3.*"))
        if not chosen or path.name.split(".")[1] in chosen
    ]
    with tempfile.TemporaryDirectory() as folder:
        container = Container(Path(folder))
        start = time.perf_counter()
        container.build(package_gradescope(load_assignment()))
        print(f"The image was built in {time.perf_counter() - start:.0f} s.")
        print(f"Limits: {MEMORY_MIB} MiB and {CPUS:g} CPU", end="")
        print("\n\n| submission | score | s | peak, MiB |\n|---|---|---|---|")
        for path in files:
            container.hand_in({path.name: path.read_bytes()}, None)
            start = time.perf_counter()
            container.run()
            seconds = time.perf_counter() - start
            score = json.loads(container.results.read_text())["score"]
            peak = f"{container.peak_mib:.0f}" if container.limited else "not limited here"
            print(f"| {path.name} | {score:g} | {seconds:.1f} | {peak} |", flush=True)


if __name__ == "__main__":
    main()
