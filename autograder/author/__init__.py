"""What an instructor imports, so that the checks of a small homework are small.

A check asks for a fixture with the name of a function of the rubric (`function.Function`), and
compares what the student's function gives with what the reference gives.
"""

from autograder.author import gradients, training
from autograder.author.families import asked_small, small_inputs
from autograder.author.known import mistake, reference
from autograder.author.sizing import sizes

__all__ = ["asked_small", "gradients", "mistake", "reference", "sizes", "small_inputs", "training"]
