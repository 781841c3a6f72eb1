"""The kit for students: template, data, public checks, and the grader, without any answer.

What computes an answer stays at home: the reference and known mistakes, hidden checks and every
function that only they use, the rubric's secret. In their place the kit has numbers: what these say
about the inputs that the public checks draw from the kit's seed, recorded while it is packed: what
the checks ask through `autograder.author`, or of the modules `truth` and `mistakes` of a homework
in this package. A module in the assignment's folder `kit/` takes the place of the one with its
name.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.assignment import OWN_FOLDER, PACKAGE, Assignment
from autograder.author import asked_small
from autograder.author.kept import KEPT_FILE
from autograder.packaging.gradescope import inside, own_requirements, unix
from autograder.packaging.picture import picture_of_check
from autograder.packaging.reachable import Symbol, reachable_code
from autograder.packaging.recording import KitError, modules_answers, recorded_answers
from autograder.packaging.zipping import zipped
from autograder.text import wording

_HERE = Path(__file__).parent / "kit_files"
_PICTURE = "check.svg"
# Of the package: single modules, folders with their modules, and folders with all that is in them.
_MODULES = (
    *(
        "assignment.py",
        "config.py",
        "errors.py",
        "exit_codes.py",
        "checking.py",
        "lookalikes/__init__.py",
        "lookalikes/options.py",
        "file_errors.py",
        "pdf/__init__.py",
        "pdf/wanted.py",
        "temporary.py",
    ),
    *("intake/exports/__init__.py", "intake/exports/item.py"),
)
_FOLDERS = (
    *("author", "grading", "intake", "model", "numerics", "render", "render/html", "store", "text"),
)
_FOLDERS_TOO = ("sandbox", "sandbox/guest", "sandbox/levels")
_PAGE_FILES = ("render/html/assets/*", "render/html/templates/*", "grading/pytest.ini")
# Of the assignment's folder, what figures and pages need.
_OWN_PAGE_FILES = ("formulas.toml", "training.json")
_NOT_SHAKEN = ("audit", "kit", "mistakes", "truth.py", "mistakes.py", "__pycache__")
_TRUTH = '''"""The right answers to the inputs of the public checks, as numbers."""

from pathlib import Path

from autograder.grading.answers import kept_function

FILE = Path(__file__).with_name("{file}")
'''
_MISTAKES = '''"""Known mistakes: what each would answer, as numbers, and what to say of it."""

from pathlib import Path

from autograder.grading.answers import kept_mistakes

FILE = Path(__file__).with_name("{file}")
'''


def package_student(assignment: Assignment) -> bytes:
    """Return the archive. Raises KitError, and OSError where a file of it can't be read."""
    folder = assignment.folder.resolve()
    if not any(each.public for each in assignment.checks):
        raise KitError(
            f"{assignment.rubric}: no check is public, so that a kit would check nothing: write "
            "public = true to those that students may run."
        )
    computes = folder.parent == PACKAGE.resolve() and (folder / "truth.py").is_file()
    below = f"autograder/{folder.name if computes else OWN_FOLDER}"
    required = unix((_HERE / "requirements.txt").read_bytes()) + own_requirements(folder)
    files = {"requirements.txt": required, **_student_files(assignment)}
    if picture := picture_of_check(assignment):
        files[_PICTURE] = picture
    files["README.md"] = _readme(assignment, files)
    files["autograder/__init__.py"] = unix((_HERE / "init.py").read_bytes())
    files["autograder/__main__.py"] = unix((_HERE / "main.py").read_bytes())
    files |= _engine()
    own = _own_modules(assignment) if computes else _authored(assignment)
    files |= {f"{below}/{name}": data for name, data in own.items()}
    files[f"{below}/rubric.toml"] = _rubric(assignment).encode()
    for name in _OWN_PAGE_FILES:
        if (folder / name).is_file():
            files[f"{below}/{name}"] = (folder / name).read_bytes()
    return zipped(files)


def _authored(assignment: Assignment) -> dict[str, bytes]:
    """Return the checks that are written with `autograder.author`, and what they keep."""
    public = _public_ids(assignment)
    staffs = (assignment.reference, assignment.template, assignment.stand_ins, assignment.samples)
    sources = _sources(assignment, "", set(_NOT_SHAKEN), [each for each in staffs if each])
    _refuse_plain(assignment, sources, public)
    functions = {check.function for check in assignment.checks if check.public}
    kept, _ = reachable_code(
        sources,
        lambda name, node: (
            _is_public(node, public) or _is_pytest_own(node) or _asks_small(node, functions)
        ),
    )
    answers = recorded_answers(assignment, kept.values())
    data = gzip.compress(json.dumps(answers, sort_keys=True).encode(), mtime=0)
    files = {f"{name.replace('.', '/')}.py": text.encode() for name, text in kept.items()}
    return files | {KEPT_FILE: data}


