"""From what was handed in to a `Submission`."""
