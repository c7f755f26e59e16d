"""A proof: one page with every fragment of an issue in one language, each element with the place that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.brand import palette
from newsletter.digest import stylesheet
from newsletter.digest.assemble import assemble
from newsletter.digest.letter import CORRECTED, TITLES, Block, Contents, Form, Letter, Links
from newsletter.digest.master import fragments
from newsletter.digest.pieces import Piece, Pieces, Sheet
from newsletter.digest.press import Templates
from newsletter.model import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MARK = "proof "
_END = f"<!--{_MARK}-->"
PREHEADER = "…"
"""What stands in the preheader of a proof."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something that is printed comes from: a template and, in pieces of articles, the article's position."""

    template: str
    position: int | None = None


@dataclass(frozen=True)
class Proof:
    """Everything that letters of an issue may show in one language, light letters or the others.

    ``shown`` are the positions of the articles that any of them shows; ``html`` has marks around each fragment.
    """

    contents: Contents
    language: str
    templates: Templates
    pieces: Pieces[str]
    links: Links
    shown: frozenset[int]
    light: bool
    html: str
    text: str

    @cached_property
    def elements(self) -> list[tuple[HtmlElement, Place]]:
        """Every element of the page in its order, with the place that it comes from."""
        from lxml.html import document_fromstring

        return list(_placed(document_fromstring(self.html)))

    @property
    def sheet(self) -> Sheet[str]:
        """The pieces of its HTML."""
        return self.pieces.light if self.light else self.pieces.html

    @cached_property
    def css(self) -> str:
        """The style sheet with the publication's colours."""
        return stylesheet.coloured(self.templates.get("style.css", ""), palette(self.contents.brand))

    @property
    def root(self) -> HtmlElement:
        """The page itself."""
        return self.elements[0][0]

    def article(self, place: Place) -> str:
        """Return the id of the article of a place, empty where there is none."""
        return "" if place.position is None else self.contents.articles[place.position].id

    @property
    def articles(self) -> list[Article]:
        """The articles that any letter shows."""
        return [self.contents.articles[position] for position in sorted(self.shown)]

    def record(self, place: Place) -> Article | None:
        """Return the article of a place."""
        return None if place.position is None else self.contents.articles[place.position]


def proof(
    contents: Contents,
    language: str,
    pieces: Pieces[str],
    templates: Templates,
    links: Links,
    shown: frozenset[int] | None = None,
    light: bool = False,
) -> Proof:
    """Print everything that letters of an issue may show on one page; without ``shown`` that is every article."""
    some = frozenset(range(len(contents.articles))) if shown is None else shown
    kind = "light" if light else "html"
    marked = replace(pieces, **{kind: _marked(contents, getattr(pieces, kind), light)})
    body = assemble(marked, _everything(contents, language, some, light), links)
    return Proof(contents, language, templates, pieces, links, some, light, body.html, body.text)


def template_of(contents: Contents, heading: int, form: Form, light: bool = False) -> str:
    """Return the template that prints an article under a heading in a form."""
    if form is Form.TITLE or heading == TITLES:
        return "line.html"
    layout = "article" if heading == CORRECTED else contents.headings[heading].layout
    return "light.html" if light else f"{layout}.html"


def words(element: HtmlElement) -> str:
    """Return the words that stand in an element itself, not in those inside it."""
    return " ".join("".join(texts(element)).split())


def texts(element: HtmlElement) -> list[str]:
    """Return the texts that stand in an element itself, as they are written."""
    return [element.text or "", *(child.tail or "" for child in element)]


def name(element: HtmlElement) -> str:
    """Return an element as people find it in a template: ``<p class="tags">``."""
    style = f' class="{element.get("class")}"' if element.get("class") else ""
    return f"<{element.tag}{style}>"


def _everything(contents: Contents, language: str, shown: frozenset[int], light: bool) -> Letter:
    blocks = (
        Block(index, tuple((place, form) for _, place, form in fragments(contents, index) if place in shown))
        for index in (*range(len(contents.headings)), CORRECTED, TITLES)
    )
    return Letter(language, light, tuple(block for block in blocks if block.items), 2, 2, "", PREHEADER)


def _marked(contents: Contents, sheet: Sheet[str], light: bool) -> Sheet[str]:
    """Put marks around each fragment of HTML, which say where it comes from."""
    sections = {index: _around(piece, "section.html") for index, piece in sheet.sections.items()}
    entries = {index: _around(piece, "entry.html") for index, piece in sheet.entries.items()}
    articles = {
        heading: {
            (place, form): f"<!--{_MARK}{template_of(contents, heading, form, light)} {place}-->{text}{_END}"
            for (place, form), text in some.items()
        }
        for heading, some in sheet.articles.items()
    }
    header = f"<!--{_MARK}header.html-->{sheet.header}{_END}"
    summary, others = _around(sheet.summary, "summary.html"), _around(sheet.others, "others.html")
    return Sheet(sheet.page, header, summary, others, sections, entries, articles)


def _around(piece: Piece[str], template: str) -> Piece[str]:
    chunks = [*piece.chunks]
    chunks[0] = f"<!--{_MARK}{template}-->{chunks[0]}"
    chunks[-1] += _END
    return Piece(tuple(chunks), piece.slots)


def _placed(root: HtmlElement) -> Iterator[tuple[HtmlElement, Place]]:
    inside = [Place("page.html")]
    for node in root.iter():
        if isinstance(node.tag, str):
            yield node, inside[-1]
        elif node.text == _MARK:
            inside.pop()
        elif (node.text or "").startswith(_MARK):
            template, *position = node.text.removeprefix(_MARK).split()
            inside.append(Place(template, int(position[0]) if position else None))
