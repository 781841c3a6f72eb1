"""A closer look at a function that is wrong: its smallest counterexample, and what is right in it.

Its small inputs are asked in the order of their size, and judged as the checks judge. What is said
holds for all that was compared, twice at least; what is shown holds in a fresh process too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.author.sealed import RightAnswer
from autograder.author.small import (
    Family,
    Piece,
    Repeated,
    SmallInput,
    given_lines,
    index_written,
    value_written,
)
from autograder.grading.arguments import parameter_name
from autograder.grading.under_test import UnderTest, is_same
from autograder.grading.verdicts import Prerequisite, Wrong
from autograder.model.failures import GuestFailure, Raised, Unreadable
from autograder.model.hints import Counterexample
from autograder.numerics.reading import value_text

# An exchange takes below a millisecond: this bounds the search of a slow function too.
_MAX_CALLS = 150
_MAX_CPU_SECONDS = 1.0
_CODE_WIDTH = 60
_TWICE = 2
# Two calls together have at most so many numbers; so many calls before a wrong one are tried, and
# so many wrong ones.
_MAX_NUMBERS_OF_TWO = 24
_MAX_BEFORE = 3
_MAX_CANDIDATES = 3
# So many wrong entries are tried, whether their right values are hidden.
_MAX_PLACES = 12
# An array of more numbers is no longer written whole.
_MAX_WRITTEN = 24
_MOSTLY = 0.8
# What is wrong by one of these is told in words: with a value beside it, those would tell the
# right one.
_FACTORS = tuple(
    sign * factor
    for number in range(1, 13)
    for factor in (number, 1 / number, 100 * number, number / 100)
    for sign in (1, -1)
    if sign * factor != 1
)
_Readings = Sequence[np.ndarray]
_IMPORT = "import numpy as np\n"


@dataclass(frozen=True)
class Found:
    """What a closer look has found: the counterexample, and sentences about what is right.

    `compared` counts the comparisons: without any there were no numbers to compare.
    """

    counterexample: Counterexample | None
    right: tuple[str, ...]
    compared: int


@dataclass(frozen=True)
class _Compared:
    """One piece of an answer, compared: `array` is what is shown of it."""

    quantity: Piece
    traits: Mapping[str, str]
    size: int
    is_right: bool
    answer: RightAnswer
    array: np.ndarray

    def is_right_times(self, factor: float) -> bool:
        """Tell whether it is this factor times the right one, and not zero."""
        found = self.array.astype(float) / factor
        return bool(np.any(found)) and self.answer.is_right(self.quantity.label, found)

    @property
    def factors(self) -> frozenset[float]:
        """The simple factors by which it is wrong."""
        return frozenset(filter(self.is_right_times, _FACTORS))


@dataclass(frozen=True)
class _Candidate:
    """A counterexample with what was asked for it, so that it can be asked again."""

    example: Counterexample
    small: SmallInput
    quantity: Piece
    readings: _Readings
    why_refused: str = ""


def look_closer(
    family: Family,
    submission: UnderTest,
    inputs: Sequence[SmallInput],
    right_answer: Callable[[SmallInput], RightAnswer],
    passed: Collection[str] | None = None,
    says_all: bool = False,
) -> Found:
    """Ask a student's function for small inputs, and say what came of it.

    `right_answer` judges the answers to an input. A group is called right only where all checks
    that are about it are among `passed`; None: no check is known to be otherwise. With `says_all`
    there is every sentence that is so, not only those that tell right from wrong well.
    """
    search = _Search(family, submission, right_answer)
    search.compare_all(inputs)
    shown = search.shown
    depends_on_calls = shown is not None and not search.is_so_again(shown)
    if depends_on_calls:
        again = _Search(family, submission, right_answer, _MAX_CANDIDATES)
        submission.session.start_anew()
        again.compare_all(inputs)
        shown = again.after_another()
    elif shown is None and search.refused is not None and search.is_so_again(search.refused):
        shown = search.refused
    right: tuple[str, ...] = ()
    if search.is_exact and not depends_on_calls:
        right = tuple(_sentences(search, passed, says_all))
    example = None if shown is None else search.with_value(shown)
    return Found(example, right, len(search.compared))


class _Search:
    """What is known while the small inputs of a function are asked."""

    def __init__(
        self,
        family: Family,
        submission: UnderTest,
        right_answer: Callable[[SmallInput], RightAnswer],
        most: int = 1,
    ) -> None:
        self.most = most
        self.family, self.submission, self.right_answer = family, submission, right_answer
        self.compared: list[_Compared] = []
        self.asked: list[SmallInput] = []
        self.candidates: list[_Candidate] = []
        # One of which something is missing, or no numbers at all.
        self.refused: _Candidate | None = None
        self.why_refused = ""
        self.inputs = self.answered = 0
        self.is_exact = True
        # What is stopped once, or ends its process, would cost too much to be asked again.
        self.is_stopped = False
        self.begun = submission.session.cpu_seconds

    def is_over(self) -> bool:
        spent = self.submission.session.cpu_seconds - self.begun
        return self.is_stopped or spent > _MAX_CPU_SECONDS or self.inputs >= _MAX_CALLS

    @property
    def shown(self) -> _Candidate | None:
        return self.candidates[0] if self.candidates else None

    def compare_all(self, inputs: Iterable[SmallInput]) -> None:
        """Ask for all of them, as long as the search is not over."""
        with self.submission.aside():
            for small in inputs:
                if self.is_over():
                    break
                self.compare(small)

    def compare(self, small: SmallInput) -> None:
        """Ask for one input; what gives no numbers is not compared."""
        asked, why = self._asked(small), self.why_refused
        # Of this call, before the input of usual size is asked.
        code = self._code_of(small) if why and small.is_shown and self.refused is None else ""
        if asked is not None:
            self._compare_numbers(small, *asked, code)
        if code:
            self._refuse(small, why, code)

    def _compare_numbers(
        self, small: SmallInput, answer: RightAnswer, readings: Mapping[str, _Readings], code: str
    ) -> None:
        self.asked.append(small)
        wrong = self._wrong_pieces(small, answer, readings)
        if len(self.candidates) == self.most or not small.is_shown or not wrong:
            return
        code = code or self._code_of(small)
        for quantity in wrong if code else ():
            found = self._shown(small, quantity, answer, readings[quantity.label], code)
            if found is not None:
                self.candidates.append(found)
                break

    def _refuse(self, small: SmallInput, why: str, code: str) -> None:
        """Keep the first input for which something is missing, at its usual size too."""
        if small.usual is not None:
            self._asked(small.usual)
            if not self.why_refused:
                return
        example = Counterexample(given_lines(small), "", why, code, small.size)
        self.refused = _Candidate(example, small, Piece(self.family.function, ""), (), why)

    def _wrong_pieces(
        self, small: SmallInput, answer: RightAnswer, readings: Mapping[str, _Readings]
    ) -> list[Piece]:
        """Compare all that an answer has; return what is wrong of it."""
        self.is_exact = answer.is_exact
        self.answered += 1
        wrong = []
        for label in answer.shapes:
            if label not in readings:
                continue
            quantity = self.family.quantity(label, small)
            is_right = any(answer.is_right(label, each) for each in readings[label])
            self._note(small, quantity, answer, readings[label], is_right)
            if not is_right:
                wrong.append(quantity)
        return wrong

    def _asked(self, small: SmallInput) -> tuple[RightAnswer, Mapping[str, _Readings]] | None:
        """Return what is right, and what the function gives; `why_refused` says what is missing."""
        self.inputs += 1
        self.why_refused = ""
        self.submission.first.clear()
        try:
            answer = self.right_answer(small)
            found = self.family.ask(self.submission, small, answer.like)
        except Wrong as error:
            self.why_refused = str(error)
            return None
        except (Raised, Unreadable, Prerequisite):
            return None
        except GuestFailure:
            self.is_stopped = True
            return None
        readings = {}
        for label, each in found.items():
            if isinstance(each, Wrong):
                self.why_refused = str(each)
            else:
                readings[label] = each
        return answer, readings

    def _note(
        self,
        small: SmallInput,
        quantity: Piece,
        answer: RightAnswer,
        readings: _Readings,
        is_right: bool,
    ) -> None:
        traits = {**small.traits, **quantity.traits}
        compared = _Compared(quantity, traits, small.size, is_right, answer, readings[0])
        self.compared.append(compared)

    def _shown(
        self,
        small: SmallInput,
        quantity: Piece,
        answer: RightAnswer,
        readings: _Readings,
        code: str,
    ) -> _Candidate | None:
        """Return a counterexample that gives nothing away, None where there is none."""
        if not self._is_wrong_at_usual_size(small, quantity):
            return None
        label, size = quantity.label, small.size
        lines = given_lines(small)
        fitting = [each for each in readings if each.shape == answer.shapes[label]]
        if not fitting:
            gives = f"{label} is {_described(readings[0])}"
            question = f"Which shape does {_small_first(label)} need here, and how can you tell?"
            example = Counterexample(lines, gives, question, code, size)
            return _Candidate(example, small, quantity, readings)
        value = fitting[0]
        wrong = answer.wrong_entries(label, value)
        for place in wrong[:_MAX_PLACES]:
            question = self.family.question(small, label, place)
            ways = [
                (f"{label} = {value_written(value)}", wrong),
                (f"{label}{index_written(place)} = {value_written(float(value[place]))}", [place]),
                ("", [place]),
            ]
            # A seal can't tell whether a right value stands elsewhere in the student's answer.
            for gives, told in ways if answer.is_exact and value.size <= _MAX_WRITTEN else ways[1:]:
                text = "\n".join((*lines, gives, question, code))
                if set(told) <= set(answer.hidden(label, text)):
                    example = Counterexample(lines, gives, question, code, size)
                    return _Candidate(example, small, quantity, readings)
        return None

    def _is_wrong_at_usual_size(self, small: SmallInput, quantity: Piece) -> bool:
        if small.usual is None:
            return True
        asked = self._asked(small.usual)
        if asked is None:
            return False
        wrong = self._wrong_pieces(small.usual, *asked)
        return quantity.label in {each.label for each in wrong}

    def is_so_again(self, shown: _Candidate) -> bool:
        """Tell whether a fresh process, which has not been called before, gives the same."""
        self.submission.session.start_anew()
        with self.submission.aside():
            asked = self._asked(shown.small)
            if shown.why_refused:
                return self.why_refused == shown.why_refused
            if asked is not None:
                again = asked[1].get(shown.quantity.label)
                return again is not None and is_same(again[0], shown.readings[0])
        return False

    def after_another(self) -> _Candidate | None:
        """Return what is wrong after one other call alone, and right in a fresh process."""
        for shown in self.candidates:
            earlier = [
                each
                for each in self.asked[: self.asked.index(shown.small)]
                if each.is_shown and each.size + shown.small.size <= _MAX_NUMBERS_OF_TWO
            ]
            # The first call of all may be what is kept.
            near = earlier[:1] + sorted(earlier[1:], key=lambda e: -_alike(e, shown.small))
            for before in near[:_MAX_BEFORE]:
                found = self._after(before, shown)
                if found is not None:
                    return found
        return None

    def _after(self, before: SmallInput, shown: _Candidate) -> _Candidate | None:
        """Return one of two calls, if it is right without the first of them in a fresh process."""
        label, small, session = shown.quantity.label, shown.small, self.submission.session
        with self.submission.aside():
            session.start_anew()
            alone = self._asked(small)
            session.start_anew()
            first, code = self._asked(before), self._code_of(before)
            then = self._asked(small)
        if alone is None or first is None or then is None or not code:
            return None
        answer, readings = then
        one, other = (each.get(label) for each in (alone[1], readings))
        if one is None or other is None or not is_same(other[0], shown.readings[0]):
            return None
        if not any(answer.is_right(label, each) for each in one):
            return None
        if other[0].shape != answer.shapes[label]:
            return None
        example = _of_two(before, shown, code)
        text = "\n".join((*example.given, example.question, example.code))
        wrong = answer.wrong_entries(label, other[0])
        is_hidden = set(wrong) <= set(answer.hidden(label, text))
        return replace(shown, example=example) if is_hidden else None

    def _code_of(self, small: SmallInput) -> str:
        """Return the call that was just made for an input, as Python to paste."""
        own = self.family.code
        return own(small) if own else _code(self.submission, self.family)

    def with_value(self, shown: _Candidate) -> Counterexample:
        """Return the counterexample, without a value where words say how that is wrong."""
        alike = [
            each.factors
            for each in self.compared
            if each.quantity == shown.quantity
            and each.size == shown.small.size
            and not each.is_right
            and each.traits == {**shown.small.traits, **shown.quantity.traits}
        ]
        if alike and frozenset.intersection(*alike):
            return replace(shown.example, gives="")
        return shown.example


def _alike(one: SmallInput, other: SmallInput) -> int:
    """Return how many arguments two inputs share."""
    return sum(is_same(a, b) for (_, a), (_, b) in zip(one.given, other.given))


def _of_two(before: SmallInput, shown: _Candidate, code: str) -> Counterexample:
    """Return the counterexample of a call after another one; its answer alone is right."""
    small, example = shown.small, shown.example
    return replace(
        example,
        given=("called first with", *given_lines(before), "and then with", *given_lines(small)),
        gives="",
        question=(
            "Called with the second input alone, yours gives another answer than after the first. "
            "What does it keep from one call to the next?"
        ),
        code=f"{code}\n{example.code.removeprefix(_IMPORT)}",
        size=before.size + small.size,
    )


def _described(array: np.ndarray) -> str:
    if array.ndim == 1:
        return "of 1 entry" if array.size == 1 else f"of {array.size} entries"
    return value_text(array)


def _small_first(label: str) -> str:
    return f"t{label[1:]}" if label.startswith("The ") else label


def _code(submission: UnderTest, family: Family) -> str:
    """Return the call that was just made as Python to paste; "" where there was none."""
    call = submission.first.get(family.function)
    if call is None:
        return ""
    definition = submission.session.definitions.get(family.function)
    own = [parameter_name(each) for each in (definition and definition.parameters) or ()]
    lines, names = [_IMPORT.strip()], []
    for number, value in enumerate(call.args):
        fallback = own[number] if number < len(own) else ""
        name, expression = family.written(value)
        names.append(name or fallback.lstrip("*") or f"a{number + 1}")
        lines.append(f"{names[-1]} = {expression or _literal(value, names[-1])}")
    for key, value in call.keywords.items():
        name, expression = family.written(value)
        lines.append(f"{name or key} = {expression or _literal(value, key)}")
        names.append(f"{key}={name or key}")
    if "np." not in "".join(lines[1:]):
        del lines[0]
    lines.append(f"print({family.function}({', '.join(names)}))")
    return "\n".join(lines)


def _literal(value: Any, name: str = "") -> str:
    """Write a value as Python, arrays as `np.array`; a long list has a line for each item."""
    if isinstance(value, np.ndarray):
        if value.size > _MAX_WRITTEN and (short := _as_repeated(value)) is not None:
            return f"np.repeat({short.base.tolist()!r}, {short.times}, axis={short.axis})"
        usual = value.dtype in (np.dtype(float), np.dtype(int))
        return f"np.array({value.tolist()!r}{'' if usual else f', dtype=np.{value.dtype}'})"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, list):
        items = list(map(_literal, value))
        line = f"[{', '.join(items)}]"
        if len(name) + len(line) <= _CODE_WIDTH:
            return line
        return "\n".join(["[", *(f"    {each}," for each in items), "]"])
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _as_repeated(array: np.ndarray) -> Repeated | None:
    """Return a long array as few numbers, if it repeats them along an axis."""
    for axis in range(array.ndim):
        count = array.shape[axis]
        for kept in (1, 2, 3):
            if count % kept or array.size // count * kept > _MAX_WRITTEN:
                continue
            places = np.arange(0, count, count // kept)
            found = Repeated(np.take(array, places, axis), count // kept, axis)
            if np.array_equal(found.array, array):
                return found
    return None


def _sentences(search: _Search, passed: Collection[str] | None, says_all: bool) -> Iterator[str]:
    """Yield what is right inside what is wrong, for each group that was compared."""
    groups: dict[str, list[_Compared]] = {}
    for each in search.compared:
        groups.setdefault(each.quantity.group, []).append(each)
    some_wrong = any(not each.is_right for each in search.compared)
    for group, members in groups.items():
        wrong = [each for each in members if not each.is_right]
        if not wrong:
            charged = search.family.charged.get(group, ())
            is_known = passed is None or set(charged) <= set(passed)
            # It may have been left out of some answers.
            is_everywhere = len(members) >= search.answered >= _TWICE
            if some_wrong and is_known and is_everywhere:
                yield f"{group} is right wherever it was tried."
        elif len(members) >= _TWICE and all(each.is_right_times(-1) for each in members):
            yield f"{group} is right up to the sign."
        else:
            found = list(_by_aspect(group, members, 0.0 if says_all else _MOSTLY))
            yield from found if says_all else found[:1]


def _by_aspect(group: str, members: Sequence[_Compared], mostly: float) -> Iterator[str]:
    """Yield which aspects tell where all is right from where a share, `mostly`, is wrong."""
    aspects = dict.fromkeys(aspect for each in members for aspect in each.traits)
    for aspect in aspects:
        words: dict[str, list[bool]] = {}
        for each in members:
            if aspect in each.traits:
                words.setdefault(each.traits[aspect], []).append(each.is_right)
        right = [each for each, found in words.items() if all(found) and len(found) >= _TWICE]
        wrong = [each for each in words if each not in right]
        # Of another aspect some answers would be right here too.
        is_apart = all(
            found.count(False) >= max(_TWICE, mostly * len(found))
            for each, found in words.items()
            if each in wrong
        )
        if right and wrong and is_apart:
            yield f"On small inputs {group} is right {_joined(right)}, but not {_joined(wrong)}."


def _joined(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
