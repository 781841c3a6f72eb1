"""Submissions that read like one another: a hint for staff, never a score."""
