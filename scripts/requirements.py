"""Print the requirements of pyproject.toml, one a line: `base`, or the name of an extra."""

import sys
from pathlib import Path

try:
    import tomllib
except ImportError:
    # Python 3.10 has no TOML reader yet, but its pip has one.
    from pip._vendor import tomli as tomllib

project = tomllib.loads(
    (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]
wanted = sys.argv[1]
lines = project["dependencies"] if wanted == "base" else project["optional-dependencies"][wanted]
print("\n".join(lines))
