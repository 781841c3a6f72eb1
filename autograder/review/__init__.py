"""Where staff grade by hand: a local server, its page, and the database of what they give."""
