"""The student template: every name is there, no answer is, and the notebook is made from it."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "student_template"
FILE = FOLDER / "homework3.WPIUSERNAME1.py"
NOTEBOOK = FOLDER / "homework3.WPIUSERNAME1.ipynb"
DATA = ROOT / "fixtures" / "fashion_mnist"
REFERENCE = ROOT / "reference_solution" / "homework3.reference.py"

SIGNATURES = {
    "softmax": "(z)",
    "fCE": "(W, X, Y, alpha=0.0, b=None)",
    "gradK": "(W, X, Y, alpha=0.0, b=None)",
    "computeAccuracy": "(W, X, Y, b=None)",
    "SGD": "(X, Y, epsilon=0.1, batchSize=64, alpha=0.0, numEpochs=10, seed=0)",
    "tuneHyperparameters": "(X, Y, grid, seed=0)",
    "AffineTransformation": "(W, b, x)",
    "Composition": "(L, x)",
    "composeFG": "(x)",
    "ComputeJacobians": "(L, x, z)",
}
VALUES = ["W_1", "b_1", "W_2", "b_2"]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem.replace(".", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_source(source, name):
    namespace = {"__name__": name}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def cells(kind):
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.fixture(params=["file", "notebook"])
def namespace(request):
    if request.param == "file":
        return run_source(FILE.read_text(encoding="utf-8"), "template")
    return run_source("\n\n".join(cells("code")), "template")


def test_it_defines_the_required_names_and_no_others(namespace):
    defined = {name for name in namespace if not name.startswith("__")}
    assert defined == {*SIGNATURES, *VALUES, "np"}


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_is_to_be_written(namespace, name):
    signature = inspect.signature(namespace[name])
    assert str(signature) == SIGNATURES[name]
    required = [p for p in signature.parameters.values() if p.default is p.empty]
    with pytest.raises(NotImplementedError):
        namespace[name](*[None] * len(required))


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_is_a_docstring_and_a_raise(name):
    [function] = [
        node
        for node in ast.parse(FILE.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    docstring, statement = function.body
    assert "Returns" in ast.literal_eval(docstring.value)
    assert ast.unparse(statement) == "raise NotImplementedError"


def test_the_values_are_to_be_filled_in(namespace):
    assert [namespace[name] for name in VALUES] == [None] * 4


def test_it_gives_no_line_of_the_reference_away():
    def code_lines(path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        lines = {ast.unparse(statement) for body in bodies for statement in body[1:]}
        return lines | {ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign)}

    answers = code_lines(REFERENCE)
    assert "W_2 = np.array([[1.0, -2.0, 0.25]])" in answers
    assert not answers & code_lines(FILE)
    text = FILE.read_text(encoding="utf-8") + "\n".join(cells("markdown") + cells("code"))
    for hint in ("logsumexp", "np.exp", "np.max", ".max(", "Yhat", "delta", "np.array(", "@"):
        assert hint not in text, hint


@pytest.mark.parametrize("part", ["3", "4a", "4b", "4c", "4d", "4h"])
def test_every_part_has_its_heading(part):
    assert f"\n# ---- Part {part}: " in FILE.read_text(encoding="utf-8")
    assert any(text.startswith(f"## Part {part}: ") for text in cells("markdown"))


def test_it_runs_as_it_is_beside_the_data():
    run = subprocess.run(
        [sys.executable, FILE], cwd=DATA, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_notebook_has_the_whole_code_of_the_file():
    source = ast.parse(FILE.read_text(encoding="utf-8"))
    source.body = source.body[1:]  # the docstring, which is a markdown cell
    assert ast.dump(ast.parse("\n\n".join(cells("code")))) == ast.dump(source)


def test_the_notebook_cells_have_been_neither_run_nor_given_random_ids():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in notebook["cells"]]
    assert ids == [f"cell-{i}" for i in range(len(ids))]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len(code) >= len(SIGNATURES) + 2


def test_check_compares_the_notebook_with_the_file(tmp_path, capsys):
    pytest.importorskip("nbformat", reason="make_notebook.py needs nbformat")
    assert load(FOLDER / "make_notebook.py").main(["--check"]) == 0
    shutil.copytree(FOLDER, tmp_path / "copy")
    make_notebook = load(tmp_path / "copy" / "make_notebook.py")
    path = tmp_path / "copy" / FILE.name
    path.write_text(path.read_text(encoding="utf-8").replace("Apply a chain", "Apply the chain"))
    assert make_notebook.main(["--check"]) == 1
    assert "run make_notebook.py" in capsys.readouterr().out
    assert make_notebook.main([]) == 0
    assert make_notebook.main(["--check"]) == 0
