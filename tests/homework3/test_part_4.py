"""Part 4: what right numbers in another layout keep, what is carried, and what is said."""

import textwrap
from dataclasses import replace

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.submission import Cell, Submission
from tests.rubric import checks_beginning

ASSIGNMENT = load_assignment()
CHECKS = {each.id: each for each in ASSIGNMENT.checks}
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")
SHARE = ASSIGNMENT.thresholds


def graded(changes, *ids):
    """Grade the reference with changes, by the checks whose ids begin so."""
    source = f"{REFERENCE}\n{textwrap.dedent(changes)}"
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))
    checks = checks_beginning(ASSIGNMENT, ids)
    report = grade(handed, replace(ASSIGNMENT, checks=checks), level="process", seed=11)
    return {each.id: each for each in report.checks}


def jacobians(result):
    """Return a ComputeJacobians that makes `result` of the right lists db and dW."""
    return f"""
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return {result}
    """


def test_a_right_db_earns_its_points_whatever_dw_is():
    found = graded(jacobians("db, [0 * each for each in dW]"), "jacobians-")
    for id, check in found.items():
        assert check.score == (check.points if id.endswith("db") else 0.0), id


LAYOUTS = {
    "composition-flat": (
        "def Composition(L, x, whole=Composition):\n    return np.concatenate(whole(L, x))",
        "composition-",
    ),
    "composition-with-x": (
        "def Composition(L, x, whole=Composition):\n    return [x, *whole(L, x)]",
        "composition-",
    ),
    "composition-reversed-list": (
        "def Composition(L, x, whole=Composition):\n    return whole(L, x)[::-1]",
        "composition-",
    ),
    "composition-last-only": (
        "def Composition(L, x, whole=Composition):\n    return whole(L, x)[-1]",
        "composition-",
    ),
    "compose-all-values": (
        "def composeFG(x):\n    return Composition([(W_1, b_1), (W_2, b_2)], x)",
        "compose-",
    ),
    "jacobians-reversed": (jacobians("db[::-1], dW[::-1]"), "jacobians-"),
    "jacobians-mixed": (jacobians("db, [dW[0].T, *dW[1:]]"), "jacobians-"),
    "jacobians-vec": (jacobians("db, [each.ravel() for each in dW]"), "jacobians-"),
    "jacobians-unvec-order": (
        jacobians("db, [each.ravel().reshape(each.shape, order='F') for each in dW]"),
        "jacobians-",
    ),
    "jacobians-blocks": (
        jacobians(
            "db, [np.einsum('rs,rk->rks', each, np.eye(len(each))).reshape(len(each), -1)"
            " for each in dW]"
        ),
        "jacobians-",
    ),
}


@pytest.mark.parametrize("mistake", list(LAYOUTS))
def test_right_numbers_in_another_layout_keep_the_rubric_s_share(mistake):
    found = graded(*LAYOUTS[mistake])
    lost = [each for each in found.values() if each.score < each.points]
    assert lost and all(each.mistake == mistake for each in lost)
    assert all(each.score == pytest.approx(SHARE[mistake] * each.points) for each in lost)
    assert 0.5 <= SHARE[mistake] < 1
    # What is not about this list is not touched by it.
    kept = {id[-2:] for id, each in found.items() if each.score == each.points}
    assert not mistake.startswith("jacobians") or kept <= {"db"}


TURNED_MAPS = """
    W_1 = W_1.T
    W_2 = W_2.T
    def AffineTransformation(W, b, x):
        return W.T @ x + b
"""


def test_maps_and_a_transformation_that_are_turned_over_alike_keep_the_rubric_s_share():
    found = graded(TURNED_MAPS, "affine-")
    for each in found.values():
        assert each.score == each.points * SHARE["affine-transposed"], each.id
    assert found["affine-maps"].mistake == "map-transposed"
    assert "as your W_1 and W_2 are stored" in found["affine-sizes"].message


TURNED_CHAINS = """
    def Composition(L, x):
        z = []
        for W, b in L:
            x = {step}
            z.append(x)
        return z
    def composeFG(x):
        return Composition([(W_1, b_1), (W_2, b_2)], x)[-1]
    def ComputeJacobians(L, x, z):
        inputs, back = [x, *z[:-1]], np.ones(1)
        db, dW = [None] * len(L), [None] * len(L)
        for i in reversed(range(len(L))):
            db[i], dW[i] = back, np.outer({outer})
            back = L[i][0] @ back
        return db, dW
"""


