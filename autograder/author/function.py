"""The student's function as a check has it: with the reference's as its truth."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder.assignment import Convention
from autograder.author.as_written import called_as_written
from autograder.author.conventions import as_asked, as_published, convention_of
from autograder.author.known import (
    KNOWN,
    ReferenceFault,
    answered,
    reference_parameters,
    reference_value,
)
from autograder.author.reading import (
    FIRST_THAT_DIFFERS,
    IN_KEYS,
    AnotherKind,
    Codes,
    answer_array,
    compared_by,
    inner_place,
    is_numeric,
    is_there,
    list_symptom,
    not_comparable,
    not_of_kind,
    piece_of,
    pieces,
    text_symptom,
    unordered_symptom,
)
from autograder.grading.arguments import Argument
from autograder.grading.feedback import judge
from autograder.grading.mistakes import Case, Mistake, compared, explains, name_mistake
from autograder.grading.under_test import UnderTest
from autograder.grading.verdicts import Wrong
from autograder.numerics.compare import agrees
from autograder.text.nearest import nearest_text

# In the memory of a submission: the arguments with which a function was called, by their names.
CALLS = "calls of {}"
_CROSSING = (bool, int, float, complex, str, np.ndarray)
# Of what is changed in steps: what rounding does to numbers of about 1.
_ROUNDED = 1e-9


@dataclass(frozen=True)
class _Group:
    """Comparisons that are judged together: what they are of, and which known mistakes apply.

    `words` are for the piece of the answer. Those of one `family` differ in the arguments that are
    given, and may show one mistake together. Where `is_coded`, numbers stand for values, those of a
    set in any order.
    """

    what: str
    is_list: bool
    mistakes: tuple[Mistake, ...]
    family: str = ""
    words: str = ""
    is_coded: bool = False
    is_set: bool = False


@dataclass(frozen=True)
class Function:
    """A function of the student's, in one check.

    Its comparisons are collected and judged together when the check ends, so that a mistake can be
    named by all of them. `part` is where the handout asks for it; `tolerance` is how far an entry
    may be off, relative to the largest one, beside what rounding may do. `accepts` are the forms
    in which it may be written, beside the published one.
    """

    name: str
    part: str
    submission: UnderTest = field(repr=False)
    accepts: tuple[Convention, ...] = ()
    tolerance: float = 0.0
    cases: dict[_Group, list[Case]] = field(default_factory=dict, repr=False)
    codes: Codes = field(default_factory=Codes, repr=False)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        raise TypeError(
            f"{self.name} is not called itself: {self.name}.compare(…) compares an answer with the "
            f"reference's, {self.name}.call(…) returns it"
        )

    def __getattr__(self, name: str) -> Any:
        known = [each for each in dir(type(self)) if not each.startswith("_")]
        raise AttributeError(f"{type(self).__name__} has no {name!r} ({nearest_text(name, known)})")

    def compare(self, *args: Any, **keywords: Any) -> Any:
        """Compare with the reference for these arguments, and return the student's answer.

        Arguments may be numbers, text, arrays, None, lists, tuples, sets and dicts of these. Raises
        Wrong at once for an answer of another kind, such as None, and a GuestFailure where the
        student's function gives none. For a value of the rubric there are no arguments.
        """
        args, keywords = _crossing(args, keywords)
        truth = self._comparable(self.truth(*args, **keywords))
        answer = self.call(*args, **keywords)
        given = _arguments(self.name, args, keywords)
        what = f"{self.name}{_signature(given)}"
        self._add(what, given, answer, truth, self.known(), family=self.name)
        return answer

    def compare_added(self, *args: Any, by: Mapping[str, Any], **keywords: Any) -> Any:
        """Compare what some arguments add: `by={"alpha": 0.7}` against their defaults, or 0.

        So what else is wrong with the function plays no part. Returns what is added to the
        student's answer. The answer must be numbers.
        """
        without = {**keywords, **{name: _default_of(self.name, name) for name in by}}
        with_it = {**keywords, **by}

        def added(function: Callable[..., Any]) -> np.ndarray:
            with_them, base = function(*args, **with_it), function(*args, **without)
            return np.asarray(np.subtract(with_them, base))

        def added_by(wrong: Callable[..., Any], given: Mapping[str, Any]) -> Any:
            base = {name: without.get(name, value) for name, value in given.items()}
            return np.subtract(wrong(given), wrong(base))

        truth = added(self.truth)
        answer = added(self._numbers)
        given = _arguments(self.name, args, with_it)
        mistakes = tuple(
            replace(each, compute=functools.partial(added_by, each.compute))
            for each in self.known()
        )
        what = f"What {' and '.join(by)} adds to {self.name}"
        self._add(what, given, answer, truth, mistakes)
        return answer

    def within(self, tolerance: float) -> Function:
        """Return the function with more room: `tolerance` relative to the largest entry."""
        return replace(self, tolerance=tolerance)

    def call(self, *args: Any, **keywords: Any) -> Any:
        """Call the student's function and return its answer as plain data, judging nothing.

        Raises a GuestFailure where there is no answer.
        """
        return self._called(args, keywords, same_random=False)

    def call_alike(self, *args: Any, **keywords: Any) -> Any:
        """Call the student's function as `call` does, with one and the same random numbers.

        All such calls of this check draw them, and no other call does.
        """
        return self._called(args, keywords, same_random=True)

    def _called(
        self, args: Sequence[Any], keywords: Mapping[str, Any], *, same_random: bool
    ) -> Any:
        if self._is_value():
            return self.submission.get(self.name)
        given = [
            replace(each, value=_plain(each.value))
            for each in _arguments(self.name, args, keywords)
        ]
        self._remember(given)

        def in_form(form: Convention | None) -> Any:
            asked = as_asked(form, given)
            value = self.submission.call_with(self.name, asked, same_random=same_random)
            return as_published(form, value)

        def is_right(value: Any) -> bool:
            true = self.truth(*args, **keywords)
            pairs = zip(self.arrays_like(value, true), self.arrays_like(true, true))
            return all(agrees(actual, expected) for actual, expected in pairs)

        form = convention_of(self.submission, self.name, self.accepts, in_form, is_right)
        return in_form(form)

    def _remember(self, given: Sequence[Argument]) -> None:
        """Keep one call for each choice of arguments, for the small inputs that are like it."""
        calls = self.submission.memory.setdefault(CALLS.format(self.name), [])
        call = {each.name: each.value for each in given}
        if all(each.keys() != call.keys() for each in calls):
            calls.append(call)
            if KNOWN.recording is not None:
                KNOWN.recording.calls[self.name] = calls

    def truth(self, *args: Any, **keywords: Any) -> Any:
        """Return what the reference gives for these arguments. Raises ReferenceFault."""
        value = reference_value(self.name)
        return value(*args, **keywords) if callable(value) else value

    def _comparable(self, truth: Any) -> Any:
        """Return what the reference gives. Raises ReferenceFault where nothing compares with it."""
        strange = not_comparable(truth)
        if strange:
            raise ReferenceFault(
                f"what {self.name} of the reference returned is, or holds, {strange}, which "
                "nothing can be compared with: have it return numbers, text, None, or lists, "
                "tuples, sets, dicts and arrays of these"
            )
        return truth

    def numbers(self, like: Any, *args: Any, **keywords: Any) -> np.ndarray:
        """Call the student's function; return its answer as an array of the shape of `like`.

        Raises Wrong for anything else.
        """
        return self._read(self.call(*args, **keywords), like, self.name)

    def arrays_like(self, value: Any, like: Any) -> list[np.ndarray]:
        """Return an answer as arrays: one, or one for each item of `like` where that is a tuple.

        Raises Wrong for anything else.
        """
        found = []
        for words, wanted in pieces(like).items():
            try:
                piece = piece_of(value, like, words)
            except AnotherKind as error:
                raise not_of_kind(self.name, error, self._printed(), self._is_value()) from None
            found.append(self._read(piece, wanted, f"{self.name}{words}".rstrip(",")))
        return found

    def judge_later(
        self,
        what: str,
        inputs: Sequence[Any],
        actual: np.ndarray,
        expected: np.ndarray,
        mistakes: tuple[Mistake, ...],
    ) -> None:
        """Add a comparison of arrays with mistakes of its own, which take `inputs`."""
        room = self.tolerance * float(np.max(np.abs(expected), initial=0.0))
        case = Case(tuple(inputs), actual, expected, np.asarray(room + _ROUNDED))
        group = next((each for each in self.cases if each.what == what), None)
        self.cases.setdefault(group or _Group(what, False, mistakes), []).append(case)

    def add(
        self,
        what: str,
        inputs: Sequence[Any] | Mapping[str, Any],
        answer: Any,
        truth: Any,
        error: Any,
    ) -> None:
        """Add a comparison with a truth of one's own, and a bound on the error of that.

        Known mistakes are tried on `inputs`: in the order of the reference's parameters, or by
        their names.
        """
        if not isinstance(inputs, Mapping):
            inputs = dict(zip((each.name for each in reference_parameters(self.name)), inputs))
        given = [Argument(name, value) for name, value in inputs.items()]
        self._add(what, given, answer, self._comparable(truth), self.known(), error)

    def finish(self) -> None:
        """Judge what was compared. Raises Wrong: where a mistake is named, with that one."""
        families: dict[str, list[_Group]] = {}
        for group in self.cases:
            families.setdefault(group.family or group.what, []).append(group)
        wrong = [each for groups in families.values() for each in self._verdicts(groups)]
        if wrong:
            named = next((each for each in wrong if each.mistake), None)
            raise named or self._named_together() or wrong[0]

    def _named_together(self) -> Wrong | None:
        """Name the mistake that explains all pieces of all answers, such as the values of a dict.

        A key that only one of the answers has says too little by itself.
        """
        wholes: dict[str, list[_Group]] = {}
        for group in self.cases:
            if group.family:
                wholes.setdefault(group.family.removesuffix(group.words), []).append(group)
        for groups in wholes.values():
            cases = [(n, case) for n, each in enumerate(groups) for case in self.cases[each]]
            wrong = next((each for each in cases if not each[1].right), None)
            answers = {id(case.inputs) for _, case in cases}
            if wrong is None or len({each.words for each in groups}) < 2 or len(answers) < 2:
                continue
            fitting = [
                known[0]
                for known in zip(*(each.mistakes for each in groups), strict=True)
                if all(explains(known[n], case) for n, case in cases)
            ]
            if len({each.id for each in fitting}) == 1:
                named, staff = fitting[0], self._staff_words(groups[wrong[0]], [wrong[1]])
                return Wrong(named.message, mistake=named.id, staff=staff)
        return None

    def _verdicts(self, groups: Sequence[_Group]) -> Iterator[Wrong]:
        """Yield what is wrong with the comparisons of a family: of all together, then of each."""
        where = f"See part {self.part}."
        if len(groups) > 1:
            cases = [case for group in groups for case in self.cases[group]]
            named = name_mistake(groups[0].mistakes, cases)
            if named is not None:
                yield Wrong(
                    named.message, mistake=named.id, staff=self._staff_words(groups[0], cases)
                )
        for group in groups:
            try:
                if group.is_list:
                    self._judge_list(group, self.cases[group], where)
                else:
                    judge(group.what, self.cases[group], group.mistakes, where=where)
            except Wrong as verdict:
                yield verdict

    def _judge_list(self, group: _Group, cases: Sequence[Case], where: str) -> None:
        """Judge answers that are lists, or no numbers. Raises Wrong."""
        compared(group.mistakes, cases)
        wrong = [case for case in cases if not case.right]
        if not wrong:
            return
        first = wrong[0]
        named = name_mistake(group.mistakes, cases)
        staff = self._staff_words(group, cases)
        if named is not None:
            raise Wrong(named.message, mistake=named.id, staff=staff)
        symptom = self._symptom(group, first.actual, first.expected)
        right = len(cases) - len(wrong)
        only = f" It is right for {right} of {len(cases)} inputs." if right else ""
        what = group.what.removesuffix(IN_KEYS)
        raise Wrong(f"{what} is wrong: {symptom}{only} {where}", staff=staff)

    def _symptom(self, group: _Group, actual: np.ndarray, expected: np.ndarray) -> str:
        if group.words == IN_KEYS:
            return unordered_symptom(self._values(actual), self._values(expected), "key")
        if group.is_set:
            got, wanted = (list(map(repr, self._values(each))) for each in (actual, expected))
            return unordered_symptom(got, wanted, "item")
        if not group.is_coded:
            return list_symptom(actual, expected)
        got, wanted = map(self._values, (actual, expected))
        if not expected.ndim:
            both_text = isinstance(got, str) and isinstance(wanted, str)
            return (
                text_symptom(got, wanted) if both_text else f"it differs{inner_place(got, wanted)}."
            )
        symptom = list_symptom(actual, expected)
        if actual.shape != expected.shape or not symptom.endswith(FIRST_THAT_DIFFERS):
            return symptom
        first = int(np.flatnonzero(actual != expected)[0])
        return f"{symptom.removesuffix('.')}{inner_place(got[first], wanted[first])}."

    def _staff_words(self, group: _Group, cases: Sequence[Case]) -> str:
        """Say what the first wrong answer is, and what it should be."""
        first = next(case for case in cases if not case.right)
        both = first.actual, first.expected
        got, expected = map(self._values, both) if group.is_coded else (x.tolist() for x in both)
        return f"got {got!r:.300}\nexpected {expected!r:.300}"

    def _values(self, codes: np.ndarray) -> Any:
        """Return the values that these numbers stand for."""
        values = [self.codes.values[each] for each in codes.reshape(-1).tolist()]
        return values if codes.ndim else values[0]

    def known(self) -> tuple[Mistake, ...]:
        """Return its mistakes as functions of one dict: the arguments by the reference's names."""
        taken = () if self._is_value() else reference_parameters(self.name)
        return tuple(
            replace(each, compute=functools.partial(called_as_written, each.compute, taken))
            for each in KNOWN.mistakes.get(self.name, ())
        )

    def _numbers(self, *args: Any, **keywords: Any) -> np.ndarray:
        return self.numbers(self.truth(*args, **keywords), *args, **keywords)

    def _read(self, value: Any, truth: Any, what: str) -> np.ndarray:
        try:
            return answer_array(value, truth, self.codes)
        except AnotherKind as error:
            raise not_of_kind(what, error, self._printed(), self._is_value()) from None

    def _add(
        self,
        what: str,
        given: list[Argument],
        answer: Any,
        truth: Any,
        mistakes: tuple[Mistake, ...],
        error: Any = 0.0,
        family: str = "",
    ) -> None:
        """Take in one answer, piece by piece.

        `mistakes` take what is given as one dict, by the reference's names.
        """
        inputs = (truth, {each.name: each.value for each in given})
        for words, wanted in compared_by(truth).items():
            if not is_there(answer, truth, words):
                continue
            try:
                piece = piece_of(answer, truth, words)
            except AnotherKind as wrong:
                raise not_of_kind(self.name, wrong, self._printed(), self._is_value()) from None
            actual = self._read(piece, wanted, f"{self.name}{words}".rstrip(","))
            expected = answer_array(wanted, wanted, self.codes)
            room = self.tolerance * float(np.max(np.abs(expected), initial=0.0))
            is_coded = not is_numeric(wanted)
            is_list = isinstance(wanted, list) or is_coded
            is_set = isinstance(wanted, (set, frozenset))
            group = next((each for each in self.cases if each.what == what + words), None)
            if group is None:
                name = f"{family or what}{words}"
                own = tuple(
                    _piecewise(each, words, self.codes, f"{name} [{number}]")
                    for number, each in enumerate(mistakes)
                )
                group = _Group(what + words, is_list, own, name, words, is_coded, is_set)
            case = Case(inputs, actual, expected, np.asarray(error) + room)
            self.cases.setdefault(group, []).append(case)

    def _is_value(self) -> bool:
        return not callable(reference_value(self.name))

    def _printed(self) -> bool:
        return any(text.strip() for text in self.submission.printed)


