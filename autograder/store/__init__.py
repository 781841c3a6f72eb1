"""A folder of results: what lies in it, written whole or not at all, and read with care."""
