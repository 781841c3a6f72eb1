"""A kit as a student has it: its folder is all that a process knows besides packages."""

import functools
import json
import subprocess
import sys
from pathlib import Path

from autograder.assignment import load_assignment
from autograder.packaging.kit import package_student

# Checks files in the folder of a kit, and writes what is found.
TELL = """
import json, sys
from pathlib import Path
from autograder.checking import checked
found = {}
for path in sys.argv[2:]:
    report = checked(Path(path), isolation="process")
    found[path] = [[c.id, c.outcome.value, c.score, c.message, c.mistake] for c in report.checks]
Path(sys.argv[1]).write_text(json.dumps(found))
"""


@functools.cache
def homework3_kit():
    """Return the kit of homework 3, packed once: that takes some seconds."""
    return package_student(load_assignment())


def python(kit, *words, **options):
    """Run the interpreter in the kit's folder."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=kit,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
            "XDG_STATE_HOME": str(Path(kit) / ".state"),
        },
        **options,
    )


def verdicts_in(kit, told, *paths):
    """Return what the kit finds of each file, by its path, through the file `told`."""
    done = python(kit, "-c", TELL, str(told), *map(str, paths))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(told.read_text())
