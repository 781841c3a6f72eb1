"""Words of English that a report is written in, by what they mean for a number near them."""

from __future__ import annotations


def _words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


# These say nothing about which number is which.
GLUE = _words_in("""
number numbers tested official attain attains attained produce produces produced show shows
showed a an the tuning selection search scored scores arrive arrives arrived single sets came
this that these those its our my i we us of for in at on over to be been is are was were it has
have had which where also here then thus so as s get gets got obtain obtains obtained achieve
achieves achieved achieving obtaining reach reaches reached reaching report reports reported
reporting measure measured compute computed find found give gives gave given giving yield yields
yielded yielding equal equals evaluates evaluated evaluation final finally overall result
results resulting value values about around approximately approx roughly ca circa nearly resp
respectively after whole entire full following follows come comes out set namely unseen once
best chosen selected tuned optimal corresponding both when using use used
""")
# Before the noun that a number counts stands none of these.
PREPOSITIONS = _words_in("""
of for in at on over
""")
# These part two statements.
PARTING = _words_in("""
and with while whereas but vs versus plus
""")
# A sentence with one of these may be about what is not so, or not the end of it.
DOUBT = _words_in("""
lowest highest smallest largest subset subsample portion only some should would said say says
told typically usually generally often known according reportedly someone people they he she
online internet reference solutions could might may must expect expects expected expecting goal
goals target targets aim aims aimed hope hoped hoping want wanted need needs needed require
required requires requirement baseline baselines random randomly guess guessing guesses chance
previous previously earlier initial initially untrained before first early halfway paper papers
literature published other others classmate classmates friend example instance suppose assume
assuming if not never no n't cannot can't don't doesn't isn't wasn't didn't unless without
instead wrong incorrect bug buggy mistake mistaken typo bad worse worst lower higher less more
least fewer above below under exceed exceeds exceeding between minimum maximum min max upper up
down each every per half double difference gap improvement improve improves improved increase
increases increased decrease decreases decreased drop drops dropped rise rises rose fell fall
falls change changed became initialisation initialization handout key instructor ta professor
theirs hypothetical maybe perhaps probably possible possibly likely estimate estimated estimates
predicted theoretical ideal ln log quickly start starts started starting begin begins began
intermediate old older original originally second third fourth fifth tried trial trials another
seeds interval confidence std deviation variance todo tbd placeholder xx
""")
# A number before one of these is no value.
UNITS = _words_in("""
s sec secs second seconds min mins minutes h hours ms mb gb kb x times bits points pts pp
""")
