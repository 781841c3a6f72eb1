"""What helps a student to find a mistake: what is right, the idea, and a small input to work out.

Hints belong to a function, and have levels: what was seen, the idea and where the handout treats
it, a counterexample, a formula that the handout itself prints. The rubric says how many of them a
student may read, before the deadline and after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SEEN, IDEA, COUNTEREXAMPLE, FORMULA = range(1, 5)
NO_HINTS, ALL_HINTS = 0, FORMULA


@dataclass(frozen=True)
class Counterexample:
    """A small public input on which a function is wrong: never with the right value.

    Attributes
    ----------
    given : the input, a line for each argument, as the handout writes them.
    gives : what the student's function gives for it; "" where that would tell the right value.
    question : what to work out on paper.
    code : the call of the student's own function, as Python to paste.
    size : how many numbers the input has.
    needs : functions that are wrong themselves and were replaced by right ones for this.
    """

    given: tuple[str, ...]
    gives: str
    question: str
    code: str
    size: int
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hints:
    """What helps with one function, `part` of the handout.

    `right` are sentences about what is right inside what is wrong, `idea` says what the function is
    about and where the handout treats it, "" where nothing is written. `compared` counts the
    answers that these rest on.
    """

    function: str
    part: str
    right: tuple[str, ...] = ()
    idea: str = ""
    counterexample: Counterexample | None = None
    compared: int = 0

    def up_to(self, level: int) -> Hints | None:
        """Return what may be read at a level; None where nothing is left."""
        less = replace(
            self,
            right=self.right if level >= SEEN else (),
            idea=self.idea if level >= IDEA else "",
            counterexample=self.counterexample if level >= COUNTEREXAMPLE else None,
        )
        return less if less.right or less.idea or less.counterexample else None


def refuse_levels(
    levels: Sequence[int], meaning: str = "before the deadline, and after it"
) -> None:
    """Raise ValueError for what is neither two levels nor none; `meaning` says what they are."""
    known = all(NO_HINTS <= each <= ALL_HINTS for each in levels)
    if levels and not (len(levels) == 2 and known):
        raise ValueError(
            f"hints = {list(levels)} is not two levels from {NO_HINTS} to {ALL_HINTS}: {meaning}"
        )
