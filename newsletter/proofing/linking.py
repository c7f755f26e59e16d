"""Links of a letter: what their words say, where they lead, and that one of them leads out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.looks import looks
from newsletter.proofing.proof import Place, Proof

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_EMPTY_WORDS = frozenset(
    {"ici", "cliquez ici", "cliquer ici", "lire", "lire la suite", "la suite", "suite", "en savoir plus", "savoir plus"}
    | {"plus", "voir", "voir plus", "lien", "ce lien", "télécharger", "découvrir", "plus d’infos", "plus d'infos"}
    | {"here", "click here", "click", "read more", "more", "learn more", "see more", "link", "this link", "download"}
    | {"continue reading", "details", "détails"}
)
"""Words that say nothing to who hears the links of a letter alone, one after the other (WCAG 2.1, 2.4.4)."""

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


def telling(proof: Proof) -> Iterator[Finding]:
    """Yield links whose words do not say where they lead."""
    leads: dict[str, str] = {}
    for element, place in _links(proof):
        shown, said, article = _shown(element), _said(element), proof.article(place)
        href = element.get("href", "")
        if not shown:
            yield error("links", place.template, f"a link to {href[:80]} has no words; give it some", article)
        elif shown.lower() not in said.lower():  # who says aloud what they see must hit it (WCAG 2.1, 2.5.3)
            told = (
                f"a link shows {shown[:60]!r} and its aria-label is {said[:60]!r}; begin the label with what it shows"
            )
            yield error("links", place.template, told, article)
        elif said.strip(" .…»›→>").lower() in _EMPTY_WORDS:
            told = f"a link says {said!r} and not where it leads; use the title of what it leads to"
            yield error("links", place.template, told, article)
        elif _ADDRESS.fullmatch(said):
            yield warning(
                "links", place.template, f"a link says but its address, {said[:60]!r}; give it words", article
            )
        elif leads.setdefault(said, href) != href:
            yield warning(
                "links", place.template, f"two links say {said[:60]!r} and lead apart; name them apart", article
            )


def secure(proof: Proof) -> Iterator[Finding]:
    """Yield addresses that are not whole, or not of https, and links to places that are not in the letter."""
    ids = {element.get("id") for element, _ in proof.elements}
    for element, place in proof.elements:
        for attribute in ("href", "src"):
            value = element.get(attribute)
            if value and value.startswith("#") and value[1:] in ids:
                continue
            if value is not None:
                yield from _of_address(proof, place, element, value.strip())


def _of_address(proof: Proof, place: Place, element: HtmlElement, value: str) -> Iterator[Finding]:
    article, shown = proof.article(place), value[:80]
    scheme = _scheme(value)
    if scheme in ("https", "mailto", "tel"):
        return
    if scheme != "http":
        told = f"<{element.tag}> leads to {shown!r}, which is no whole address and no place of the letter; write one"
        yield error("https", place.template, told, article)
    elif element.tag == "img" or value in (proof.links.unsubscribe, proof.links.preferences):
        told = f"<{element.tag}> leads to {shown}, which is not https; see site.url and web.url in config.toml"
        yield error("https", place.template, told, article)
    else:
        yield warning(
            "https", place.template, f"leads to {shown}, which is not https; write https if it answers", article
        )


def leaving(proof: Proof) -> Iterator[Finding]:
    """Yield where the link to unsubscribe cannot be found."""
    hidden = {element for element, _, look in looks(proof, "light") if look.hidden}
    shown = [
        element
        for element, _ in _links(proof)
        if element.get("href") == proof.links.unsubscribe and element not in hidden and _shown(element)
    ]
    if not shown:
        yield error(
            "unsubscribe", "page.html", "has no link to unsubscribe that can be seen: <a> with {{ unsubscribe_url }}"
        )
    if proof.links.unsubscribe not in proof.text:
        yield error("unsubscribe", "page.txt", "has no address to unsubscribe; print {{ unsubscribe_url }}")


def dead(proof: Proof, ask: Callable[[str], str]) -> Iterator[Finding]:
    """Yield links that lead nowhere; ``ask`` says what is wrong with an address, nothing where it answers."""
    for element, place in _links(proof):
        href = element.get("href", "")
        acting = (proof.links.unsubscribe, proof.links.preferences, proof.contents.archive_url)
        if not href.startswith("#") and href not in acting and (wrong := ask(href)):
            yield error("dead", place.template, f"{wrong}", proof.article(place))


def _links(proof: Proof) -> Iterator[tuple[HtmlElement, Place]]:
    return (
        (element, place) for element, place in proof.elements if element.tag == "a" and element.get("href") is not None
    )


def _said(element: HtmlElement) -> str:
    """Return the words of a link as they are heard: its label, else what it shows."""
    return " ".join(element.get("aria-label", "").split()) or _shown(element)


def _shown(element: HtmlElement) -> str:
    """Return the words of a link: its own, and those of pictures in it."""
    return " ".join(" ".join([element.text_content(), *element.xpath(".//img/@alt")]).split())


def _scheme(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return parts.scheme.lower() if parts.netloc or parts.scheme.lower() in ("mailto", "tel") else ""
