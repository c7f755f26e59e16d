"""What is left of templates and drafts in the words of a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.catalogue import LANGUAGES
from newsletter.config import say
from newsletter.digest.letter import Contents
from newsletter.model import Article
from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.parts import pairs
from newsletter.proofing.proof import Place, Proof, texts

_LEFT = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|%\([a-z_]+\)s|\bNone\b|\bTODO\b|\bFIXME\b|\bundefined\b|\bLorem ipsum\b")
_DRAFT = re.compile(r"\{\{|\{%|\bTODO\b|\bFIXME\b|\bLorem ipsum\b")
"""What is suspect in the words of people too, where it may also be meant."""


def leftovers(proof: Proof) -> Iterator[Finding]:
    """Yield what is left of templates in either part, and what looks unfinished in the words of people."""
    for place, printed in _printed(proof):
        one = proof.record(place)
        meant = _words_of(one) if one else _words_of_issue(proof.contents) + proof.contents.intro.text
        for left in dict.fromkeys(_LEFT.findall(printed)):
            if left not in meant:
                told = f"prints {left!r}, which is left of a template or a draft; take it out"
                yield error("leftovers", place.template, told, proof.article(place))
    for one in proof.articles:
        for left in _unfinished(_words_of(one)):
            told = f"{left!r} stands in its words; if that is not meant, `newsletter articles edit`"
            yield warning("leftovers", "", told, one.id)
    for where, words in (("config.toml", _words_of_issue(proof.contents)), ("intro", proof.contents.intro.text)):
        for left in _unfinished(words):
            yield error("leftovers", where, f"{left!r} stands in the words of the list or issue; take it out")


def _unfinished(words: str) -> list[str]:
    return list(dict.fromkeys(_DRAFT.findall(words)))


def _printed(proof: Proof) -> Iterator[tuple[Place, str]]:
    """Yield every text that is printed with the place that it comes from: words, attributes, and the text part."""
    for element, place in proof.elements:
        if element.tag != "style":
            yield place, " ".join([*texts(element), *map(str, element.attrib.values())])
    for pair in pairs(proof):
        yield Place(pair.beside, pair.place.position), pair.text


def _words_of(one: Article) -> str:
    image = (one.image.alt, one.image.url) if one.image else ()
    files = (part for file in one.attachments for part in (file.title, file.url))
    return " ".join([one.title, one.lead, one.url, *(term.label for term in one.terms), *image, *files])


def _words_of_issue(contents: Contents) -> str:
    told = [contents.title, contents.description, *(heading.title for heading in contents.headings)]
    told += [contents.brand.logo.alt if contents.brand.logo else "", *(link.title for link in contents.brand.links)]
    spoken = (say(text, language) for text in told for language in LANGUAGES)
    return " ".join([contents.site, contents.contact, contents.base, *spoken])
