"""Chromium as a test drives it: the one of the machine, without a window; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def without_browser() -> None:
    """Skip aloud where there is no browser; where CI is true that is a failure."""
    told = f"no browser: none of {', '.join(NAMES)} is installed (Debian: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


@contextmanager
def opened() -> Iterator[Browser]:
    """Start the browser for as long as the block lasts; without one the test is skipped aloud."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        without_browser()
    with sync_playwright() as driver:
        # Its sandbox needs a user other than root; it is shown our own pages only.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
