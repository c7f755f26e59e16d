"""Twins: a letter put together from pieces, and the same letter made alone. They must be equal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from newsletter.digest.alone import alone
from newsletter.digest.assemble import Body, assemble
from newsletter.digest.letter import Contents, Letter, Links
from newsletter.digest.pieces import Pieces
from newsletter.digest.plan import BUDGET, LIGHT_BUDGET
from newsletter.digest.press import Templates
from newsletter.proofing.finding import Finding, error
from newsletter.proofing.proof import texts

_BLANKS = re.compile("[ \\t\\r\\n]+")


def twins(
    contents: Contents, letter: Letter, pieces: Pieces[str], templates: Templates, links: Links
) -> Iterator[Finding]:
    """Yield where a letter as it is assembled differs from the same letter made alone, and whether it is too heavy."""
    made = assemble(pieces, letter, links)
    if difference := different(made, alone(contents, letter, links, templates)):
        yield error("assembly", "style.css", f"an assembled letter is another than one made alone, {difference}")
    budget, kind = (LIGHT_BUDGET, "light letter") if letter.light else (BUDGET, "letter")
    if (size := len(made.html.encode())) > budget:
        told = f"a {kind} has {size:,} bytes of HTML, and may have {budget:,}; make it lighter"
        yield error("size", "page.html", told)


def different(one: Body[str], two: Body[str]) -> str:
    """Say where two letters differ first, nothing where they are the same; runs of blanks count as one."""
    for mine, yours in zip_longest(_lines(one.html), _lines(two.html), fillvalue=""):
        if mine != yours:
            return f"at {_short(mine)} instead of {_short(yours)}; see what style.css says of it"
    for mine, yours in zip_longest(one.text.splitlines(), two.text.splitlines(), fillvalue=""):
        if mine != yours:
            return f"in the text part at {mine[:60]!r} instead of {yours[:60]!r}"
    return ""


def _lines(document: str) -> Iterator[str]:
    """Yield elements, with their attributes in order, and words of a document."""
    from lxml.html import HtmlComment, document_fromstring

    for element in document_fromstring(document).iter():
        if isinstance(element, HtmlComment):
            yield f"<!--{_plain(element.text or '')}-->"
            continue
        yield " ".join([str(element.tag), *(f"{name!s}={value!r}" for name, value in sorted(element.items()))])
        yield from filter(None, map(_plain, texts(element)))


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip(" ")


def _short(line: str) -> str:
    return repr(line if len(line) < 120 else f"{line[:119]}…")