def _piecewise(mistake: Mistake, words: str, codes: Codes, name: str) -> Mistake:
    """Return a mistake that takes the truth and what is given, and gives a piece as an array.

    By `name` and what is given, with the names of that, a kit finds its answers.
    """

    def compute(truth: Any, given: Mapping[str, Any]) -> np.ndarray:
        try:
            own = copy.deepcopy(given)
            piece = answered(name, given, lambda: piece_of(mistake.compute(own), truth, words))
            return answer_array(piece, compared_by(truth)[words], codes)
        # A mistake may do anything with inputs that it is not made for: it does not fit then.
        except Exception as error:
            raise ValueError(str(error)) from error

    return Mistake(mistake.id, compute, mistake.message)


def _arguments(name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[Argument]:
    """Return the arguments that are given, each with its name and whether it may be left out.

    In the order of the reference's parameters. Raises TypeError for arguments that it has not.
    """
    if not callable(reference_value(name)):
        return []
    parameters = reference_parameters(name)
    bound = inspect.Signature(parameters).bind(*args, **keywords)
    found = []
    for each in parameters:
        if each.name not in bound.arguments:
            continue
        value = bound.arguments[each.name]
        if each.kind is inspect.Parameter.VAR_POSITIONAL:
            found += [Argument(f"{each.name}{i}", item) for i, item in enumerate(value)]
        else:
            optional = each.default is not inspect.Parameter.empty
            matters = optional and not _is_same(value, each.default)
            found.append(Argument(each.name, value, optional, matters))
    return found


def _is_same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(np.all(value == default))


def bound_arguments(
    function: str, args: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return arguments by the names of the reference's parameters. Raises TypeError."""
    signature = inspect.Signature(reference_parameters(function))
    return dict(signature.bind(*args, **keywords).arguments)


def _crossing(
    args: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments as the student's process gets them. Raises TypeError for what can't cross.

    Before the reference is asked, which may fail on them in its own words.
    """
    return tuple(map(_plain, args)), {name: _plain(each) for name, each in keywords.items()}


def _signature(given: Sequence[Argument]) -> str:
    return f"({', '.join(each.name for each in given)})" if given else ""


def _default_of(function: str, name: str) -> Any:
    """Return the default of a parameter of the reference, 0 where it has none."""
    for each in reference_parameters(function):
        if each.name == name:
            return 0.0 if each.default in (inspect.Parameter.empty, None) else each.default
    raise TypeError(f"{function} of the reference has no parameter {name!r}")


def _plain(value: Any) -> Any:
    """Return an argument as it crosses to the student's process: numpy's numbers as Python's.

    Raises TypeError for what does not cross.
    """
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, (list, tuple)):
        return (tuple if isinstance(value, tuple) else list)(map(_plain, value))
    if isinstance(value, (set, frozenset)):
        return set(map(_plain, value))
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if callable(value):
        raise TypeError(
            f"{value!r:.60} can't be an argument: functions don't cross to the student's process"
        )
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biufc":
        raise TypeError(
            f"an array of {value.dtype} can't be an argument: give text and other values in a list"
        )
    if value is not None and not isinstance(value, _CROSSING):
        raise TypeError(
            f"{value!r:.60}, a {type(value).__name__}, can't be an argument: numbers, text, "
            "arrays, None, lists, tuples, sets and dicts cross to the student's process"
        )
    return value
