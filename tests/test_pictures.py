"""The pictures of docs/images are younger than what they show, small, and all of them are shown."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
# Of all of them together: whoever clones gets them.
MAX_BYTES = 600_000


def load(path):
    # Other tests load a generate.py of their own.
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pictures = load(ROOT / "scripts" / "take_pictures.py")
demo = load(ROOT / "fixtures" / "demo" / "generate.py")


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_is_younger_than_what_it_shows(name):
    known = json.loads(pictures.MADE_FROM.read_text(encoding="utf-8"))
    now = pictures.made_from(pictures.PICTURES[name])
    assert known[name] == now, f"run python scripts/take_pictures.py --only {name}"


def test_every_picture_is_shown_with_words_for_who_can_t_see_it():
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    shown = dict(re.findall(r"!\[(.*?)\]\((?:docs/)?images/(\w+)\.png\)", text, re.DOTALL))
    assert set(shown.values()) == set(pictures.PICTURES) == {p.stem for p in IMAGES.glob("*.png")}
    assert all(len(words) > 20 for words in shown)
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < MAX_BYTES


def test_the_class_of_the_demo_is_made_of_the_samples():
    stored = {
        path.name: path.read_bytes().replace(b"\r\n", b"\n")
        for path in demo.SUBMISSIONS.iterdir()
        if path.suffix != ".pdf"
    }
    assert stored == {name: data.replace(b"\r\n", b"\n") for name, data in demo.files().items()}
    assert (demo.DEMO / "roster.csv").read_text(encoding="utf-8") == demo.roster()
    assert len(list(demo.SUBMISSIONS.glob("*.pdf"))) == len(demo.HANDED_IN)
