"""Wrong answers of ComputeJacobians, tried on (L, x); orientation outputs × inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth
from autograder.homework3.mistakes.chains import CUTS, ROUNDINGS, flat, sigmoid

_Array = np.ndarray
_Chain = Sequence[truth.Layer]


def _last(L: _Chain) -> _Array:
    return np.ones(L[-1][0].shape[0])


def _chained(L: _Chain, step: Callable[[_Array, _Array, _Array], _Array]) -> list[_Array]:
    """Return deltas from the last to the first, each made of the next one by `step`."""
    deltas = [_last(L)]
    for W, b in reversed(L[1:]):
        deltas.insert(0, step(deltas[0], W, b))
    return deltas


def _deltas(L: _Chain) -> list[_Array]:
    return _chained(L, lambda delta, W, b: delta @ W)


def _inputs(L: _Chain, x: _Array) -> list[_Array]:
    return [x, *truth.chain(L, x)[:-1]]


def _ones(L: _Chain) -> list[_Array]:
    return [np.ones(W.shape[0]) for W, _ in L]


def _products(deltas: Sequence[_Array], inputs: Sequence[_Array]) -> list[_Array]:
    return [np.outer(delta, z) for delta, z in zip(deltas, inputs, strict=True)]


def _outers(deltas: Sequence[_Array], inputs: Sequence[_Array]) -> _Array:
    return flat(_products(deltas, inputs))


def _right(L: _Chain, x: _Array) -> list[_Array]:
    return _products(_deltas(L), _inputs(L, x))


def _unfinished(L: _Chain, x: _Array) -> list[_Array]:
    """Deltas whose product stops one layer before the last."""
    if len(L) < 3:
        return _ones(L)
    return [*_deltas(L[:-1]), _last(L)]


def _next_only(L: _Chain, x: _Array) -> list[_Array]:
    """Deltas that see the next layer and none behind it."""
    later = [W.sum(axis=0) for W, _ in L[1:]]
    return [*later, _last(L)]


def _stops_at_two(L: _Chain, x: _Array) -> list[_Array]:
    return [delta if i >= len(L) - 2 else np.ones(len(delta)) for i, delta in enumerate(_deltas(L))]


def _elementwise(L: _Chain, x: _Array) -> list[_Array]:
    """Deltas that keep the first row of each matrix, scaled entry by entry."""
    return _chained(L, lambda delta, W, b: (delta[:, None] * W)[0])


def _bias_in_chain(L: _Chain, x: _Array) -> list[_Array]:
    return _chained(L, lambda delta, W, b: delta @ (W + b[:, None]))


def _absolute(L: _Chain, x: _Array) -> list[_Array]:
    return _chained(L, lambda delta, W, b: delta @ np.abs(W))


def _normalised(length: Callable[[_Array], float], L: _Chain, x: _Array) -> list[_Array]:
    """Deltas that are divided by their length, layer after layer."""
    return _chained(L, lambda delta, W, b: (delta @ W) / length(delta @ W))


def _from_output(L: _Chain, x: _Array) -> list[_Array]:
    """Deltas that start from z_n, as the derivative of a squared error does."""
    last = truth.chain(L, x)[-1][0]
    return [delta * last for delta in _deltas(L)]


def _activated(slope: Callable[[_Array], _Array], L: _Chain, x: _Array) -> list[_Array]:
    """Deltas with the slope of an activation function behind every layer but the last."""
    deltas, z = [_last(L)], truth.chain(L, x)
    for i in reversed(range(len(L) - 1)):
        deltas.insert(0, (deltas[0] @ L[i + 1][0]) * slope(z[i]))
    return deltas


_SLOPES: tuple[Callable[[_Array], _Array], ...] = (
    lambda z: (z > 0).astype(float),
    lambda z: z * (1 - z),
    lambda z: sigmoid(z) * (1 - sigmoid(z)),
    lambda z: 1 - z**2,
    lambda z: 1 - np.tanh(z) ** 2,
)

# The ways in which the factor that comes from the layers behind goes wrong, for db and dW alike:
# the sentences name the list, since the other one may be wrong by something else.
_CHAINS: tuple[tuple[str, Callable[[_Chain, _Array], list[_Array]], str, str], ...] = (
    (
        "jacobians-next-only",
        _next_only,
        "Of the layers behind layer i, your db_i depend on the next one only (its columns are "
        "summed, perhaps). Part 4(h): which layers lie between z_i and z_n?",
        "Of the layers behind layer i, your dW_i depend on the next one only (its columns are "
        "summed, perhaps). Part 4(h): which layers lie between z_i and z_n?",
    ),
    (
        "jacobians-stops-at-two",
        _stops_at_two,
        "Your db are right for the last two layers; in those before, the later layers are "
        "missing. Part 4(h): which layers lie between z_i and z_n?",
        "Your dW are right for the last two layers; in those before, the later layers are "
        "missing. Part 4(h): which layers lie between z_i and z_n?",
    ),
    (
        "jacobians-elementwise",
        _elementwise,
        "In your db the matrices of later layers are multiplied entry by entry (*), or one "
        "row of them is kept. In the chain rule of part 4(g) Jacobians are multiplied as matrices.",
        "In your dW the matrices of later layers are multiplied entry by entry (*), or one "
        "row of them is kept. In the chain rule of part 4(g) Jacobians are multiplied as matrices.",
    ),
    (
        "jacobians-bias-in-chain",
        _bias_in_chain,
        "In your db the biases b take part in the chain. Part 4(g): how does "
        "z_{i+1} = W z_i + b change with z_i?",
        "In your dW the biases b take part in the chain. Part 4(g): how does "
        "z_{i+1} = W z_i + b change with z_i?",
    ),
    (
        "jacobians-absolute",
        _absolute,
        "In your db the signs of the weights of later layers are lost. See part 4(g).",
        "In your dW the signs of the weights of later layers are lost. See part 4(g).",
    ),
    *(
        (
            "jacobians-normalised",
            functools.partial(_normalised, length),
            "In your db the product of the later layers' matrices is divided by its own "
            "length. The chain rule of part 4(g) has no such divisor.",
            "In your dW the product of the later layers' matrices is divided by its own "
            "length. The chain rule of part 4(g) has no such divisor.",
        )
        for length in (
            lambda v: float(np.linalg.norm(v)),
            lambda v: float(np.abs(v).sum()),
            lambda v: float(np.abs(v).max()),
        )
    ),
    (
        "jacobians-from-output",
        _from_output,
        "Your db are z_n times what they should be, as for a squared error. Part 4(g) asks "
        "for the derivatives of z_n itself: what is ∂z_n/∂z_n?",
        "Your dW are z_n times what they should be, as for a squared error. Part 4(g) asks "
        "for the derivatives of z_n itself: what is ∂z_n/∂z_n?",
    ),
    *(
        (
            "jacobians-activation",
            functools.partial(_activated, slope),
            "Your db have the slope of an activation function (relu, sigmoid or tanh) in the "
            "chain. The layers of part 4 are affine and have none.",
            "Your dW have the slope of an activation function (relu, sigmoid or tanh) in the "
            "chain. The layers of part 4 are affine and have none.",
        )
        for slope in _SLOPES
    ),
)
_ROUNDED = (
    "Your db are rounded numbers. Where are they rounded, or stored with few digits?",
    "Your dW are rounded numbers. Where are they rounded, or stored with few digits?",
)
_WHOLE = (
    "Your db are whole numbers. Are they stored in arrays of integers, or rounded?",
    "Your dW are whole numbers. Are they stored in arrays of integers, or rounded?",
)

JACOBIANS_B = (
    *(Mistake(id, lambda L, x, way=way: flat(way(L, x)), text) for id, way, text, _ in _CHAINS),
    Mistake(
        "jacobians-zeros",
        lambda L, x: flat([np.zeros(len(b)) for _, b in L]),
        "Your db are all zeros. Part 4(e): how does z_n change with b_n?",
    ),
    Mistake(
        "jacobians-own-weights",
        lambda L, x: flat([delta @ W for delta, (W, _) in zip(_deltas(L), L, strict=True)]),
        "Your db_i are the derivatives for the input of layer i, not for b_i. Part 4(g): in "
        "z_i = W_i z_{i-1} + b_i, does b_i meet W_i?",
    ),
    Mistake(
        "jacobians-local",
        lambda L, x: flat(_ones(L)),
        "Your db_i are those of z_i for its own b_i, with nothing of the layers behind. Part "
        "4(g): ∂z_n/∂b_i goes through every later layer; what is ∂z_{i+1}/∂z_i?",
    ),
    Mistake(
        "jacobians-reversed",
        lambda L, x: flat(_deltas(L)[::-1]),
        "Your db are right but in the reverse order. Part 4(h): the first entry belongs to b_1.",
    ),
    Mistake(
        "jacobians-biases",
        lambda L, x: flat([b for _, b in L]),
        "db holds the biases themselves, not the derivatives for them. See part 4(e) and (g).",
    ),
    Mistake(
        "jacobians-sign",
        lambda L, x: -flat(_deltas(L)),
        "Your db have the wrong sign. See part 4(g).",
    ),
    Mistake(
        "jacobians-summed",
        lambda L, x: np.array([delta.sum() for delta in _deltas(L)]),
        "Each of your db is a single number: a sum over the entries of b_i. Part 4(g): one "
        "derivative for each entry of b_i.",
    ),
    Mistake(
        "jacobians-missing-factor",
        lambda L, x: flat(_unfinished(L, x)),
        "In your db the last layer is missing from the chain. Part 4(g): which layers lie between "
        "z_i and z_n?",
    ),
    *(
        Mistake(
            "jacobians-whole",
            lambda L, x, cut=cut: cut(flat(_deltas(L))),
            _WHOLE[0],
        )
        for cut in CUTS
    ),
    *(
        Mistake(
            "jacobians-rounded",
            lambda L, x, cut=cut: cut(flat(_deltas(L))),
            _ROUNDED[0],
        )
        for cut in ROUNDINGS
    ),
)

JACOBIANS_W = (
    *(
        Mistake(
            id,
            lambda L, x, way=way: _outers(way(L, x), _inputs(L, x)),
            text,
        )
        for id, way, _, text in _CHAINS
    ),
    Mistake(
        "jacobians-zeros",
        lambda L, x: flat([np.zeros(W.shape) for W, _ in L]),
        "Your dW are all zeros. Part 4(f): how does z_i change with W_i?",
    ),
    Mistake(
        "jacobians-own-weights",
        lambda L, x: flat(
            [
                np.outer(delta @ W, z)
                for delta, z, (W, _) in zip(_deltas(L), _inputs(L, x), L, strict=True)
            ]
        ),
        "In your dW_i the chain from z_n goes through layer i itself, one layer too far. Part "
        "4(g): it ends at z_i, the output of layer i.",
    ),
    Mistake(
        "jacobians-weights",
        lambda L, x: flat([W for W, _ in L]),
        "dW holds the weights themselves, not the derivatives for them. See part 4(f) and (g).",
    ),
    Mistake(
        "jacobians-rows-summed",
        lambda L, x: flat([each.sum(axis=0) for each in _right(L, x)]),
        "Your dW_i have one entry for each column of W_i: the rows are summed. Part 4(h): "
        "one derivative for each entry of W_i.",
    ),
    Mistake(
        "jacobians-columns-summed",
        lambda L, x: flat([each.sum(axis=1) for each in _right(L, x)]),
        "Your dW_i have one entry for each row of W_i: the columns are summed. Part 4(h): "
        "one derivative for each entry of W_i.",
    ),
    Mistake(
        "jacobians-local",
        lambda L, x: _outers(_ones(L), _inputs(L, x)),
        "Your dW_i are those of z_i for its own W_i, with nothing of the layers behind. Part "
        "4(g): ∂z_n/∂W_i goes through every later layer; what is ∂z_{i+1}/∂z_i?",
    ),
    Mistake(
        "jacobians-reversed",
        lambda L, x: flat(_right(L, x)[::-1]),
        "Your dW are right but in the reverse order. Part 4(h): the first belongs to W_1.",
    ),
    Mistake(
        "jacobians-first-input",
        lambda L, x: flat([np.outer(delta, x) for delta in _deltas(L)]),
        "Your dW_i use x for every layer. Part 4(f) and (g): what does W_i multiply in z_i?",
    ),
    Mistake(
        "jacobians-wrong-activation",
        lambda L, x: _outers(_deltas(L), truth.chain(L, x)),
        "Your dW_i use z_i, the output of layer i. Part 4(f): what does W_i multiply in z_i?",
    ),
    Mistake(
        "jacobians-input-too-early",
        lambda L, x: _outers(_deltas(L), [x, *_inputs(L, x)[:-1]]),
        "Your dW_i are one place off in z: after the first they use a value that is one layer too "
        "early. Python counts from 0, so z_1 is z[0].",
    ),
    Mistake(
        "jacobians-last-for-x",
        lambda L, x: _outers(_deltas(L), [truth.chain(L, x)[-1], *_inputs(L, x)[1:]]),
        "Your dW_1 uses z_n, which in Python is z[-1]. The list z begins with z_1; what is the "
        "input of the first layer?",
    ),
    Mistake(
        "jacobians-no-input",
        lambda L, x: flat(
            [np.outer(d, np.ones(W.shape[1])) for d, (W, _) in zip(_deltas(L), L, strict=True)]
        ),
        "Your dW_i don't depend on what W_i is multiplied with: every row has one number only. See "
        "part 4(f).",
    ),
    Mistake(
        "jacobians-sign",
        lambda L, x: -flat(_right(L, x)),
        "Your dW have the wrong sign. See part 4(g).",
    ),
    Mistake(
        "jacobians-missing-factor",
        lambda L, x: _outers(_unfinished(L, x), _inputs(L, x)),
        "In your dW the last layer is missing from the chain. Part 4(g): which layers lie between "
        "z_i and z_n?",
    ),
    *(
        Mistake(
            "jacobians-whole",
            lambda L, x, cut=cut: cut(flat(_right(L, x))),
            _WHOLE[1],
        )
        for cut in CUTS
    ),
    *(
        Mistake(
            "jacobians-rounded",
            lambda L, x, cut=cut: cut(flat(_right(L, x))),
            _ROUNDED[1],
        )
        for cut in ROUNDINGS
    ),
)

# With two layers these are the same as other mistakes, or right.
_MANY_ONLY = (
    "jacobians-missing-factor",
    "jacobians-next-only",
    "jacobians-stops-at-two",
    "jacobians-elementwise",
    "jacobians-input-too-early",
)
JACOBIANS_B_TWO = tuple(each for each in JACOBIANS_B if each.id not in _MANY_ONLY)
JACOBIANS_W_TWO = tuple(each for each in JACOBIANS_W if each.id not in _MANY_ONLY)


def _like_b(L: _Chain) -> list[_Array]:
    """Deltas that are stored in arrays like the b_i before they are passed on."""
    deltas = [_last(L).astype(L[-1][1].dtype)]
    for (W, _), (_, b) in zip(L[:0:-1], L[-2::-1], strict=True):
        deltas.insert(0, (deltas[0] @ W).astype(b.dtype))
    return deltas


_INTEGERS = (
    "ComputeJacobians drops the decimals of its results where some of its inputs are arrays of "
    "whole numbers. Does it make an array like one of them (zeros_like, or with its dtype)? Such "
    "an array holds whole numbers only."
)
# Tried where some of the arrays in L, and x, have whole numbers as their type.
JACOBIANS_B_INTEGERS = tuple(
    Mistake("jacobians-integers", compute, _INTEGERS)
    for compute in (
        lambda L, x: flat([d.astype(b.dtype) for d, (_, b) in zip(_deltas(L), L, strict=True)]),
        lambda L, x: flat([d.astype(W.dtype) for d, (W, _) in zip(_deltas(L), L, strict=True)]),
        lambda L, x: flat([d.astype(x.dtype) for d in _deltas(L)]),
        lambda L, x: flat(_like_b(L)),
    )
)
JACOBIANS_W_INTEGERS = tuple(
    Mistake("jacobians-integers", compute, _INTEGERS)
    for compute in (
        lambda L, x: flat([g.astype(W.dtype) for g, (W, _) in zip(_right(L, x), L, strict=True)]),
        lambda L, x: flat([g.astype(b.dtype) for g, (_, b) in zip(_right(L, x), L, strict=True)]),
        lambda L, x: flat([g.astype(x.dtype) for g in _right(L, x)]),
        lambda L, x: _outers(_like_b(L), _inputs(L, x)),
        lambda L, x: flat(
            [
                g.astype(W.dtype)
                for g, (W, _) in zip(_products(_like_b(L), _inputs(L, x)), L, strict=True)
            ]
        ),
    )
)
