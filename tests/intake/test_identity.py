"""An id depends on the submission, its sender and what the folder knows, never on the order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.model.identity import Identity, identity_of, name_of, own_ids
from autograder.model.provenance import Person, Provenance


def canvas(sender, name="alice", content="1"):
    return Identity(name, "canvas", (sender,), content)


def plain(content, name="alice"):
    return Identity(name, content=content)


def ids(*identities, known=()):
    """Return the ids of submissions in a folder in which `known` (id, identity) lie."""
    return own_ids(identities, lambda name: {k: v for k, v in known if name_of(k) == name})


def test_names_that_are_unambiguous_stay():
    assert ids(canvas("5"), canvas("6", "bob"), plain("x", "alice.bob")) == [
        *("alice", "bob", "alice.bob")
    ]


def test_in_a_fresh_folder_none_of_several_gets_the_name():
    first, second = ids(canvas("5"), canvas("11"))
    assert [name_of(each) for each in (first, second)] == ["alice", "alice"]
    assert "alice" not in (first, second) and first != second
    # The content of what one hands in has no part in it where the sender is known.
    assert ids(canvas("11", content="2"), canvas("5", content="3")) == [second, first]


FOURS = {
    "four senders": [canvas(each) for each in "1234"],
    "no senders": [plain(each) for each in "1234"],
    "two names": [canvas("1"), canvas("2"), canvas("3", "bob"), canvas("4", "bob")],
    "one sender twice": [canvas("1"), canvas("1", content="2"), canvas("2"), plain("4")],
    "of two platforms": [
        *(canvas("1"), Identity("alice", "moodle", ("1",)), plain("1"), canvas("2"))
    ],
}


@pytest.mark.parametrize("four", FOURS.values(), ids=FOURS)
@pytest.mark.parametrize("owners", range(3))
def test_the_order_of_reading_decides_nothing(four, owners):
    """Whoever the folder knows: nobody, the first by their name, or some by the ids they got."""
    known = [[], [("alice", four[0])], list(zip(ids(*four), four))[1:3]][owners]
    expected = dict(zip(four, ids(*four, known=known)))
    assert len(set(expected.values())) == 4
    for order in permutations(four):
        assert dict(zip(order, ids(*order, known=known))) == expected


def test_the_owner_keeps_the_name_and_a_newcomer_never_gets_it():
    known = [("alice", canvas("11"))]
    intruder, owner = ids(canvas("5"), canvas("11", content="new"), known=known)
    assert owner == "alice"
    assert intruder == ids(canvas("5"), canvas("11"))[0]
    # Alone, too.
    assert ids(canvas("5"), known=known) == [intruder]
    assert ids(Identity("alice", "moodle", ("11",)), known=known) != ["alice"]
    assert ids(plain("1"), known=known) != ["alice"]
    assert ids(canvas("11"), known=[("alice", plain("1"))]) != ["alice"]


def test_whoever_was_told_apart_once_stays_so_alone():
    both = [canvas("5"), canvas("11")]
    first, second = ids(*both)
    assert ids(both[1], known=[(first, both[0]), (second, both[1])]) == [second]
    texts = [plain("x"), plain("y")]
    own = ids(*texts)
    assert ids(texts[0], known=list(zip(own, texts))) == [own[0]]
    assert ids(texts[0], known=[("alice", plain("z")), *zip(own, texts)]) == [own[0]]


def test_in_a_plain_folder_a_new_version_keeps_the_name_if_it_is_the_only_one():
    known = [("alice", plain("old"))]
    assert ids(plain("new"), known=known) == ["alice"]
    assert ids(plain("new"), known=[("alice", plain(""))]) == ["alice"]
    old, new = ids(plain("old"), plain("new"), known=known)
    assert (old, name_of(new)) == ("alice", "alice") and new != "alice"
    assert "alice" not in ids(plain("new"), plain("newer"), known=known)


def test_the_same_twice_gets_numbers():
    first, second = ids(plain("x"), plain("x"))
    assert second == f"{first}-2"
    assert ids(plain("x"), plain("x"), known=[(first, plain("x")), (second, plain("x"))]) == [
        *(first, second)
    ]


def test_ids_of_before_stay_where_the_sender_is_known():
    known = [("kng", canvas("5", "kng")), ("kng~2", canvas("11", "kng"))]
    assert ids(canvas("11", "kng"), canvas("5", "kng"), known=known) == ["kng~2", "kng"]


@pytest.mark.parametrize(
    ("id", "name"),
    [
        *(("alice", "alice"), ("alice~2", "alice"), ("alice.bob~0123abcd", "alice.bob")),
        *(("alice~0123abcd-2", "alice"), ("zo~0123456789abcdef", "zo~0123456789abcdef")),
        ("zo~0123456789abcdef~0123abcd", "zo~0123456789abcdef"),
    ],
)
def test_the_name_in_an_id(id, name):
    assert name_of(id) == name


@given(st.lists(st.text(max_size=90), max_size=3), st.lists(st.text(max_size=90), max_size=3))
def test_two_senders_never_have_one_word(first, second):
    one, other = Identity("a", "canvas", tuple(first)), Identity("a", "canvas", tuple(second))
    if first and second and first != second:
        assert one.sender != other.sender
    for each in (one, other):
        assert each.sender.isprintable() and each.sender == each.sender.strip()


@pytest.mark.parametrize(
    ("provenance", "sender"),
    [
        (Provenance("canvas", "leeann_11", (Person(id="11", name="leeann"),)), "canvas:11"),
        (Provenance("canvas", "anon_aB3", anonymous=True), "canvas:anon_aB3"),
        (
            Provenance("gradescope", "s_1", (Person("9", "B@x.edu"), Person("", "a@x.edu"))),
            "gradescope:a@x.edu+b@x.edu",
        ),
        (Provenance("moodle", "Ann_7", (Person(id="7", name="Ann"),)), "moodle:7"),
        (Provenance("brightspace", "1-2", (Person(id="1", name="Ann"),)), "brightspace:1"),
        (Provenance("blackboard", "alee", (Person(login="alee"),)), "blackboard:alee"),
        (None, "plain:alice"),
    ],
)
def test_who_sent_it_by_platform(provenance, sender):
    assert identity_of("alice", provenance).sender == sender
