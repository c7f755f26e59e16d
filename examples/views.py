"""What a letter of the demo looks like to its readers, as pictures: narrow and wide, light and dark, and poorer still.

``make pictures`` runs it after the demo: all views go to demo/views/, those of README to docs/pictures/. It needs
Chromium and shows it nothing but what the demo made.
"""

from __future__ import annotations

import mimetypes
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from newsletter.configfile import load
from newsletter.digest.assemble import assemble
from newsletter.digest.contents import flash
from newsletter.digest.letter import Contents, Intro, Links, thawed
from newsletter.digest.master import master
from newsletter.digest.pieces import sizes
from newsletter.digest.plan import plan
from newsletter.digest.subject import preheader
from newsletter.shipped import templates as shipped
from newsletter.store import issues
from newsletter.store.engine import Store

ROOT = Path(__file__).resolve().parent.parent
VIEWS = ROOT / "demo" / "views"
ISSUE = "lettre/2024-04-02"
INTRO = Intro(
    "<p>Bonjour à toutes et à tous,</p><p>Ce mois-ci, <strong>deux appels à projets</strong> se terminent bientôt : "
    '<a href="https://www.troisrivieres.example.org/all.html">relisez-les</a> avant les vacances. À noter aussi :</p>'
    "<ul><li>le forum des métiers, à Port-Thiel ;</li><li>trois jours de rencontres, à L’Isle-Thiel.</li></ul>"
    "<blockquote><p>« On ne répare bien que ce que l’on a mesuré. »</p></blockquote><p>L’équipe du centre</p>",
    lang="fr",
)
WIDTHS = (360, 600, 1280)
WAYS = ("light", "dark", "no-images", "no-style")
IN_README = {"letter": (600, "light"), "letter-dark": (600, "dark"), "letter-telephone": (360, "light")}
HEIGHT = 1500
"""Pixels of a letter that README shows."""


def main() -> None:
    """Write every view."""
    shutil.rmtree(VIEWS, ignore_errors=True)
    VIEWS.mkdir(parents=True)
    (ROOT / "docs" / "pictures").mkdir(exist_ok=True)
    with sync_playwright() as driver:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, document in letters():
            for width, way in product(WIDTHS, WAYS):
                (VIEWS / f"{name}-{width}-{way}.png").write_bytes(view(browser, document, width, way))
        browser.close()
    for name, (width, way) in IN_README.items():
        keep(VIEWS / f"everyone-fr-{width}-{way}.png", ROOT / "docs" / "pictures" / f"{name}.png")
    print(f"{len(list(VIEWS.iterdir()))} views in {VIEWS.relative_to(ROOT)}, {len(IN_README)} of them in docs/pictures")


def letters() -> Iterator[tuple[str, str]]:
    """Yield name and HTML of the letters: in both languages, light, with what staff add, of one article."""
    contents = of_demo()
    told = replace(contents, intro=INTRO, corrected=(len(contents.articles) - 1,))
    yield "everyone-fr", letter(contents, "fr")
    yield "everyone-en", letter(contents, "en")
    yield "light-fr", letter(contents, "fr", light=True)
    yield "intro-fr", letter(told, "fr")
    event = next(one for one in contents.articles if one.image and one.dates)
    yield "flash-fr", letter(flash(load(ROOT / "config.toml"), "lettre", "lettre/flash", contents.opened, event), "fr")


def of_demo() -> Contents:
    """Return the contents of the demo's issue."""
    config = load(ROOT / "config.toml")
    store = Store.open(f"sqlite:///{ROOT / 'demo' / 'newsletter.db'}")
    with store.read() as connection:
        return thawed(issues.named(connection, ISSUE).contents, config.site.zone)


def letter(contents: Contents, language: str, *, light: bool = False) -> str:
    """Return the HTML of a letter with everything in it."""
    folder = shipped() / "email" / "digest"
    files = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    pieces = master(contents, language, "qzkvxwjpyhbtlmnr", files)
    corrections = sum(1 << place for place in contents.corrected)
    picks = (1 << len(contents.articles)) - 1 & ~corrections
    weights = sizes(pieces.light if light else pieces.html)
    made = plan(contents, picks, 0, weights, lambda some, _: ("", preheader(some)), language, light, 0, corrections)
    address = f"{contents.base}/preferences/demo"
    return assemble(pieces, made, Links(address, address)).html


def view(browser: Browser, document: str, width: int, way: str) -> bytes:
    """Return a letter as a screen shows it."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if way == "dark" else "light"
    )
    page = context.new_page()
    page.route("**/*", lambda route: answer(route, pictures=way != "no-images"))
    show(page, document, styled=way != "no-style")
    made = page.screenshot(full_page=True)
    context.close()
    return made


def show(page: Page, document: str, *, styled: bool) -> None:
    """Open a letter, as mail programs do that drop ``<style>`` or keep it."""
    page.set_content(document, wait_until="load")
    if not styled:
        page.evaluate("document.querySelectorAll('style').forEach(each => each.remove())")


def answer(route: Route, *, pictures: bool) -> None:
    """Give the files of the output folder for the addresses at which they will stand, and nothing else."""
    file = ROOT / "feeds" / unquote(urlsplit(route.request.url).path.lstrip("/"))
    if pictures and file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "")
    else:
        route.abort()


def keep(source: Path, target: Path) -> None:
    """Write the beginning of a view, in few colours: a picture of a page needs no more."""
    with Image.open(source) as whole:
        cut = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, HEIGHT)))
    packed = BytesIO()
    cut.quantize(96, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    target.write_bytes(packed.getvalue())


if __name__ == "__main__":
    main()