def _refuse_plain(assignment: Assignment, sources: Mapping[str, str], public: set[str]) -> None:
    """Raise KitError for a public check that asks `autograder.author` for no function."""
    names = {each.name for each in assignment.names}
    names |= {each.function for each in assignment.derivations}
    for name, text in sources.items():
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef) or not _is_public(node, public):
                continue
            if not names & {each.arg for each in node.args.args}:
                path = assignment.folder / f"{name.replace('.', '/')}.py"
                raise KitError(
                    f"{path}, line {node.lineno}: {node.name} is public, and has no parameter "
                    "named after a function of the rubric. A kit would have to hold what "
                    "computes its answer: write it with autograder.author (docs/authoring.md), "
                    "or make it a hidden check."
                )


def _is_pytest_own(node: ast.stmt) -> bool:
    """Tell whether pytest finds a statement by itself: a fixture, a hook."""
    if not isinstance(node, ast.FunctionDef):
        return False
    marks = [each for decorator in node.decorator_list for each in ast.walk(decorator)]
    return node.name.startswith("pytest_") or any(
        getattr(each, "attr", getattr(each, "id", "")) == "fixture" for each in marks
    )


def _engine() -> dict[str, bytes]:
    paths = [PACKAGE / name for name in _MODULES]
    for name in (*_FOLDERS, *_FOLDERS_TOO):
        paths += sorted((PACKAGE / name).glob("*.py"))
    for pattern in _PAGE_FILES:
        paths += sorted(path for path in PACKAGE.glob(pattern) if path.is_file())
    return {f"autograder/{inside(path, PACKAGE)}": path.read_bytes() for path in paths}


def _public_ids(assignment: Assignment) -> set[str]:
    public = {check.id for check in assignment.checks if check.public}
    return public | {each.id for each in assignment.derivations}


def _sources(
    assignment: Assignment, package: str, without: set[str], staffs: Collection[Path] = ()
) -> dict[str, str]:
    """Return the modules of the assignment's folder, by dotted name behind `package`.

    Without those that have one of the names `without` on their way, or are or lie in `staffs`.
    """
    folder = assignment.folder.resolve()
    left_out = {path.resolve() for path in staffs}
    return {
        f"{package}{inside(path, folder)[:-3].replace('/', '.')}": path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
        if not set(path.relative_to(folder).parts) & without
        and not left_out & {path, *path.parents}
    }


def _own_modules(assignment: Assignment) -> dict[str, bytes]:
    """Return the modules of the assignment's folder by path, as far as public checks reach."""
    folder = assignment.folder.resolve()
    package = f"{PACKAGE.name}.{folder.name}"
    public = _public_ids(assignment)
    sources = _sources(assignment, f"{package}.", set(_NOT_SHAKEN))
    for path in sorted((folder / "kit").glob("*.py")):
        sources[f"{package}.{path.stem}"] = path.read_text(encoding="utf-8")
    functions = {check.function for check in assignment.checks if check.public}
    kept, outside = reachable_code(
        sources, lambda name, node: _is_public(node, public) or _asks_small(node, functions)
    )
    files = {
        f"{name[len(package) + 1 :].replace('.', '/')}.py": text.encode()
        for name, text in kept.items()
    }
    files["__init__.py"] = (folder / "__init__.py").read_bytes()
    return files | _answers(assignment, package, outside)


def _is_public(node: ast.stmt, public: set[str]) -> bool:
    """Tell whether a statement is the test of a public check."""
    marks = [
        each.args[0]
        for decorator in getattr(node, "decorator_list", [])
        for each in ast.walk(decorator)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr == "check"
        and each.args
    ]
    return any(isinstance(mark, ast.Constant) and mark.value in public for mark in marks)


def _asks_small(node: ast.stmt, functions: set[str]) -> bool:
    """Tell whether a statement says how one of the functions is asked for its small inputs."""
    call = getattr(node, "value", None)
    if not isinstance(node, ast.Assign) or not isinstance(call, ast.Call) or not call.args:
        return False
    name = call.args[0]
    asks = getattr(call.func, "id", getattr(call.func, "attr", "")) == asked_small.__name__
    return asks and isinstance(name, ast.Constant) and name.value in functions


