"""A student's function gets every argument, whatever its parameters are called and their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.arguments import Argument, arrange
from autograder.sandbox.guest.student import parameters as written

PUBLISHED = ("X", "Y", "epsilon", "batchSize", "alpha", "numEpochs", "seed")
ARGUMENTS = [Argument(name, f"<{name}>", optional=name == "seed") for name in PUBLISHED]


def define(signature):
    """Return a function with this signature that answers its own local names."""
    namespace = {}
    exec(f"def f({signature}):\n    return dict(locals())", namespace)
    return namespace["f"]


def answer(signature, arguments=ARGUMENTS):
    """Call a function with this signature as a check would, and return what reached it."""
    function = define(signature)
    args, kwargs = arrange(arguments, tuple(written(function)))
    return function(*args, **kwargs)


def value_of(name):
    return f"<{name}>"


@st.composite
def own_orders(draw):
    """Published names in any order, some with defaults, extra parameters with defaults between."""
    names = list(draw(st.permutations(PUBLISHED)))
    if draw(st.booleans()):
        names.remove("seed")
    extras = draw(st.lists(st.sampled_from(["verbose", "W0", "debug"]), unique=True))
    plain = draw(st.integers(0, len(names)))
    with_defaults = draw(st.permutations([*names[plain:], *extras]))
    signature = [*names[:plain], *(f"{name}=None" for name in with_defaults)]
    return ", ".join(signature), names, extras


@given(own_orders())
def test_published_names_get_their_own_argument_in_any_order(case):
    signature, names, extras = case
    got = answer(signature)
    assert {name: got[name] for name in names} == {name: value_of(name) for name in names}
    assert all(got[name] is None for name in extras)


@given(st.lists(st.booleans(), min_size=6, max_size=6), st.booleans(), st.integers(0, 6))
def test_renamed_parameters_are_filled_in_the_published_order(renamed, with_seed, plain):
    """Where the names tell nothing the order does, and a seed may be missing."""
    names = [f"p{i}" if new else PUBLISHED[i] for i, new in enumerate(renamed)]
    names += ["seed"] if with_seed else []
    signature = [*names[:plain], *(f"{name}=0" for name in names[plain:])]
    got = answer(", ".join(signature))
    assert list(got.values()) == [value_of(name) for name in PUBLISHED[: len(names)]]


def test_an_optional_argument_is_not_given_to_an_unknown_parameter_with_a_default():
    assert answer("X, Y, lr, batch, reg, epochs, verbose=True")["verbose"] is True


def test_an_optional_argument_fills_a_parameter_that_must_be_filled():
    assert answer("X, Y, lr, batch, reg, epochs, s")["s"] == value_of("seed")


@pytest.mark.parametrize("signature", ["*args", "*args, **kwargs", "X, *rest", "X, Y, *a, k=1"])
def test_star_args_get_everything_by_position(signature):
    got = answer(signature)
    listed = [value for value in got.values() if isinstance(value, str)]
    listed += [value for each in got.values() if isinstance(each, tuple) for value in each]
    assert listed == [value_of(name) for name in PUBLISHED]


def test_parameters_that_are_not_known_get_everything_by_position():
    assert arrange(ARGUMENTS, None) == ([value_of(name) for name in PUBLISHED], {})


@pytest.mark.parametrize("signature", ["X, Y, **kwargs", "Y, X, epsilon=0.1, **kw", "**options"])
def test_star_kwargs_get_the_rest_by_their_published_names(signature):
    got = answer(signature)
    flat = {name: value for name, value in got.items() if isinstance(value, str)}
    for value in got.values():
        flat |= value if isinstance(value, dict) else {}
    assert flat == {name: value_of(name) for name in PUBLISHED}


@pytest.mark.parametrize(
    "signature",
    [
        "X, Y, *, epsilon, batchSize, alpha, numEpochs, seed",
        "X, Y, epsilon=1, *, alpha=0, numEpochs=1, batchSize=1, verbose=False",
    ],
)
def test_keyword_only_parameters_get_theirs_by_name(signature):
    got = answer(signature)
    got.pop("verbose", None)
    assert got == {name: value_of(name) for name in got}


def test_a_bare_star_means_keywords():
    args, kwargs = arrange(ARGUMENTS[:4], ("X", "Y", "*", "batchSize=1", "epsilon"))
    assert args == ["<X>", "<Y>"]
    assert kwargs == {"batchSize": "<batchSize>", "epsilon": "<epsilon>"}


@pytest.mark.parametrize("signature", ["X, Y", "X, Y, epsilon, batchSize, alpha", "X=0", ""])
def test_python_says_what_is_wrong_where_an_argument_finds_no_place(signature):
    with pytest.raises(TypeError, match="argument"):
        answer(signature)


def test_python_says_what_is_missing():
    with pytest.raises(TypeError, match="momentum"):
        answer("X, Y, epsilon, batchSize, alpha, numEpochs, seed, momentum")


def test_nothing_that_must_be_passed_is_dropped_behind_a_gap():
    arguments = [Argument("W", 1), Argument("alpha", 0.0, optional=True), Argument("b", 2)]
    args, kwargs = arrange(arguments, ("W", "eps=1e-12"))
    assert args == [1]
    assert kwargs == {"b": 2}


@pytest.mark.parametrize("annotated", ["W: np.ndarray", "W: 'list[int]' = 3", "W:int=0"])
def test_annotations_are_not_part_of_a_name(annotated):
    args, kwargs = arrange([Argument("Y", 1), Argument("W", 2)], ("Y", annotated))
    assert (args, kwargs) == ([1, 2], {})


@pytest.mark.parametrize(
    "signature",
    [
        "x, y, epsilon, batchsize, Alpha, num_epochs, Seed",
        "num_epochs, batch_size, y, x, EPSILON=0.1, alpha=0, seed=0",
    ],
)
def test_capitals_and_underscores_make_no_difference(signature):
    plain = {name.lower(): value_of(name) for name in PUBLISHED}
    got = answer(signature)
    assert {name.replace("_", "").lower(): value for name, value in got.items()} == plain


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("X, y, w", {"X": "<X>", "y": "<Y>", "w": "<W>"}),
        ("x, X, w", {"x": "<Y>", "X": "<X>", "w": "<W>"}),
        ("x, X_, w", {"x": "<X>", "X_": "<Y>", "w": "<W>"}),
    ],
)
def test_a_name_that_is_written_right_wins_and_one_that_fits_twice_tells_nothing(
    signature, expected
):
    arguments = [Argument(name, f"<{name}>") for name in ("W", "X", "Y")]
    assert answer(signature, arguments) == expected


def test_one_that_matters_takes_a_place_with_a_default_and_is_left_out_where_there_is_none():
    given = [Argument("w", 1), Argument("alpha", 0.7, optional=True, matters=True)]
    assert answer("weights, regularisation=0", given) == {"weights": 1, "regularisation": 0.7}
    assert answer("weights", given) == {"weights": 1}
    assert answer("w, beta=0, alpha=0", given) == {"w": 1, "beta": 0, "alpha": 0.7}
    plain = [Argument("w", 1), Argument("alpha", 0.0, optional=True)]
    assert answer("weights, regularisation=0", plain) == {"weights": 1, "regularisation": 0}
