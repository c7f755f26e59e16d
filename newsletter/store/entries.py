"""Entries: which articles stand in which feeds, and at which place of the archives.

Every revision of an article has a number, ``seq``. ``place`` brings the entries in line with all that was revised since
it did so last, and marks the feeds that this touched with the newest number: a build makes those anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store import counters, rules
from newsletter.store.arrivals import is_shown
from newsletter.store.rules import Wanted
from newsletter.store.schema import arrival, article, entry, feed, occasion, page, revision, rule, serial

PAGE = 25
"""Entries of an archive document, for good: another number would change the sets of documents that were published."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A feed as it stands: whether it has archives and how many documents, and when an article last left it."""

    key: int
    archived: bool
    closed: int
    shrank: datetime | None


Deleted = tuple[str, datetime]
"""The id of an article that was withdrawn, and since when it stands no more where it stood."""


def place(connection: sa.Connection, feeds: Sequence[Wanted], shown: int, now: datetime) -> int:
    """Bring all entries in line with the articles, and return the number of the newest revision.

    ``shown`` is how many entries a feed's own document has at least; older ones go to its archives, ``PAGE`` at a time.
    """
    newest = connection.scalar(sa.select(sa.func.max(revision.c.seq))) or 0
    since = 0 if rules.sync(connection, feeds) else counters.value(connection, "placed")
    if since < newest:
        placing = _Placing(connection, since, newest, now)
        placing.touch()  # where they stood, and after it where they stand: a row may go in between
        placing.leave()
        placing.come()
        placing.touch()
        placing.close(shown)
        counters.put(connection, "placed", newest)
    return newest


def standings(connection: sa.Connection, since: int = -1) -> dict[str, Standing]:
    """Return the feeds that changed after a revision, by path."""
    return _standings(connection, feed.c.seq > since)


def dated(connection: sa.Connection, since: int) -> dict[str, Standing]:
    """Return the feeds of which events changed after a revision, by path."""
    return _standings(connection, feed.c.dated > since)


def pages(connection: sa.Connection, since: int = -1) -> list[tuple[str, int]]:
    """Return path and number of the archive documents that changed after a revision."""
    query = sa.select(feed.c.path, page.c.number).join(feed, feed.c.key == page.c.feed).where(page.c.seq > since)
    return [(row.path, row.number) for row in connection.execute(query.order_by(feed.c.path, page.c.number))]


def fingerprint(connection: sa.Connection, seq: int) -> str:
    """Return what tells a revision from one of the same number in other books: a backup, or another publication."""
    row = connection.execute(sa.select(revision).where(revision.c.seq == seq)).first()
    return f"{row.article}:{row.content}:{row.at.isoformat()}" if row else ""


def newest(connection: sa.Connection, standing: Standing, shown: int) -> list[int]:
    """Return the keys of the articles of a feed's own document: the newest ones, and what no archive has yet."""
    here = (entry.c.feed == standing.key, entry.c.gone.is_(None))
    first = list(connection.scalars(_ordered(*here).limit(shown)))
    if not standing.archived:
        return first
    more = sa.select(entry.c.article).where(*here, entry.c.place > standing.closed * PAGE)
    every = {*first, *connection.scalars(more)}
    return list(connection.scalars(_ordered(*here, entry.c.article.in_(every)))) if len(every) > len(first) else first


def archived(connection: sa.Connection, standing: Standing, number: int) -> list[int]:
    """Return the keys of the articles of an archive document, newest first."""
    here = (entry.c.feed == standing.key, entry.c.gone.is_(None), _on_page(number))
    return list(connection.scalars(_ordered(*here)))


def left_newest(connection: sa.Connection, standing: Standing, shown: int, most: int) -> list[Deleted]:
    """Return the withdrawn articles that would stand in a feed's own document, the newest ``most`` of them."""
    if standing.shrank is None:
        return []
    mine = entry.c.feed == standing.key
    last = sa.select(entry.c.published).where(mine, entry.c.gone.is_(None)).order_by(entry.c.published.desc())
    oldest = connection.scalar(last.offset(shown - 1).limit(1))
    here = sa.true() if oldest is None else entry.c.published >= oldest
    if standing.archived:
        here |= entry.c.place > standing.closed * PAGE
    return _deleted(connection, mine, here)[:most]


def left_archived(connection: sa.Connection, standing: Standing, number: int) -> list[Deleted]:
    """Return the withdrawn articles that stood in an archive document."""
    if standing.shrank is None:
        return []
    return _deleted(connection, entry.c.feed == standing.key, _on_page(number))


def _standings(connection: sa.Connection, where: sa.ColumnElement[bool]) -> dict[str, Standing]:
    rows = connection.execute(sa.select(feed).where(where).order_by(feed.c.path))
    return {row.path: Standing(row.key, row.archived, row.closed, row.shrank) for row in rows}


