"""Print requirements of pyproject.toml, one a line: `base`, and extras by their names."""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    # Python 3.10 has no TOML reader, but the pip of every new environment brings one.
    from pip._vendor import tomli as tomllib

pyproject = Path(__file__).resolve().parent.parent / "pyproject.toml"
project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
for name in sys.argv[1:]:
    source = project if name == "base" else project["optional-dependencies"]
    print("\n".join(source["dependencies" if name == "base" else name]))
