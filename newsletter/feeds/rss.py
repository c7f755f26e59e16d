"""RSS 2.0 documents, by feedgen, as the RSS Advisory Board's profile asks (rssboard.org/rss-profile).

An item depends on its article and the configuration only, as an entry of ``atom`` does. All namespaces are declared by
the element around the items, so that none of them has to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from newsletter import __version__
from newsletter.config import Config
from newsletter.feeds.head import Head, address
from newsletter.feeds.parts import categories, exact_size, media_type, own_language, thumbnail, updated, uri
from newsletter.feeds.xml import clean, language_tag, local
from newsletter.model import Article

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA_TYPE = "application/rss+xml"
# By this address, and no https one, validators know that elements of other namespaces are meant.
_DOCS = "http://www.rssboard.org/rss-specification"
_DC = "http://purl.org/dc/elements/1.1/"
_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA = "http://search.yahoo.com/mrss/"
_NAMESPACES = {"atom": _ATOM, "content": "http://purl.org/rss/1.0/modules/content/", "dc": _DC, "media": _MEDIA}
_END = b"</channel></rss>"
_WORDS = re.compile(rb"<(title|category)[ >].*?</\1>", re.DOTALL)


def document(head: Head, items: Iterable[bytes], config: Config) -> bytes:
    """Return a document with these items, in their order."""
    from feedgen.feed import FeedGenerator

    site, title, page = config.site, head.title(config), uri(head.page(config))
    made = FeedGenerator()
    made.title(title)
    made.link(href=uri(address(head.feed.path, ".rss", config)), rel="self", type=MEDIA_TYPE)
    made.link(href=page, rel="alternate")  # the last one is the channel's
    made.description(clean(head.feed.subtitle).strip() or title)
    made.language(language_tag(site.language))
    made.copyright(clean(site.rights))
    made.lastBuildDate(local(head.updated, site.zone))
    made.generator(f"newsletter {__version__}")
    made.docs(_DOCS)
    if config.feeds.logo:
        made.image(uri(config.feeds.logo), title, page)
    made.register_extension("beyond", lambda: _Around(config), atom=False)
    around = _as_words(bytes(made.rss_str())).removesuffix(_END)
    return b"\n".join([around, *items, _END, b""])


def item(article: Article, config: Config) -> bytes:
    """Return an article as an item, without the declarations of its namespaces."""
    from lxml import etree

    around = etree.Element("rss", nsmap=_NAMESPACES)
    around.append(_item(article, config).rss_entry())
    inside = bytes(etree.tostring(around, encoding="UTF-8")).partition(b">")[2].removesuffix(b"</rss>")
    return _WORDS.sub(lambda found: _as_words(found[0]), inside)


def _item(article: Article, config: Config) -> Any:
    from feedgen.entry import FeedEntry

    html, lead = clean(article.html).strip(), clean(article.lead).strip()
    made = FeedEntry()
    made.guid(clean(article.id), permalink=False)
    made.title(title := clean(article.title).strip() or uri(article.url))
    made.published(local(article.published, config.site.zone))
    made.link(href=uri(article.url))
    made.category(_shown(categories(article, config)))
    if html:
        made.content(html)  # as content:encoded after a description, in its place where there is none
    made.description(escape(lead or ("" if html else title), quote=False))  # a description is HTML
    # A length is required, so that a file without one has no enclosure; readers take a second one for an error.
    for file in [file for file in article.attachments if exact_size(file)][:1]:
        made.enclosure(uri(file.url), exact_size(file), media_type(file))
    made.register_extension("beyond", lambda: _Beyond(article, config), atom=False)
    return made


def _shown(categories: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return categories once each: RSS shows labels alone, and two terms of a taxonomy may have the same."""
    return list({(each["scheme"], each["label"]): each for each in categories}.values())


def _as_words(data: bytes) -> bytes:
    """Return XML in which ``&`` and ``<`` stand as the profile asks where text is no HTML: the same to every parser."""
    return data.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


@dataclass(frozen=True, slots=True)
class _Around:
    """An extension that declares every namespace of the items, and names the hub (WebSub §4)."""

    config: Config

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_rss(self, rss: _Element) -> _Element:
        if self.config.feeds.hub:
            hub = rss.makeelement(f"{{{_ATOM}}}link", {"rel": "hub", "href": uri(self.config.feeds.hub)})
            rss[0].append(hub)
        return rss


@dataclass(frozen=True, slots=True)
class _Beyond:
    """An extension that writes what RSS has no element for: ``author`` takes an address of mail, not a name."""

    article: Article
    config: Config

    def extend_rss(self, item: _Element) -> _Element:
        self._add(item, f"{{{_DC}}}creator", clean(self.config.site.name))
        self._add(item, f"{{{_ATOM}}}updated", self._updated())
        if language := own_language(self.article, self.config):
            self._add(item, f"{{{_DC}}}language", language)
        if image := self.article.image:
            shown = thumbnail(image) | {"url": uri(image.url)}
            item.append(item.makeelement(f"{{{_MEDIA}}}thumbnail", shown))
        return item

    def _updated(self) -> str:
        return local(updated(self.article), self.config.site.zone).isoformat()

    @staticmethod
    def _add(item: _Element, name: str, text: str) -> None:
        item.append(made := item.makeelement(name))
        made.text = text