def _ordered(*where: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Select articles, the newest first, of one instant the one that was stored last: in the order of an index."""
    return sa.select(entry.c.article).where(*where).order_by(entry.c.published.desc(), entry.c.article.desc())


def _on_page(number: int) -> sa.ColumnElement[bool]:
    return entry.c.place.between((number - 1) * PAGE + 1, number * PAGE)


def _deleted(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Deleted]:
    query = sa.select(article.c.id, entry.c.gone).join(article, article.c.key == entry.c.article)
    gone = query.where(*where, entry.c.gone.is_not(None), sa.not_(is_shown(entry.c.article)))
    return [(row.id, row.gone) for row in connection.execute(gone.order_by(entry.c.published.desc(), article.c.id))]


@dataclass(frozen=True)
class _Placing:
    """The entries of all articles that were revised after ``since``, up to the revision ``newest``."""

    connection: sa.Connection
    since: int
    newest: int
    now: datetime

    @property
    def _revised(self) -> sa.Select[int]:
        return sa.select(revision.c.article).where(revision.c.seq > self.since)

    def leave(self) -> None:
        """Let go what stands in a feed no more; where it was withdrawn, or has a place, it is remembered."""
        wanted = self._wanted().subquery()
        stands = sa.tuple_(entry.c.article, entry.c.feed).in_(sa.select(wanted.c.article, wanted.c.feed))
        mine = entry.c.article.in_(self._revised)
        gone = mine & entry.c.gone.is_(None) & sa.not_(stands)
        shrunk = feed.c.key.in_(sa.select(entry.c.feed).where(gone))
        self.connection.execute(feed.update().where(shrunk).values(shrank=self.now))
        lost_events = sa.select(entry.c.feed).where(gone, entry.c.article.in_(sa.select(occasion.c.article)))
        self.connection.execute(feed.update().where(feed.c.key.in_(lost_events)).values(dated=self.newest))
        self.connection.execute(entry.update().where(gone).values(gone=self.now))
        back = mine & entry.c.gone.is_not(None) & stands
        # Its archive document was closed without it: it comes as a new one, to the next place.
        archives = sa.select(feed.c.key).where(feed.c.archived)
        self.connection.execute(entry.delete().where(back, entry.c.place.is_(None), entry.c.feed.in_(archives)))
        self.connection.execute(entry.update().where(back).values(gone=None))
        lost = mine & entry.c.gone.is_not(None) & entry.c.place.is_(None) & is_shown(entry.c.article)
        self.connection.execute(entry.delete().where(lost))

    def come(self) -> None:
        """Let stand what is new in a feed, at the next place of its archives, and date all as they are dated now."""
        published = sa.select(article.c.published).where(article.c.key == entry.c.article).scalar_subquery()
        redated = (entry.c.article.in_(self._revised), entry.c.published != published)
        self.connection.execute(entry.update().where(*redated).values(published=published))
        wanted = self._wanted().subquery()
        order = sa.func.row_number().over(partition_by=wanted.c.feed, order_by=(article.c.published, article.c.id))
        given = sa.case((feed.c.archived, feed.c.size + order), else_=None)
        known = sa.exists().where(entry.c.article == wanted.c.article, entry.c.feed == wanted.c.feed)
        new = (
            sa.select(wanted.c.article, wanted.c.feed, article.c.published, given)
            .join(article, article.c.key == wanted.c.article)
            .join(feed, feed.c.key == wanted.c.feed)
            .where(~known)
        )
        self.connection.execute(entry.insert().from_select(["article", "feed", "published", "place"], new))

    def close(self, shown: int) -> None:
        """Close archive documents, as many as leave the feed's own document with enough entries."""
        last = sa.select(sa.func.max(entry.c.place)).where(entry.c.feed == feed.c.key).scalar_subquery()
        query = sa.select(feed.c.key, feed.c.closed, feed.c.size, last.label("last")).where(feed.c.archived)
        for row in list(self.connection.execute(query)):
            size = max(row.size, row.last or 0)
            closed = max(row.closed, (size - shown) // PAGE)
            if (size, closed) != (row.size, row.closed):
                self.connection.execute(feed.update().where(feed.c.key == row.key).values(size=size, closed=closed))
                self._close(row.key, range(row.closed + 1, closed + 1))

    def _close(self, key: int, numbers: range) -> None:
        """Close some archive documents of a feed; what is withdrawn by then never was in them, and has no place."""
        for number in numbers:
            gone = (entry.c.feed == key, entry.c.gone.is_not(None), _on_page(number))
            self.connection.execute(entry.update().where(*gone).values(place=None))
            self.connection.execute(page.insert().values(feed=key, number=number, seq=self.newest))

    def touch(self) -> None:
        """Mark the feeds and archive documents in which these articles stand; what was serialised of them is stale."""
        mine = entry.c.article.in_(self._revised)
        touched = feed.c.key.in_(sa.select(entry.c.feed).where(mine))
        self.connection.execute(feed.update().where(touched).values(seq=self.newest))
        number = (entry.c.place - 1) // PAGE + 1
        on = sa.select(entry.c.feed, number).where(mine, entry.c.place.is_not(None))
        self.connection.execute(
            page.update().where(sa.tuple_(page.c.feed, page.c.number).in_(on)).values(seq=self.newest)
        )
        self.connection.execute(serial.delete().where(serial.c.article.in_(self._revised)))

    def _wanted(self) -> sa.Select[int, int]:
        """Select article and feed of every entry that is to stand: shown, with a term of each taxonomy of a choice."""
        agreed = sa.func.count(arrival.c.taxonomy.distinct())
        return (
            sa.select(arrival.c.article, rule.c.feed)
            .join(rule, (rule.c.taxonomy == arrival.c.taxonomy) & (rule.c.term == arrival.c.term))
            .where(arrival.c.article.in_(self._revised), arrival.c.gone.is_(None), is_shown(arrival.c.article))
            .group_by(arrival.c.article, rule.c.feed, rule.c.choice, rule.c.width)
            .having(agreed == rule.c.width)
            .distinct()
        )
