"""Wrong answers of part 4 (b) to (d): all values of a result stand one after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth

_Array = np.ndarray


def flat(vectors: Sequence[_Array]) -> _Array:
    return np.concatenate([np.asarray(each, dtype=float).reshape(-1) for each in vectors])


def sigmoid(z: _Array) -> _Array:
    return np.asarray(1 / (1 + np.exp(-z)))


# Ways to whole numbers, and to numbers with few digits.
CUTS: tuple[Callable[..., _Array], ...] = (np.trunc, np.round, np.floor)
ROUNDINGS: tuple[Callable[..., _Array], ...] = (
    *(lambda array, places=places: np.asarray(np.round(array, places)) for places in range(1, 6)),
    lambda array: np.asarray(array).astype(np.float16).astype(float),
)
_SQUASHING: tuple[Callable[[_Array], _Array], ...] = (sigmoid, np.tanh)
_RECTIFYING: tuple[Callable[[_Array], _Array], ...] = (
    lambda z: np.maximum(z, 0),
    lambda z: np.where(z > 0, z, 0.01 * z),
)


def _unchained(L: Sequence[truth.Layer], x: _Array) -> _Array:
    return flat([W @ x + b for W, b in L])


AFFINE = (
    Mistake(
        "affine-no-bias",
        lambda W, b, x: W @ x,
        "AffineTransformation leaves out b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-minus-bias",
        lambda W, b, x: W @ x - b,
        "AffineTransformation subtracts b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-transposed",
        lambda W, b, x: W.T @ x + b,
        "AffineTransformation multiplies with the transpose of W. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-elementwise",
        lambda W, b, x: W * x + b[:, None],
        "AffineTransformation multiplies entry by entry (*). Part 4(b) is a matrix product.",
    ),
    Mistake(
        "affine-inside",
        lambda W, b, x: W @ (x + b),
        "AffineTransformation adds b before it multiplies. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-doubled-bias",
        lambda W, b, x: W @ x + 2 * b,
        "AffineTransformation adds b twice. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-summed",
        lambda W, b, x: np.sum(W @ x + b),
        "AffineTransformation returns one number, the sum of all entries. Part 4(b): z is a "
        "vector with one entry for each row of W.",
    ),
    *(
        Mistake(
            "affine-first-row",
            lambda W, b, x, i=i: W[i] @ x + b[i],
            "AffineTransformation returns one entry of z only. Part 4(b): z is a vector with one "
            "entry for each row of W.",
        )
        for i in (0, -1)
    ),
    *(
        Mistake(
            "affine-first-bias",
            lambda W, b, x, i=i: W @ x + b[i],
            "AffineTransformation adds one entry of b everywhere. Part 4(b): z = W x + b, each "
            "entry with its own.",
        )
        for i in (0, -1)
    ),
    Mistake(
        "affine-bias-summed",
        lambda W, b, x: W @ x + b.sum(),
        "AffineTransformation adds the sum of b everywhere. Part 4(b): z = W x + b, each entry "
        "with its own.",
    ),
    *(
        Mistake(
            "affine-relu",
            lambda W, b, x, rectify=rectify: rectify(W @ x + b),
            "AffineTransformation replaces negative values, as relu does. Part 4(b) has no "
            "activation function: z = W x + b.",
        )
        for rectify in _RECTIFYING
    ),
    *(
        Mistake(
            "affine-squashed",
            lambda W, b, x, squash=squash: squash(W @ x + b),
            "AffineTransformation applies an activation function, sigmoid or tanh. Part 4(b) has "
            "none: z = W x + b.",
        )
        for squash in _SQUASHING
    ),
    Mistake(
        "affine-absolute",
        lambda W, b, x: np.abs(W @ x + b),
        "AffineTransformation loses the signs of its results. Part 4(b): z = W x + b.",
    ),
    *(
        Mistake(
            "affine-integers",
            lambda W, b, x, cut=cut: cut(W @ x + b),
            "AffineTransformation returns whole numbers. Was z made as an array of integers, or "
            "rounded?",
        )
        for cut in CUTS
    ),
    *(
        Mistake(
            "affine-rounded",
            lambda W, b, x, cut=cut: cut(W @ x + b),
            "AffineTransformation returns rounded numbers. Where are they rounded, or stored with "
            "few digits?",
        )
        for cut in ROUNDINGS
    ),
    Mistake(
        "affine-bias-alone",
        lambda W, b, x: b,
        "AffineTransformation returns b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-times-bias",
        lambda W, b, x: (W @ x) * b,
        "AffineTransformation multiplies by b. Part 4(b): z = W x + b.",
    ),
    Mistake(
        "affine-negated",
        lambda W, b, x: -(W @ x) + b,
        "AffineTransformation subtracts W x. Part 4(b): z = W x + b.",
    ),
)


def _chained_once(L: Sequence[truth.Layer], x: _Array) -> _Array:
    first = L[0][0] @ x + L[0][1]
    return flat([first, *(W @ first + b for W, b in L[1:])])


def _behind(
    L: Sequence[truth.Layer], x: _Array, after: Callable[[_Array], _Array], last: bool = True
) -> _Array:
    """Return a chain in which `after` is applied to the output of every layer, or all but the last.

    What it makes of z_i is passed on.
    """
    z = [x]
    for i, (W, b) in enumerate(L, 1):
        v = W @ z[-1] + b
        z.append(after(v) if last or i < len(L) else v)
    return flat(z[1:])


COMPOSITION = (
    Mistake(
        "composition-unchained",
        _unchained,
        "Composition applies every layer to x itself; each layer must be applied to the output of "
        "the one before it. Part 4(c): what does your loop pass on?",
    ),
    Mistake(
        "composition-last-only",
        lambda L, x: truth.chain(L, x)[-1],
        "Composition returns the last z_n only. Part 4(c) asks for all of z_1, …, z_n.",
    ),
    Mistake(
        "composition-no-last",
        lambda L, x: flat(truth.chain(L, x)[:-1]),
        "Composition leaves out the last z_n. Part 4(c): n layers give n values.",
    ),
    Mistake(
        "composition-shifted",
        lambda L, x: flat([x, *truth.chain(L, x)[:-1]]),
        "Composition returns the input of every layer instead of its output. See part 4(c).",
    ),
    Mistake(
        "composition-backwards",
        lambda L, x: flat(truth.chain(L[::-1], x)),
        "Composition applies the last pair first. Part 4(c): the smallest index comes first.",
    ),
    Mistake(
        "composition-no-bias",
        lambda L, x: flat(truth.chain([(W, 0 * b) for W, b in L], x)),
        "Composition leaves out the b_i. Part 4(c) is a chain of affine maps, W x + b.",
    ),
    Mistake(
        "composition-two-layers",
        lambda L, x: flat(truth.chain(L[:2], x)),
        "Composition stops after two layers. Part 4(c): L may have any length n.",
    ),
    Mistake(
        "composition-first-left-out",
        lambda L, x: flat(truth.chain(L[1:], x)),
        "Composition leaves out the first layer. Part 4(c): the chain begins with (W_1, b_1); "
        "Python counts from 0.",
    ),
    *(
        Mistake(
            "composition-first-repeated",
            lambda L, x, i=i: flat(truth.chain([L[i]] * len(L), x)),
            "Composition applies one and the same layer every time. Part 4(c): z_i uses W_i and "
            "b_i. Look at the index inside your loop.",
        )
        for i in (0, -1)
    ),
    Mistake(
        "composition-chained-once",
        lambda L, x: _chained_once(L, x),
        "Composition applies every later layer to z_1. Part 4(c): each layer is applied to the "
        "output of the one just before it.",
    ),
    *(
        Mistake(
            "composition-relu",
            lambda L, x, rectify=rectify, last=last: _behind(L, x, rectify, last),
            "Composition replaces negative values, as relu does. Part 4(c) has no activation "
            "function.",
        )
        for rectify in _RECTIFYING
        for last in (True, False)
    ),
    *(
        Mistake(
            "composition-squashed",
            lambda L, x, squash=squash, last=last: _behind(L, x, squash, last),
            "Composition applies an activation function, sigmoid or tanh, behind its layers. Part "
            "4(c) has none.",
        )
        for squash in _SQUASHING
        for last in (True, False)
    ),
    *(
        Mistake(
            "composition-integers",
            compute,
            "Composition returns whole numbers. Was z made as an array of integers, or rounded?",
        )
        for cut in CUTS
        for compute in (
            lambda L, x, cut=cut: cut(flat(truth.chain(L, x))),
            lambda L, x, cut=cut: _behind(L, x, cut),
        )
    ),
    *(
        Mistake(
            "composition-rounded",
            compute,
            "Composition returns rounded numbers. Where are they rounded, or stored with few "
            "digits?",
        )
        for cut in ROUNDINGS
        for compute in (
            lambda L, x, cut=cut: cut(flat(truth.chain(L, x))),
            lambda L, x, cut=cut: _behind(L, x, cut),
        )
    ),
    Mistake(
        "composition-last-repeated",
        lambda L, x: flat([truth.chain(L, x)[-1]] * len(L)),
        "All entries of the list that Composition returns are the last z_n. Part 4(c) asks for "
        "z_1, …, z_n: does your list hold one and the same array several times?",
    ),
    Mistake(
        "composition-summed",
        lambda L, x: np.cumsum(truth.chain(L, x), axis=0).reshape(-1),
        "Composition adds each z_i to the one before. Part 4(c): z_i is the output of layer i.",
    ),
)


# composeFG: tried on (x,), with the maps of part 4(a)
_G = (np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.0]]), np.array([0.0, 0.0, 3.0]))
_F = (np.array([[1.0, -2.0, 0.25]]), np.array([0.0]))

COMPOSE = (
    Mistake(
        "compose-no-bias",
        lambda x: (_F[0] @ (_G[0] @ x)).reshape(()),
        "composeFG leaves out b_1. Part 4(d) composes the affine maps of part 4(a), with their b.",
    ),
    Mistake(
        "compose-bias-outside",
        lambda x: (_F[0] @ (_G[0] @ x) + _G[1].sum()).reshape(()),
        "composeFG is too large by the same number for every x, as if b_1 were added behind f. "
        "Part 4(d): b_1 belongs to g, so f is applied to it as well.",
    ),
    Mistake(
        "compose-unchained",
        lambda x: (_F[0] @ np.append(x, 0.0)).reshape(()),
        "composeFG leaves out g. Part 4(d): f(g(x)).",
    ),
    *(
        Mistake(
            "compose-activation",
            lambda x, after=after, last=last: _behind([_G, _F], x, after, last)[-1].reshape(()),
            "composeFG has an activation function (relu, sigmoid or tanh) in it. Part 4(d) "
            "composes the affine maps of part 4(a) alone.",
        )
        for after in (*_RECTIFYING, *_SQUASHING)
        for last in (True, False)
    ),
    Mistake(
        "compose-minus-bias",
        lambda x: (_F[0] @ (_G[0] @ x - _G[1])).reshape(()),
        "composeFG subtracts b_1. Part 4(d) composes the affine maps of part 4(a).",
    ),
)


def _like(kind: str, W: _Array, b: _Array, x: _Array) -> _Array:
    """Return W x + b stored in an array of the type of W, b or x."""
    return np.asarray((W @ x + b).astype({"W": W, "b": b, "x": x}[kind].dtype))


def _stored(kind: str, L: Sequence[truth.Layer], x: _Array, passed_on: bool) -> _Array:
    """Return a chain whose z_i are stored in arrays of the type of W_i, b_i or x."""
    z, v = [], x
    for W, b in L:
        exact = W @ v + b
        z.append(exact.astype({"W": W, "b": b, "x": x}[kind].dtype))
        v = z[-1] if passed_on else exact
    return flat(z)


# Tried where some of the inputs have whole numbers as their type.
AFFINE_INTEGERS = tuple(
    Mistake(
        "affine-like-integers",
        functools.partial(_like, kind),
        "AffineTransformation drops the decimals of its result where some of its inputs are arrays "
        "of whole numbers. Does it make an array like one of them (zeros_like, or with its dtype)? "
        "Such an array holds whole numbers only.",
    )
    for kind in "Wbx"
)
COMPOSITION_INTEGERS = tuple(
    Mistake(
        "composition-like-integers",
        lambda L, x, kind=kind, passed_on=passed_on: _stored(kind, L, x, passed_on),
        "Composition drops the decimals of its results where some of its inputs are arrays of "
        "whole numbers. Does it make an array like one of them (zeros_like, or with its dtype)? "
        "Such an array holds whole numbers only.",
    )
    for kind in "Wbx"
    for passed_on in (True, False)
)
