"""Atom documents (RFC 4287), by feedgen.

An entry depends on its article and the configuration only, never on the feed around it. Nothing here knows a clock:
the same input gives the same bytes. Comments name the rule of RFC 4287 by its section.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from newsletter import __version__
from newsletter.config import Config
from newsletter.feeds.tree import Feed
from newsletter.feeds.xml import clean, iri, language_tag, local
from newsletter.model import Article, Attachment

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA_TYPE = "application/atom+xml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def document(feed: Feed, entries: Sequence[Article], config: Config, changed: datetime) -> bytes:
    """Return the feed with these entries, in their order.

    ``changed`` is when the set of entries last shrank, or the feed began; a later change of an entry counts more.
    """
    from feedgen.feed import FeedGenerator

    site = config.site
    made = FeedGenerator()
    made.id(feed_id(feed, config))
    made.title(clean(f"{feed.title} – {site.name}"))
    made.subtitle(clean(feed.subtitle))
    made.updated(local(max([changed, *map(updated, entries)]), site.zone))
    made.author(name=clean(site.name))
    made.link(href=iri(f"{config.base}/{quote(feed.path)}.atom"), rel="self", type=MEDIA_TYPE)
    made.link(href=iri(f"{config.base}/index.html"), rel="alternate", type="text/html")
    made.language(language_tag(site.language))
    made.rights(clean(site.rights))
    made.generator("newsletter", version=__version__)
    for article in entries:
        made.add_entry(_entry(article, config), order="append")
    return bytes(made.atom_str())


def feed_id(feed: Feed, config: Config) -> str:
    """Return the feed's tag: URI (RFC 4151), which neither a new title nor another address of the site changes."""
    return f"tag:{config.site.tagged_by},{config.site.since}:feed/{quote(feed.path)}"


def updated(article: Article) -> datetime:
    """Return the instant that an entry shows as updated, never before it was published (§4.2.9).

    Sources know a change to the minute or the day, so that entries of one feed would often share the instant, of
    which validators warn (DuplicateUpdated). A whole second is therefore given a fraction, made of the id.
    """
    moment = max(article.updated, article.published)
    if moment.microsecond:
        return moment
    fraction = int.from_bytes(sha256(article.id.encode(errors="replace")).digest()[:8]) % 1_000_000
    return moment.replace(microsecond=fraction)


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
    made.category(_categories(article, config))
    if html:
        made.content(html, type="html")
    if summary := lead or ("" if html else title):  # §4.1.2: without content, something must be said
        made.summary(summary)
    made.register_extension("beyond", lambda: _Beyond(article, language_tag(config.site.language)))
    return made


def _categories(article: Article, config: Config) -> list[dict[str, str]]:
    """Return the terms once each, in an order of their own: a feed does not change because a query's order did."""
    terms = {(term.taxonomy, term.slug): term for term in article.terms if term.slug}
    return [
        {"term": clean(slug), "scheme": _scheme(taxonomy, config), "label": clean(terms[taxonomy, slug].label)}
        for taxonomy, slug in sorted(terms)
    ]


def _scheme(taxonomy: str, config: Config) -> str:
    settings = config.taxonomies.get(taxonomy)
    return iri(settings.iri) if settings and settings.iri else iri(f"{config.base}/{quote(taxonomy)}/")


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
        return entry


def _enclosure(file: Attachment) -> dict[str, str]:
    """Return the attributes of an enclosure; a length that is not exact is left out, since readers trust it (A14)."""
    length = str(file.size) if file.size and file.size_exact else ""
    given = {"rel": "enclosure", "type": clean(file.type), "title": clean(file.title), "length": length}
    return {"href": iri(file.url), **{name: value for name, value in given.items() if value}}
