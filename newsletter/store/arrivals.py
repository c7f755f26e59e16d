"""The numbers at which things became true of articles: what makes an article news (docs/adr/0004-arrivals.md).

A fact is that an article is shown, that it has a term, or that it has none of a taxonomy. Every number is given under
one lock that is held to the commit; an opening takes the same lock to read ``upper``, so no number can appear below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from newsletter.store.rows import add
from newsletter.store.schema import arrival, article, counter, issue, revision, run

Fact = tuple[str, int]
"""A taxonomy and the key of a term in it; key 0 says that the article has none, the empty taxonomy that it is shown."""

SHOWN: Fact = ("", 0)

Truth = tuple[int, Collection[Fact], datetime]
"""The key of an article, the facts that are true of it now, and when it was published."""

Row = sa.Row[tuple[int, str, int, int, datetime, bool, int]]
"""A fact of an article as it is stored."""

Given = tuple[str, int, int, bool]
"""A fact's taxonomy and term, its number, and whether that is an archive number."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How numbers are given now: to what is older than ``news_days`` archive numbers, unless staff say otherwise.

    A ``quiet`` one makes nothing news: what becomes true of a shown article takes its number as shown.
    """

    now: datetime
    news_days: int
    archive: bool | None = None
    quiet: bool = False

    def archived(self, published: datetime) -> bool:
        """Tell whether a number given now to an article published then is an archive number."""
        old = self.now - published > timedelta(days=self.news_days)
        return old if self.archive is None else self.archive


def upper(connection: sa.Connection) -> int:
    """Return the newest number, holding the lock under which numbers are given."""
    query = sa.select(counter.c.value).where(counter.c.name == "arrival").with_for_update()
    value: int = connection.execute(query).scalar_one()
    return value


def next_number(connection: sa.Connection) -> int:
    """Return a new number, holding the lock under which numbers are given."""
    number = upper(connection) + 1
    connection.execute(counter.update().where(counter.c.name == "arrival").values(value=number))
    return number


def last_run(connection: sa.Connection) -> int:
    """Return the number of the last run of any list that is no longer being opened, 0 before the first.

    A draft that was frozen counts as one: what was away then is missing in it.
    What goes away while an issue is being opened is missing for some of its readers: that run took place afterwards.
    """
    opening = sa.select(issue.c.run).where(issue.c.state == "opening", issue.c.run.is_not(None))
    return connection.scalar(sa.select(sa.func.max(run.c.id)).where(run.c.id.not_in(opening))) or 0


def is_shown(key: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Tell whether an article is shown: looked up for each, since the list of all that are is long."""
    fact, (taxonomy, none) = arrival.alias(), SHOWN
    return sa.exists().where(
        fact.c.article == key, fact.c.taxonomy == taxonomy, fact.c.term == none, fact.c.gone.is_(None)
    )


def settle(connection: sa.Connection, given: Iterable[Truth], taxonomies: Iterable[str], numbering: Numbering) -> None:
    """Bring the numbers of articles in line with what is true of them now.

    What is new gets a number. What went away and comes back keeps its own, unless a run of any list took place
    meanwhile. Taxonomies that are not configured are left alone.
    """
    # The lock comes first: a run taken meanwhile would not see what comes back with its old number.
    upper(connection)
    known, runs = {*taxonomies, SHOWN[0]}, last_run(connection)
    for some in chunks(given):
        rows = _rows(connection, [key for key, _, _ in some])
        for key, facts, published in some:
            held = {fact: row for fact, row in rows[key].items() if fact[0] in known}
            if SHOWN in held:
                held |= _new_taxonomies(connection, key, held, known)
            _settle(connection, key, set(facts), held, runs, published, numbering)


def _settle(
    connection: sa.Connection,
    key: int,
    true: set[Fact],
    held: Mapping[Fact, Row],
    runs: int,
    published: datetime,
    numbering: Numbering,
) -> None:
    lost = [fact for fact, row in held.items() if row.gone is None and fact not in true]
    back = [fact for fact in true if fact in held and held[fact].gone == runs]
    new = [fact for fact in true if fact not in held or held[fact].gone not in (None, runs)]
    _mark(connection, key, lost, gone=runs)
    _mark(connection, key, back, gone=None)
    if new and numbering.quiet and SHOWN in held and SHOWN not in new:
        _join(connection, key, new, held)
    elif new:
        _number(connection, key, new, held, published, numbering)
    if lost or back or new:
        revise(connection, [key], numbering.now)


