"""Whether text can be read: its contrast in light and in dark, its size, the distance of its lines."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.proofing.colours import colour, contrast
from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.looks import SCHEMES, Look, looks
from newsletter.proofing.proof import Proof, name, words

SMALLEST = 14
"""Pixels of text, so that nobody has to enlarge a letter."""

_AIR = 1.25
"""Height of a line by the size of its text, at least, where that is not large."""


def readable(proof: Proof) -> Iterator[Finding]:
    """Yield text that is too pale on its background, in either colour scheme (WCAG 2.1, 1.4.3, level AA)."""
    for scheme in SCHEMES:
        for element, place, look in looks(proof, scheme):
            if not look.hidden and (words(element) or element.get("alt")):
                yield from (
                    error("contrast", place.template, f"{name(element)} in {scheme}: {told}; see style.css")
                    for told in _complaint(look)
                )


def large(proof: Proof) -> Iterator[Finding]:
    """Yield text that is small, or whose lines stand close."""
    for element, place, look in looks(proof, "light"):
        if look.hidden or not words(element):
            continue
        if look.size < SMALLEST:
            told = f"{name(element)}: text of {look.size:g} px is small; give it {SMALLEST} px or more in style.css"
            yield warning("type", place.template, told)
        if 0 < look.height < _AIR * look.size and look.size < _LARGE:
            told = f"{name(element)}: lines of {look.height:g} px for text of {look.size:g} px stand close; widen them"
            yield warning("type", place.template, f"{told} in style.css")


_LARGE, _LARGE_BOLD = 24, 18.66


def _complaint(look: Look) -> Iterator[str]:
    ink, paper = colour(look.ink), colour(look.paper)
    if ink is None or paper is None:
        unknown = look.ink if ink is None else look.paper
        yield f"the colour {unknown!r} is not understood by every mail program; write it as #rrggbb"
        return
    large = look.size >= _LARGE or (look.bold and look.size >= _LARGE_BOLD)
    least = 3 if large else 4.5
    if (found := contrast(ink, paper)) < least:
        yield f"{look.ink} on {look.paper} has a contrast of {found:.1f}; {least} is the least, so change one of them"
