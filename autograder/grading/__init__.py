"""From a submission, through the checks, to a `Report`."""
