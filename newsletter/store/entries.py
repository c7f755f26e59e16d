"""Entries: which articles stand in which feeds, as their documents show them; ``placing`` brings them in line.

Where a feed keeps archives, each article has a place in it for good, and ``VOLUME`` places make a volume: an archive
document (RFC 5005 §4). The feed's own document holds what stands in no volume, so that each article is in one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store.arrivals import is_shown
from newsletter.store.schema import article, entry, feed, revision, volume

VOLUME = 25
"""Places of a volume, for good: another number would change the sets of documents that were published."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A feed as it stands: the name that its id is made of, whether it has archives and how many volumes.

    ``shrank`` is whether anything left it that is remembered.
    """

    key: int
    name: str
    archived: bool
    closed: int
    shrank: bool


Deleted = tuple[str, datetime]
"""The id of an article that was withdrawn, and since when it stands no more where it stood."""


def standings(connection: sa.Connection, since: int = -1) -> dict[str, Standing]:
    """Return the feeds that changed after a revision, by path."""
    return _standings(connection, feed.c.seq > since)


def dated(connection: sa.Connection, since: int) -> dict[str, Standing]:
    """Return the feeds of which events changed after a revision, by path."""
    return _standings(connection, feed.c.dated > since)


def volumes(connection: sa.Connection, since: int = -1) -> list[tuple[str, int]]:
    """Return path and number of the volumes that changed after a revision."""
    query = sa.select(feed.c.path, volume.c.number).join(feed, feed.c.key == volume.c.feed)
    rows = connection.execute(query.where(volume.c.seq > since).order_by(feed.c.path, volume.c.number))
    return [(row.path, row.number) for row in rows]


def fingerprint(connection: sa.Connection, seq: int) -> str:
    """Return what tells a revision from one of the same number in other books: a backup, or another publication."""
    row = connection.execute(sa.select(revision).where(revision.c.seq == seq)).first()
    return f"{row.article}:{row.content}:{row.at.isoformat()}" if row else ""


def newest(connection: sa.Connection, standing: Standing, most: int) -> list[int]:
    """Return the keys of the newest articles of a feed by date."""
    return list(connection.scalars(_ordered(standing).limit(most)))


def own(connection: sa.Connection, standing: Standing, shown: int) -> list[int]:
    """Return the keys of the articles of a feed's own document: what no volume has, or the newest without archives."""
    if not standing.archived:
        return newest(connection, standing, shown)
    return list(connection.scalars(_ordered(standing, entry.c.place > standing.closed * VOLUME)))


def bound(connection: sa.Connection, standing: Standing, number: int) -> list[int]:
    """Return the keys of the articles of a volume, newest first."""
    return list(connection.scalars(_ordered(standing, in_volume(number))))


def left_own(connection: sa.Connection, standing: Standing, shown: int, most: int) -> list[Deleted]:
    """Return the withdrawn articles that would stand in a feed's own document, the newest ``most`` of them."""
    if not standing.shrank:
        return []
    mine = entry.c.feed == standing.key
    last = sa.select(entry.c.published).where(mine, entry.c.gone.is_(None)).order_by(entry.c.published.desc())
    oldest = connection.scalar(last.offset(shown - 1).limit(1))
    here = sa.true() if oldest is None else entry.c.published >= oldest
    if standing.archived:
        here |= entry.c.place > standing.closed * VOLUME
    return _deleted(connection, mine, here)[:most]


def left_bound(connection: sa.Connection, standing: Standing, number: int) -> list[Deleted]:
    """Return the withdrawn articles that stood in a volume."""
    if not standing.shrank:
        return []
    return _deleted(connection, entry.c.feed == standing.key, in_volume(number))


def in_volume(number: int) -> sa.ColumnElement[bool]:
    """Tell whether an entry has its place in a volume."""
    return entry.c.place.between((number - 1) * VOLUME + 1, number * VOLUME)


def _standings(connection: sa.Connection, where: sa.ColumnElement[bool]) -> dict[str, Standing]:
    shrank = sa.exists().where(entry.c.feed == feed.c.key, entry.c.gone.is_not(None))
    rows = connection.execute(sa.select(feed, shrank.label("shrank")).where(where).order_by(feed.c.path))
    return {row.path: Standing(row.key, row.name, row.archived, row.closed, row.shrank) for row in rows}


def _ordered(standing: Standing, *where: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Select what stands in a feed, the newest first, of one instant what was stored last: in the order of an index."""
    here = (entry.c.feed == standing.key, entry.c.gone.is_(None), *where)
    return sa.select(entry.c.article).where(*here).order_by(entry.c.published.desc(), entry.c.article.desc())


def _deleted(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Deleted]:
    query = sa.select(article.c.id, entry.c.gone).join(article, article.c.key == entry.c.article)
    gone = query.where(*where, entry.c.gone.is_not(None), sa.not_(is_shown(entry.c.article)))
    return [(row.id, row.gone) for row in connection.execute(gone.order_by(entry.c.published.desc(), article.c.id))]
