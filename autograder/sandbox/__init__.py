"""The only door to student code."""
