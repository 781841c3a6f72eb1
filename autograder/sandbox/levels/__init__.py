"""The levels of isolation, one in each module."""
