"""Whether the files of data are what the checks take for granted: the rubric's `[[data]]`."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autograder.assignment import DataSpec, data_folder
from autograder.config import TomlTable
from autograder.numerics.reading import shape_words
from autograder.text.nearest import meant_text
from autograder.validation.flaw import Flaw


def content_flaws(folder: Path, rubric: TomlTable) -> Iterator[Flaw]:
    """Yield what is in the files of data and should not be. Raises ConfigError."""
    requires = rubric.table("requires")
    place = data_folder(folder, requires)
    listed = [
        name for key in ("files", "hidden") for name in requires.value(key, tuple[str, ...], ())
    ]
    for table in rubric.tables("data"):
        spec = table.into(DataSpec)
        line = table.line("file")
        named = fnmatch.filter(listed, spec.file)
        if not named:
            hint = meant_text(spec.file, listed, "list it in [requires], or correct the name")
            text = f"[[data]]: file = {spec.file!r} is none of files or hidden in [requires]"
            yield Flaw(table.path, line, f"{text} ({hint})")
        for name in named:
            # One that is not there is told where it is listed.
            if (place / name).is_file():
                for what in _strangeness(place / name, spec):
                    yield Flaw(table.path, line, f"[[data]]: {place / name} {what}")


def _strangeness(path: Path, spec: DataSpec) -> Iterator[str]:
    """Yield what is not as it should be, each as the rest of a sentence that begins with a file."""
    if path.suffix != ".npy":
        yield "is no .npy file, and no other is looked into: take it out of [[data]]"
        return
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        yield f"can't be read as an array ({error}): make it with numpy.save"
        return
    lengths = array.shape
    fits = len(lengths) == len(spec.shape) and all(
        wanted in (0, length) for wanted, length in zip(spec.shape, lengths)
    )
    if spec.shape and not fits:
        wanted = " × ".join(str(each) if each else "any" for each in spec.shape)
        yield f"has the shape {shape_words(lengths)}; the checks want {wanted}"
    if array.dtype.kind not in "biuf":
        yield f"holds {array.dtype}, and no numbers: make it of numbers"
        return
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        yield "holds nan or infinity: make it without"
        return
    if array.size == 0:
        yield "is empty"
        return
    least, most = float(array.min()), float(array.max())
    if (spec.least is not None and least < spec.least) or (
        spec.most is not None and most > spec.most
    ):
        yield f"goes from {least:g} to {most:g}; the checks want numbers {_range_text(spec)}"
    if spec.most is not None and most < spec.most / 2 and spec.filled:
        yield (
            f"goes up to {most:g} only, where the checks want numbers up to {spec.most:g}: is it "
            "scaled already?"
        )
    if spec.whole and np.any(array != np.round(array)):
        yield "holds numbers that are not whole; the checks want whole ones"


def _range_text(spec: DataSpec) -> str:
    if spec.least is None:
        return f"up to {spec.most:g}"
    return f"from {spec.least:g}" + ("" if spec.most is None else f" to {spec.most:g}")
