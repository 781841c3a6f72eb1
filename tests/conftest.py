"""What all tests share: signals as a terminal gives them, no deadlines, a browser for pages."""

import shutil
import signal

import hypothesis
import pytest

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_configure() -> None:
    """Let child processes be interrupted even where the tests themselves run in the background.

    A shell without job control starts such commands with SIGINT ignored, and that is inherited.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
