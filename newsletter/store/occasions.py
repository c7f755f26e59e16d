"""Occasions: when the events of articles take place, each under a number that it keeps for good.

``settle`` brings them in line with all articles that were revised since it did so last, and marks the feeds in which
these stand: their calendars are stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from newsletter import calendar
from newsletter.model import Article, Changes, EventDate, Occasion
from newsletter.store import articles, counters
from newsletter.store.arrivals import chunks, is_shown
from newsletter.store.entries import Standing
from newsletter.store.schema import article, entry, feed, occasion, revision

Events = Callable[[Article], Iterable[EventDate]]
"""Gives the dates of an article that mean an event."""

_date = msgspec.json.Decoder(EventDate)


def settle(connection: sa.Connection, events: Events, now: datetime) -> None:
    """Bring the occasions in line with what articles say now; of one that is not shown all are gone."""
    newest = connection.scalar(sa.select(sa.func.max(revision.c.seq))) or 0
    late = sa.select(revision.c.article).where(revision.c.seq > counters.value(connection, "dated"))
    has = sa.or_(article.c.ends.is_not(None), sa.exists().where(occasion.c.article == article.c.key))
    for some in chunks(connection.scalars(sa.select(article.c.key).where(article.c.key.in_(late), has))):
        _settle(connection, some, events, now)
        where = sa.select(entry.c.feed).where(entry.c.article.in_(some))
        connection.execute(feed.update().where(feed.c.key.in_(where)).values(dated=newest))
    counters.put(connection, "dated", newest)


def of(connection: sa.Connection, keys: Iterable[int]) -> dict[int, list[Occasion]]:
    """Return the occasions of articles, those that are gone too, by the articles' keys."""
    found: dict[int, list[Occasion]] = {key: [] for key in keys}
    for some in chunks(found):
        query = sa.select(occasion).where(occasion.c.article.in_(some))
        for row in connection.execute(query.order_by(occasion.c.article, occasion.c.number)):
            found[row.article].append(Occasion(row.number, _date.decode(row.date), row.gone))
    return found


def holders(connection: sa.Connection, since: int = -1) -> dict[int, str]:
    """Return the ids, by their keys, of articles that have or had occasions and were revised after a revision."""
    query = sa.select(article.c.key, article.c.id).where(article.c.key.in_(sa.select(occasion.c.article)))
    if since >= 0:
        query = query.where(article.c.key.in_(sa.select(revision.c.article).where(revision.c.seq > since)))
    return {row.key: row.id for row in connection.execute(query.order_by(article.c.key))}


def latest(connection: sa.Connection, standing: Standing, most: int) -> list[int]:
    """Return the keys of the articles to whom the ``most`` occasions of a feed belong that end last, the last first.

    What was withdrawn still counts, what lost the feed's term does not; nor what was over when it went.
    """
    told = sa.select(occasion).where(sa.or_(occasion.c.gone.is_(None), occasion.c.gone < occasion.c.ends))
    # Those of a large feed are among the last of all; a small one is looked through as a whole.
    found = _standing(connection, standing, _last_first(told, occasion, 2 * most), most)
    return list(dict.fromkeys(found if len(found) == most else _standing(connection, standing, told, most)))


def changes(connection: sa.Connection, keys: Iterable[int]) -> dict[int, Changes]:
    """Return how often articles were revised since they came, and when last."""
    found: dict[int, Changes] = {}
    number, last = sa.func.count().label("number"), sa.func.max(revision.c.at).label("last")
    for some in chunks(keys):
        query = sa.select(revision.c.article, number, last).where(revision.c.article.in_(some))
        for row in connection.execute(query.group_by(revision.c.article)):
            found[row.article] = Changes(row.number - 1, row.last if row.number > 1 else None)
    return found


def _settle(connection: sa.Connection, keys: list[int], events: Events, now: datetime) -> None:
    held = of(connection, keys)
    rows = []
    for key, found in articles.by_key(connection, keys).items():
        dates, deadline = (events(found), found.deadline) if found.arrival else ((), None)
        rows += [_row(key, each) for each in calendar.kept(held[key], dates, deadline, now)]
    connection.execute(occasion.delete().where(occasion.c.article.in_(keys)))
    if rows:
        connection.execute(occasion.insert(), rows)


def _standing(connection: sa.Connection, standing: Standing, among: sa.Select[Any], most: int) -> list[int]:
    """Return the articles of occasions that stand in a feed, the last first."""
    each = among.subquery()
    here = (entry.c.article == each.c.article) & (entry.c.feed == standing.key)
    stands = sa.or_(entry.c.gone.is_(None), ~is_shown(entry.c.article))
    query = sa.select(each.c.article).join(entry, here).where(stands)
    return list(connection.scalars(_last_first(query, each, most)))


def _last_first(query: sa.Select[Any], each: sa.FromClause, most: int) -> sa.Select[Any]:
    return query.order_by(each.c.ends.desc(), each.c.article.desc(), each.c.number.desc()).limit(most)


def _row(key: int, each: Occasion) -> dict[str, object]:
    date = msgspec.json.encode(each.date).decode()
    return {"article": key, "number": each.number, "date": date, "ends": calendar.over(each.date), "gone": each.gone}
