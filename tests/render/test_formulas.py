"""Formulas of the handout as lines of text, for a terminal."""

import pytest

from autograder.assignment import load_assignment
from autograder.render.html.formulas import line_of, read_formulas


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("softmax", "part 3: yhat_k = (exp z_k)/(∑_k′ exp z_k′)"),
        ("fce-alpha", "part 3: α/2 ∑_k w^(k)^Tw^(k)"),
        ("SGD", "part 3: W ← W − ε∂f/∂W, b ← b − ε∂f/∂b"),
        ("Composition", "part 4c: z_i = W_iz_(i − 1) + b_i, z_0 = x"),
        ("ComputeJacobians", "part 4h: ∂z_n/∂b_i, unvec ∂z_n/(∂ vec W_i)"),
    ],
)
def test_a_formula_is_a_line_of_text(name, line):
    formulas = read_formulas(load_assignment().folder)
    assert line_of(formulas[name][0]) == f"Handout, {line}"
