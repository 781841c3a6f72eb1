"""Draw what commands print, for READMEs: SVG of the real output, in a terminal's colours.

python scripts/draw_pictures.py
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.checking import checked  # noqa: E402

KIT = ROOT / "autograder" / "packaging" / "kit_files"
SAMPLE = ROOT / "fixtures" / "submissions" / "homework3.noalpha.py"
WIDTH, LINES = 80, 26
# Fonts come from the reader's system: a picture asks nobody for anything.
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)


class Terminal(io.StringIO):
    """Looks like a terminal, so that what is printed is coloured."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def main() -> None:
    said = Terminal()
    with contextlib.redirect_stdout(said):
        checked(SAMPLE, isolation="process", seed=3)
    lines = said.getvalue().replace(SAMPLE.name, "homework3.alice.py").splitlines()[:LINES]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ python -m autograder check homework3.alice.py", style="bold"))
    for line in [*lines, "…"]:
        console.print(Text.from_ansi(line))
    svg = console.export_svg(title="check", unique_id="check")
    (KIT / "check.svg").write_text(FONT_FACE.sub("", svg), encoding="utf-8")


if __name__ == "__main__":
    main()
