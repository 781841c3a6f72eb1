"""What is read from sentences: the value that they state, or nothing; never another one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pdf.held_out import HELD_OUT, SECOND
from tests.pdf.texts import HARD, NOT_STATED, STATED, proposed
from tests.pdf.tricky import TRICKY

ENTROPY = st.floats(0.41, 2.2).map(lambda value: round(value, 4))
ACCURACY = st.floats(10.5, 87.0).map(lambda value: round(value, 2))
# The other numbers of a report, some of which could be values.
OTHERS = st.tuples(
    st.integers(1, 500),
    st.sampled_from([0.001, 0.01, 0.1, 0.45, 0.5, 0.83, 1.0]),
    st.sampled_from([16, 32, 50, 64, 84, 128]),
    st.floats(0.41, 1.0).map(lambda value: round(value, 3)),
    st.floats(50.0, 87.0).map(lambda value: round(value, 1)),
)
TEMPLATES = [
    "The test cross-entropy is {ce} and the test accuracy is {acc}.",
    "On the test set we get a cross-entropy of {ce} and an accuracy of {acc}.",
    "Validation cross-entropy: {vce}\nValidation accuracy: {vacc}%\nTest cross-entropy: {ce}\n"
    "Test accuracy: {acc}",
    "fCE (train) = {vce}, fCE (test) = {ce}. Training accuracy {vacc}%, test accuracy {acc}.",
    "Testing: CE={ce}, PC={acc}\nTraining: CE={vce}, PC={vacc}%",
]
# Found or not, as the numbers are written.
LISTS = [
    "After {n} epochs with a learning rate of {lr} and a batch size of {m}, the test cross-entropy "
    "is {ce}, and {acc} of the 10,000 test images were classified correctly.",
    "Cross-entropy on train and test: {vce} and {ce}. Accuracy on train and test: {vacc}% and "
    "{acc}.",
    "epsilon={lr}, batchSize={m}, numEpochs={n}\nTest CE / accuracy: {ce} / {acc}",
]
WRITTEN = [
    lambda value: f"{value:.2f}%",
    lambda value: f"{value:.2f} %",
    lambda value: f"{value:.2f} percent",
    lambda value: f"{value / 100:.4f}",
    lambda value: f"{value:.2f}%".replace(".", ","),
    lambda value: f"{value / 100:.4f} ({value:.2f}%)",
]
PIECES = [
    "test",
    "training",
    "accuracy",
    "cross-entropy",
    "is",
    "84.1%",
    "0.45",
    "of",
    *"():,=|-%±e\t\n",
]
UNSURE = [
    "The cross-entropy is {ce} and the accuracy {acc}.",
    "The validation cross-entropy is {ce} and the validation accuracy {acc}.",
    "With a learning rate of {lr} the test accuracy was {acc}, with another one {vacc}%.",
    "We expected a test cross-entropy of {ce} and a test accuracy of {acc}.",
    "The test accuracy for class {k} was {acc}.",
    "epoch 1 test loss {ce} test accuracy {acc}\nepoch 2 test loss {other} test accuracy 9{k}%",
    "Page {n} of {m}. Section {lr}. Seed {m}.",
]


def look_for_wrong_values(text, *truth):
    """Each is the true one, or none is proposed."""
    for value, true in zip(proposed(text), truth, strict=True):
        assert value is None or value == pytest.approx(true), text


@pytest.mark.parametrize(("text", "entropy", "accuracy"), STATED)
def test_what_is_stated_is_found(text, entropy, accuracy):
    assert proposed(text) == (
        pytest.approx(entropy) if entropy else None,
        pytest.approx(accuracy) if accuracy else None,
    )


@pytest.mark.parametrize("text", NOT_STATED)
def test_where_nothing_is_certain_nothing_is_proposed(text):
    assert proposed(text) == (None, None)


@pytest.mark.parametrize(("text", "entropy", "accuracy"), [*HARD, *HELD_OUT, *SECOND])
def test_what_is_hard_is_right_or_not_found(text, entropy, accuracy):
    look_for_wrong_values(text, entropy, accuracy)


def test_what_is_made_up_to_mislead_is_right_or_not_found():
    pairs = [
        (text, value, true)
        for text, *truth in TRICKY
        for value, true in zip(proposed(text), truth, strict=True)
        if value is not None
    ]
    assert [each for each in pairs if each[2] is None or each[1] != pytest.approx(each[2])] == []
    assert len(pairs) > 40


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEMPLATES), ENTROPY, ACCURACY, st.sampled_from(WRITTEN), OTHERS)
def test_numbers_in_templates_are_found(template, entropy, accuracy, written, others):
    n, lr, m, vce, vacc = others
    text = template.format(ce=entropy, acc=written(accuracy), n=n, lr=lr, m=m, vce=vce, vacc=vacc)
    assert proposed(text) == (pytest.approx(entropy), pytest.approx(accuracy)), text


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LISTS), ENTROPY, ACCURACY, st.sampled_from(WRITTEN), OTHERS)
def test_numbers_in_lists_are_right_or_not_found(template, entropy, accuracy, written, others):
    n, lr, m, vce, vacc = others
    text = template.format(ce=entropy, acc=written(accuracy), n=n, lr=lr, m=m, vce=vce, vacc=vacc)
    look_for_wrong_values(text, entropy, accuracy)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(UNSURE), ENTROPY, ACCURACY, st.sampled_from(WRITTEN), OTHERS)
def test_unsure_templates_give_nothing(template, entropy, accuracy, written, others):
    n, lr, m, vce, vacc = others
    text = template.format(
        ce=entropy,
        acc=written(accuracy),
        n=n,
        lr=lr,
        m=m,
        vce=vce,
        vacc=vacc,
        k=n % 10,
        other=round(entropy / 2, 4),
    )
    assert proposed(text) == (None, None), text


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(PIECES),
        ),
        max_size=40,
    )
)
def test_no_text_breaks_the_reader(words):
    for value in proposed(" ".join(words)):
        assert value is None or value > 0
