"""A `Report` as JSON, text, pages and tables."""
