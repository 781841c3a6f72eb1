"""Truth with an error bound, and comparison against it."""
