"""JSON Feed 1.1 documents (jsonfeed.org/version/1.1), with what partner sites need besides in ``_newsletter``.

A member that has nothing to say is left out: the format knows no null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from newsletter.config import Config
from newsletter.feeds.head import Head, address
from newsletter.feeds.parts import exact_size, label, media_type, own_language, terms, updated, uri
from newsletter.feeds.xml import clean, language_tag, local
from newsletter.model import Article, Attachment, EventDate, Term

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def document(head: Head, items: Iterable[bytes], config: Config) -> bytes:
    """Return a document with these items, in their order, one a line."""
    around = msgspec.json.encode(_feed(head, config)).removesuffix(b"}")
    return b"".join([around, b',"items":[\n', b",\n".join(items), b"\n]}\n"])


def item(article: Article, config: Config) -> bytes:
    """Return an article as an item."""
    html, lead = clean(article.html).strip(), clean(article.lead).strip()
    title = clean(article.title).strip() or uri(article.url)
    zone = config.site.zone
    members = {
        "id": clean(article.id),
        "url": uri(article.url),
        "title": title,
        "summary": lead,
        "content_html": html,
        "content_text": "" if html else lead or title,  # one of both is required
        "image": uri(article.image.url) if article.image else "",
        "date_published": local(article.published, zone).isoformat(),
        "date_modified": local(updated(article), zone).isoformat(),
        "language": own_language(article, config),
        "tags": list(dict.fromkeys(label(term.slug, term.label) for term in terms(article))),
        "attachments": [_attachment(file) for file in article.attachments],
        "_newsletter": _ours(article, config),
    }
    return msgspec.json.encode(_said(members))


def _feed(head: Head, config: Config) -> Mapping[str, Any]:
    site, feeds = config.site, config.feeds
    members = {
        "version": _VERSION,
        "title": head.title(config),
        "description": clean(head.feed.subtitle).strip(),
        "home_page_url": uri(head.page(config)),
        "feed_url": uri(address(head.feed.path, ".json", config)),
        "icon": uri(feeds.icon),
        "language": language_tag(site.language),
        "authors": [{"name": clean(site.name), "url": uri(f"{config.base}/")}],
        "hubs": [{"type": "WebSub", "url": uri(feeds.hub)}] if feeds.hub else [],
    }
    return _said(members)


def _attachment(file: Attachment) -> Mapping[str, Any]:
    size = exact_size(file)
    members = {
        "url": uri(file.url),
        "mime_type": media_type(file),
        "title": clean(file.title).strip(),
        "size_in_bytes": size,
    }
    return _said(members)


def _ours(article: Article, config: Config) -> Mapping[str, Any]:
    """Return what is beyond the format: terms with their taxonomies, and when things take place and end."""
    members = {
        "terms": [_term(term) for term in terms(article)],
        "dates": [_date(each, config) for each in article.dates],
        "deadline": _instant(article.deadline, config),
    }
    return _said(members)


def _term(term: Term) -> Mapping[str, str]:
    shown = label(term.slug, term.label)
    return _said({"taxonomy": clean(term.taxonomy), "slug": clean(term.slug), "label": shown, "iri": uri(term.iri)})


def _date(each: EventDate, config: Config) -> Mapping[str, Any]:
    if each.all_day:  # whole days are those of the place where they were written down
        start, end = each.start.isoformat(), each.end.isoformat() if each.end else ""
    else:
        start, end = _instant(each.start, config), _instant(each.end, config)
    return {**_said({"start": start, "end": end}), "all_day": each.all_day}


def _instant(moment: datetime | None, config: Config) -> str:
    return local(moment, config.site.zone).isoformat() if moment else ""


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