@pytest.mark.parametrize("step", ["x @ W + b", "AffineTransformation(W, b, x)"])
@pytest.mark.parametrize("outer", ["inputs[i], back", "back, inputs[i]"])
def test_chains_that_are_stored_turned_over_cost_points_once(step, outer):
    changes = textwrap.dedent(TURNED_MAPS) + textwrap.dedent(TURNED_CHAINS)
    changes = changes.replace("{step}", step).replace("{outer}", outer)
    found = graded(changes, "affine-", "compos", "jacobians-")
    assert all(each.has_lost for id, each in found.items() if id.startswith("affine-"))
    kept = [each for id, each in found.items() if not id.startswith("affine-")]
    assert len(kept) > 8
    assert [each.id for each in kept if each.score < each.points] == []


def test_chains_that_are_turned_over_without_a_matrix_that_is_lose_theirs():
    changes = textwrap.dedent(TURNED_CHAINS)
    changes = changes.replace("{step}", "x @ W + b").replace("{outer}", "inputs[i], back")
    found = graded(changes, "composition-", "jacobians-")
    assert all(each.score == 0 for each in found.values())


def test_a_transformation_that_turns_what_is_right_keeps_nothing():
    found = graded(TURNED_MAPS.replace("W_1.T", "W_1").replace("W_2.T", "W_2"), "affine-")
    assert [found[each].score for each in ("affine-values", "affine-sizes")] == [0.0, 0.0]
    assert found["affine-values"].mistake == "affine-transposed"


def test_wrong_numbers_turned_over_keep_nothing():
    found = graded("    W_1 = 2 * W_1.T\n    W_2 = W_2 + 1", "affine-maps")
    assert found["affine-maps"].score == 0.0


def test_a_right_matrix_without_its_vector_keeps_half():
    found = graded("    del b_1, b_2", "affine-maps")["affine-maps"]
    assert found.score == found.points / 2
    assert "W_1 is right. b_1 was not found in your file" in found.message


def test_wrong_numbers_in_another_layout_keep_nothing():
    turned = graded(jacobians("db[::-1], [2 * each.T for each in dW]"), "jacobians-")
    assert all(each.score == 0.0 for id, each in turned.items() if id.endswith("dw"))


ONE_LAYER = {
    "entries of another size": "[dW[0], *(each[:, :1] for each in dW[1:])]",
    "a factor in the last": "[*dW[:-1], 3 * dW[-1]]",
}


@pytest.mark.parametrize("lists", ONE_LAYER.values(), ids=ONE_LAYER)
def test_the_dw_of_half_of_the_layers_keep_half(lists):
    found = graded(jacobians(f"db, {lists}"), "jacobians-2-")
    shares = {id: each.score / each.points for id, each in found.items()}
    assert {id for id, share in shares.items() if share == 1.0} == {
        "jacobians-2-db",
        "jacobians-2-varied-db",
    }
    assert {share for id, share in shares.items() if id.endswith("dw")} == {0.5}


@pytest.mark.parametrize("alone", ["db", "dW"])
def test_one_list_alone_loses_the_other_alone(alone):
    # Where all widths are 1 nothing tells which list it is.
    found = graded(jacobians(alone), "jacobians-2-d", "jacobians-3-d")
    for id, each in found.items():
        assert each.score == (each.points if id.endswith(alone.lower()) else 0.0), each.message
    missing = "dw" if alone == "db" else "db"
    assert "is missing" in found[f"jacobians-2-{missing}"].message


def test_scalars_in_one_array_are_a_list_of_activations():
    """Where all widths are 1 a flat array is one; elsewhere it is joined, and told so."""
    array = """
        def Composition(L, x, whole=Composition):
            z = whole(L, x)
            return np.concatenate(z) if all(each.size == 1 for each in z) else z
    """
    assert all(each.score == each.points for each in graded(array, "composition-").values())


def test_a_right_4h_that_calls_a_wrong_4b_gets_all_points():
    changes = """
        def AffineTransformation(W, b, x):
            return W @ x - b
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            return whole(L, x, Composition(L, x))
    """
    found = graded(changes, "affine-", "composition-", "compose-", "jacobians-")
    lost = {each.function for each in found.values() if each.score < each.points}
    assert lost == {"AffineTransformation"}
    assert found["composition-known"].carried
    assert found["compose-fg"].mistake == "compose-own-parts"
    assert found["jacobians-2-dw"].carried


