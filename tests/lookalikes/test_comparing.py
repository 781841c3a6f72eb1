"""Copies are found and independent solutions are not: on a generated class of 200."""

import pytest

from autograder.assignment import load_assignment
from autograder.lookalikes.comparing import NO_FINGERPRINT, alike_pairs, fingerprint
from autograder.lookalikes.statements import statements
from tests.lookalikes.classes import ROOT, generator

pytest.importorskip("sklearn")
pytest.importorskip("pygments")

ASSIGNMENT = load_assignment()
RULES = ASSIGNMENT.lookalikes
REQUIRED = frozenset(name.name for name in ASSIGNMENT.names)


def given():
    return fingerprint(
        [each for path in RULES.given for each in statements(path.read_text("utf-8"), REQUIRED)]
    )


def pairs_of(texts, threshold=RULES.threshold):
    """Return {(user, user): similarity} of a class given as user -> text."""
    known = given()
    users = sorted(texts)
    read = [fingerprint(statements(texts[user], REQUIRED), known) for user in users]
    return {(users[p.a], users[p.b]): p.similarity for p in alike_pairs(read, threshold)}


def test_copies_are_found_and_independent_solutions_are_not():
    texts, planted = generator().make_class(120, 10, 7)
    found = pairs_of(texts)
    assert len(set(map(tuple, planted)) & found.keys()) >= 9
    assert found.keys() <= set(map(tuple, planted))


def test_solutions_that_people_wrote_independently_are_not_alike():
    """The tired students and the reference: none of them comes from the generator."""
    files = [
        *(ROOT / "fixtures" / "tired_students").glob("*.py"),
        *(ROOT / "reference_solution").glob("*.reference.py"),
    ]
    texts = {path.name: path.read_text("utf-8") for path in files}
    assert len(texts) == 11
    assert pairs_of(texts) == {}


def test_the_template_is_like_nothing():
    text = RULES.given[0].read_text("utf-8")
    assert pairs_of({"a": text, "b": text, "c": text}) == {}
    assert fingerprint(statements(text, REQUIRED), given()).statements.size == 0


def test_a_copy_is_found_in_a_class_of_two():
    texts, _ = generator().make_class(1, 1, 3)
    assert len(pairs_of(texts)) == 1


def test_nothing_to_compare():
    assert list(alike_pairs([], 0.5)) == []
    assert list(alike_pairs([NO_FINGERPRINT, NO_FINGERPRINT, NO_FINGERPRINT], 0.5)) == []


def test_the_figures_do_not_depend_on_the_order():
    texts, _ = generator().make_class(12, 3, 5)
    turned = {user: texts[user] for user in reversed(texts)}
    assert pairs_of(texts, 0.3) == pairs_of(turned, 0.3)
