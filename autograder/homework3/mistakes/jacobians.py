"""Wrong answers of ComputeJacobians, tried on (L, x); orientation outputs × inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.grading.mistakes import Mistake
from autograder.homework3 import truth
from autograder.homework3.mistakes.chains import flat

Array = np.ndarray


def _deltas(L: Sequence[truth.Layer]) -> list[Array]:
    deltas = [np.ones(L[-1][0].shape[0])]
    for W, _ in reversed(L[1:]):
        deltas.insert(0, deltas[0] @ W)
    return deltas


def _inputs(L: Sequence[truth.Layer], x: Array) -> list[Array]:
    return [x, *truth.chain(L, x)[:-1]]


def _ones(L: Sequence[truth.Layer]) -> list[Array]:
    return [np.ones(W.shape[0]) for W, _ in L]


def _outers(deltas: Sequence[Array], inputs: Sequence[Array]) -> Array:
    return flat([np.outer(delta, z) for delta, z in zip(deltas, inputs, strict=True)])


def _unfinished(L: Sequence[truth.Layer]) -> list[Array]:
    """Deltas whose product stops one layer before the last."""
    if len(L) < 3:
        return _ones(L)
    last = np.ones(L[-1][0].shape[0])
    middle = L[:-1]
    sums = [np.ones(middle[-1][0].shape[0])]
    for W, _ in reversed(middle[1:]):
        sums.insert(0, sums[0] @ W)
    return [*sums, last]


def _next_only(L: Sequence[truth.Layer]) -> list[Array]:
    """Deltas that see the next layer and none behind it."""
    later = [W.sum(axis=0) for W, _ in L[1:]]
    return [*later, np.ones(L[-1][0].shape[0])]


def _stops_at_two(L: Sequence[truth.Layer]) -> list[Array]:
    return [delta if i >= len(L) - 2 else np.ones(len(delta)) for i, delta in enumerate(_deltas(L))]


def _elementwise(L: Sequence[truth.Layer]) -> list[Array]:
    """Deltas that keep the first row of each matrix, scaled entry by entry."""
    deltas = [np.ones(L[-1][0].shape[0])]
    for W, _ in reversed(L[1:]):
        deltas.insert(0, (deltas[0][:, None] * W)[0])
    return deltas


def _bias_in_chain(L: Sequence[truth.Layer]) -> list[Array]:
    deltas = [np.ones(L[-1][0].shape[0])]
    for W, b in reversed(L[1:]):
        deltas.insert(0, deltas[0] @ (W + b[:, None]))
    return deltas


def _absolute(L: Sequence[truth.Layer]) -> list[Array]:
    deltas = [np.ones(L[-1][0].shape[0])]
    for W, _ in reversed(L[1:]):
        deltas.insert(0, deltas[0] @ np.abs(W))
    return deltas


# The ways in which the factor that comes from the layers behind goes wrong, for db and dW alike.
CHAINS = (
    (
        "jacobians-next-only",
        _next_only,
        "Your {list} use the next layer only (its columns summed, perhaps) and none behind it. "
        "Part 4(g): ∂z_n/∂z_i is the product of the matrices of all later layers.",
    ),
    (
        "jacobians-stops-at-two",
        _stops_at_two,
        "Your {list} are right for the last two layers; before them the product with the later "
        "layers is missing. Part 4(g): every layer between i and n gives a factor.",
    ),
    (
        "jacobians-elementwise",
        _elementwise,
        "Your {list} multiply the matrices of later layers entry by entry (*), or keep one row of "
        "them. Part 4(g): the chain rule has matrix products.",
    ),
    (
        "jacobians-bias-in-chain",
        _bias_in_chain,
        "Your {list} have the biases b in the product of the later layers. Part 4(e) and (g): "
        "what is ∂z_{{i+1}}/∂z_i of z_{{i+1}} = W z_i + b?",
    ),
    (
        "jacobians-absolute",
        _absolute,
        "Your {list} lost the signs of the weights of later layers. See part 4(g).",
    ),
)

JACOBIANS_B = (
    *(
        Mistake(id, lambda L, x, way=way: flat(way(L)), text.format(list="db"))
        for id, way, text in CHAINS
    ),
    Mistake(
        "jacobians-zeros",
        lambda L, x: flat([np.zeros(len(b)) for _, b in L]),
        "Your db are all zeros. Part 4(e): what is ∂z_n/∂b_n?",
    ),
    Mistake(
        "jacobians-own-weights",
        lambda L, x: flat([delta @ W for delta, (W, _) in zip(_deltas(L), L, strict=True)]),
        "Your db_i have the factor W_i too: they are the derivatives for the input of layer i. "
        "Part 4(g): b_i is added behind W_i; the chain from z_n ends at z_i.",
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
        lambda L, x: flat(_unfinished(L)),
        "Your db miss one factor of the chain: the last layer's. Part 4(g): from z_n back to "
        "z_i, every layer in between gives a factor.",
    ),
)

JACOBIANS_W = (
    *(
        Mistake(id, lambda L, x, way=way: _outers(way(L), _inputs(L, x)), text.format(list="dW"))
        for id, way, text in CHAINS
    ),
    Mistake(
        "jacobians-zeros",
        lambda L, x: flat([np.zeros(W.shape) for W, _ in L]),
        "Your dW are all zeros. Part 4(f): the derivative for W_i uses the input of layer i.",
    ),
    Mistake(
        "jacobians-own-weights",
        lambda L, x: flat(
            [
                np.outer(delta @ W, z)
                for delta, z, (W, _) in zip(_deltas(L), _inputs(L, x), L, strict=True)
            ]
        ),
        "Your dW_i have the factor W_i in the chain too. Part 4(g): the chain from z_n ends at "
        "z_i, the output of layer i.",
    ),
    Mistake(
        "jacobians-weights",
        lambda L, x: flat([W for W, _ in L]),
        "dW holds the weights themselves, not the derivatives for them. See part 4(f) and (g).",
    ),
    Mistake(
        "jacobians-rows-summed",
        lambda L, x: flat(
            [np.outer(d, z).sum(axis=0) for d, z in zip(_deltas(L), _inputs(L, x), strict=True)]
        ),
        "Your dW_i have one entry for each column of W_i: the rows are summed. Part 4(h): "
        "one derivative for each entry of W_i.",
    ),
    Mistake(
        "jacobians-columns-summed",
        lambda L, x: flat(
            [np.outer(d, z).sum(axis=1) for d, z in zip(_deltas(L), _inputs(L, x), strict=True)]
        ),
        "Your dW_i have one entry for each row of W_i: the columns are summed. Part 4(h): "
        "one derivative for each entry of W_i.",
    ),
    Mistake(
        "jacobians-unvec-order",
        lambda L, x: flat(
            [
                np.outer(d, z).ravel().reshape(W.shape, order="F")
                for d, z, (W, _) in zip(_deltas(L), _inputs(L, x), L, strict=True)
            ]
        ),
        "Your dW_i have the right numbers in the wrong places. Part 4(f): vec goes down the "
        "columns, unvec must go back the same way; numpy's reshape goes along the rows unless "
        "told otherwise.",
    ),
    Mistake(
        "jacobians-unvec-order",
        lambda L, x: flat(
            [
                np.outer(d, z).ravel(order="F").reshape(W.shape)
                for d, z, (W, _) in zip(_deltas(L), _inputs(L, x), L, strict=True)
            ]
        ),
        "Your dW_i have the right numbers in the wrong places. Part 4(f): vec goes down the "
        "columns, unvec must go back the same way; numpy's reshape goes along the rows unless "
        "told otherwise.",
    ),
    Mistake(
        "jacobians-local",
        lambda L, x: _outers(_ones(L), _inputs(L, x)),
        "Your dW_i are those of z_i for its own W_i, with nothing of the layers behind. Part "
        "4(g): ∂z_n/∂W_i goes through every later layer; what is ∂z_{i+1}/∂z_i?",
    ),
    Mistake(
        "jacobians-reversed",
        lambda L, x: flat(
            [np.outer(d, z) for d, z in zip(_deltas(L), _inputs(L, x), strict=True)][::-1]
        ),
        "Your dW are right but in the reverse order. Part 4(h): the first belongs to W_1.",
    ),
    Mistake(
        "jacobians-first-input",
        lambda L, x: flat([np.outer(delta, x) for delta in _deltas(L)]),
        "Your dW_i use x for every layer. Part 4(f): the derivative for W_i uses the input of "
        "layer i, which is z_{i-1}.",
    ),
    Mistake(
        "jacobians-wrong-activation",
        lambda L, x: _outers(_deltas(L), truth.chain(L, x)),
        "Your dW_i use the output z_i of layer i. Part 4(f): the derivative for W_i uses the "
        "input of the layer.",
    ),
    Mistake(
        "jacobians-no-input",
        lambda L, x: flat(
            [np.outer(d, np.ones(W.shape[1])) for d, (W, _) in zip(_deltas(L), L, strict=True)]
        ),
        "Your dW_i miss the factor that comes from the input of layer i. See part 4(f).",
    ),
    Mistake(
        "jacobians-sign",
        lambda L, x: -_outers(_deltas(L), _inputs(L, x)),
        "Your dW have the wrong sign. See part 4(g).",
    ),
    Mistake(
        "jacobians-missing-factor",
        lambda L, x: _outers(_unfinished(L), _inputs(L, x)),
        "Your dW miss one factor of the chain: the last layer's. Part 4(g): from z_n back to "
        "z_i, every layer in between gives a factor.",
    ),
)

# With two layers these are the same as other mistakes, or right.
MANY_ONLY = (
    "jacobians-missing-factor",
    "jacobians-next-only",
    "jacobians-stops-at-two",
    "jacobians-elementwise",
)
JACOBIANS_B_TWO = tuple(each for each in JACOBIANS_B if each.id not in MANY_ONLY)
JACOBIANS_W_TWO = tuple(each for each in JACOBIANS_W if each.id not in MANY_ONLY)