def test_a_composition_of_other_sizes_is_none():
    """Returning an entry of x is what constants of one's own choice would give."""
    changes = """
        W_1, b_1 = np.array([[1.0, 0.0]]), np.zeros(1)
        W_2, b_2 = np.ones((1, 1)), np.zeros(1)
        def composeFG(x):
            return x[0]
    """
    found = graded(changes, "compose-")
    assert found["compose-fg"].score == 0


INTEGERS = {
    "AffineTransformation": (
        """
        def AffineTransformation(W, b, x):
            z = np.zeros_like(b)
            z[...] = W @ x + b
            return z
        """,
        "affine-",
        "affine-like-integers",
    ),
    "Composition": (
        """
        def Composition(L, x, whole=Composition):
            return [np.asarray(each, dtype=b.dtype) for each, (W, b) in zip(whole(L, x), L)]
        """,
        "composition-",
        "composition-like-integers",
    ),
    "ComputeJacobians": (
        jacobians("db, [each.astype(W.dtype) for each, (W, b) in zip(dW, L)]"),
        "jacobians-",
        "jacobians-integers",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(INTEGERS))
def test_an_array_made_like_one_of_integers_is_caught_and_named(name):
    changes, ids, mistake = INTEGERS[name]
    lost = [each for each in graded(changes, ids).values() if each.score < each.points]
    assert lost and all(not each.public for each in lost)
    assert all(each.mistake == mistake for each in lost)
    assert all(each.score == SHARE["integers"] * each.points for each in lost)


def test_what_is_said_of_a_list_with_none_in_it():
    found = graded(jacobians("db, [None, *dW[1:]]"), "jacobians-2")
    said = found["jacobians-2-dw"].message
    assert said.startswith("dW[0] of ComputeJacobians is None") and "return" not in said


def test_what_is_filled_in_for_two_layers_is_not_called_empty():
    changes = """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            if len(L) > 2:
                raise NotImplementedError
            return whole(L, x, z)
    """
    found = graded(changes, "jacobians-")
    assert all(each.score == each.points for id, each in found.items() if "-2-" in id)
    said = {each.message for id, each in found.items() if "-2-" not in id}
    assert all("NotImplementedError" in each for each in said)
    assert not any("not filled in" in each for each in said)


@pytest.mark.slow
def test_two_layers_work_is_said_of_more_layers_only():
    """Right in the public checks of two layers, wrong where a width is 1."""
    changes = jacobians("(db, dW) if 1 not in L[0][0].shape else (db, [2 * w for w in dW])")
    found = graded(changes, "jacobians-")
    assert found["jacobians-2-varied-dw"].mistake == "jacobians-width-one"
    assert not any("Two layers work" in each.message for each in found.values())


@pytest.mark.parametrize("layers", [4, 5, 6, 7, 8, 9])
def test_too_few_layers_are_not_taken_for_a_width_of_one(layers):
    changes = jacobians(f"(db, dW) if len(L) <= {layers} else ([], [])")
    found = graded(changes, "jacobians-n-d")
    assert all(each.score == 0 for each in found.values())
    assert "jacobians-width-one" not in {each.mistake for each in found.values()}


@pytest.mark.parametrize(
    "key",
    [
        "tuple(W.shape for W, b in L)",
        "(len(L), np.ravel(x).tobytes())",
        "tuple(W.tobytes() for W, b in L)",
    ],
)
def test_answers_that_are_kept_are_named(key):
    changes = f"""
        kept = {{}}
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            return kept.setdefault({key}, whole(L, x, z))
    """
    found = graded(changes, "jacobians-2-dw", "jacobians-n-dw")
    assert {each.mistake for each in found.values()} == {"answer-kept"}


@pytest.mark.slow
def test_an_array_of_very_many_rows_is_no_list_of_layers():
    """Reading each row as an entry would cost the grader seconds and a gigabyte."""
    huge = "np.zeros((900_000, 1))"
    found = graded(
        f"def Composition(L, x):\n    return {huge}\ndef ComputeJacobians(L, x, z):\n"
        f"    return {huge}",
        "composition-random",
        "jacobians-2-dw",
    )
    said = {id: each.message for id, each in found.items()}
    assert "900000 × 1; the list [z_1, …, z_n] is expected" in said["composition-random"]
    assert "900000 × 1; the lists (db, dW) are expected" in said["jacobians-2-dw"]
