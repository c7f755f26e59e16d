"""Pressing: what stale documents show is serialised once in each format, and kept until its next revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from newsletter import events
from newsletter.config import Config
from newsletter.feeds.forms import FORMS
from newsletter.feeds.parts import updated
from newsletter.pipeline.documents import calendars
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, occasions, serials
from newsletter.store.arrivals import chunks
from newsletter.store.engine import Transaction
from newsletter.store.serials import Serial

Made = list[tuple[int, Serial]]
"""Articles as they were serialised, by their keys."""


def press(publication: Publication, keys: Iterable[int], form: str, context: str) -> None:
    """Serialise those of these articles as entries in a format that are not yet.

    ``context`` stands for all that an entry is made of besides its article.
    """
    _press(publication, keys, form, context, partial(_entries, form, publication.config))


def press_events(publication: Publication, keys: Iterable[int], context: str) -> None:
    """Serialise the events of those of these articles of which they are not yet, as calendars have them."""
    _press(publication, keys, calendars.FORM, context, partial(_events, publication.config))


def _press(
    publication: Publication,
    keys: Iterable[int],
    form: str,
    context: str,
    make: Callable[[Transaction, Sequence[int]], Made],
) -> None:
    """Serialise what is missing, a few hundred at a time."""
    with publication.store.read() as connection:
        wanted = serials.missing(connection, sorted(keys), form, context)
    for some in chunks(wanted):
        with publication.store.read() as connection:
            made = make(connection, some)
        with publication.store.write() as connection:
            serials.keep(connection, made, form, context)


def _entries(form: str, config: Config, connection: Transaction, keys: Sequence[int]) -> Made:
    found = articles.by_key(connection, keys)
    return [(key, Serial(updated(each), FORMS[form].entry(each, config))) for key, each in found.items()]


def _events(config: Config, connection: Transaction, keys: Sequence[int]) -> Made:
    held, changes = occasions.of(connection, keys), occasions.changes(connection, keys)
    found = articles.by_key(connection, keys)
    return [
        (key, Serial(updated(each), events.entry(each, held[key], changes[key], config))) for key, each in found.items()
    ]
