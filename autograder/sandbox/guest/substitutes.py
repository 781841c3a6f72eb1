"""Guest side: what works in the place of packages that the homework leaves free.

A split, a shuffle, one-hot labels, a scaler, a share of right guesses, a progress bar: by the
names that people import, with the arguments that they use. What computes an answer of the homework
(a softmax, a log loss, a classifier) is not here, and stays a stub that says so.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np


def train_test_split(
    *arrays: Any,
    test_size: Any = None,
    train_size: Any = None,
    random_state: Any = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Split arrays along their first axis as scikit-learn does: train, test, train, test, …"""
    count = length_of(*arrays)
    if test_size is None and train_size is None:
        test_size = 0.25
    if test_size is None:
        train = part_of(count, train_size, np.floor)
        test = count - train
    else:
        test = part_of(count, test_size, np.ceil)
        train = count - test if train_size is None else part_of(count, train_size, np.floor)
    if train + test > count or train <= 0 or test <= 0:
        raise ValueError(f"no split of {count} examples into {train} and {test}")
    if not shuffle:
        order = np.arange(count)
        first, second = order[:train], order[train : train + test]
    elif stratify is None:
        order = generator(random_state).permutation(count)
        second, first = order[:test], order[test : test + train]
    else:
        order = interleaved(stratify, generator(random_state))
        second, first = order[:test], order[test : test + train]
    return [taken(each, rows) for each in arrays for rows in (first, second)]


def shuffle(*arrays: Any, random_state: Any = None, n_samples: Any = None) -> Any:
    """Put arrays of equal lengths into one random order along their first axis."""
    order = generator(random_state).permutation(length_of(*arrays))[:n_samples]
    shuffled = [taken(each, order) for each in arrays]
    return shuffled[0] if len(shuffled) == 1 else shuffled


def resample(
    *arrays: Any,
    replace: bool = True,
    n_samples: Any = None,
    random_state: Any = None,
    stratify: Any = None,
) -> Any:
    """Draw rows at random, with replacement unless told otherwise."""
    count = length_of(*arrays)
    size = count if n_samples is None else n_samples
    rows = generator(random_state).choice(count, size, replace)
    drawn = [taken(each, rows) for each in arrays]
    return drawn[0] if len(drawn) == 1 else drawn


def generator(random_state: Any) -> Any:
    if random_state is None:
        return np.random.mtrand._rand
    if hasattr(random_state, "permutation"):
        return random_state
    return np.random.RandomState(random_state)


def length_of(*arrays: Any) -> int:
    lengths = {len(each) for each in arrays}
    if len(lengths) != 1:
        raise ValueError(f"arrays of different lengths: {', '.join(map(str, sorted(lengths)))}")
    return lengths.pop()


def part_of(count: int, size: Any, rounded: Callable[[float], Any]) -> int:
    """Return a number of examples from a number or a share of them."""
    return int(rounded(count * size)) if isinstance(size, (float, np.floating)) else int(size)


def taken(array: Any, rows: Any) -> Any:
    """Return rows of an array, or the items of a list as a list."""
    if isinstance(array, (list, tuple)):
        return [array[row] for row in rows]
    return np.asarray(array)[rows]


def interleaved(labels: Any, random: Any) -> Any:
    """Return a random order in which every stretch holds the classes in proportion."""
    rows = np.asarray(labels)
    kinds = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    place = np.empty(len(kinds))
    for kind in np.unique(kinds):
        own = np.flatnonzero(kinds == kind)
        place[own] = (random.permutation(len(own)) + random.uniform(size=len(own))) / len(own)
    return np.argsort(place, kind="stable")


class KFold:
    """Folds of equal size, the first of them one larger where the examples don't divide."""

    def __init__(
        self, n_splits: int = 5, *, shuffle: bool = False, random_state: Any = None
    ) -> None:
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def get_n_splits(self, *_: Any) -> int:
        return self.n_splits

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Any, Any]]:
        count = len(X)
        order = np.arange(count)
        if self.shuffle:
            order = generator(self.random_state).permutation(count)
        yield from self._folds(order)

    def _folds(self, order: Any) -> Iterator[tuple[Any, Any]]:
        for fold in np.array_split(order, self.n_splits):
            held_out = np.zeros(len(order), dtype=bool)
            held_out[fold] = True
            yield np.flatnonzero(~held_out), np.flatnonzero(held_out)


