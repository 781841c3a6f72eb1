"""Words of English that say nothing about which number is which, and those that name a part."""

from __future__ import annotations


def _words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a part of a homework is called; a pattern.
PART_WORDS = "part|problem|question|exercise|task|section"
GLUE = _words_in("""
a about achieved achieving also an approx approximately are around attain attained been ca came
circa equal equals final finally follows found full gave get gets give gives giving got has have i
in is measured my obtain obtained obtaining obtains of official on our out overall reached report
reported result resulting results roughly score scored set sets the these value values was we were
whole with yielded yields
""")
