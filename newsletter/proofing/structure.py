"""The page of a letter as a document: whole, in a language, with an outline and pictures that say what they are."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.catalogue import primary
from newsletter.phrases import foreign
from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.proof import Proof, name

_REFUSED = frozenset(
    {"script", "iframe", "frame", "object", "embed", "form", "input", "button", "select", "textarea"}
    | {"svg", "math", "video", "audio", "base", "link"}
)
"""Elements that mail programs remove, or for which they take a letter for an attack."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def document(proof: Proof) -> Iterator[Finding]:
    """Yield what is missing in the head of the page, and elements that no letter may have."""
    root = proof.root
    wanted = {
        "<!DOCTYPE html> at the beginning": proof.html.startswith("<!DOCTYPE html>"),  # the inliner drops others
        "<title> with words": bool("".join(root.xpath("//head/title//text()")).strip()),
        '<meta charset="utf-8">': [value.lower() for value in root.xpath("//meta/@charset")] == ["utf-8"],
    }
    for what, there in wanted.items():
        if not there:
            yield error("document", "page.html", f"has no {what}; add it")
    for meta in ("viewport", "color-scheme"):
        if not root.xpath("//meta[@name=$name]", name=meta):
            yield warning("document", "page.html", f'has no <meta name="{meta}">; add it')
    for element, place in proof.elements:
        article = proof.article(place)
        if element.tag in _REFUSED:
            yield error("document", place.template, f"has <{element.tag}>, which mail programs remove; leave it out")
        if any(str(attribute).startswith("on") for attribute in element.attrib):
            yield error("document", place.template, f"{name(element)} runs a script; leave that out", article)


def languages(proof: Proof) -> Iterator[Finding]:
    """Yield where the letter, or an article in another language, does not say which language it is in."""
    mine = proof.language
    if proof.root.get("lang") != mine:
        yield error("lang", "page.html", f'<html> has no lang="{mine}"; write lang="{{{{ issue.language }}}}"')
    if not proof.root.xpath("//body//*[@lang=$mine][.//h1 or .//h2]", mine=mine):
        told = "no element around the letter in <body> has lang, and some mail programs drop <html>; add it"
        yield warning("lang", "page.html", told)
    titled: dict[tuple[str, str], bool] = {}
    for element, place in proof.elements:
        if (one := proof.record(place)) and (lang := foreign(one.lang, mine)):
            marked = primary(element.get("lang", "")) == primary(lang)
            titled[place.template, one.id] = titled.get((place.template, one.id), False) or marked
    for (template, article), marked in titled.items():
        if not marked:
            yield error(
                "lang",
                template,
                'does not say that it is in another language; write lang="{{ article.lang }}"',
                article,
            )
    yield from _intro(proof)


def _intro(proof: Proof) -> Iterator[Finding]:
    """Yield where the intro does not say its language; nothing else of the page is in another than the letter's."""
    lang = foreign(proof.contents.intro.lang, proof.language) if proof.contents.intro.html else ""
    said = {primary(element.get("lang", "")) for element, place in proof.elements if place.template == "page.html"}
    if lang and primary(lang) not in said:
        told = 'does not say that the intro is in another language; write lang="{{ intro_lang }}" around it'
        yield error("lang", "page.html", told)


def pictures(proof: Proof) -> Iterator[Finding]:
    """Yield pictures without alternative words or width."""
    for element, place in proof.elements:
        if element.tag != "img":
            continue
        alt, article = element.get("alt"), proof.article(place)
        if alt is None:
            yield error(
                "alt", place.template, '<img> has no alt; write what it shows, or alt="" for decoration', article
            )
        elif alt.lower().endswith((".jpg", ".jpeg", ".png", ".gif", ".webp")):
            told = (
                f"the picture is described by the name of its file, {alt!r}; say what it shows: `articles edit --alt`"
            )
            yield warning("alt", place.template, told, article)
        if not element.get("width", "").isdigit():
            yield error(
                "alt", place.template, "<img> has no width in pixels, and Outlook shows it in full; add it", article
            )


def headings(proof: Proof) -> Iterator[Finding]:
    """Yield where the headings are no outline."""
    before = 0
    found = [(element, place) for element, place in proof.elements if element.tag in _HEADINGS]
    firsts = sum(element.tag == "h1" for element, _ in found)
    if firsts != 1:
        yield error("headings", "page.html", f"has {firsts} <h1>; it needs one, the name of the letter")
    for element, place in found:
        level = int(element.tag[1])
        if not element.text_content().strip():
            yield error(
                "headings",
                place.template,
                f"{name(element)} is empty; leave it out or give it words",
                proof.article(place),
            )
        if level > before + 1:
            told = f"{name(element)} follows a heading of level {before}, so one is skipped; use <h{before + 1}>"
            yield error("headings", place.template, told, proof.article(place))
        before = level