class StratifiedKFold(KFold):
    """Folds in which the classes stand in proportion."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Any, Any]]:
        random = generator(self.random_state if self.shuffle else 0)
        yield from self._folds(interleaved(y, random))


class ShuffleSplit:
    """Independent random splits."""

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: Any = None,
        train_size: Any = None,
        random_state: Any = None,
    ) -> None:
        self.n_splits, self.random = n_splits, generator(random_state)
        self.sizes: dict[str, Any] = {"test_size": 0.1 if test_size is None else test_size}
        self.sizes |= {} if train_size is None else {"train_size": train_size}

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Any, Any]]:
        for _ in range(self.n_splits):
            rows = train_test_split(np.arange(len(X)), random_state=self.random, **self.sizes)
            yield rows[0], rows[1]


class ParameterGrid:
    """Every combination of a dict of lists, as dicts."""

    def __init__(self, param_grid: Any) -> None:
        self.grids = [param_grid] if isinstance(param_grid, dict) else list(param_grid)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for grid in self.grids:
            keys = sorted(grid)
            for values in itertools.product(*(grid[key] for key in keys)):
                yield dict(zip(keys, values))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return list(self)[place]


class Dense(np.ndarray):
    """An array that also answers where people expect a sparse one."""

    def toarray(self) -> Any:
        return np.array(self)

    todense = toarray


class Fitted:
    """What all transformers share."""

    def __init__(self, *_: Any, **options: Any) -> None:
        self.options = options

    def fit(self, X: Any, y: Any = None) -> Any:
        raise NotImplementedError

    def transform(self, X: Any) -> Any:
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        return self.fit(X).transform(X)


class OneHotEncoder(Fitted):
    """A column for each value of each feature."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.categories_ = [np.unique(column) for column in np.asarray(X).T]
        return self

    def transform(self, X: Any) -> Any:
        columns = zip(np.asarray(X).T, self.categories_)
        hot = [column[:, None] == values[None, :] for column, values in columns]
        return np.hstack(hot).astype(float).view(Dense)


class LabelBinarizer(Fitted):
    """A column for each label; one column for two labels."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.classes_ = np.unique(X)
        return self

    def transform(self, X: Any) -> Any:
        hot = (np.asarray(X)[:, None] == self.classes_[None, :]).astype(int)
        return hot[:, 1:] if len(self.classes_) == 2 else hot

    def inverse_transform(self, Y: Any) -> Any:
        return self.classes_[np.argmax(Y, axis=1)]


class LabelEncoder(Fitted):
    """Labels as whole numbers from zero."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.classes_ = np.unique(X)
        return self

    def transform(self, X: Any) -> Any:
        return np.searchsorted(self.classes_, X)

    def inverse_transform(self, codes: Any) -> Any:
        return self.classes_[np.asarray(codes)]


class StandardScaler(Fitted):
    """Each feature with mean 0 and standard deviation 1; one that is constant becomes 0."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.mean_, spread = np.mean(X, axis=0), np.std(X, axis=0)
        self.scale_ = np.where(spread == 0, 1.0, spread)
        return self

    def transform(self, X: Any) -> Any:
        return (X - self.mean_) / self.scale_

    def inverse_transform(self, X: Any) -> Any:
        return X * self.scale_ + self.mean_


class MinMaxScaler(StandardScaler):
    """Each feature from 0 to 1."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.mean_ = np.min(X, axis=0)
        spread = np.max(X, axis=0) - self.mean_
        self.scale_ = np.where(spread == 0, 1.0, spread)
        return self


def label_binarize(y: Any, *, classes: Any) -> Any:
    encoder = LabelBinarizer()
    encoder.classes_ = np.asarray(classes)
    return encoder.transform(y)


