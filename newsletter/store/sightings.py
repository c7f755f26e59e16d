"""Where articles were last seen: by it the books know which source still has them, and in which file or document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from newsletter.store.arrivals import chunks
from newsletter.store.rows import add
from newsletter.store.schema import alias, article, sighting

_NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """An article by its key, the place where it was seen, and when it was seen last."""

    article: int
    place: str
    at: datetime


def see(connection: sa.Connection, places: Mapping[int, str], source: str, now: datetime) -> None:
    """Write that a source has these articles, by their keys, each with the place where it was seen.

    What another one had at the same place it has no more: the file or address belongs to a source of another name now.
    """
    for some in chunks(places):
        connection.execute(sighting.delete().where(sighting.c.source == source, sighting.c.article.in_(some)))
        for row in list(connection.execute(sa.select(sighting).where(sighting.c.article.in_(some)))):
            if row.place and row.place == places[row.article]:
                forget(connection, row.source, [row.article])
    rows = [{"source": source, "article": key, "place": place, "at": now} for key, place in places.items()]
    add(connection, sighting, rows)


def after(connection: sa.Connection, now: datetime) -> datetime:
    """Return now, or the first instant after every sighting where the clock stood still or was set back."""
    latest: datetime | None = connection.scalar(sa.select(sa.func.max(sighting.c.at)))
    return max(now, latest + _NEXT) if latest else now


def forget(connection: sa.Connection, source: str, keys: Iterable[int]) -> None:
    """Write that a source no longer has these articles."""
    for some in chunks(keys):
        connection.execute(sighting.delete().where(sighting.c.source == source, sighting.c.article.in_(some)))


def sources(connection: sa.Connection, keys: Iterable[int]) -> dict[int, set[str]]:
    """Return the sources that have each of these articles, by their keys."""
    found: dict[int, set[str]] = {}
    for some in chunks(keys):
        query = sa.select(sighting.c.article, sighting.c.source).where(sighting.c.article.in_(some))
        for row in connection.execute(query):
            found.setdefault(row.article, set()).add(row.source)
    return found


def places(connection: sa.Connection, identities: Iterable[str]) -> dict[str, set[str]]:
    """Return where articles were last seen, by their identities."""
    found: dict[str, set[str]] = {}
    for some in chunks(dict.fromkeys(identities)):
        query = sa.select(article.c.identity, sighting.c.place).join(sighting, sighting.c.article == article.c.key)
        for row in connection.execute(query.where(article.c.identity.in_(some))):
            found.setdefault(row.identity, set()).add(row.place)
    return found


def keys_of(connection: sa.Connection, names: Iterable[str]) -> set[int]:
    """Return the articles that are known under any of these identities or addresses."""
    found: set[int] = set()
    for some in chunks(names):
        found |= set(connection.scalars(sa.select(article.c.key).where(article.c.identity.in_(some))))
        found |= set(connection.scalars(sa.select(alias.c.article).where(alias.c.url.in_(some))))
    return found


def of(connection: sa.Connection, source: str) -> list[Sighting]:
    """Return everything that a source was seen to have."""
    query = sa.select(sighting.c.article, sighting.c.place, sighting.c.at).where(sighting.c.source == source)
    return [Sighting(row.article, row.place, row.at) for row in connection.execute(query)]


def before(connection: sa.Connection, source: str, at: datetime) -> list[Sighting]:
    """Return what a source was seen to have before an instant, and not since."""
    where = (sighting.c.source == source, sighting.c.at < at)
    query = sa.select(sighting.c.article, sighting.c.place, sighting.c.at).where(*where)
    return [Sighting(row.article, row.place, row.at) for row in connection.execute(query)]


def place(connection: sa.Connection, key: int, source: str) -> str:
    """Return where a source was last seen to have an article, nothing where it has it no more."""
    query = sa.select(sighting.c.place).where(sighting.c.article == key, sighting.c.source == source)
    return connection.scalar(query) or ""
