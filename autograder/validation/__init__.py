"""Everything that can be wrong with an assignment: read first, then tried in the sandbox."""
