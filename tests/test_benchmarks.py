"""Benchmarks run from end to end; what they measure is for whoever runs them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SORTING = ROOT / "examples" / "sorting"


def test_the_ledger_counts_what_a_submission_takes():
    words = [str(SORTING / "samples" / "sorting.right.py"), "--assignment", str(SORTING)]
    done = subprocess.run(
        [sys.executable, "benchmarks/ledger.py", *words, "--isolation", "process", "-j", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 submissions. CPU of guests: start " in done.stdout
    assert re.search(r"With -j 1: .* floor .* ratio [1-9]\d*\.\d+; level process\.", done.stdout)
