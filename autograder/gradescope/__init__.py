"""Grading inside Gradescope's container: one submission, one results.json that is always whole."""
