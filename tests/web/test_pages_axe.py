"""The demo's pages in a real browser, light and dark, on a telephone and a desk: nothing for axe-core to find."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.browser import opened

pytestmark = pytest.mark.browser

CHECKOUT = Path(__file__).resolve().parents[2]
FORMATS = '["atom", "rss", "json", "ics", "html"]'
EVERYTHING_ON = f"""
[web]
url = "https://lettres.troisrivieres.example.org"

[taxonomies.place]
label = "Lieu"

[taxonomies.place.terms]
{"".join(f'lieu-{number} = {{ label = "Lieu {number}" }}{chr(10)}' for number in range(80))}
[feeds.filters.rendez-vous]
title = "Les rendez-vous"
description = "Tout ce qui a lieu quelque part, et les formations."
filter = {{ type = ["agenda", "formation"] }}
"""
PAGES = {
    "all topics": "index.html",
    "a taxonomy": "theme.html",
    "a long taxonomy": "place.html",
    "a term of a tree": "territory/montorlaine.html",
    "a term without articles": "place/lieu-7.html",
    "a saved filter": "filters/rendez-vous.html",
    "an issue": "issues/lettre/2024-04-02.html",
    "an event": "articles/formation-decrochage-scolaire.html",
    "a call with files": "articles/appel-mobilite-vers-l-emploi.html",
    "a table": "articles/panorama-quartiers-2023.html",
    "another language": "articles/neighbourhood-indicators-in-english.html",
}


@pytest.fixture(scope="module")
def feeds(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of `make demo`, on a copy that has every kind of page."""
    folder = tmp_path_factory.mktemp("demo")
    for name in ("articles", "examples"):
        shutil.copytree(CHECKOUT / name, folder / name)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = (CHECKOUT / "config.toml").read_text(encoding="utf-8")
    settings = re.sub(r"^port = [0-9]+", f"port = {port}", settings, flags=re.MULTILINE)
    settings = re.sub(r"^\[feeds\]$", f"[feeds]\nformats = {FORMATS}", settings, flags=re.MULTILINE)
    (folder / "config.toml").write_text(settings + EVERYTHING_ON, encoding="utf-8")
    subprocess.run([sys.executable, str(folder / "examples" / "demo.py")], check=True, capture_output=True)
    return folder / "feeds"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def show(page: Page, path: Path, width: int = 1280, scheme: str = "light") -> list[str]:
    """Open a page, unfold what is folded; returns the addresses that the browser asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    return asked


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(feeds: Path, page: Page, name: str) -> None:
    for width, scheme in product((360, 1280), ("light", "dark")):
        show(page, feeds / PAGES[name], width, scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {width} px, {scheme}: {found.generate_report()}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_width_and_asks_for_nothing_from_elsewhere(feeds: Path, page: Page, name: str) -> None:
    # WCAG 2.1, 1.4.10: no scrolling in two directions at 320 pixels.
    for width in (320, 720, 1280):
        asked = show(page, feeds / PAGES[name], width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {width} px"
        assert asked
        assert [url for url in asked if not url.startswith(feeds.as_uri())] == []


@pytest.mark.parametrize("name", ["index", "theme/sante"])
def test_a_word_longer_than_the_screen_does_not_widen_a_page(feeds: Path, page: Page, name: str) -> None:
    for width in (320, 360, 1280):
        show(page, feeds / f"{name}.html", width)
        page.evaluate("document.querySelectorAll('.card h3 a').forEach(each => { each.textContent = 'x'.repeat(300) })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {width} px"


def test_the_first_key_shows_the_way_past_the_header(feeds: Path, page: Page) -> None:
    show(page, feeds / "index.html", 360)
    skip = page.locator(".skip")
    assert not skip.is_visible() or skip.bounding_box()["x"] < 0
    page.keyboard.press("Tab")
    assert skip.evaluate("each => each === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#content")


def test_one_press_selects_a_whole_address(feeds: Path, page: Page) -> None:
    show(page, feeds / "theme/sante.html")
    page.locator("code").first.click()
    selected = page.evaluate("getSelection().toString()")
    assert selected.strip() == "https://www.troisrivieres.example.org/theme/sante.atom"
