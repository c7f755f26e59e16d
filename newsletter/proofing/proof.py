"""A proof: one page with every fragment of an issue in one language and form, each element with its place."""

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
LINE = "line.html"
"""The piece of what stands among the titles, in light letters too."""

PREHEADER = "…"
"""What stands in the preheader of a proof."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something that is printed comes from: a template and, in pieces of articles, the article's position."""

    template: str
    position: int | None = None


@dataclass(frozen=True)
class Proof:
    """Everything that letters of an issue may show in one language, ``light`` or not.

    ``shown`` are the positions of the articles that any letter shows; ``html`` has marks around each fragment.
    """

    contents: Contents
    language: str
    light: bool
    templates: Templates
    pieces: Pieces[str]
    links: Links
    shown: frozenset[int]
    html: str
    text: str

    @property
    def sheet(self) -> Sheet[str]:
        """The pieces of which the HTML of these letters is put together."""
        return self.pieces.light if self.light else self.pieces.html

    @cached_property
    def css(self) -> str:
        """The style sheet with the colours of the publication written out."""
        return stylesheet.coloured(self.templates.get("style.css", ""), palette(self.contents.brand))

    @cached_property
    def elements(self) -> list[tuple[HtmlElement, Place]]:
        """Every element of the page in its order, with the place that it comes from."""
        from lxml.html import document_fromstring

        return list(_placed(document_fromstring(self.html)))

    @property
    def root(self) -> HtmlElement:
        """The page itself."""
        return self.elements[0][0]

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link can lead to inside a letter, as links write it."""
        return frozenset(f"#{element.get('id')}" for element, _ in self.elements if element.get("id"))

    def template(self, heading: int, form: Form) -> str:
        """Return the template that prints an article under a heading in a form."""
        printer = template_of(self.contents, heading, form)
        return "light.html" if self.light and printer != LINE else printer

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
    *,
    light: bool = False,
) -> Proof:
    """Print everything that letters of an issue may show on one page; without ``shown`` that is every article."""
    some = frozenset(range(len(contents.articles))) if shown is None else shown
    bare = Proof(contents, language, light, templates, pieces, links, some, "", "")
    marked = _marked(bare)
    made = assemble(Pieces(marked, marked, pieces.text), _everything(contents, language, some), links)
    return replace(bare, html=made.html, text=made.text)


def template_of(contents: Contents, heading: int, form: Form) -> str:
    """Return the template that prints an article under a heading in a form, where the letter is not light."""
    if form is Form.TITLE or heading == TITLES:
        return LINE
    return "article.html" if heading == CORRECTED else f"{contents.headings[heading].layout}.html"


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


def _everything(contents: Contents, language: str, shown: frozenset[int]) -> Letter:
    blocks = (
        Block(index, tuple((place, form) for _, place, form in fragments(contents, index) if place in shown))
        for index in (*range(len(contents.headings)), CORRECTED, TITLES)
    )
    return Letter(language, False, tuple(block for block in blocks if block.items), 2, 2, "", PREHEADER)


def _marked(bare: Proof) -> Sheet[str]:
    """Put marks around each fragment of the HTML, which say where it comes from."""
    sheet = bare.sheet
    sections = {index: _around(piece, "section.html") for index, piece in sheet.sections.items()}
    entries = {index: _around(piece, "entry.html") for index, piece in sheet.entries.items()}
    articles = {
        (heading, place, form): f"<!--{_MARK}{bare.template(heading, form)} {place}-->{text}{_END}"
        for (heading, place, form), text in sheet.articles.items()
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
