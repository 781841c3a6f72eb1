"""Part 4: chains and points to try, and judging that the checks of several functions share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.grading.mistakes import Case, Mistake, compared, explains, name_mistake
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.homework3.answers import PROBE_SEED
from autograder.homework3.chains import in_order, rows_of
from autograder.homework3.pairs import as_array
from autograder.homework3.problems import Rng, layers, point
from autograder.homework3.truth import Layer
from autograder.model.failures import GuestFailure, Place, Raised
from autograder.numerics.memo import memoized

_Chain = tuple[list[Layer], np.ndarray]
# How the mistakes end whose answers are whole numbers.
_WHOLE = ("-whole", "-integers")
INTEGERS = "It was called with arrays of whole numbers among its inputs."


@memoized
def random_chains(rng: Rng, chains: Sequence[Sequence[int]]) -> list[_Chain]:
    """Return a chain (W_1, b_1), … and a point for each sequence of widths."""
    return [(layers(rng, widths), point(rng, widths[0])) for widths in chains]


def list_of_z(submission: UnderTest, value: Any, L: Sequence[Layer]) -> Any:
    """Return the list of all z from what Composition returned, without what stands beside it.

    Raises Wrong where a list stands beside something else, and is not one of L's form.
    """
    items = list(value.values()) if isinstance(value, dict) else value
    if _is_by_form(value, L) or not isinstance(items, (list, tuple)) or not 2 <= len(items) <= 4:
        return value
    for item in items:
        if _is_by_form(item, L):
            submission.conventions["more of Composition"] = (
                "what Composition returns beside the list of all z is left out"
            )
            return item
    listed = [item for item in items if _is_list_of_arrays(item)]
    if len(listed) == 1 and len(items) != len(L):
        raise Wrong(
            f"Composition returned {len(items)} things, one of them a list of {len(listed[0])}, "
            f"for a chain of {len(L)} layers. Part 4(c) asks for the list z_1, …, z_n, with one "
            "entry for each layer.",
            mistake="composition-list-within",
        )
    return value


def _is_by_form(value: Any, L: Sequence[Layer]) -> bool:
    """Tell whether there is an entry for each layer, as large as its output."""
    items = in_order(value) if isinstance(value, dict) else rows_of(value)
    if not isinstance(items, (list, tuple)) or len(items) != len(L):
        return False
    arrays = map(as_array, items)
    return all(
        not isinstance(array, (list, tuple)) and np.size(array) == b.size
        for array, (_, b) in zip(arrays, L, strict=True)
    )


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(each, np.ndarray) for each in value)


def in_pairs(chains: list[_Chain]) -> list[_Chain]:
    """Return the chains with the last in the place of its L, or of its x, once more.

    An answer that is kept from an earlier call, by one of its inputs, is wrong then.
    """
    (L, x), (other, v) = chains[-2:]
    return [*chains, (L, v), (other, x)]


def is_borne_out(known: Sequence[Mistake], named: Mistake, failed: Sequence[Case]) -> bool:
    """Tell whether a mistake that easier inputs show is true of the cases that failed, too.

    Answers of another shape than the truth tell nothing, but whether their numbers are whole.
    """
    variants = [each for each in known if each.id == named.id]
    for case in failed:
        if case.actual.shape == case.expected.shape:
            if not any(explains(each, case) for each in variants):
                return False
        elif named.id.endswith(_WHOLE) and np.any(case.actual != np.round(case.actual)):
            return False
    return True


def name_on_squares(
    known: Sequence[Mistake],
    make_case: Callable[[list[Layer], np.ndarray], Case],
    chains: Sequence[Sequence[int]],
    failed: Sequence[Case],
    place: Place | None,
) -> None:
    """Raise Wrong with the one mistake that square matrices, which fit any order, show.

    It has to be true of the cases that `failed` as well, as far as these can tell.
    """
    rng = np.random.default_rng(PROBE_SEED)
    try:
        named = name_mistake(known, [make_case(L, x) for L, x in random_chains(rng, chains)])
    except (GuestFailure, Wrong):
        return
    if named is not None and is_borne_out(known, named, failed):
        raise Wrong(named.message, mistake=named.id, place=place) from None


def judge_integer_chains(
    what: str,
    make_case: Callable[[list[Layer], np.ndarray], Case],
    chains: Sequence[_Chain],
    known: Sequence[Mistake],
    share: float,
) -> None:
    """Judge on arrays of integers what is right for others: a `share` of the points is kept."""
    try:
        cases = [make_case(L, x) for L, x in chains]
    except (Raised, Wrong) as error:
        mistake = getattr(error, "mistake", "")
        message = f"{error} {INTEGERS}"
        raise Wrong(message, mistake=mistake, fraction=share, place=error.place) from None
    compared(known, cases)
    if not all(case.right for case in cases):
        named = name_mistake(known, cases)
        if named is not None:
            raise Wrong(named.message, mistake=named.id, fraction=share)
        raise Wrong(f"{what} is wrong. {INTEGERS}", fraction=share)