def reserve(connection: sa.Connection, new: Sequence[Collection[Fact]]) -> list[int]:
    """Return a number for each new article, by what is true of it, in their order; 0 where nothing is."""
    last = first = upper(connection)
    numbers = [(last := last + 1) if facts else 0 for facts in new]
    if last != first:
        connection.execute(counter.update().where(counter.c.name == "arrival").values(value=last))
    return numbers


def begin(connection: sa.Connection, new: Sequence[Truth], numbers: Sequence[int], numbering: Numbering) -> None:
    """Write of articles that are new what is true of them, each under its number."""
    rows: list[dict[str, object]] = []
    for number, (key, facts, published) in zip(numbers, new, strict=True):
        given = {"article": key, "number": number, "at": numbering.now, "archive": numbering.archived(published)}
        rows += [{**given, "taxonomy": taxonomy, "term": term, "gone": None} for taxonomy, term in facts]
    add(connection, arrival, rows)


def revise(connection: sa.Connection, keys: Iterable[int], now: datetime) -> None:
    """Note that articles, the same as before, stand otherwise in feeds: what is built of them is stale."""
    for some in chunks(keys):
        last = sa.select(sa.func.max(revision.c.seq)).where(revision.c.article.in_(some)).group_by(revision.c.article)
        same = sa.select(revision.c.article, revision.c.content, sa.literal(now, revision.c.at.type))
        again = same.where(revision.c.seq.in_(last)).order_by(revision.c.seq)
        connection.execute(revision.insert().from_select(["article", "content", "at"], again))


def merge(connection: sa.Connection, taxonomy: str, old: int, new: int) -> None:
    """Make one term of two: of an article that has both the smaller number stays."""
    mine = (arrival.c.taxonomy == taxonomy, arrival.c.term == old)
    held = {row.article: row for row in connection.execute(sa.select(arrival).where(*mine))}
    for some in chunks(held):
        both = sa.select(arrival).where(
            arrival.c.taxonomy == taxonomy, arrival.c.term == new, arrival.c.article.in_(some)
        )
        for row in list(connection.execute(both)):
            other = held[row.article]
            # What is true counts before what is gone, then the smaller number.
            loser = new if (other.gone is not None, other.number) < (row.gone is not None, row.number) else old
            where = (arrival.c.article == row.article, arrival.c.taxonomy == taxonomy, arrival.c.term == loser)
            connection.execute(arrival.delete().where(*where))
    connection.execute(arrival.update().where(*mine).values(term=new))


def due(connection: sa.Connection, now: datetime) -> list[tuple[int, datetime]]:
    """Return key and date of articles whose time has come and that were not shown yet: an embargo ended."""
    shown = sa.select(arrival.c.article).where(arrival.c.taxonomy == SHOWN[0], arrival.c.gone.is_(None))
    query = sa.select(article.c.key, article.c.published).where(
        article.c.state == "ready", article.c.published <= now, article.c.key.not_in(shown)
    )
    return [(row.key, row.published) for row in connection.execute(query.order_by(article.c.key))]


def show(connection: sa.Connection, key: int, published: datetime, numbering: Numbering) -> None:
    """Number an article as shown, leaving its terms as they are."""
    held = _rows(connection, [key])[key]
    facts = {fact for fact, row in held.items() if row.gone is None} | {SHOWN}
    settle(connection, [(key, facts, published)], {taxonomy for taxonomy, _ in held}, numbering)


def numbers(connection: sa.Connection, keys: Iterable[int]) -> dict[int, list[Given]]:
    """Return taxonomy, term, number and archive of everything true of the articles, by their keys."""
    found: dict[int, list[Given]] = {key: [] for key in keys}
    columns = (arrival.c.taxonomy, arrival.c.term, arrival.c.number, arrival.c.archive)
    for some in chunks(found):
        query = sa.select(arrival.c.article, *columns)
        for row in connection.execute(query.where(arrival.c.article.in_(some), arrival.c.gone.is_(None))):
            found[row.article].append((row.taxonomy, row.term, row.number, row.archive))
    return found