def _answers(assignment: Assignment, package: str, outside: Iterable[Symbol]) -> dict[str, bytes]:
    """Return the modules that stand for `truth` and `mistakes`, and the numbers that they read."""
    names = {of: sorted({name for each, name in outside if each == of}) for of, _ in outside}
    truths = names.get(f"{package}.truth", [])
    lists = names.get(f"{package}.mistakes", [])
    recorded = modules_answers(assignment, truths, lists)
    functions = {key.partition(" ")[0] for key in recorded["answers"]}
    truth, mistakes = _TRUTH.format(file=KEPT_FILE), _MISTAKES.format(file=KEPT_FILE)
    for name in truths:
        # What was never asked is no function, but a name in an annotation.
        value = f'kept_function(FILE, "{name}")' if name in functions else "tuple"
        truth += f"{name} = {value}\n"
    for name in lists:
        mistakes += f'{name} = kept_mistakes(FILE, "{name}")\n'
    data = gzip.compress(json.dumps(recorded, sort_keys=True).encode(), mtime=0)
    return {"truth.py": truth.encode(), "mistakes.py": mistakes.encode(), KEPT_FILE: data}


def _student_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the template and the data, which lie where the student's own code looks for them."""
    files = {path.name: path.read_bytes() for path in assignment.data_files}
    template = assignment.template
    if template is None:
        return files
    if not template.name.startswith(f"{assignment.stem}."):
        return files | {f"{assignment.stem}.USERNAME{template.suffix}": template.read_bytes()}
    # The notebook beside it, too.
    found = sorted(template.parent.glob(f"{assignment.stem}.*"))
    return files | {path.name: path.read_bytes() for path in found}


def _readme(assignment: Assignment, files: Collection[str]) -> bytes:
    """Return the page that a student reads first, made from the assignment."""
    named = {Path(name).suffix: name for name in files if name.startswith(f"{assignment.stem}.")}
    file = named.get(".py") or f"{assignment.stem}.USERNAME.py"
    who = file.split(".")[1]
    blocks = {
        "notebook": named.get(".ipynb", ""),
        "team": f"{assignment.stem}.alice.bob.py" if assignment.max_team > 1 else "",
        "picture": _PICTURE if _PICTURE in files else "",
        "hidden": "hidden" if any(not each.public for each in assignment.checks) else "",
        "idea": "idea" if any(each.idea for each in assignment.names) else "",
        "formulas": "formulas" if (assignment.folder / "formulas.toml").is_file() else "",
        "figures": "figures" if (assignment.folder / "training.json").is_file() else "",
        "data": wording.counted(len(assignment.data_files), "file")
        if assignment.data_files
        else "",
    }
    blocks["derivations"] = "\n".join(
        f"- part {each.part}, {each.title}: {each.signature}" for each in assignment.derivations
    )
    text = (_HERE / "README.md").read_text(encoding="utf-8")
    for name, value in blocks.items():
        text = re.sub(rf"<{name}>(.*?)</{name}>", r"\1" if value else "", text, flags=re.DOTALL)
    blocks["notebook_or_file"] = blocks["notebook"] or file
    for name, value in sorted(blocks.items(), reverse=True):
        text = text.replace(f"${name}", value)
    text = text.replace("$file", file).replace("$who", who).rstrip()
    return unix(f"{text}\n".encode())


def _rubric(assignment: Assignment) -> str:
    """Return the rubric of the kit: what students may know, and no secret."""
    used = {check.function for check in assignment.checks if check.public}
    lines: list[str] = [
        "# The public checks; the course's own grader has more of them.",
        *_pairs(
            title=assignment.title,
            stem=assignment.stem,
            max_team=assignment.max_team,
            seed=assignment.kit_seed,
            hints=list(assignment.hints),
            students_see=assignment.students_see,
        ),
        "[requires]",
        *_pairs(
            packages=list(assignment.packages),
            data="../..",
            files=[path.name for path in assignment.data_files],
        ),
        "[limits]",
        *_pairs(**vars(assignment.limits)),
        "[thresholds]",
        *_pairs(**assignment.thresholds),
        "[builds_on]",
        *_pairs(**{k: list(v) for k, v in assignment.builds_on.items() if k in used}),
    ]
    for name in assignment.names:
        lines += ["[[name]]", *_pairs(name=name.name, part=name.part, kind=name.kind)]
        lines += _pairs(aliases=list(name.aliases)) if name.aliases else []
        lines += _pairs(idea=name.idea) if name.idea else []
        for form in name.accepts:
            lines += ["[[name.accepts]]", *_pairs(**vars(form))]
    for check in assignment.checks:
        if check.public:
            lines += ["[[check]]", *_pairs(**vars(check))]
    for each in assignment.derivations:
        lines += ["[[derivation]]", *_pairs(**vars(each))]
    for part in assignment.hand:
        lines += ["[[hand]]", *_pairs(part=part.part, title=part.title, points=part.points)]
    return "\n".join(lines) + "\n"


def _pairs(**values: Any) -> list[str]:
    """Return lines of TOML; numbers, text, truth values and lists of text are all there is."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
