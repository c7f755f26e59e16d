"""Atom documents (RFC 4287), by feedgen, with their archives (RFC 5005 §4) and what was withdrawn (RFC 6721).

An entry depends on its article and the configuration only, never on the feed around it, so that it is serialised once
and joined to many. Nothing here knows a clock: the same input gives the same bytes. Comments name the rule of RFC 4287
by its section.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from newsletter import __version__
from newsletter.config import Config
from newsletter.feeds.head import Head, address
from newsletter.feeds.parts import categories, known_type, thumbnail, updated
from newsletter.feeds.tree import Feed
from newsletter.feeds.xml import clean, iri, language_tag, local
from newsletter.model import Article, Attachment

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA_TYPE = "application/atom+xml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HISTORY = "http://purl.org/syndication/history/1.0"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_END = b"</feed>"


def document(head: Head, entries: Iterable[bytes], config: Config) -> bytes:
    """Return a document with these entries, in their order."""
    from feedgen.feed import FeedGenerator

    feed, site = head.feed, config.site
    made = FeedGenerator()
    made.id(feed_id(feed, config))
    made.title(head.title(config))
    made.subtitle(clean(feed.subtitle))
    made.updated(local(head.updated, site.zone))
    made.author(name=clean(site.name))
    made.link(_links(head, config))
    made.language(language_tag(site.language))
    made.rights(clean(site.rights))
    made.generator("newsletter", version=__version__)
    if config.feeds.icon:
        made.icon(iri(config.feeds.icon))
    if config.feeds.logo:
        made.logo(iri(config.feeds.logo))
    made.register_extension("beyond", lambda: _Around(head, config), rss=False)
    around = bytes(made.atom_str()).removesuffix(_END)
    return b"\n".join([around, *entries, _END, b""])


def entry(article: Article, config: Config) -> bytes:
    """Return an article as an entry."""
    from lxml import etree

    return bytes(etree.tostring(_entry(article, config).atom_entry(), encoding="UTF-8"))


def feed_id(feed: Feed, config: Config) -> str:
    """Return the feed's tag: URI (RFC 4151), which neither a new title nor another address of the site changes."""
    return f"tag:{config.site.tagged_by},{config.site.since}:feed/{quote(feed.name or feed.path)}"


def _links(head: Head, config: Config) -> list[dict[str, str]]:
    """Return the links of a document; an archive names the feed's own one as ``current`` (RFC 5005 §4)."""
    own = address(head.feed.path, ".atom", config)
    here = head.volume(head.number, config) if head.number else own
    links = [
        {"rel": "self", "type": MEDIA_TYPE, "href": here},
        {"rel": "alternate", "type": "text/html", "href": head.page(config)},
    ]
    if head.number:
        links.append({"rel": "current", "type": MEDIA_TYPE, "href": own})
    elif config.feeds.hub:
        links.append({"rel": "hub", "href": iri(config.feeds.hub)})
    if head.before:
        links.append({"rel": "prev-archive", "type": MEDIA_TYPE, "href": head.volume(head.before, config)})
    return links


def _entry(article: Article, config: Config) -> Any:
    from feedgen.entry import FeedEntry

    zone = config.site.zone
    title = clean(article.title).strip() or iri(article.url)
    html, lead = clean(article.html).strip(), clean(article.lead).strip()
    made = FeedEntry()
    made.id(clean(article.id))
    made.title(title)
    made.published(local(article.published, zone))
    made.updated(local(updated(article), zone))
    made.link(href=iri(article.url), rel="alternate")
    made.category(categories(article, config))
    if html:
        made.content(html, type="html")
    if summary := lead or ("" if html else title):  # §4.1.2: without content, something must be said
        made.summary(summary)
    made.register_extension("beyond", lambda: _Beyond(article, language_tag(config.site.language)), rss=False)
    return made


@dataclass(frozen=True, slots=True)
class _Around:
    """An extension that writes what is beyond RFC 4287: that a document is an archive, and what was withdrawn."""

    head: Head
    config: Config

    def extend_ns(self) -> dict[str, str]:
        archive = {"fh": _HISTORY} if self.head.number else {}
        return archive | ({"at": _TOMBSTONES} if self.head.deleted else {})

    def extend_atom(self, feed: _Element) -> _Element:
        if self.head.number:
            feed.append(feed.makeelement(f"{{{_HISTORY}}}archive"))
        for id, when in self.head.deleted:
            moment = local(when, self.config.site.zone).isoformat()
            feed.append(feed.makeelement(f"{{{_TOMBSTONES}}}deleted-entry", {"ref": clean(id), "when": moment}))
        return feed


@dataclass(frozen=True, slots=True)
class _Beyond:
    """An extension that writes what feedgen 1.0 cannot: it has no xml:lang of an entry, and loses every attribute of
    an entry's link but href (lkiesow/python-feedgen#143); an alternate link needs no more than that, an enclosure does.
    """

    article: Article
    language: str

    def extend_atom(self, entry: _Element) -> _Element:
        own = language_tag(self.article.lang)
        if own and own.casefold() != self.language.casefold():
            entry.set(_LANG, own)
        for file in self.article.attachments:
            entry.append(entry.makeelement("link", _enclosure(file)))
        if self.article.image:
            tag = f"{{{_MEDIA}}}thumbnail"
            entry.append(entry.makeelement(tag, thumbnail(self.article.image), nsmap={"media": _MEDIA}))
        return entry


def _enclosure(file: Attachment) -> dict[str, str]:
    """Return the attributes of an enclosure; a length that is not exact is left out, since readers trust it (A14)."""
    length = str(file.size) if file.size and file.size_exact else ""
    given = {"rel": "enclosure", "type": known_type(file), "title": clean(file.title).strip(), "length": length}
    return {"href": iri(file.url), **{name: value for name, value in given.items() if value}}
