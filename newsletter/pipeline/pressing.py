"""Pressing: what stale feeds show is serialised once in each format, and kept until its next revision."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.config import Config
from newsletter.feeds.atom import updated
from newsletter.feeds.forms import FORMS
from newsletter.model import Article
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, serials
from newsletter.store.arrivals import chunks
from newsletter.store.serials import Serial


def press(publication: Publication, keys: Iterable[int], form: str, context: str) -> None:
    """Serialise those of these articles in a format that are not yet, a few hundred at a time.

    ``context`` stands for all that an entry is made of besides its article.
    """
    with publication.store.read() as connection:
        wanted = serials.missing(connection, sorted(keys), form, context)
    for some in chunks(wanted):
        with publication.store.read() as connection:
            found = articles.by_key(connection, some)
        made = [(key, _serialised(form, article, publication.config)) for key, article in found.items()]
        with publication.store.write() as connection:
            serials.keep(connection, made, form, context)


def _serialised(form: str, article: Article, config: Config) -> Serial:
    return Serial(updated(article), FORMS[form].entry(article, config))
