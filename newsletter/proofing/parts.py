"""The two parts of a letter: HTML and text say the same, piece by piece."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from newsletter.proofing.finding import Finding, error
from newsletter.proofing.looks import own
from newsletter.proofing.proof import Place, Proof, template_of, texts

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_URL = re.compile(r"(?:https?://|mailto:)[^\s<>]+")
_AFTER = ").,;:!?»”]"
"""What may follow an address in a sentence."""

_WORD = re.compile(r"[^\W_]+")


class Pair(NamedTuple):
    """A piece as both parts have it: where it comes from, the template of the text, and what each says."""

    place: Place
    beside: str
    html: str
    text: str


def pairs(proof: Proof) -> Iterator[Pair]:
    """Yield every piece that a letter may show, in both parts, with something short in the place of its slots."""
    html, text = proof.sheet, proof.pieces.text
    for heading, some in html.articles.items():
        for (position, form), printed in some.items():
            if position in proof.shown:
                place = Place(template_of(proof.contents, heading, form, proof.light), position)
                same = text.articles[heading][position, form]
                yield _pair(place, printed, same, beside=template_of(proof.contents, heading, form))
    slots = {"articles": "", "count": "2"}
    for index in html.sections:
        yield _pair(Place("section.html"), html.sections[index].fill(slots), text.sections[index].fill(slots))
        yield _pair(Place("entry.html"), html.entries[index].fill(slots), text.entries[index].fill(slots))
    slots |= dict.fromkeys(("header", "summary", "sections", "others", "preheader", "entries"), "")
    slots |= {"unsubscribe_url": proof.links.unsubscribe, "preferences_url": proof.links.preferences}
    yield _pair(Place("header.html"), html.header, text.header)
    for name in ("summary", "others", "page"):
        yield _pair(Place(f"{name}.html"), getattr(html, name).fill(slots), getattr(text, name).fill(slots))


def _pair(place: Place, html: str, text: str, beside: str = "") -> Pair:
    return Pair(place, (beside or place.template).replace(".html", ".txt"), html, text)


def both_parts(proof: Proof) -> Iterator[Finding]:
    """Yield what one part says and the other does not: words without case, and links."""
    for pair in pairs(proof):
        yield from _apart(proof, pair)


def _apart(proof: Proof, pair: Pair) -> Iterator[Finding]:
    from lxml.html import fromstring

    root = fromstring(pair.html if "<html" in pair.html else f"<table>{pair.html}</table>")
    links = {link.get("href", "") for link in root.iter("a")}
    links = {link for link in links if not link.startswith("#")}
    in_text = {_bare(link, links) for link in _URL.findall(pair.text)}
    described = _words(" ".join([*_pictured(proof, pair.place), *(image.get("alt", "") for image in root.iter("img"))]))
    hidden, spoken, written = _words(_hidden_from_the_ear(root)), _words(_shown(root)), _words(pair.text)
    unlike = {word for word in hidden if not any(each.startswith(word) for each in written)}
    lacks = {
        (pair.beside, pair.place.template): [
            *_some("words", (spoken | unlike) - written),
            *_some("link", {link for link in links - in_text if link.removeprefix("mailto:") not in pair.text}),
        ],
        (pair.place.template, pair.beside): [
            *_some("words", written - spoken - described),
            *_some("link", in_text - links),
        ],
    }
    for (where, other), whats in lacks.items():
        for what in whats:
            yield error("parts", where, f"lacks {what}, which {other} has; print it too", proof.article(pair.place))


def _bare(found: str, links: set[str]) -> str:
    """Return an address without what follows it in its sentence, unless that belongs to it."""
    return found if found in links else found.rstrip(_AFTER)


def _pictured(proof: Proof, place: Place) -> list[str]:
    """Return what describes the pictures of a piece: light letters show none, but share their text part."""
    one, logo = proof.record(place), proof.contents.brand.logo
    return [*([one.image.alt] if one and one.image else []), *([logo.alt] if logo and not one else [])]


def _hidden_from_the_ear(root: HtmlElement) -> str:
    """Return words that are but seen: they may repeat, or shorten, what both parts say, and nothing else."""
    return " ".join(part for element in root.xpath("//*[@aria-hidden='true']") for part in element.itertext())


def _shown(root: HtmlElement) -> str:
    """Return the words that everybody gets, without those that are hidden from the eye or from the ear."""
    for element in [*root.iter("*")]:
        hidden = own(element).get("display") == "none" or element.get("aria-hidden") == "true"
        if (hidden or element.tag in ("head", "style")) and element.getparent() is not None:
            element.drop_tree()
    return " ".join(part for element in root.iter("*") for part in texts(element))


def _words(text: str) -> set[str]:
    """Return the words of a text as they are compared: headings stand in capitals in the text part."""
    return set(_WORD.findall(unicodedata.normalize("NFKC", _URL.sub(" ", text)).upper().casefold()))


def _some(kind: str, missing: set[str]) -> list[str]:
    """Say what is missing: the first five of a kind."""
    shown = ", ".join(repr(each[:80]) for each in sorted(missing)[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return [f"the {kind} {shown}{more}"] if missing else []
