"""A browser for the tests of pages; without one they are skipped, and say what to install."""

import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    """Chromium of the system, by way of playwright."""
    api = pytest.importorskip(
        "playwright.sync_api", reason='needs playwright: pip install "autograder[dev]"'
    )
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs a browser: install chromium (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        # A container's root has no sandbox of its own to give; the pages are our own.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
