"""Atom documents (RFC 4287), archives of feeds (RFC 5005 §4) and withdrawn entries (RFC 6721)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from newsletter.validation import content, xml
from newsletter.validation.folder import Folder, plain
from newsletter.validation.instants import rfc3339
from newsletter.validation.reading import BUILD, Complaint, Entry, Reading, of_entries
from newsletter.validation.shapes import ATOM, Schema, Shape
from newsletter.validation.values import (
    instant,
    iri,
    language,
    media_type,
    number,
    one_of,
    web,
    words,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

A = f"{{{ATOM}}}"
FH = "{http://purl.org/syndication/history/1.0}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_RELATIONS = one_of(
    "self", "alternate", "hub", "enclosure", "related", "via", "prev-archive", "next-archive", "current"
)
_PERSON = Shape("name uri? email?")
_WORDED = Shape("", {"type": one_of("text", "html")}, words)
_DATED = Shape(text=instant)
_LINK = {
    "href!": web, "rel": _RELATIONS, "type": media_type, "hreflang": language, "title": words, "length": number,
}  # fmt: skip

SCHEMA = Schema(
    ATOM,
    {
        "feed": Shape(
            "id title updated author* contributor* category* link+ generator? icon? logo? rights? subtitle? entry* "
            "fh:archive? fh:complete? at:deleted-entry*",
            {"xml:lang!": language},
        ),
        "entry": Shape(
            "id title updated author* contributor* category* content? link* published? rights? summary? "
            "media:thumbnail*",
            {"xml:lang": language},
        ),
        "id": Shape(text=iri),
        "title": _WORDED,
        "subtitle": _WORDED,
        "rights": _WORDED,
        "summary": _WORDED,
        "updated": _DATED,
        "published": _DATED,
        "author": _PERSON,
        "contributor": _PERSON,
        "name": Shape(text=words),
        "uri": Shape(text=iri),
        "email": Shape(text=words),
        "category": Shape("", {"term!": words, "scheme!": iri, "label": words}),
        "content": Shape("", {"type!": one_of("text", "html")}, words),
        "link": Shape("", _LINK),
        "generator": Shape("", {"uri": iri, "version": words}, words),
        "icon": Shape(text=web),
        "logo": Shape(text=web),
        "fh:archive": Shape(),
        "fh:complete": Shape(),
        "at:deleted-entry": Shape("", {"ref!": iri, "when!": instant}),
        "media:thumbnail": Shape("", {"url!": web, "width": number, "height": number}),
    },
)


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read an Atom document."""
    feed = xml.root(data)
    if isinstance(feed, Complaint):
        return Reading(path, (*xml.of_bytes(data), feed))
    if feed.tag != f"{A}feed":
        return Reading(path, (Complaint(xml.line(feed), f"is no Atom feed; {BUILD}"),))
    entries = [_entry(each) for each in feed.iterchildren(f"{A}entry")]
    updated = rfc3339(feed.findtext(f"{A}updated", ""))
    complaints = [
        *xml.of_bytes(data),
        *SCHEMA.complaints(feed),
        *of_entries(entries, updated, folder.latest),
        *_of_feed(feed, path, folder),
        *_of_deleted(feed, folder),
    ]
    for each in feed.iterchildren(f"{A}entry"):
        complaints += _of_entry(each, feed, folder)
    return Reading(
        path,
        tuple(complaints),
        tuple(entries),
        {each.get("ref", ""): xml.line(each) for each in feed.iterchildren(f"{AT}deleted-entry")},
        {str(link.get("rel")): plain(link.get("href", "")) for link in feed.iterchildren(f"{A}link")},
        feed.find(f"{FH}archive") is not None,
    )


def _entry(entry: _Element) -> Entry:
    published, updated = (rfc3339(entry.findtext(f"{A}{name}", "")) for name in ("published", "updated"))
    return Entry(xml.line(entry), entry.findtext(f"{A}id", ""), published, updated)


def _of_feed(feed: _Element, path: str, folder: Folder) -> Iterator[Complaint]:
    """Yield what is wrong around the entries: where the document says that it stands, and who wrote it."""
    line = xml.line(feed)
    own = [plain(link.get("href", "")) for link in feed.iterchildren(f"{A}link") if link.get("rel") == "self"]
    if own != [folder.address(path)]:
        yield Complaint(line, f"does not say once that it stands at {folder.address(path)}; {BUILD}")
    yield from _of_links(feed, folder)
    without = [entry for entry in feed.iterchildren(f"{A}entry") if entry.find(f"{A}author") is None]
    if feed.find(f"{A}author") is None and (without or feed.find(f"{A}entry") is None):
        yield Complaint(line, f"names no author (§4.1.1); {BUILD}")


def _of_entry(entry: _Element, feed: _Element, folder: Folder) -> Iterator[Complaint]:
    line = xml.line(entry)
    pages = [link for link in entry.iterchildren(f"{A}link") if link.get("rel", "alternate") == "alternate"]
    told = entry.find(f"{A}content")
    if told is None and not pages:
        yield Complaint(line, f"the entry has neither a content nor a link to its page (§4.1.2); {BUILD}")
    if told is None and entry.find(f"{A}summary") is None:
        yield Complaint(line, f"the entry says nothing of its article; {BUILD}")
    if told is not None and told.get("type") == "html":
        yield from content.complaints(told.text or "", xml.line(told), folder)
    if entry.get(_LANG) is not None and entry.get(_LANG) == feed.get(_LANG):
        yield Complaint(line, f"the entry says again in which language the feed is; {BUILD}")
    yield from _of_links(entry, folder)
    terms = Counter((each.get("scheme"), each.get("term")) for each in entry.iterchildren(f"{A}category"))
    for (_, term), count in terms.items():
        if count > 1:
            yield Complaint(line, f"the entry has <category> {term!r} {count} times; {BUILD}")


def _of_links(holder: _Element, folder: Folder) -> Iterator[Complaint]:
    """Yield links that lead nowhere, and alternates of which a reader could not choose one (§4.1.1)."""
    for link in holder.iterchildren(f"{A}link"):
        if path := folder.lost(link.get("href", "")):
            yield Complaint(xml.line(link), f"<link> leads to {path}, which is not there; {BUILD}")
    alternates = [link for link in holder.iterchildren(f"{A}link") if link.get("rel", "alternate") == "alternate"]
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in alternates)
    if max(kinds.values(), default=0) > 1:
        yield Complaint(xml.line(holder), f"has two alternates of one type and language (§4.1.1); {BUILD}")


def _of_deleted(feed: _Element, folder: Folder) -> Iterator[Complaint]:
    seen: Mapping[str, int] = Counter(each.get("ref", "") for each in feed.iterchildren(f"{AT}deleted-entry"))
    for each in feed.iterchildren(f"{AT}deleted-entry"):
        line, ref, when = xml.line(each), each.get("ref", ""), rfc3339(each.get("when", ""))
        if seen[ref] > 1:
            yield Complaint(line, f"{ref} is withdrawn twice; {BUILD}")
        if when and when > folder.latest:
            yield Complaint(line, f"{ref} is withdrawn in the future; see to the clock of the machine")
