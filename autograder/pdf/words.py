"""Words of English that say nothing about which number is which, and that no sentence ends with."""

from __future__ import annotations


def _words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


GLUE = _words_in("""
a about achieve achieved achieves achieving after all also an approx approximately are around at
attain attained attains be been by ca came circa compute computed entire equal equals
evaluated evaluation final finally follows for found full gave get gets give gives giving go got
had has have here in is it its measured my nearly obtain obtained obtains of official on once our
out overall reach reached reaches report reported result resulting results roughly score scored
set sets that the then there these this thus to trained tuned unseen us used using value values
was we were where which whole with yield yielded yields
""")
