"""The rubric is read in full or refused in a sentence that says where and why."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import (
    DEFAULT_FOLDER,
    build_assignment,
    graded_by,
    load_assignment,
)
from autograder.config import ConfigError, TomlTable, tomllib
from autograder.model.limits import Limits

HAND = '[[hand]]\npart = "2"\ntitle = "H"\npoints = 5\n'
CHECK = '[[check]]\nid = "a"\ntitle = "A"\npart = "1"\nfunction = "f"\npoints = 2\n'
RUBRIC = f'title = "Tiny"\nstem = "tiny"\n[[name]]\nname = "f"\npart = "1"\n{CHECK}'


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "rubric.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def test_the_smallest_rubric_has_sensible_defaults(write):
    assignment = load_assignment(write(RUBRIC))
    assert (assignment.title, assignment.stem, assignment.max_team) == ("Tiny", "tiny", 1)
    assert assignment.packages == ("numpy",)
    assert assignment.limits == Limits()
    assert (assignment.data_files, assignment.hand, assignment.builds_on) == ((), (), {})
    assert assignment.reference is None
    assert assignment.names[0].kind == "function"
    [check] = assignment.checks
    assert (check.id, check.points, check.public) == ("a", 2.0, False)


def test_everything_is_read(write):
    folder = write(
        'secret = "s"\nmax_team = 2\nreference = "ref.py"\n' + RUBRIC + "public = true\n"
        '[[hand]]\npart = "2"\ntitle = "H"\npoints = 1.5\n'
        '[requires]\npackages = ["numpy", "scipy"]\ndata = "d"\nfiles = ["x.npy"]\n'
        "[limits]\ncall_cpu_seconds = 0.5\nmemory_mib = 256\n[thresholds]\nlow = 1\n"
        '[[name]]\nname = "g"\npart = "1"\n[builds_on]\nf = ["g"]\n'
    )
    (folder / "d").mkdir()
    (folder / "ref.py").write_text("def f(): pass\n")
    assignment = load_assignment(folder)
    assert assignment.packages == ("numpy", "scipy")
    assert assignment.data_files == (folder / "d" / "x.npy",)
    assert assignment.reference == folder / "ref.py"
    assert assignment.limits == Limits(call_cpu_seconds=0.5, memory_mib=256)
    assert assignment.thresholds == {"low": 1.0}
    assert assignment.builds_on == {"f": ("g",)}
    assert (assignment.machine_points, assignment.hand_points) == (2.0, 1.5)
    assert assignment.check("a").public


DERIVATION = """
[[derivation]]
id = "d"
part = "1"
function = "df"
title = "the slope of f"
"""
BROKEN = {
    "not TOML": ("title = ", "is not valid TOML"),
    "not UTF-8": (b'title = "\xff"', "is not UTF-8"),
    "no title": (RUBRIC.replace('title = "Tiny"\n', ""), "'title' is missing"),
    "a stem that is missing": (RUBRIC.replace('stem = "tiny"\n', ""), "'stem' is missing"),
    "no checks": (RUBRIC.replace(CHECK, ""), "'check' is missing"),
    "no names": (RUBRIC.replace('[[name]]\nname = "f"\npart = "1"\n', ""), "'name' is missing"),
    "a check without points": (RUBRIC.replace("points = 2\n", ""), "'points' is missing"),
    "points in words": (RUBRIC.replace("points = 2", 'points = "two"'), "'a'.*points.*'two'"),
    "negative points": (RUBRIC.replace("= 2", "= -1"), "line 11: .*'a': points = -1 is not from 0"),
    "points of all": (
        RUBRIC.replace("points = 2", "points = 99999.5") + HAND,
        "all together are worth 100004 points: below 100000 can be",
    ),
    "points without end": (RUBRIC.replace("= 2", "= inf"), "points = inf is not a finite"),
    "points that are none": (RUBRIC.replace("= 2", "= nan"), "points = nan is not a finite"),
    "public in words": (RUBRIC + 'public = "no"\n', "'a'.*public.*'no'"),
    "an id twice": (RUBRIC + CHECK, "'a' is used twice"),
    "checks that are a text": ('check = "a"\n' + RUBRIC.replace(CHECK, ""), "check"),
    "a key that is misspelt": (RUBRIC + "pubilc = true\n", "'a'.*pubilc"),
    "a function that is no name": (
        RUBRIC.replace('function = "f"', 'function = "g"'),
        "line 10: .*'g'",
    ),
    "a name twice": (RUBRIC + '[[name]]\nname = "f"\npart = "2"\n', "line 13: .*'f' is used twice"),
    "a part by hand twice": (RUBRIC + HAND * 2, "line 17: .*'2' is used twice"),
    "less than nothing by hand": (RUBRIC + HAND.replace("= 5", "= -5"), "line 15: .*points = -5"),
    "builds on what is not there": (RUBRIC + '[builds_on]\nf = ["h"]\n', "line 13: .*'h'"),
    "builds_on of what is not there": (RUBRIC + '[builds_on]\nh = ["f"]\n', "line 13: .*'h'"),
    "builds on itself": (RUBRIC + '[builds_on]\nf = ["f"]\n', "line 13: .*on itself: take one out"),
    "builds on itself by another": (
        RUBRIC + '[[name]]\nname = "g"\npart = "1"\n[builds_on]\ng = ["f"]\nf = ["g"]\n',
        "line 16: .*g builds on f, which builds on g: on itself",
    ),
    "skips what is not there": ('corpus_skips = ["b"]\n' + RUBRIC, "line 1: .*'b'"),
    "a derivation of a name": (
        RUBRIC + DERIVATION.replace('"df"', '"f"'),
        r"line 16: .*'f' is a \[\[name\]\] too",
    ),
    "a derivation of no part": (
        RUBRIC + DERIVATION.replace('part = "1"', 'part = "7"'),
        "line 15: .*part = '7' is no part",
    ),
    "a derivation's id twice": (
        RUBRIC + DERIVATION.replace('"d"', '"a"'),
        "'a' is used twice",
    ),
    "what trains is not there": (RUBRIC + '[source]\ntrains = "g"\n', "line 13: .*trains has 'g'"),
    "a team of nobody": ("max_team = 0\n" + RUBRIC, "line 1: max_team = 0"),
    "a seed below nothing": ("seed = -1\n" + RUBRIC, "line 1: seed = -1"),
    "no stem": (RUBRIC.replace('"tiny"', '""'), "line 2: stem is empty"),
    "a stem of two words": (
        RUBRIC.replace('"tiny"', '"tiny one"'),
        "line 2: stem = 'tiny one' begins the names of files: use letters",
    ),
    "a stem with a folder": (RUBRIC.replace('"tiny"', '"a/tiny"'), "line 2: stem = 'a/tiny'"),
    "a time without quotes": (
        RUBRIC + "[late]\ndue = 2026-10-05T23:59:00\n",
        "line 13: .*due = 2026-10-05T23:59:00 is not a text, which stands in quotes",
    ),
    "a time in other words": (
        RUBRIC + '[late]\ncap = 1\ndue = "next Monday"\n',
        "line 14: .*due = 'next Monday' is not a time such as 2026-10-05T23:59:00-04:00",
    ),
    "a share above 1": (RUBRIC + "[late]\nper_day = 0.1\ncap = 100\n", "line 14: .*cap = 100"),
    "a number too large": (RUBRIC.replace("= 2", "= 1" + "0" * 309), "line 11: .*finite number"),
    "a number without end": (RUBRIC.replace("= 2", "= 1" + "0" * 5000), "not valid TOML"),
    "brackets without end": (f"secret = {'[' * 5000}{']' * 5000}\n{RUBRIC}", "not valid TOML"),
    "a kind that is misspelt": (
        RUBRIC.replace('name = "f"\n', 'name = "f"\nkind = "fuction"\n'),
        "'f'.*fuction",
    ),
    "a table that is misspelt": (RUBRIC + "[limit]\n", "line 12: 'limit'.*did you mean 'limits'"),
    "a limit that is misspelt": (
        RUBRIC + "[limits]\nmemory = 1\n",
        "line 13: .*'memory' is not known .did you mean 'memory_mib'",
    ),
    "a limit that is not positive": (RUBRIC + "[limits]\nmemory_mib = 0\n", "memory_mib = 0"),
    "a limit in words": (
        RUBRIC + '[limits]\nmemory_mib = "1"\n',
        "memory_mib = '1' is not a whole number",
    ),
    "a limit that is true": (RUBRIC + "[limits]\nprocesses = true\n", "processes = true is not"),
    "half a process": (RUBRIC + "[limits]\nprocesses = 1.5\n", "processes = 1.5.*whole"),
    "limits that are a number": ("limits = 3\n" + RUBRIC, r"\[limits\] is not a table"),
    "thresholds in a list": ("thresholds = [1]\n" + RUBRIC, r"\[thresholds\] is not a table"),
    "a threshold in words": (RUBRIC + '[thresholds]\nx = "a"\n', "x = 'a' is not a number"),
    "requires a number": ("requires = 3\n" + RUBRIC, r"\[requires\] is not a table"),
    "builds_on a list": ("builds_on = []\n" + RUBRIC, r"\[builds_on\] is not a table"),
    "a team without end": ("max_team = inf\n" + RUBRIC, "max_team = inf is not a whole number"),
    "a team of many": ('max_team = "a"\n' + RUBRIC, "max_team = 'a' is not a whole number"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rubric_is_refused_with_the_place(write, text, words):
    folder = write(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_assignment(folder)
    assert str(folder / "rubric.toml") in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "object has no attribute" not in str(caught.value)


def test_a_rubric_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="can't be read"):
        load_assignment(tmp_path)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
VALUES = VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(st.text(max_size=3), VALUES)
KEYS = ("title", "stem", "check", "name", "hand", "limits", "requires", "thresholds", "builds_on")


@given(st.sampled_from(KEYS), VALUES)
def test_no_value_leads_to_another_error(key, value):
    rubric = tomllib.loads(RUBRIC) | {key: value}
    with contextlib.suppress(ConfigError):
        read = build_assignment(DEFAULT_FOLDER, TomlTable(DEFAULT_FOLDER / "rubric.toml", rubric))
        assert read.stem == rubric["stem"]


@pytest.fixture(scope="module")
def homework3():
    return load_assignment()


def test_every_name_of_homework_3_is_known(homework3):
    names = {each.name: each.part for each in homework3.names}
    assert all(names[check.function] == check.part for check in homework3.checks)
    for name, below in homework3.builds_on.items():
        assert {name, *below} <= names.keys()
    assert homework3.reference.is_file()
    assert all(path.is_file() for path in homework3.data_files)
    assert len(homework3.data_files) == 4


def test_a_student_sees_a_public_check_of_every_function(homework3):
    public = {check.function for check in homework3.checks if check.public}
    assert public == {check.function for check in homework3.checks}


def test_hidden_inputs_depend_on_the_secret_and_public_ones_do_not(homework3):
    other = replace(homework3, secret="another")
    for digest in ("aa", "bb"):
        assert homework3.seed(digest, public=True) == other.seed(digest, public=True)
        assert homework3.seed(digest, public=False) != other.seed(digest, public=False)
        assert homework3.seed(digest, public=True) != homework3.seed(digest, public=False)
    assert homework3.seed("aa", public=True) != homework3.seed("bb", public=True)
    assert 0 <= homework3.seed("aa", public=False) < 2**48


def test_an_unknown_id_is_an_error(homework3):
    with pytest.raises(ConfigError, match="no check with the id 'none'"):
        homework3.check("none")


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ("[{points = 3, text = 'a'}, {points = 1, text = 'b'}]", "items give 4 points, not the 5"),
        ("[{points = 5, text = ''}]", "text is empty"),
        ("[{points = 5, txt = 'a'}]", "did you mean 'text'"),
        ("[5]", "not a list of tables"),
    ],
)
def test_items_of_a_part_that_can_not_be_are_refused(write, items, why):
    with pytest.raises(ConfigError, match=why):
        load_assignment(write(f"{RUBRIC}{HAND}items = {items}\n"))


@pytest.mark.parametrize("part", ["note", "Note 2"])
def test_a_part_by_hand_is_not_called_like_the_column_of_comments(write, part):
    (line,) = [each for each in HAND.splitlines() if each.startswith("part =")]
    text = RUBRIC + HAND.replace(line, f'part = "{part}"')
    with pytest.raises(ConfigError, match="has the column of comments"):
        load_assignment(write(text))


def test_items_of_a_part_give_points_or_take_off(write):
    items = "[{points = 5, text = 'all'}, {points = -1, text = 'sign'}]"
    [part] = load_assignment(write(f"{RUBRIC}{HAND}items = {items}\n")).hand
    assert [(each.points, each.text) for each in part.items] == [(5, "all"), (-1, "sign")]


def test_titles_are_no_reason_to_grade_again_wherever_the_checks_stand(tmp_path):
    rubric = tmp_path / "rubric.toml"
    function = (
        '[[function]]\nname = "f"\npart = "1"\nchecks = [{ id = "f", points = 1, title = "t" }]\n'
    )
    rubric.write_text(function)
    before = graded_by(rubric)
    rubric.write_text(function.replace('"t"', '"another"'))
    assert graded_by(rubric) == before
    rubric.write_text(function.replace("points = 1", "points = 2"))
    assert graded_by(rubric) != before