def to_categorical(y: Any, num_classes: Any = None, dtype: Any = "float32") -> Any:
    """Return labels from zero as one-hot rows."""
    labels = np.asarray(y, dtype=int).reshape(-1)
    return np.eye(int(labels.max()) + 1 if num_classes is None else num_classes, dtype=dtype)[
        labels
    ]


def accuracy_score(y_true: Any, y_pred: Any, *, normalize: bool = True) -> Any:
    """Return the share of labels, or of rows, that are equal."""
    true, guessed = np.asarray(y_true), np.asarray(y_pred)
    if true.shape != guessed.shape:
        raise ValueError(f"labels of shape {true.shape} and predictions of shape {guessed.shape}")
    right = np.all(true == guessed, axis=tuple(range(1, true.ndim)))
    return float(np.mean(right)) if normalize else int(np.sum(right))


class SilentProgress:
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Any = None, *_: Any, total: Any = None, **options: Any) -> None:
        self.iterable, self.n, self.total = iterable, options.get("initial", 0), total
        if total is None and hasattr(iterable, "__len__"):
            self.total = len(iterable)
        self.desc = options.get("desc", "")
        self.disable = True
        self.postfix = ""

    def __iter__(self) -> Iterator[Any]:
        for each in self.iterable:
            yield each
            self.n += 1

    def __len__(self) -> int:
        return len(self.iterable) if self.iterable is not None else int(self.total or 0)

    def __enter__(self) -> SilentProgress:
        return self

    def __exit__(self, *exception: Any) -> None:
        return

    def update(self, n: float = 1) -> None:
        self.n += n

    @staticmethod
    def write(s: str = "", file: Any = None, end: str = "\n", nolock: bool = False) -> None:
        print(s, file=file or sys.stdout, end=end)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **options: None


def trange(*args: Any, **options: Any) -> SilentProgress:
    return SilentProgress(range(*args), **options)


def track(sequence: Iterable[Any], *_: Any, **__: Any) -> Iterable[Any]:
    return sequence


def uncompiled(*args: Any, **_: Any) -> Any:
    """A decorator that leaves a function as it is, with or without arguments of its own."""
    return args[0] if len(args) == 1 and callable(args[0]) else lambda function: function


class Parallel:
    """Calls one after the other."""

    def __init__(self, *_: Any, **__: Any) -> None:
        return

    def __call__(self, calls: Iterable[tuple[Any, Any, Any]]) -> list[Any]:
        return [function(*args, **keywords) for function, args, keywords in calls]


def delayed(function: Any) -> Any:
    return lambda *args, **keywords: (function, args, keywords)


SPLITS = (train_test_split, shuffle, resample, KFold, StratifiedKFold, ShuffleSplit, ParameterGrid)
LABELS = (OneHotEncoder, LabelBinarizer, LabelEncoder, label_binarize)
# Package -> the last part of a name in it -> what works in its place. Packages move their names
# about from version to version, so that what stands between is not looked at.
WORKING: dict[str, dict[str, Any]] = {
    "sklearn": {
        each.__name__: each
        for each in (*SPLITS, *LABELS, StandardScaler, MinMaxScaler, accuracy_score)
    },
    "keras": {"to_categorical": to_categorical},
    "tensorflow": {"to_categorical": to_categorical},
    "tqdm": {
        **dict.fromkeys(("tqdm", "tqdm_notebook", "tqdm_gui"), SilentProgress),
        **dict.fromkeys(("trange", "tnrange"), trange),
    },
    "rich": {"track": track},
    "progressbar": {"progressbar": track},
    "numba": {**dict.fromkeys(("jit", "njit", "vectorize"), uncompiled), "prange": range},
    "joblib": {"Parallel": Parallel, "delayed": delayed},
}


def working(path: str) -> Any:
    """Return what works in the place of a name such as "sklearn.utils.shuffle", or None."""
    package, _, rest = path.partition(".")
    return WORKING.get(package, {}).get(rest.rpartition(".")[2]) if rest else None
