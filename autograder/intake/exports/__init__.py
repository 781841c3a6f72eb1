"""Exports of learning platforms: which files belong to which submission, and whose it is."""
