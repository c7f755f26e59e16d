"""Placing: every article is put where it stands in feeds, and given its place in their archives.

Every revision of an article has a number, ``seq``. ``place`` brings the entries in line with all that was revised since
it did so last, and marks the feeds that this touched with the newest number: a build makes those anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store import counters, entries, rules
from newsletter.store.arrivals import is_shown
from newsletter.store.rules import Wanted
from newsletter.store.schema import arrival, article, entry, feed, occasion, revision, rule, serial, volume


def place(connection: sa.Connection, feeds: Sequence[Wanted], shown: int, now: datetime) -> int:
    """Bring all entries in line with the articles, and return the number of the newest revision.

    ``shown`` is how many entries a feed's own document has at least; what stood there first goes to volumes.
    """
    newest = connection.scalar(sa.select(sa.func.max(revision.c.seq))) or 0
    placed = counters.value(connection, "placed")
    since = 0 if rules.sync(connection, feeds) else placed
    if since < newest:
        connection.execute(serial.delete().where(serial.c.article.in_(_revised(placed))))
        placing = _Placing(connection, since, newest, now)
        placing.touch()  # where they stood, and after it where they stand: a row may go in between
        placing.leave()
        placing.come()
        placing.touch()
        placing.close(shown)
        counters.put(connection, "placed", newest)
    return newest


def _revised(since: int) -> sa.Select[int]:
    return sa.select(revision.c.article).where(revision.c.seq > since)


@dataclass(frozen=True)
class _Placing:
    """The entries of all articles that were revised after ``since``, up to the revision ``newest``."""

    connection: sa.Connection
    since: int
    newest: int
    now: datetime

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return entry.c.article.in_(_revised(self.since))

    def leave(self) -> None:
        """Let go what stands in a feed no more; where it was withdrawn, or has a place, it is remembered."""
        wanted = self._wanted().subquery()
        stands = sa.tuple_(entry.c.article, entry.c.feed).in_(sa.select(wanted.c.article, wanted.c.feed))
        gone = self._mine & entry.c.gone.is_(None) & sa.not_(stands)
        lost_events = sa.select(entry.c.feed).where(gone, entry.c.article.in_(sa.select(occasion.c.article)))
        self.connection.execute(feed.update().where(feed.c.key.in_(lost_events)).values(dated=self.newest))
        self._withdraw()
        self.connection.execute(entry.update().where(gone).values(gone=self.now))
        back = self._mine & entry.c.gone.is_not(None) & stands
        # Its volume was closed without it: it comes as a new one, to the next place.
        archives = sa.select(feed.c.key).where(feed.c.archived)
        self.connection.execute(entry.delete().where(back, entry.c.place.is_(None), entry.c.feed.in_(archives)))
        self.connection.execute(entry.update().where(back).values(gone=None))
        lost = self._mine & entry.c.gone.is_not(None) & entry.c.place.is_(None) & is_shown(entry.c.article)
        self.connection.execute(entry.delete().where(lost))

    def _withdraw(self) -> None:
        """Date anew what had left a feed before, for the want of a term, and is withdrawn only now."""
        other = entry.alias()
        stood = sa.exists().where(other.c.article == entry.c.article, other.c.gone.is_(None))
        now = self._mine & entry.c.gone.is_not(None) & stood & sa.not_(is_shown(entry.c.article))
        self.connection.execute(entry.update().where(now).values(gone=self.now))

    def come(self) -> None:
        """Let stand what is new in a feed, at the next place of its archives, and date all as they are dated now."""
        published = sa.select(article.c.published).where(article.c.key == entry.c.article).scalar_subquery()
        self.connection.execute(
            entry.update().where(self._mine, entry.c.published != published).values(published=published)
        )
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
        """Close volumes, as many as leave the feed's own document with enough entries."""
        for row in list(self.connection.execute(sa.select(feed).where(feed.c.archived))):
            mine = entry.c.feed == row.key
            size = max(row.size, self.connection.scalar(sa.select(sa.func.max(entry.c.place)).where(mine)) or 0)
            stands = sa.select(entry.c.place).where(mine, entry.c.gone.is_(None), entry.c.place.is_not(None))
            first = self.connection.scalar(stands.order_by(entry.c.place.desc()).offset(shown - 1).limit(1)) or 0
            closed = max(row.closed, (first - 1) // entries.VOLUME)
            if (size, closed) != (row.size, row.closed):
                self.connection.execute(feed.update().where(feed.c.key == row.key).values(size=size, closed=closed))
                self._close(row.key, range(row.closed + 1, closed + 1))

    def _close(self, key: int, numbers: range) -> None:
        """Close some volumes of a feed; what is withdrawn by then never was in them, and has no place."""
        for number in numbers:
            gone = (entry.c.feed == key, entry.c.gone.is_not(None), entries.in_volume(number))
            self.connection.execute(entry.update().where(*gone).values(place=None))
            self.connection.execute(volume.insert().values(feed=key, number=number, seq=self.newest))

    def touch(self) -> None:
        """Mark the feeds and volumes in which these articles stand."""
        touched = feed.c.key.in_(sa.select(entry.c.feed).where(self._mine))
        self.connection.execute(feed.update().where(touched).values(seq=self.newest))
        number = (entry.c.place - 1) // entries.VOLUME + 1
        on = sa.select(entry.c.feed, number).where(self._mine, entry.c.place.is_not(None))
        bound = sa.tuple_(volume.c.feed, volume.c.number).in_(on)
        self.connection.execute(volume.update().where(bound).values(seq=self.newest))

    def _wanted(self) -> sa.Select[int, int]:
        """Select article and feed of every entry that is to stand: shown, with a term of each taxonomy of a choice."""
        agreed = sa.func.count(arrival.c.taxonomy.distinct())
        return (
            sa.select(arrival.c.article, rule.c.feed)
            .join(rule, (rule.c.taxonomy == arrival.c.taxonomy) & (rule.c.term == arrival.c.term))
            .where(arrival.c.article.in_(_revised(self.since)), arrival.c.gone.is_(None), is_shown(arrival.c.article))
            .group_by(arrival.c.article, rule.c.feed, rule.c.choice, rule.c.width)
            .having(agreed == rule.c.width)
            .distinct()
        )
