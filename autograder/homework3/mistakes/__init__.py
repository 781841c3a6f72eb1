"""The mistakes that students make, each as the answer that it gives: for staff, never in a kit."""

from autograder.homework3.mistakes.accuracy import ACCURACY
from autograder.homework3.mistakes.chains import (
    AFFINE,
    AFFINE_INTEGERS,
    COMPOSE,
    COMPOSITION,
    COMPOSITION_INTEGERS,
)
from autograder.homework3.mistakes.cost import COST, COST_ALPHA
from autograder.homework3.mistakes.gradient import GRADIENT_ALPHA, GRADIENT_B, GRADIENT_W
from autograder.homework3.mistakes.jacobians import (
    JACOBIANS_B,
    JACOBIANS_B_INTEGERS,
    JACOBIANS_B_TWO,
    JACOBIANS_W,
    JACOBIANS_W_INTEGERS,
    JACOBIANS_W_TWO,
)
from autograder.homework3.mistakes.softmax import SOFTMAX, SOFTMAX_LARGE

__all__ = [
    "ACCURACY",
    "AFFINE",
    "AFFINE_INTEGERS",
    "COMPOSE",
    "COMPOSITION",
    "COMPOSITION_INTEGERS",
    "COST",
    "COST_ALPHA",
    "GRADIENT_ALPHA",
    "GRADIENT_B",
    "GRADIENT_W",
    "JACOBIANS_B",
    "JACOBIANS_B_INTEGERS",
    "JACOBIANS_B_TWO",
    "JACOBIANS_W",
    "JACOBIANS_W_INTEGERS",
    "JACOBIANS_W_TWO",
    "SOFTMAX",
    "SOFTMAX_LARGE",
]
