"""The tree of all feeds as OPML 2.0 (opml.org/spec2.opml), by which a reader subscribes to many at once.

Readers do not look for feeds inside a feed: what holds others is a folder, and stands first in it. No date is told,
since none is known of a tree, and the same feeds give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from newsletter.catalogue import spoken, words
from newsletter.config import Config, say
from newsletter.feeds.head import address, page, title
from newsletter.feeds.parts import uri
from newsletter.feeds.tree import Feed
from newsletter.feeds.xml import clean

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA_TYPE = "text/x-opml"
APART = ("filters", "issues")
"""Folders of feeds that no other feed holds, by how their addresses begin."""

_READ = ("atom", "rss", "json")
"""What readers subscribe to, the richest first."""


def document(feeds: Sequence[Feed], config: Config) -> bytes:
    """Return a list of all feeds, each once."""
    from lxml import etree

    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = clean(config.site.name)
    etree.SubElement(head, "ownerName").text = clean(config.site.name)
    body = etree.SubElement(opml, "body")
    apart = {word: [feed for feed in feeds if feed.path.startswith(f"{word}/")] for word in APART}
    within = _within(feed for feed in feeds if feed.path.partition("/")[0] not in APART)
    for holder in list(within):  # first what nothing holds; then, of terms that hold each other in a circle, the rest
        for feed in within.pop(holder, ()):
            _branch(body, feed, within, config)
    for word, members in apart.items():
        if members:
            folder = _folder(body, words("feed", config.site.language)[word])
            folder.extend(_outline(folder, feed, config) for feed in members)
    return bytes(etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _within(feeds: Iterable[Feed]) -> dict[str, list[Feed]]:
    """Return the feeds by what holds them."""
    within: dict[str, list[Feed]] = {"": []}
    for feed in feeds:
        within.setdefault(feed.parent, []).append(feed)
    return within


def _branch(around: _Element, feed: Feed, within: dict[str, list[Feed]], config: Config) -> None:
    """Add a feed; one that holds others as a folder of itself and these, which are taken out of ``within``."""
    held = within.pop(feed.path, ())
    inside = _folder(around, _name(feed, config)) if held else around
    inside.append(_outline(inside, feed, config))
    for each in held:
        _branch(inside, each, within, config)


def _folder(around: _Element, name: str) -> _Element:
    folder = around.makeelement("outline", {"text": clean(name)})
    around.append(folder)
    return folder


def _name(feed: Feed, config: Config) -> str:
    taxonomy = config.taxonomies.get(feed.path)
    return say(taxonomy.label, spoken(config.site.language)) if taxonomy else feed.title


def _outline(around: _Element, feed: Feed, config: Config) -> _Element:
    """Return the outline of a feed; where readers can subscribe to none, it is a link to what shows it."""
    shown = uri(page(feed, config))
    text = clean(feed.title)
    form = next((form for form in _READ if form in config.feeds.formats), "")
    if not form:
        return around.makeelement("outline", {"text": text, "type": "link", "url": shown})
    given = {"text": text, "title": title(feed, config), "description": clean(feed.subtitle), "type": "rss"}
    where = {"xmlUrl": uri(address(feed.path, f".{form}", config)), "htmlUrl": shown}
    return around.makeelement("outline", {name: value for name, value in (given | where).items() if value})
