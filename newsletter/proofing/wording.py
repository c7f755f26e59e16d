"""The words of a letter: the same in both parts, and nothing left in them of a template or a draft."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.config import say
from newsletter.digest.letter import Contents
from newsletter.model import Article
from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.looks import own
from newsletter.proofing.proof import Place, Proof, template_of, texts

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LEFT = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|%\([a-z_]+\)s|\bNone\b|\bTODO\b|\bFIXME\b|\bundefined\b|\bLorem ipsum\b")
_DRAFT = re.compile(r"\{\{|\{%|\bTODO\b|\bFIXME\b|\bLorem ipsum\b")
"""What is suspect in the words of an article too, where it may also be meant."""

_URL = re.compile(r"(?:https?://|mailto:)[^\s<>]+")
_WORD = re.compile(r"[^\W_]+")


def leftovers(proof: Proof) -> Iterator[Finding]:
    """Yield what is left of templates in either part, and what looks unfinished in the words of articles."""
    for place, printed in _printed(proof):
        meant = _words_of(proof.record(place)) if place.position is not None else _words_of_issue(proof.contents)
        for left in dict.fromkeys(_LEFT.findall(printed)):
            if left not in meant:
                told = f"prints {left!r}, which is left of a template or a draft; take it out"
                yield error("leftovers", place.template, told, proof.article(place))
    for one in proof.articles:
        for left in dict.fromkeys(_DRAFT.findall(_words_of(one))):
            yield warning(
                "leftovers", "", f"{left!r} stands in its words; if that is not meant, `articles edit`", one.id
            )
    for left in dict.fromkeys(_DRAFT.findall(_words_of_issue(proof.contents))):
        yield error("leftovers", "config.toml", f"{left!r} stands in the words of the list; take it out")


def both_parts(proof: Proof) -> Iterator[Finding]:
    """Yield what one part says and the other does not, piece by piece: words without case, and links."""
    html, text = proof.pieces.html, proof.pieces.text
    contents = proof.contents
    for heading, position, form in html.articles:
        if position not in proof.shown:
            continue
        place = Place(template_of(contents, heading, form), position)
        pair = f"<table>{html.articles[heading, position, form]}</table>", text.articles[heading, position, form]
        yield from _apart(proof, place, *pair)
    for index in html.sections:
        pair = html.sections[index].fill({"articles": ""}), text.sections[index].fill({"articles": ""})
        yield from _apart(proof, Place("section.html"), *pair)
        pair = html.entries[index].fill({"count": "2"}), text.entries[index].fill({"count": "2"})
        yield from _apart(proof, Place("entry.html"), *pair)
    yield from _apart(proof, Place("header.html"), f"<table>{html.header}</table>", text.header)
    pair = html.summary.fill({"entries": ""}), text.summary.fill({"entries": ""})
    yield from _apart(proof, Place("summary.html"), *pair)
    yield from _apart(proof, Place("others.html"), html.others.fill({"count": "2"}), text.others.fill({"count": "2"}))
    yield from _apart(proof, Place("page.html"), html.page.fill(_slots(proof)), text.page.fill(_slots(proof)))


def _apart(proof: Proof, place: Place, html: str, text: str) -> Iterator[Finding]:
    """Yield how the HTML and the text of one piece differ."""
    from lxml.html import fromstring

    root = fromstring(html)
    beside = place.template.replace(".html", ".txt")
    article = proof.article(place)
    spoken, described = _words(_shown(root)), _words(" ".join(image.get("alt", "") for image in root.iter("img")))
    written = _words(text)
    if lost := sorted(spoken - written):
        yield error(
            "parts", beside, f"lacks the words {_some(lost)}, which {place.template} has; print them too", article
        )
    if added := sorted(written - spoken - described):
        yield error(
            "parts", place.template, f"lacks the words {_some(added)}, which {beside} has; print them too", article
        )
    links = {link.get("href", "") for link in root.iter("a")}
    in_text = set(_URL.findall(text))
    for link in sorted(links - in_text):
        if link.removeprefix("mailto:") not in text:
            yield error(
                "parts", beside, f"lacks the link {link[:80]}, which {place.template} has; print it too", article
            )
    for link in sorted(in_text - links):
        yield error("parts", place.template, f"lacks the link {link[:80]}, which {beside} has; print it too", article)


def _shown(root: HtmlElement) -> str:
    """Return the words that people see, without those of the preheader and of the head."""
    for element in [*root.iter("head", "style"), *(one for one in root.iter("*") if own(one).get("display") == "none")]:
        if element.getparent() is not None:
            element.drop_tree()
    return " ".join(part for element in root.iter("*") for part in texts(element))


def _words(text: str) -> set[str]:
    """Return the words of a text as they are compared: headings stand in capitals in the text part."""
    return set(_WORD.findall(unicodedata.normalize("NFKC", _URL.sub(" ", text)).upper().casefold()))


def _some(words: list[str]) -> str:
    return ", ".join(repr(word) for word in words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")


def _slots(proof: Proof) -> dict[str, str]:
    links = {"unsubscribe_url": proof.links.unsubscribe, "preferences_url": proof.links.preferences}
    blocks = dict.fromkeys(("header", "summary", "sections", "others", "preheader"), "")
    return blocks | {"count": "2"} | links


def _printed(proof: Proof) -> Iterator[tuple[Place, str]]:
    """Yield every text that is printed with the place that it comes from: words, attributes, and the text part."""
    for element, place in proof.elements:
        if element.tag != "style":
            yield place, " ".join([*texts(element), *map(str, element.attrib.values())])
    sheet = proof.pieces.text
    for (heading, position, form), text in sheet.articles.items():
        if position in proof.shown:
            yield Place(template_of(proof.contents, heading, form).replace(".html", ".txt"), position), text
    for piece in sheet.sections.values():
        yield Place("section.txt"), " ".join(piece.chunks)
    for piece in sheet.entries.values():
        yield Place("entry.txt"), " ".join(piece.chunks)
    yield Place("header.txt"), sheet.header
    yield Place("summary.txt"), " ".join(sheet.summary.chunks)
    yield Place("others.txt"), " ".join(sheet.others.chunks)
    yield Place("page.txt"), " ".join(sheet.page.chunks)


def _words_of(one: Article | None) -> str:
    if one is None:
        return ""
    image = (one.image.alt, one.image.url) if one.image else ()
    files = (part for file in one.attachments for part in (file.title, file.url))
    return " ".join([one.title, one.lead, one.url, *(term.label for term in one.terms), *image, *files])


def _words_of_issue(contents: Contents) -> str:
    told = [contents.title, contents.description, *(heading.title for heading in contents.headings)]
    spoken = (say(text, language) for text in told for language in ("fr", "en"))
    return " ".join([contents.site, contents.contact, contents.base, *spoken])
