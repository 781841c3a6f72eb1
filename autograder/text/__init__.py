"""Words for people: harmless, measured, in any encoding; and how things are said."""
