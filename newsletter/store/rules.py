"""Rules: by which facts an article stands in a feed. They are rows: a changed filter is a difference of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

import sqlalchemy as sa

from newsletter.model import Filter
from newsletter.store import counters, terms
from newsletter.store.arrivals import SHOWN
from newsletter.store.schema import entry, feed, rule, showing, volume


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed as it is configured: its path, the union of filters that it takes, empty for all, and its archives."""

    path: str
    filters: tuple[Filter, ...]
    archived: bool


Row = tuple[str, int, int, int, int]
"""A rule: taxonomy and term, the feed and which of its filters asks for it, how many taxonomies must agree."""


def sync(connection: sa.Connection, feeds: Sequence[Wanted]) -> bool:
    """Write the feeds and rules as they are configured; tells whether articles stored before may stand otherwise now.

    A term that is younger than the last time came with articles that were revised since.
    """
    known = counters.value(connection, "term")
    keys = {(each.taxonomy, each.slug): key for key, each in terms.keys(connection).items()}
    added = _add(connection, feeds)
    paths = {row.path: row.key for row in connection.execute(sa.select(feed.c.path, feed.c.key))}
    wanted = {row for each in feeds for row in _rules(each, paths[each.path], keys)}
    held: set[Row] = {(*row,) for row in connection.execute(sa.select(*rule.c))}
    _write_rules(connection, wanted - held, held - wanted)
    counters.put(connection, "term", max(keys.values(), default=0))
    here = set(keys.values())
    return added or any(row[1] in here for row in held - wanted) or any(row[1] <= known for row in wanted - held)


def rename(connection: sa.Connection, old: str, new: str) -> None:
    """Let a feed stand at another path, with the name and all that it has; what stood there before is forgotten."""
    if connection.scalar(sa.select(feed.c.key).where(feed.c.path == old)) is None or old == new:
        return
    lost = sa.select(feed.c.key).where(feed.c.path == new)
    for table in (rule, entry, volume, showing):
        connection.execute(table.delete().where(table.c.feed.in_(lost)))
    connection.execute(feed.delete().where(feed.c.path == new))
    connection.execute(feed.update().where(feed.c.path == old).values(path=new))


def _mint(path: str, names: set[str]) -> str:
    """Return a name for a new feed: its path, or what no feed was called yet that stands elsewhere today."""
    free = (f"{path}.{number}" for number in count(2))
    name = next(name for name in chain([path], free) if name not in names)
    names.add(name)
    return name


def _add(connection: sa.Connection, feeds: Sequence[Wanted]) -> bool:
    """Write the feeds that are not there yet, and which have archives; tells whether that changed of any."""
    known = list(connection.execute(sa.select(feed.c.path, feed.c.name, feed.c.archived)))
    held, names = {row.path: row.archived for row in known}, {row.name for row in known}
    new = [each for each in feeds if each.path not in held]
    if new:
        rows = [{"path": each.path, "name": _mint(each.path, names), "archived": each.archived} for each in new]
        connection.execute(feed.insert().values(size=0, closed=0, seq=0), rows)
    turned = [each for each in feeds if held.get(each.path, each.archived) != each.archived]
    for each in turned:
        connection.execute(feed.update().where(feed.c.path == each.path).values(archived=each.archived))
        # Those without a place come again, with one.
        mine = sa.select(feed.c.key).where(feed.c.path == each.path)
        connection.execute(entry.delete().where(entry.c.feed.in_(mine), entry.c.place.is_(None)))
    return bool(turned)


def _rules(wanted: Wanted, key: int, keys: Mapping[tuple[str, str], int]) -> Iterator[Row]:
    """Yield the rows by which the articles of a feed are found."""
    if not wanted.filters:
        yield (*SHOWN, key, 0, 1)
    for choice, filter_ in enumerate(wanted.filters):
        for taxonomy, slugs in filter_.items():
            found = (keys[taxonomy, slug] for slug in slugs if (taxonomy, slug) in keys)
            yield from ((taxonomy, each, key, choice, len(filter_)) for each in found)


def _write_rules(connection: sa.Connection, new: Iterable[Row], old: Iterable[Row]) -> None:
    names = [column.name for column in rule.c]
    for row in old:
        connection.execute(
            rule.delete().where(*(rule.c[name] == value for name, value in zip(names, row, strict=True)))
        )
    if rows := [dict(zip(names, row, strict=True)) for row in new]:
        connection.execute(rule.insert(), rows)
