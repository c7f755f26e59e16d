"""What a page says, and what an article says: the letters and figures alone, in their order.

Read from the page without the parser, so that the two can be compared.
"""

import html as entities
import re
import unicodedata
from urllib.parse import unquote

from lxml import html as lxml_html

from newsletter.intake.printed.lines import LINK
from newsletter.intake.wording import fold, seen

_SOURCE = re.compile(r"(?im)^.*\b(?:url\s+(?:de\s+la\s+)?source|source\s+url)\b.*$")
_FORM = re.compile(r"[^\w&#;%]|_")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w+);")


def letters(text):
    """Only these: marks, spaces and line ends are the form of a text, references and percent signs its spelling."""
    text = _FORM.sub("", seen(text))
    while (read := _REFERENCE.sub(lambda m: entities.unescape(m[0]), unquote(text))) != text:
        text = _FORM.sub("", seen(read))
    return "".join(c for c in text if c.isalnum())


def written(pieces):
    """The letters of pieces of the page, without the places that their links lead to."""
    return letters("".join(LINK.sub(r"\g<label>", piece) for piece in pieces))


def shown(html):
    """The letters of an article's HTML, with the words that stand for its pictures."""
    if not html:
        return ""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    for picture in root.iter("img"):
        picture.text = picture.get("alt")
    assert not list(root.iter("ol")), "a list counts anew what the page has counted"
    return letters(root.text_content())


def lost(article):
    """What is in the page and neither in the article nor apart from it; nothing if all is well."""
    pieces = {kind: [p.text for p in article.parts if p.kind == kind] for kind in {p.kind for p in article.parts}}
    said = written([*pieces.get("body", []), *pieces.get("contact", [])])
    if said != shown(article.html):
        return said, shown(article.html)
    if (heading := written(pieces.get("title", []))) not in letters(article.title):
        return heading
    if any(piece.strip() and seen(piece).strip() for piece in pieces.get("blank", [])):
        return pieces["blank"]
    return [*_unfiled(article, pieces.get("file", [])), *_unsorted(article, pieces.get("field", []))]


def _unfiled(article, pieces):
    """Files that are neither attached nor complained about."""
    sizes = sum(len(re.findall(r"(?m)^\W*(?:Poids|Size|Taille)", unicodedata.normalize("NFC", p))) for p in pieces)
    excused = sum("left out" in warning for warning in article.warnings)
    return [] if not sizes or article.attachments or excused else pieces


def _unsorted(article, pieces):
    """Topics that are neither terms nor complained about."""
    known = {letters(fold(term.label)) for term in article.terms}
    warned = letters(fold(" ".join(article.warnings)))
    labels = [m["label"] for piece in pieces for m in LINK.finditer(_SOURCE.sub("", seen(piece)))]
    folded = [letters(fold(label)) for label in labels]
    return [label for label in folded if label and label not in known and label not in warned]
