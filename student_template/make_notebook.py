"""Make the notebook of the student template from its .py file.

    python make_notebook.py            write homework3.WPIUSERNAME1.ipynb
    python make_notebook.py --check    compare instead of writing; exit status 1 if it differs

The file's docstring and every heading (`# ---- Title ----`, with the comment lines right below it)
become markdown cells; the code between, split where two blank lines stand, becomes code cells.
Needs nbformat.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "homework3.WPIUSERNAME1.py"
NOTEBOOK = SOURCE.with_suffix(".ipynb")
HEADING = re.compile(r"^# ---- (.+) ----\n((?:# .*\n)*)", re.MULTILINE)


def split(source: str) -> list[tuple[str, str]]:
    """Split the template into cells: pairs of "markdown" or "code" and the cell's text.

    Raises ValueError if the template does not start with a docstring.
    """
    docstring = ast.get_docstring(ast.parse(source))
    if docstring is None:
        raise ValueError("The template must start with a docstring.")
    # The file must be renamed with the extension that the student hands in.
    title, _, text = docstring.replace(".py", ".ipynb").partition("\n")
    cells = [("markdown", f"# {title.rstrip('.')}\n{text}")]
    rest = source.split('"""', 2)[2]
    # Between the headings: [code, title, comment, code, title, comment, code, ...].
    code, *sections = HEADING.split(rest)
    cells += code_cells(code)
    for heading, comment, code in zip(*(sections[i::3] for i in range(3)), strict=True):
        text = re.sub(r"^# ", "", comment, flags=re.MULTILINE)
        cells.append(("markdown", f"## {heading}\n\n{text}".strip()))
        cells += code_cells(code)
    return cells


def code_cells(code: str) -> list[tuple[str, str]]:
    """Return the pieces of `code` between double blank lines as code cells."""
    pieces = (piece.strip("\n") for piece in code.split("\n\n\n"))
    return [("code", piece) for piece in pieces if piece]


def notebook_text(source: str) -> str:
    """Return the notebook, as the text of an .ipynb file, for the template's source."""
    make = {"markdown": new_markdown_cell, "code": new_code_cell}
    # Numbered ids: nbformat's own are random.
    cells = [make[kind](text, id=f"cell-{i}") for i, (kind, text) in enumerate(split(source))]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook = new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line in the module's docstring; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the notebook of the student template.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    text = notebook_text(SOURCE.read_text(encoding="utf-8"))
    if not options.check:
        NOTEBOOK.write_bytes(text.encode())
        return 0
    if NOTEBOOK.is_file() and NOTEBOOK.read_bytes() == text.encode():
        return 0
    print(f"{NOTEBOOK.name} is not what {SOURCE.name} gives: run make_notebook.py.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
