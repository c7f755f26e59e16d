"""Articles as stored: one row each, its record whole, found by what they are called; and the inputs they came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import Article, Origin
from newsletter.store import terms
from newsletter.store.arrivals import SHOWN, chunks, is_shown
from newsletter.store.rows import add
from newsletter.store.schema import alias, arrival, article, raw, revision, sighting

OWN = "articles/"
"""How the identities of articles begin that came as files (DESIGN §3)."""


class _Sourced(msgspec.Struct):
    source: Origin


_decoder = msgspec.json.Decoder(Article)
_source = msgspec.json.Decoder(_Sourced)


@dataclass(frozen=True, slots=True)
class Raw:
    """An input byte for byte: the name of its file or document, and the encoding that its transport declared."""

    sha256: str
    name: str
    body: bytes
    charset: str = ""


def keep_raw(connection: sa.Connection, inputs: Iterable[Raw], now: datetime) -> None:
    """Keep inputs, each once."""
    given = {each.sha256: each for each in inputs}
    for some in chunks(given):
        for known in connection.scalars(sa.select(raw.c.sha256).where(raw.c.sha256.in_(some))):
            del given[known]
    columns = ("sha256", "name", "body", "charset")
    add(connection, raw, [{name: getattr(each, name) for name in columns} | {"at": now} for each in given.values()])


def raw_of(connection: sa.Connection, sha256: str) -> Raw:
    """Return an input as it came.

    Raises:
        NotFoundError: when it was not kept.
    """
    row = connection.execute(sa.select(raw).where(raw.c.sha256 == sha256)).first()
    if row is None:
        raise NotFoundError(f"{sha256}: the input was not kept; import it again")
    return Raw(row.sha256, row.name, row.body, row.charset)


def by_input(connection: sa.Connection, source: str = "") -> dict[str, list[int]]:
    """Return the inputs of a source, or all, each with the keys of the articles, none of them gone, that stand so."""
    query = sa.select(article.c.key, article.c.record).where(article.c.gone.is_(None))
    if source:
        query = query.join(sighting, sighting.c.article == article.c.key).where(sighting.c.source == source)
    found: dict[str, list[int]] = {}
    for key, record in connection.execute(query.order_by(article.c.key)):
        found.setdefault(_source.decode(record).source.sha256, []).append(key)
    return found


def came_since(connection: sa.Connection, inputs: Iterable[str], since: datetime) -> set[str]:
    """Return those of these inputs that came at an instant or later, by their hashes."""
    query = sa.select(raw.c.sha256).where(raw.c.at >= since)
    return {name for some_ in chunks(inputs) for name in connection.scalars(query.where(raw.c.sha256.in_(some_)))}


def named(connection: sa.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the keys of the articles with these identities and addresses; an identity counts more."""
    found: dict[str, int] = {}
    for some in chunks(names):
        for row in connection.execute(sa.select(alias).where(alias.c.url.in_(some))):
            found[row.url] = row.article
        query = sa.select(article.c.identity, article.c.key).where(article.c.identity.in_(some))
        identities = {row.identity: row.key for row in connection.execute(query)}
        found |= identities
    return found


def forget_names(connection: sa.Connection, key: int, but: Iterable[str]) -> None:
    """Forget under which addresses an article was known, but these."""
    connection.execute(alias.delete().where(alias.c.article == key, alias.c.url.not_in(list(but))))


def pin(connection: sa.Connection, key: int, whom: str | None) -> None:
    """Pin an article for ``everyone`` or for ``matching`` readers, or unpin it with None."""
    connection.execute(article.update().where(article.c.key == key).values(pinned=whom))


def pins(connection: sa.Connection) -> dict[int, str]:
    """Return for whom articles are pinned, by their keys."""
    query = sa.select(article.c.key, article.c.pinned).where(article.c.pinned.is_not(None))
    return {row.key: row.pinned for row in connection.execute(query)}


def newest_first(connection: sa.Connection, keys: Iterable[int]) -> list[int]:
    """Return keys ordered by publication, newest first."""
    order = sa.select(article.c.key, article.c.published)
    found = [row for some in chunks(keys) for row in connection.execute(order.where(article.c.key.in_(some)))]
    return [row.key for row in sorted(found, key=lambda row: (row.published, row.key), reverse=True)]


def first_shown(connection: sa.Connection, keys: Iterable[int]) -> dict[int, int]:
    """Return the number at which each article was shown for the first time, 0 where it never was."""
    query = sa.select(article.c.key, article.c.first_shown)
    found = (row for some in chunks(keys) for row in connection.execute(query.where(article.c.key.in_(some))))
    return {row.key: row.first_shown or 0 for row in found}


def find(connection: sa.Connection, name: str) -> int:
    """Return the key of the article with this id, URL or identity, or a unique prefix of one.

    Raises:
        NotFoundError: when none, or more than one, is meant.
    """
    names = [name, re.sub(r"^https?://(?:www\.)?", "https://", name)]  # however the address is written
    exact = sa.select(article.c.key).where(sa.or_(article.c.id == name, article.c.identity.in_(names)))
    known = sa.select(alias.c.article).where(alias.c.url.in_(names)).order_by(alias.c.url != name)
    key: int | None = connection.scalar(exact) or connection.scalar(known)
    if key is not None:
        return key
    starts = [column.startswith(name, autoescape=True) for column in (article.c.id, article.c.identity, alias.c.url)]
    query = sa.select(article.c.key).outerjoin(alias, alias.c.article == article.c.key).where(sa.or_(*starts))
    keys: list[int] = list(connection.scalars(query.distinct().limit(2)))
    if len(keys) != 1:
        which = "several articles begin so" if keys else "no such article"
        raise NotFoundError(f"{name}: {which}; `newsletter articles list` shows them")
    return keys[0]