def newer(connection: sa.Connection, number: int, upper: int | None = None) -> list[int]:
    """Return the keys of shown articles of which something became true after a number, and not as archive.

    With ``upper`` only what became true up to it counts.
    """
    shown = sa.select(arrival.c.article).where(arrival.c.taxonomy == SHOWN[0], arrival.c.gone.is_(None))
    query = sa.select(arrival.c.article).where(
        arrival.c.number > number,
        arrival.c.gone.is_(None),
        arrival.c.archive.is_(False),
        arrival.c.article.in_(shown),
    )
    bounded = query if upper is None else query.where(arrival.c.number <= upper)
    return sorted(set(connection.scalars(bounded)))


def shown(connection: sa.Connection, keys: Iterable[int]) -> list[int]:
    """Return those of the articles that are shown."""
    query = sa.select(article.c.key).where(is_shown(article.c.key))
    return [key for some in chunks(keys) for key in connection.scalars(query.where(article.c.key.in_(some)))]


def having(connection: sa.Connection, taxonomy: str, term: int) -> list[int]:
    """Return the keys of the articles that have a term, or had it."""
    query = sa.select(arrival.c.article).where(arrival.c.taxonomy == taxonomy, arrival.c.term == term)
    return sorted(connection.scalars(query))


def stale(connection: sa.Connection, before: datetime) -> int:
    """Return the newest number given before an instant; up to it nothing is news any more."""
    return connection.scalar(sa.select(sa.func.max(arrival.c.number)).where(arrival.c.at < before)) or 0


Key = TypeVar("Key")


def chunks(keys: Iterable[Key], size: int = 500) -> Iterator[list[Key]]:
    """Yield keys in lists short enough for one statement."""
    waiting = list(keys)
    return (waiting[start : start + size] for start in range(0, len(waiting), size))


def _rows(connection: sa.Connection, keys: Sequence[int]) -> dict[int, dict[Fact, Row]]:
    """Return what the books hold of some articles, by their keys."""
    found: dict[int, dict[Fact, Row]] = {key: {} for key in keys}
    for row in connection.execute(sa.select(arrival).where(arrival.c.article.in_(keys))):
        found[row.article][row.taxonomy, row.term] = row
    return found


def _new_taxonomies(connection: sa.Connection, key: int, held: Mapping[Fact, Row], known: set[str]) -> dict[Fact, Row]:
    """In a taxonomy configured since, an article has had no term for as long as it was shown."""
    shown = held[SHOWN]
    added = known - {taxonomy for taxonomy, _ in held}
    if not added:
        return {}
    for taxonomy in added:
        connection.execute(arrival.insert().values({**shown._mapping, "taxonomy": taxonomy, "term": 0, "gone": None}))
    return {fact: row for fact, row in _rows(connection, [key])[key].items() if fact[0] in added}


def _mark(connection: sa.Connection, key: int, facts: Iterable[Fact], gone: int | None) -> None:
    for taxonomy, term in facts:
        where = (arrival.c.article == key, arrival.c.taxonomy == taxonomy, arrival.c.term == term)
        connection.execute(arrival.update().where(*where).values(gone=gone))


def _join(
    connection: sa.Connection,
    key: int,
    facts: Iterable[Fact],
    held: Mapping[Fact, Row],
) -> None:
    """Give facts the number at which the article was shown."""
    shown = held[SHOWN]._mapping
    for taxonomy, term in facts:
        where = (arrival.c.article == key, arrival.c.taxonomy == taxonomy, arrival.c.term == term)
        connection.execute(arrival.delete().where(*where))
        connection.execute(arrival.insert().values({**shown, "taxonomy": taxonomy, "term": term, "gone": None}))


def _number(
    connection: sa.Connection,
    key: int,
    facts: list[Fact],
    held: Mapping[Fact, object],
    published: datetime,
    numbering: Numbering,
) -> None:
    number = next_number(connection)
    replaced = [fact for fact in facts if fact in held]
    for taxonomy, term in replaced:
        where = (arrival.c.article == key, arrival.c.taxonomy == taxonomy, arrival.c.term == term)
        connection.execute(arrival.delete().where(*where))
    given = {"article": key, "number": number, "at": numbering.now, "archive": numbering.archived(published)}
    rows = [{**given, "taxonomy": taxonomy, "term": term, "gone": None} for taxonomy, term in facts]
    connection.execute(arrival.insert(), rows)
    if SHOWN in facts:
        never = (article.c.key == key, article.c.first_shown.is_(None))
        connection.execute(article.update().where(*never).values(first_shown=number))
