"""OPML 2.0 documents: the tree of all feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.validation import xml
from newsletter.validation.folder import Folder
from newsletter.validation.reading import BUILD, Complaint, Reading
from newsletter.validation.shapes import Schema, Shape
from newsletter.validation.values import language, mail_date, one_of, uri, words

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORDED = Shape(text=words)
_DATED = Shape(text=mail_date)

SCHEMA = Schema(
    "",
    {
        "opml": Shape("head body", {"version!": one_of("2.0")}),
        "head": Shape("title dateCreated? dateModified? ownerName? ownerEmail? ownerId? docs?"),
        "title": _WORDED,
        "dateCreated": _DATED,
        "dateModified": _DATED,
        "ownerName": _WORDED,
        "ownerEmail": _WORDED,
        "ownerId": Shape(text=uri),
        "docs": Shape(text=uri),
        "body": Shape("outline+"),
        "outline": Shape(
            "outline*",
            {
                "text!": words,
                "title": words,
                "description": words,
                "type": one_of("rss", "link"),
                "xmlUrl": uri,
                "htmlUrl": uri,
                "url": uri,
                "language": language,
            },
        ),
    },
)


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read a list of feeds."""
    opml = xml.root(data)
    if isinstance(opml, Complaint):
        return Reading(path, (*xml.of_bytes(data), opml))
    if opml.tag != "opml":
        return Reading(path, (Complaint(xml.line(opml), f"is no OPML; {BUILD}"),))
    complaints = [*xml.of_bytes(data), *SCHEMA.complaints(opml)]
    listed = []
    for outline in opml.iter("outline"):
        complaints += _of_outline(outline, folder)
        if outline.get("xmlUrl"):
            listed.append((outline.get("xmlUrl", ""), xml.line(outline)))
    return Reading(path, tuple(complaints), listed=tuple(listed))


def _of_outline(outline: _Element, folder: Folder) -> Iterator[Complaint]:
    line, kind = xml.line(outline), outline.get("type")
    if (kind == "rss") != (outline.get("xmlUrl") is not None) or (kind == "link") != (outline.get("url") is not None):
        yield Complaint(line, f"<outline> needs xmlUrl where its type is rss, and url where it is link; {BUILD}")
    if kind == "rss" and outline.get("title") is None:
        yield Complaint(line, f"<outline> of a feed has no title, by which some readers name it; {BUILD}")
    if kind is None and outline.find("outline") is None:
        yield Complaint(line, f"<outline> is neither a feed nor a folder of feeds; {BUILD}")
    for name in ("xmlUrl", "htmlUrl", "url"):
        if path := folder.lost(outline.get(name, "")):
            yield Complaint(line, f"<outline> {name} leads to {path}, which is not there; {BUILD}")
