"""Guest side: what stands in for modules that aren't there, so that the rest still loads."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_SILENT = frozenset(
    [
        *("matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "IPython", "google", "cv2"),
        *("PIL", "wandb", "tensorboardX", "tabulate", "prettytable", "termcolor", "colorama"),
    ]
)


# Returns what works in the place of a dotted name, or None (substitutes.py).
_Working = Callable[[str], Any]


def _nothing(path: str) -> Any:
    return None


class MissingModule(ImportError):
    """Student code used something of a module that isn't there."""


class _Stub:
    """Something taken from a missing module. Plots and logs soak all up; the rest says so."""

    def __init__(self, path: str, working: _Working = _nothing) -> None:
        self.__dict__.update(_path=path, _working=working)

    def _silent(self) -> bool:
        return self._path.partition(".")[0] in _SILENT

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _taken_from(f"{self._path}.{name}", self._working)

    def __setattr__(self, name: str, value: Any) -> None:
        return

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        last = self._path.rpartition(".")[2]
        if self._path.startswith("numba"):
            return args[0] if args and callable(args[0]) else lambda function: function
        if not self._silent():
            raise MissingModule(_missing_sentence(self._path))
        if last == "subplots":
            return _Stub("matplotlib.figure"), _axes_grid(*args, **kwargs)
        if last == "plot":
            return [_Stub("matplotlib.line")]
        return _Stub(f"{self._path}()")

    def __getitem__(self, key: Any) -> Any:
        return _Stub(self._path)

    def __setitem__(self, key: Any, value: Any) -> None:
        return

    def __iter__(self) -> Iterator[Any]:
        if not self._silent():
            raise MissingModule(_missing_sentence(self._path))
        return iter([_Stub(self._path)])

    def __len__(self) -> int:
        return 1

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: Any) -> None:
        return

    def __mro_entries__(self, bases: Any) -> Any:
        return ()


class _StubModule(types.ModuleType):
    """A module that isn't there; its attributes are stubs, or what works in their place."""

    def __init__(self, name: str, working: _Working) -> None:
        super().__init__(name)
        self._working = working

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _taken_from(f"{self.__name__}.{name}", self._working)


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last finder: makes a stub for what no other found, and remembers its name.

    `is_student` tells whether a file name is the student's; only their imports get stubs.
    `guarded` tells whether an import at (file, line) is prepared to fail; such an import does.
    `working` returns what works in the place of a name that is imported.
    """

    def __init__(
        self,
        is_student: Callable[[str], bool],
        guarded: Callable[[str, int], bool],
        working: _Working = _nothing,
    ) -> None:
        self.working = working
        self.is_student = is_student
        self.guarded = guarded
        self.made: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        top = name.partition(".")[0]
        parent = sys.modules.get(top)
        if "." in name and not isinstance(parent, _StubModule):
            return None
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        if frame is None or not self.is_student(frame.f_code.co_filename):
            return None
        if self.guarded(frame.f_code.co_filename, frame.f_lineno):
            return None
        if top not in self.made:
            self.made.append(top)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> Any:
        return _StubModule(spec.name, self.working)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


def _taken_from(path: str, working: _Working) -> Any:
    """Return what a missing package has under a name: what works in its place, or else a stub."""
    found = working(path)
    return _Stub(path, working) if found is None else found


def _missing_sentence(path: str) -> str:
    module = path.partition(".")[0]
    return f"{path} was called, but the module {module} is not available: numpy is all you need"


def describe_stub(value: Any) -> str:
    """Say what a stub is, or return "" for anything else."""
    if isinstance(value, (_Stub, _StubModule)):
        path = value._path if isinstance(value, _Stub) else value.__name__
        return f"something of the module {path.partition('.')[0]}, which is not available"
    return ""


def _axes_grid(nrows: int = 1, ncols: int = 1, squeeze: bool = True, **_: Any) -> Any:
    """Return stubs for axes in the shape that matplotlib's `subplots` gives."""
    grid = np.empty((int(nrows), int(ncols)), dtype=object)
    for index in np.ndindex(grid.shape):
        grid[index] = _Stub("matplotlib.axes")
    if not squeeze:
        return grid
    return grid.item() if grid.size == 1 else grid.squeeze()


def old_numpy_names() -> dict[str, Any]:
    """Return the names that numpy once had, for files written for an older numpy."""
    names: dict[str, Any] = {
        "float": float,
        "int": int,
        "bool": bool,
        "object": object,
        "str": str,
        "complex": complex,
        "long": int,
        "unicode": str,
        "Inf": np.inf,
        "Infinity": np.inf,
        "infty": np.inf,
        "PINF": np.inf,
        "NINF": -np.inf,
        "NaN": np.nan,
        "NAN": np.nan,
        "float_": np.float64,
        "complex_": np.complex128,
        "product": np.prod,
        "cumproduct": np.cumprod,
        "sometrue": np.any,
        "alltrue": np.all,
        "row_stack": np.vstack,
        "round_": np.round,
        "mat": np.asmatrix,
        "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype=dtype),
        "in1d": lambda a, b, **kwargs: np.isin(np.ravel(a), b, **kwargs),
    }
    if hasattr(np, "trapezoid"):
        names["trapz"] = np.trapezoid
    known = vars(np)
    return {name: value for name, value in names.items() if name not in known}
