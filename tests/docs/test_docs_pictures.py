"""docs/howto/pictures-and-files.md is what the program does."""

from __future__ import annotations

import tomllib

from newsletter import pictures
from newsletter.configfile import parse
from newsletter.intake import Desk, read
from newsletter.model import Media
from newsletter.pipeline import copies, files, media
from tests.docs.pages import blocks, codes, sections
from tests.docs.pages import read as page
from tests.docs.test_docs_howto import NOW, SITE

PAGE = page("docs/howto/pictures-and-files.md")


def test_the_example_names_what_is_kept() -> None:
    settings = parse({"site": SITE})
    asked: list[str] = []

    def load(path: str) -> Media:
        asked.append(path)
        return Media(f"{settings.base}/media/{path}", "image/jpeg", 1, 9, 9)

    desk = Desk(settings.site, settings.base, {}, parse({"site": SITE, "sources": {"a": {"path": "a"}}}).sources["a"],
                "a", NOW, load)  # fmt: skip
    (example,) = blocks(PAGE, "markdown")
    (article,) = read(example.encode(), "pont.md", desk)
    assert article.warnings == ()
    assert sorted(asked) == ["fichiers/plan.pdf", "images/pont.jpg", "images/quartier.png"]
    assert (article.image.alt, article.attachments[0].title) == (
        "Le pont au matin, vu de la rive gauche",
        "Le plan des travaux",
    )


def test_the_source_of_the_example_copies() -> None:
    (example,) = blocks(PAGE, "toml")
    (source,) = parse(tomllib.loads(example) | {"site": SITE}).sources.values()
    assert source.copies


def test_the_endings_that_are_published() -> None:
    (rows,) = (section.rows() for section in sections(PAGE) if section.heading == "Which files are published")
    assert {code for row in rows for code in codes(row[0])} == set(files._FITS)


def test_the_limits() -> None:
    for told in (
        *(f"{width} pixels" for width in pictures.WIDTHS[:1]),
        f"at {pictures.WIDTHS[1]},",
        f"{media.LARGEST >> 20} MB, and up to {pictures.LARGEST['JPEG'] // 10**6} million pixels as JPEG",
        f"{pictures.LARGEST['PNG'] // 10**6} million otherwise",
        f"Up to {files.LARGEST >> 20} MB each",
        f"At most {copies.MOST} pictures",
    ):
        assert told in " ".join(PAGE.split()), told
    assert set(pictures.LARGEST.values()) == {pictures.LARGEST["JPEG"], pictures.LARGEST["PNG"]}
    assert f"Read are {pictures.FORMATS.replace(' or ', ' and ')}," in PAGE
    assert (copies.FRESH.days, copies.AGAIN.days) == (7, 1)
