"""Letters in a real browser, light and dark, with pictures and without, with ``<style>`` and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from newsletter.brand import Brand, palette
from newsletter.digest.assemble import assemble
from newsletter.digest.letter import TITLES, Block, Contents, Form, Letter
from newsletter.digest.master import master
from tests.letters import BASE, CONTENTS, LINKS, NONCE, article, letter, templates
from tests.web.browser import opened

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 600, 1280)
PLAIN = replace(CONTENTS, intro=type(CONTENTS.intro)(), brand=Brand())
OWN = replace(CONTENTS, brand=Brand(colour="#7a1f5c", accent="#005c29", fonts="Georgia, serif"))


def document(contents: Contents, made: Letter) -> str:
    return assemble(master(contents, made.language, NONCE, templates()), made, LINKS).html


LETTERS = {
    "French": document(CONTENTS, letter()),
    "English": document(CONTENTS, letter("en")),
    "light": document(CONTENTS, letter(light=True)),
    "plain": document(PLAIN, letter(others=0, blocks=(Block(TITLES, ((7, Form.TITLE),)),))),
    "colours and fonts of its own": document(OWN, letter()),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def show(page: Page, html: str, width: int = 600, scheme: str = "light", *, styled: bool = True) -> list[str]:
    """Open a letter; returns the addresses that it asked for, none of which is answered."""
    asked: list[str] = []
    page.unroute_all()
    page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_content(html)
    if not styled:
        page.evaluate("document.querySelectorAll('style').forEach(each => each.remove())")
    return asked


@pytest.mark.parametrize("name", LETTERS)
def test_axe_finds_nothing(page: Page, name: str) -> None:
    for width, scheme in product((360, 1280), ("light", "dark")):
        show(page, LETTERS[name], width, scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {width} px, {scheme}: {found.generate_report()}"


def test_axe_would_find_what_cannot_be_read(page: Page) -> None:
    colour = palette(CONTENTS.brand)["colour"]
    show(page, LETTERS["French"].replace(f"color:{colour}", "color:#cccccc"))
    assert "color-contrast" in Axe().run(page).generate_report()


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_fits_every_width_and_asks_for_its_own_pictures_only(page: Page, name: str) -> None:
    for width, styled in product(WIDTHS, (True, False)):
        asked = show(page, LETTERS[name], width, styled=styled)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {width} px, {styled}"
        assert [url for url in asked if not url.startswith(f"{BASE}/media/")] == []
        assert bool(asked) is (name not in ("light", "plain"))


def test_a_word_longer_than_the_screen_does_not_widen_a_letter(page: Page) -> None:
    long = article(1, "x" * 300, "y" * 300)
    contents = replace(CONTENTS, articles=(long, *CONTENTS.articles[1:]))
    for made, width in product((letter(), letter(light=True)), (320, 600)):
        show(page, document(contents, made), width, styled=False)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_summary_leads_to_the_sections(page: Page) -> None:
    show(page, LETTERS["French"])
    targets = page.eval_on_selector_all("li a", "each => each.map(link => link.getAttribute('href'))")
    assert len(targets) == 5
    for target in targets:
        assert page.locator(target).count() == 1


def test_links_are_large_enough_to_be_touched(page: Page) -> None:
    # WCAG 2.2, 2.5.8: 24 pixels, or as much room around; links inside a sentence may be smaller.
    show(page, LETTERS["French"], 360)
    rows = page.locator(".act, .entry, .browser, h3, p.file").all()
    assert len(rows) > 20
    assert [row.inner_text() for row in rows if (row.bounding_box() or {"height": 0})["height"] < 24] == []
