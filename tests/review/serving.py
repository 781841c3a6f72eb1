"""The real command in a process of its own, and browsers that grade with it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.tiny import HAND, RUBRIC, write_assignment

ROOT = Path(__file__).resolve().parents[2]
ITEMS = "items = [{points = 6, text = 'the rule'}, {points = 4, text = 'the sum'}]\n"
SECOND = "[[hand]]\npart = '3'\ntitle = 'argue'\npoints = 4\n"


def assignment_with_hand(folder: Path) -> Path:
    """Write an assignment with two hand parts: "2" of 10 points with items, "3" of 4 without."""
    return write_assignment(folder, RUBRIC + HAND + ITEMS + SECOND)


@contextlib.contextmanager
def served(out: Path, assignment: Path, *options: str, port: int = 0):
    """Run `autograder review`; yield (process, addresses); end it by Ctrl-C unless it has ended."""
    command = [sys.executable, "-m", "autograder", "review", str(out), "--no-browser"]
    command += ["--assignment", str(assignment), "--port", str(port), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        addresses: list[str] = []
        for line in process.stdout:
            addresses += re.findall(r"http://\S+/enter/\S+", line)
            if line.startswith("Ctrl-C"):
                break
        yield process, addresses
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def opened(browser, address: str, **options):
    """Open a page of a grader of its own, and wait until it shows a submission."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    page = context.new_page()
    page.set_default_timeout(40_000)
    page.told = []
    page.on("console", lambda message: page.told.append(message.text))
    page.on("pageerror", lambda error: page.told.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-shown]")
    return page


def saved(page) -> None:
    # A function that is waited for would be text that the page's policy does not let run.
    page.wait_for_selector("#saved:has-text('Saved')")


def pressed(page, keys: str) -> None:
    """Press keys, and wait for what they bring: another submission for Enter."""
    for key in keys.split():
        before = page.evaluate("document.documentElement.dataset.shown")
        page.keyboard.press(key)
        if key in ("Enter", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
            page.wait_for_selector(f'html[data-shown]:not([data-shown="{before}"])')
