"""What processes use, asked for again and again."""

import os
import subprocess
import sys

import psutil
import pytest

from autograder.sandbox.usage import Meter, cpu_of

BURN = "import time\nwhile time.process_time() < 0.2: pass\n"
BY_A_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])\n"


@pytest.mark.parametrize("program", [BURN, BY_A_CHILD], ids=["own", "childs"])
def test_a_meter_counts_what_a_process_and_its_ended_children_used(program):
    text = f"{program}print('done', flush=True)\ninput()\n"
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        meter = Meter([process.pid])
        assert process.stdout.readline().strip() == b"done"
        assert meter.seconds() >= 0.19
        assert meter.seconds() == pytest.approx(cpu_of([process.pid]), abs=0.05)
        process.stdin.close()
        process.wait()
        # Its number may be another's by now.
        assert meter.seconds() == 0.0
        meter.close()


def test_a_closed_meter_holds_no_file():
    before = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    meter = Meter([os.getpid()])
    meter.close()
    meter.close()
    assert meter.seconds() == 0.0
    after = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    assert after == before
