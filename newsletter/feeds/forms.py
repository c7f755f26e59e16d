"""The formats in which feeds are published, each with how an entry and a document of it are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from newsletter.config import Config
from newsletter.feeds import atom, jsonfeed, rss
from newsletter.feeds.head import Head
from newsletter.model import Article


@dataclass(frozen=True, slots=True)
class Form:
    """A format: its media type, what serialises an article as an entry, and what joins entries to a document."""

    media_type: str
    entry: Callable[[Article, Config], bytes]
    document: Callable[[Head, Iterable[bytes], Config], bytes]


FORMS: Mapping[str, Form] = {
    "atom": Form(atom.MEDIA_TYPE, atom.entry, atom.document),
    "rss": Form(rss.MEDIA_TYPE, rss.item, rss.document),
    "json": Form(jsonfeed.MEDIA_TYPE, jsonfeed.item, jsonfeed.document),
}
"""By the ending of their files."""
