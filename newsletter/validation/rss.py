"""RSS 2.0 documents, by the profile of the RSS Advisory Board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.validation import content, xml
from newsletter.validation.folder import Folder, plain
from newsletter.validation.instants import rfc822, rfc3339
from newsletter.validation.reading import BUILD, Complaint, Entry, Reading, of_entries
from newsletter.validation.shapes import ATOM, Schema, Shape
from newsletter.validation.values import (
    instant,
    iri,
    language,
    mail_date,
    media_type,
    number,
    one_of,
    uri,
    words,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

A = f"{{{ATOM}}}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

_WORDED = Shape(text=words)
_WEB = Shape(text=uri)
_DATED = Shape(text=mail_date)

SCHEMA = Schema(
    "",
    {
        "rss": Shape("channel", {"version!": one_of("2.0")}),
        "channel": Shape(
            "title link description language copyright? pubDate? lastBuildDate category* generator? docs? ttl? "
            "image? item* atom:link+"
        ),
        "item": Shape(
            "title link description? category* enclosure? guid pubDate content:encoded? dc:creator* dc:language? "
            "atom:updated? media:thumbnail*"
        ),
        "title": _WORDED,
        "link": _WEB,
        "description": Shape(text=words),
        "language": Shape(text=language),
        "copyright": _WORDED,
        "pubDate": _DATED,
        "lastBuildDate": _DATED,
        "category": Shape("", {"domain!": iri}, words),
        "generator": _WORDED,
        "docs": _WEB,
        "ttl": Shape(text=number),
        "image": Shape("url title link width? height?"),
        "url": _WEB,
        "width": Shape(text=number),
        "height": Shape(text=number),
        "enclosure": Shape("", {"url!": uri, "type!": media_type, "length!": number}),
        "guid": Shape("", {"isPermaLink!": one_of("false")}, iri),
        "content:encoded": _WORDED,
        "dc:creator": _WORDED,
        "dc:language": Shape(text=language),
        "atom:link": Shape("", {"href!": uri, "rel!": one_of("self", "hub"), "type": media_type, "title": words}),
        "atom:updated": Shape(text=instant),
        "media:thumbnail": Shape("", {"url!": uri, "width": number, "height": number}),
    },
)


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read an RSS document."""
    rss = xml.root(data)
    if isinstance(rss, Complaint):
        return Reading(path, (*xml.of_bytes(data), rss))
    channel = rss.find("channel")
    if rss.tag != "rss" or channel is None:
        return Reading(path, (Complaint(xml.line(rss), f"is no RSS feed; {BUILD}"),))
    entries = [_entry(item) for item in channel.iterchildren("item")]
    # A feed is as new as its newest article to the second, which is all that RSS can tell.
    updated = rfc822(channel.findtext("lastBuildDate", ""))
    whole = updated.replace(microsecond=999_999) if updated else None
    complaints = [
        *xml.of_bytes(data),
        *SCHEMA.complaints(rss),
        *of_entries(entries, whole, folder.latest),
        *_of_channel(channel, path, folder),
    ]
    for item in channel.iterchildren("item"):
        complaints += _of_item(item, folder)
    links = {str(link.get("rel")): plain(link.get("href", "")) for link in channel.iterchildren(f"{A}link")}
    return Reading(path, tuple(complaints), tuple(entries), links=links)


def _entry(item: _Element) -> Entry:
    published, updated = rfc822(item.findtext("pubDate", "")), rfc3339(item.findtext(f"{A}updated", ""))
    return Entry(xml.line(item), item.findtext("guid", ""), published, updated)


def _of_channel(channel: _Element, path: str, folder: Folder) -> Iterator[Complaint]:
    own = [plain(link.get("href", "")) for link in channel.iterchildren(f"{A}link") if link.get("rel") == "self"]
    if own != [folder.address(path)]:
        yield Complaint(xml.line(channel), f"does not say once that it stands at {folder.address(path)}; {BUILD}")
    if lost := folder.lost(channel.findtext("link", "")):
        yield Complaint(xml.line(channel), f"<link> leads to {lost}, which is not there; {BUILD}")
    image = channel.find("image")
    if image is not None:
        for name in ("title", "link"):
            if image.findtext(name) != channel.findtext(name):
                yield Complaint(xml.line(image), f"<image> has another {name} than the channel; {BUILD}")


def _of_item(item: _Element, folder: Folder) -> Iterator[Complaint]:
    line = xml.line(item)
    parts = [str(child.tag) for child in item]
    if CONTENT in parts and "description" in parts and parts.index(CONTENT) < parts.index("description"):
        yield Complaint(line, f"the item has its whole text before its description; {BUILD}")
    for name in ("description", CONTENT):
        yield from content.complaints(item.findtext(name, ""), line, folder)
    places = [item.findtext("link", ""), *(each.get("url", "") for each in item.iterchildren("enclosure"))]
    for lost in filter(None, map(folder.lost, places)):
        yield Complaint(line, f"the item leads to {lost}, which is not there; {BUILD}")
    categories = Counter((each.get("domain"), each.text) for each in item.iterchildren("category"))
    for (_, label), count in categories.items():
        if count > 1:
            yield Complaint(line, f"the item has <category> {label!r} {count} times; {BUILD}")
