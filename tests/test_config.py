"""Tables become dataclasses; whatever is wrong in a file is told with its line."""

import contextlib
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.config import ConfigError, TomlTable, read_toml, refuse_twice, tomllib

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    [
        ROOT / "autograder" / "homework3" / "rubric.toml",
        *ROOT.glob("autograder/homework3/**/*.toml"),
        *ROOT.glob("fixtures/hostile/*/cases.toml"),
        *ROOT.glob("examples/**/*.toml"),
    ]
)


@dataclass(frozen=True)
class Part:
    id: str
    points: float
    count: int = 1
    bonus: bool = False
    kind: Literal["code", "text"] = "code"
    names: tuple[str, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    cap: float | None = None

    def __post_init__(self):
        if self.points < 0:
            raise ValueError("points are less than nothing")


GOOD = """
title = "T"
[[part]]
id = "a"
points = 2
[[part]]
id = "b"
points = 1.5
count = 3
bonus = true
kind = "text"
names = ["x", "y"]
cap = 2
[part.shares]
x = 1
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "file.toml").write_text(text, encoding="utf-8")
        return read_toml(tmp_path / "file.toml")

    return read


def test_a_table_becomes_a_dataclass(read):
    first, second = (each.into(Part) for each in read(GOOD).tables("part"))
    assert first == Part("a", 2.0)
    assert second == Part("b", 1.5, 3, True, "text", ("x", "y"), {"x": 1.0}, 2.0)
    assert isinstance(first.points, float)


WRONG = {
    "points = 2\n": (
        "",
        "line 3: [[part]] 'a': 'points' is missing: add a line that begins with points =.",
    ),
    "points = 2": (
        'points = "2"',
        "line 5: [[part]] 'a': points = '2' is not a number: write 2, without quotes.",
    ),
    "points = 2\n[[part]]": (
        "points = -2\n[[part]]",
        "line 5: [[part]] 'a': points are less than nothing.",
    ),
    "count = 3": ("count = 3.0", "line 9: [[part]] 'b': count = 3.0 is not a whole number."),
    "bonus = true": ("bonus = 1", "line 10: [[part]] 'b': bonus = 1 is not true or false."),
    'kind = "text"': (
        'kind = "txt"',
        "line 11: [[part]] 'b': kind = 'txt' is not one of 'code', 'text'.",
    ),
    'names = ["x", "y"]': (
        'names = ["x", 1]',
        "line 12: [[part]] 'b': names = ['x', 1] is not a list in which each is a text, which "
        "stands in quotes.",
    ),
    'id = "b"': (
        "id = 3",
        'line 7: [[part]] number 2: id = 3 is not a text, which stands in quotes: write "3".',
    ),
    "cap = 2": ("cap = true", "line 13: [[part]] 'b': cap = true is not a number."),
    "x = 1": (
        'x = "1"',
        "[[part]] 'b': shares = {'x': '1'} is not a table in which each value is a number.",
    ),
    "[part.shares]": (
        "nmes = []\n[part.shares]",
        "line 14: [[part]] 'b': 'nmes' is not known (did you mean 'names'?).",
    ),
}


@pytest.mark.parametrize(("old", "new", "words"), [(old, *rest) for old, rest in WRONG.items()])
def test_what_is_wrong_is_told_with_its_line(read, tmp_path, old, new, words):
    assert old in GOOD
    tables = read(GOOD.replace(old, new, 1)).tables("part")
    with pytest.raises(ConfigError) as caught:
        [each.into(Part) for each in tables]
    assert str(caught.value).startswith(str(tmp_path / "file.toml"))
    assert str(caught.value).endswith(words)


def test_what_is_given_is_not_read_from_the_table(read):
    [part] = read('[[part]]\nid = "a"\npoints = "many"\n').tables("part")
    assert part.into(Part, points=1.0).points == 1.0


LOOKS = [
    "# '''\nsecret='''\n[[part]]\npoints=2\n'''\n",
    "a = '\"\"\"'\nb = \"'''\"  # [part]\n",
    'a = """\nx = 1 \\"""\n[[part]]\nid = 2\n"""\n',
    "a = [\n  [1],\n  ['b'],\n]\nb = { x = 1 }\n",
    "a = 'x\u2028y\u0085z'\n",
]


@pytest.mark.parametrize("text", LOOKS)
def test_what_looks_like_a_table_or_key_is_none(read, text):
    table = read(text + '[[part]]\nid = "a"\npoints = "1"\n').tables("part")[-1]
    with pytest.raises(ConfigError, match=rf"line {text.count(chr(10)) + 3}: "):
        table.into(Part)


def test_a_misspelt_table_has_its_line_too(read):
    table = read("a = 1\n[[parts]]\nb = 1\n")
    with pytest.raises(ConfigError, match=r"line 2: 'parts' is not known .did you mean 'part'"):
        table.refuse_others(("a", "part"))


def test_a_mark_of_byte_order_is_no_mistake(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert read_toml(tmp_path / "x.toml").values == {"a": 1}


def test_what_is_used_twice_is_told_where_it_is_again(read):
    tables = read('[[part]]\nid = "a"\n[[part]]\nid = "a"\n').tables("part")
    with pytest.raises(ConfigError, match=r"line 4: .*the id 'a' is used twice"):
        refuse_twice(tables, "id")


@pytest.mark.parametrize(
    ("text", "words"),
    [("a =", "is not valid TOML"), ("t = 1", r"line 1: \[t\] is not a table")],
)
def test_no_table(read, text, words):
    with pytest.raises(ConfigError, match=words):
        read(text).table("t")


def test_no_file(tmp_path):
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        read_toml(tmp_path / "file.toml")


def places_in(values, headings, place=()):
    """Yield the place of each table of a list, and of each key, with the key itself."""
    for key, value in values.items():
        inner = value if isinstance(value, list) else []
        if isinstance(value, dict) and key in headings:
            yield from places_in(value, headings, (*place, key))
        elif inner and all(isinstance(each, dict) for each in inner):
            for number, each in enumerate(inner):
                yield (*place, key, number), None
                # Keys of an inline table stand on its line.
                if key in headings:
                    yield from places_in(each, headings, (*place, key, number))
        else:
            yield (*place, key), key


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_key_of_our_own_files_has_its_line(path):
    table = read_toml(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    headings = {line.strip("[]").rpartition(".")[2] for line in lines if line.startswith("[")}
    for place, key in places_in(table.values, headings):
        text = lines[table.lines[place] - 1]
        assert re.match(rf'"?{key}"?\s*=' if key else r"\[\[|\s+\{|\w+ = \[\{", text)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
VALUES = VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(st.text(max_size=3), VALUES)


@given(st.dictionaries(st.sampled_from([*Part.__dataclass_fields__, "other"]), VALUES))
def test_no_value_leads_to_another_error(values):
    table = TomlTable(Path("x.toml"), {"id": "a", "points": 1} | values)
    with contextlib.suppress(ConfigError):
        part = table.into(Part)
        assert isinstance(part.count, int)
        assert isinstance(part.names, tuple)


@given(st.text(alphabet="[]=.\"'# \n\\ab1", max_size=60))
def test_any_text_is_read_or_refused(text):
    with tempfile.TemporaryDirectory() as place, contextlib.suppress(ConfigError):
        (path := Path(place) / "x.toml").write_bytes(text.encode())
        assert read_toml(path).values == tomllib.loads(text)
