"""The words of a letter: the same in both parts, and nothing left in them of a template or a draft."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.config import say
from newsletter.digest.letter import Contents
from newsletter.digest.pieces import BLOCKS, Sheet
from newsletter.model import Article
from newsletter.phrases import LANGUAGES
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
    """Yield what is left of templates in either part, and what looks unfinished in the words of articles and staff."""
    intro = proof.contents.intro
    ours = " ".join([_words_of_issue(proof.contents), intro.html, intro.text])
    for place, printed in _printed(proof):
        meant = _words_of(proof.record(place)) if place.position is not None else ours
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
    for left in dict.fromkeys(_DRAFT.findall(intro.text)):
        yield error("leftovers", "intro", f"{left!r} stands in it; take it out with `issues edit --intro`")


def both_parts(proof: Proof) -> Iterator[Finding]:
    """Yield what one part says and the other does not, piece by piece: words without case, and links."""
    html, text = _whole(proof, proof.sheet), _whole(proof, proof.pieces.text)
    pictured = _whole(proof, proof.pieces.html)  # light letters leave out pictures, and the text part need not
    for name, (place, printed) in html.items():
        beside, written = text[name]
        yield from _apart(proof, place, printed, beside.template, written, pictured[name][1])


def _whole(proof: Proof, sheet: Sheet[str]) -> dict[object, tuple[Place, str]]:
    """Return the pieces of one part with something in each slot, and the template of each, by names of their own."""
    text, slots = sheet is proof.pieces.text, _slots(proof)

    def place(template: str, position: int | None = None) -> Place:
        return Place(template.replace(".html", ".txt") if text else template, position)

    found: dict[object, tuple[Place, str]] = {
        (heading, position, form): (
            place((template_of(proof.contents, heading, form) if text else proof.template(heading, form)), position),
            printed,
        )
        for (heading, position, form), printed in sheet.articles.items()
        if position in proof.shown
    }
    found |= {("section", index): (place("section.html"), piece.fill(slots)) for index, piece in sheet.sections.items()}
    found |= {("entry", index): (place("entry.html"), piece.fill(slots)) for index, piece in sheet.entries.items()}
    some = {"summary.html": sheet.summary, "others.html": sheet.others, "page.html": sheet.page}
    found |= {name: (place(name), piece.fill(slots)) for name, piece in some.items()}
    return found | {"header": (place("header.html"), sheet.header)}


def _apart(proof: Proof, place: Place, html: str, beside: str, text: str, pictured: str) -> Iterator[Finding]:
    """Yield how the HTML and the text of one piece differ; ``pictured`` is the HTML where pictures are shown."""
    root, article = _parsed(html), proof.article(place)
    described = _words(" ".join(image.get("alt", "") for image in _parsed(pictured).iter("img")))
    links = {link.get("href", "") for link in root.iter("a") if not link.get("href", "").startswith("#")}
    repeated, spoken, written = _words(_decoration(root)), _words(_shown(root)), _words(text)
    unlike = {word for word in repeated if not any(each.startswith(word) for each in written)}
    if lost := sorted(unlike | spoken - written):
        yield error(
            "parts", beside, f"lacks the words {_some(lost)}, which {place.template} has; print them too", article
        )
    if added := sorted(written - spoken - described):
        yield error(
            "parts", place.template, f"lacks the words {_some(added)}, which {beside} has; print them too", article
        )
    in_text = {url if url in links else _trimmed(url) for url in _URL.findall(text)}
    for link in sorted(links - in_text):
        if link.removeprefix("mailto:") not in text:
            yield error(
                "parts", beside, f"lacks the link {link[:80]}, which {place.template} has; print it too", article
            )
    for link in sorted(in_text - links):
        yield error("parts", place.template, f"lacks the link {link[:80]}, which {beside} has; print it too", article)


def _parsed(html: str) -> HtmlElement:
    from lxml.html import document_fromstring, fromstring

    return document_fromstring(html) if "</body>" in html else fromstring(f"<table>{html}</table>")


def _trimmed(url: str) -> str:
    """Return an address in running words without what ends the sentence or the bracket around it."""
    while url[-1:] in tuple(".,;:!?»”\"'") or (url.endswith(")") and url.count(")") > url.count("(")):
        url = url[:-1]
    return url


def _decoration(root: HtmlElement) -> str:
    """Take out what is hidden from those who hear a letter, and return its words: they may but repeat, or shorten."""
    hidden = root.xpath("//*[@aria-hidden='true']")
    said = " ".join(" ".join(element.itertext()) for element in hidden)
    for element in hidden:
        if element.getparent() is not None:
            element.drop_tree()
    return said


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
    blocks = dict.fromkeys((*BLOCKS, "preheader"), "")
    return blocks | {"count": "2"} | links


def _printed(proof: Proof) -> Iterator[tuple[Place, str]]:
    """Yield every text that is printed with the place that it comes from: words, attributes, and the text part."""
    for element, place in proof.elements:
        if element.tag != "style":
            yield place, " ".join([*texts(element), *map(str, element.attrib.values())])
    yield from _whole(proof, proof.pieces.text).values()


def _words_of(one: Article | None) -> str:
    if one is None:
        return ""
    image = (one.image.alt, one.image.url) if one.image else ()
    files = (part for file in one.attachments for part in (file.title, file.url))
    return " ".join([one.title, one.lead, one.url, *(term.label for term in one.terms), *image, *files])


def _words_of_issue(contents: Contents) -> str:
    titles = (*(heading.title for heading in contents.headings), *(link.title for link in contents.brand.links))
    spoken = (say(text, language) for text in (contents.title, contents.description, *titles) for language in LANGUAGES)
    drawn = contents.brand.logo.alt if contents.brand.logo else ""
    return " ".join([contents.site, contents.contact, contents.base, drawn, *spoken])
