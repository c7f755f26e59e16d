"""An XML document as bytes: what must hold before anything in it is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.validation.reading import BUILD, Complaint
from newsletter.validation.values import UNREADABLE

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARED = re.compile(rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]utf-8['\"]\s*\?>", re.IGNORECASE)


def root(data: bytes) -> _Element | Complaint:
    """Return the outermost element of a document, or why there is none."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return Complaint(error.lineno or 0, f"is no XML: {error.msg}; {BUILD}")


def of_bytes(data: bytes) -> Iterator[Complaint]:
    """Yield what is wrong with the bytes of a document: its encoding, its declarations, its characters."""
    if not _DECLARED.match(data):
        yield Complaint(1, f"does not begin by saying that it is XML 1.0 in UTF-8; {BUILD}")
    if b"<!DOCTYPE" in data:
        yield Complaint(line_of(data, data.index(b"<!DOCTYPE")), f"has a DOCTYPE, which readers refuse; {BUILD}")
    yield from of_text(data)


def of_text(data: bytes) -> Iterator[Complaint]:
    """Yield what is wrong with the characters of a document, whatever its format."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield Complaint(line_of(data, error.start), f"is not in UTF-8; {BUILD}")
        return
    for number, words in enumerate(text.split("\n"), 1):
        if UNREADABLE.search(words):
            yield Complaint(number, f"holds a control character; {BUILD}")


def line(element: _Element) -> int:
    """Return the number of the line on which an element begins."""
    return int(getattr(element, "sourceline", 0) or 0)


def line_of(data: bytes, place: int) -> int:
    """Return the number of the line on which a byte stands."""
    return data.count(b"\n", 0, place) + 1
