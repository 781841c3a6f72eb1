"""Copies are found and independent solutions are not: on a generated class of 200."""

import ast
import random

import pytest

from autograder.assignment import load_assignment
from autograder.lookalikes.comparing import NO_TRACE, alike_pairs, rare_shares, trace
from autograder.lookalikes.statements import statements
from tests.lookalikes.classes import ROOT, generator

pytest.importorskip("scipy")
pytest.importorskip("pygments")

ASSIGNMENT = load_assignment()
RULES = ASSIGNMENT.lookalikes
REQUIRED = frozenset(name.name for name in ASSIGNMENT.names)


def given():
    return trace(
        [each for path in RULES.given for each in statements(path.read_text("utf-8"), REQUIRED)]
    )


def pairs_of(texts, threshold=RULES.threshold):
    """Return {(user, user): similarity} of a class given as user -> text."""
    known = given()
    users = sorted(texts)
    read = [trace(statements(texts[user], REQUIRED), known) for user in users]
    return {(users[p.a], users[p.b]): p.similarity for p in alike_pairs(read, threshold)}


def test_copies_are_found_and_independent_solutions_are_not():
    texts, planted = generator().make_class(120, 10, 7)
    found = pairs_of(texts)
    assert len(set(map(tuple, planted)) & found.keys()) >= 9
    assert found.keys() <= set(map(tuple, planted))


def test_solutions_that_people_wrote_independently_are_not_alike():
    """The tired students and the reference: none of them comes from the generator."""
    texts = tired()
    assert len(texts) == 11
    assert pairs_of(texts) == {}


def tired():
    """Eleven solutions that people wrote independently, as file -> text."""
    files = [
        *(ROOT / "fixtures" / "tired_students").glob("*.py"),
        *(ROOT / "reference_solution").glob("*.reference.py"),
    ]
    return {path.name: path.read_text("utf-8") for path in files}


def with_functions_of(own, source, count, rng):
    """Return a text with so many functions in place of its own that are those of another one."""
    tree, theirs = ast.parse(own), ast.parse(generator().copied(source, rng))
    functions = {each.name: each for each in theirs.body if isinstance(each, ast.FunctionDef)}
    both = [e for e in tree.body if isinstance(e, ast.FunctionDef) and e.name in functions]
    for each in rng.sample(both, min(count, len(both))):
        tree.body[tree.body.index(each)] = functions[each.name]
    return ast.unparse(ast.fix_missing_locations(tree))


def rare_of(texts):
    users = sorted(texts)
    read = [trace(statements(texts[user], REQUIRED), given()) for user in users]
    return {(users[a], users[b]): count for (a, b), count in rare_shares(read).items()}


@pytest.mark.slow
def test_six_functions_among_own_code_are_found_by_what_few_wrote():
    """Where the cosine of before was 0.50 to 0.62; independent ones share three such at most."""
    texts = tired()
    assert max(rare_of(texts).values()) < RULES.rare / 2
    for seed in range(4):
        rng = random.Random(seed)
        source, own = rng.sample(sorted(texts), 2)
        grafted = {**texts, own: with_functions_of(texts[own], texts[source], 6, rng)}
        found = rare_of(grafted)
        assert found.pop(tuple(sorted((source, own)))) >= RULES.rare
        assert max(found.values()) < RULES.rare


def test_pairs_that_are_asked_for_are_there_however_alike():
    texts = tired()
    users = sorted(texts)
    read = [trace(statements(texts[user], REQUIRED), given()) for user in users]
    assert [(p.a, p.b) for p in alike_pairs(read, 0.9, {(2, 5), (0, 10)})] == [(0, 10), (2, 5)]


def test_what_is_written_beside_a_copy_hides_nothing():
    texts, planted = generator().make_class(20, 2, 7)
    source, copy = planted[0]
    texts[copy] += "\n\n" + "\n\n".join(texts["s003"].split("\n\n\n")[2:6])
    assert pairs_of(texts, 0.3)[min(source, copy), max(source, copy)] >= 0.97


def test_the_template_is_like_nothing():
    text = RULES.given[0].read_text("utf-8")
    assert pairs_of({"a": text, "b": text, "c": text}) == {}
    assert trace(statements(text, REQUIRED), given()).statements.size == 0


def test_a_copy_is_found_in_a_class_of_two():
    texts, _ = generator().make_class(1, 1, 3)
    assert len(pairs_of(texts)) == 1


def test_nothing_to_compare():
    assert list(alike_pairs([], 0.5)) == []
    assert list(alike_pairs([NO_TRACE, NO_TRACE, NO_TRACE], 0.5)) == []


def test_the_figures_do_not_depend_on_the_order():
    texts, _ = generator().make_class(12, 3, 5)
    turned = {user: texts[user] for user in reversed(texts)}
    assert pairs_of(texts, 0.3) == pairs_of(turned, 0.3)