def get(connection: sa.Connection, key: int) -> Article:
    """Return one stored article."""
    return next(iter(some(connection, [key])))


def some(connection: sa.Connection, keys: Iterable[int]) -> list[Article]:
    """Return stored articles in the order of their keys given."""
    wanted = list(keys)
    found = by_key(connection, wanted)
    return [found[key] for key in wanted]


def by_key(connection: sa.Connection, keys: Iterable[int]) -> dict[int, Article]:
    """Return stored articles by their keys."""
    found: dict[int, Article] = {}
    for chunk in chunks(keys):
        found |= dict(_records(connection, article.c.key.in_(chunk)))
    return found


def gone(connection: sa.Connection, key: int) -> datetime | None:
    """Return since when an article's sources have it no more, None while one has it."""
    since: datetime | None = connection.scalar(sa.select(article.c.gone).where(article.c.key == key))
    return since


def withdrawn(connection: sa.Connection) -> dict[str, datetime]:
    """Return since when articles are gone from all their sources, by their ids."""
    rows = connection.execute(sa.select(article.c.id, article.c.gone).where(article.c.gone.is_not(None)))
    return {row.id: row.gone for row in rows}


def everything(connection: sa.Connection) -> Iterator[Article]:
    """Yield every stored article, newest first."""
    return (record for _, record in _records(connection, sa.true()))


def shown(connection: sa.Connection) -> Iterator[Article]:
    """Yield the articles that are shown, newest first."""
    return (record for _, record in _records(connection, arrival.c.number.is_not(None)))


def dated(connection: sa.Connection) -> list[tuple[int, Article]]:
    """Return every article with dates, with its key."""
    return [(key, record) for key, record in _records(connection, sa.true()) if record.dates]


def put_ends(connection: sa.Connection, ends: Mapping[int, datetime | None]) -> None:
    """Write when the events and deadlines of articles are over, by the articles' keys."""
    for key, moment in ends.items():
        connection.execute(article.update().where(article.c.key == key).values(ends=moment))


def never_shown(connection: sa.Connection) -> Iterator[Article]:
    """Yield the articles that nobody could see yet, drafts and those under embargo, newest first."""
    return (record for _, record in _records(connection, article.c.first_shown.is_(None)))


def revised_pages(connection: sa.Connection, since: int, base: str) -> Iterator[Article]:
    """Yield the articles that may have a page of ours and were revised after a revision, shown or not."""
    keys = list(connection.scalars(_revised_pages(since, base).order_by(article.c.key)))
    for some_ in chunks(keys):
        yield from by_key(connection, some_).values()


def count_revised_pages(connection: sa.Connection, since: int, base: str) -> int:
    """Return how many articles that are shown may have a page of ours and were revised after a revision."""
    mine = _revised_pages(since, base).where(is_shown(article.c.key))
    return connection.scalar(sa.select(sa.func.count()).select_from(mine.subquery())) or 0


def _revised_pages(since: int, base: str) -> sa.Select[int]:
    late = sa.select(revision.c.article).where(revision.c.seq > since)
    ours = sa.or_(_begins(article.c.identity, OWN), _begins(article.c.identity, f"{base}/{OWN}"))
    return sa.select(article.c.key).where(article.c.key.in_(late), ours)


def _begins(column: sa.Column[str], beginning: str) -> sa.ColumnElement[bool]:
    """Tell whether a text begins so, in a way that an index answers on every dialect."""
    return column.between(beginning, beginning[:-1] + chr(ord(beginning[-1]) + 1), symmetric=False)


def which_shown(connection: sa.Connection, keys: Iterable[int]) -> set[int]:
    """Return those of these articles that are shown."""
    query = sa.select(arrival.c.article).where(arrival.c.taxonomy == SHOWN[0], arrival.c.gone.is_(None))
    return {key for some_ in chunks(keys) for key in connection.scalars(query.where(arrival.c.article.in_(some_)))}


def left(connection: sa.Connection) -> list[Article]:
    """Return the articles with a page of our own that were shown once and are not now."""
    own = sa.select(article.c.key).outerjoin(arrival, _showing()).where(_begins(article.c.identity, OWN))
    return some(
        connection, connection.scalars(own.where(article.c.first_shown.is_not(None), arrival.c.number.is_(None)))
    )


def renamed(connection: sa.Connection) -> list[tuple[str, Article]]:
    """Return former names of shown articles with a page of our own, each with its article."""
    query = sa.select(alias.c.url, alias.c.article).where(_begins(alias.c.url, OWN)).order_by(alias.c.url)
    names = [(row.url, row.article) for row in connection.execute(query)]
    found = by_key(connection, {key for _, key in names})
    return [(name, found[key]) for name, key in names if found[key].arrival]


def upcoming(connection: sa.Connection, now: datetime) -> list[int]:
    """Return the keys of shown articles with an event or a deadline that is not over."""
    query = sa.select(article.c.key).join(arrival, _showing()).where(article.c.ends >= now)
    return list(connection.scalars(query.order_by(article.c.key)))


def _showing() -> sa.ColumnElement[bool]:
    return (arrival.c.article == article.c.key) & (arrival.c.taxonomy == SHOWN[0]) & arrival.c.gone.is_(None)


def _records(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Iterator[tuple[int, Article]]:
    query = sa.select(article.c.key, article.c.record, arrival.c.number).outerjoin(arrival, _showing()).where(where)
    names = {(term.taxonomy, term.slug): term for term in terms.everything(connection)}
    for key, record, number in connection.execute(query.order_by(article.c.published.desc(), article.c.key.desc())):
        found = _decoder.decode(record)
        current = tuple(names.get((term.taxonomy, term.slug), term) for term in found.terms)
        yield key, replace(found, arrival=number or 0, terms=current)
