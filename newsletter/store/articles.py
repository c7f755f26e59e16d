"""Articles as stored: one row each, its record whole, its identity and aliases, its revisions and its raw input."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from newsletter.errors import NotFoundError, StoreError
from newsletter.model import Article, ArticleState, Term
from newsletter.store import arrivals, terms
from newsletter.store.arrivals import SHOWN, Fact, Numbering, chunks
from newsletter.store.schema import alias, arrival, article, raw, revision


class Change(StrEnum):
    """What saving an article did."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OLDER = "older"


_decoder = msgspec.json.Decoder(Article)


def keep_raw(connection: sa.Connection, sha256: str, name: str, body: bytes, now: datetime) -> None:
    """Keep an input byte for byte, once."""
    if not connection.scalar(sa.select(raw.c.sha256).where(raw.c.sha256 == sha256)):
        connection.execute(raw.insert().values(sha256=sha256, name=name, body=body, at=now))


def save(
    connection: sa.Connection, given: Article, ends: datetime | None, taxonomies: Sequence[str], numbering: Numbering
) -> Change:
    """Store an article as intake read it, settling its id, terms, ``updated`` and numbers against what is held.

    A newer revision replaces, an older one never does; a lower priority counts as older. ``ends`` is the last moment
    of its events and deadline. What staff withheld stays hidden, whatever the source says.
    """
    arrivals.upper(connection)  # whoever may number takes the lock first, so that two never wait for each other
    held = _held(connection, given)
    if held and _older(given, held[1]):
        return Change.OLDER
    if held and connection.scalar(sa.select(article.c.withheld).where(article.c.key == held[0])):
        given = replace(given, state=ArticleState.HIDDEN)
    # A term may come twice, by label and by IRI: its key stands once.
    keyed = dict(terms.resolve(connection, term) for term in given.terms)
    settled = _settled(given, held[1] if held else None, tuple(keyed.values()), numbering.now)
    if held and settled == replace(held[1], arrival=0):
        change = Change.UNCHANGED
        key = held[0]
    else:
        change = Change.UPDATED if held else Change.NEW
        key = _write(connection, held[0] if held else None, settled, ends, numbering.now)
    facts = _facts(settled, keyed, taxonomies, numbering.now)
    arrivals.settle(connection, key, facts, taxonomies, settled.published, numbering)
    return change


def try_save(
    connection: sa.Connection, given: Article, ends: datetime | None, taxonomies: Sequence[str], numbering: Numbering
) -> Change:
    """Store an article as ``save`` does, so that what fails in it leaves the rest of the transaction alone.

    Raises:
        StoreError: when the books do not take it; nothing of it is stored.
    """
    try:
        with connection.begin_nested():
            return save(connection, given, ends, taxonomies, numbering)
    except (sa.exc.IntegrityError, sa.exc.DataError, ValueError, OverflowError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise StoreError(f"the database refuses {given.identity} ({reason}); correct it and import it again") from error


def set_state(
    connection: sa.Connection, key: int, state: ArticleState, taxonomies: Sequence[str], numbering: Numbering
) -> None:
    """Hide an article, show it again or make it a draft, as staff wish; its terms keep their numbers."""
    arrivals.upper(connection)
    record = replace(get(connection, key), state=state, arrival=0)
    values = {"state": state.value, "record": msgspec.json.encode(record).decode()}
    withheld = state is ArticleState.HIDDEN
    connection.execute(article.update().where(article.c.key == key).values(**values, withheld=withheld))
    keyed = {key: term for key, term in terms.keys(connection).items() if term in record.terms}
    facts = _facts(record, keyed, taxonomies, numbering.now)
    arrivals.settle(connection, key, facts, taxonomies, record.published, numbering)


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
    exact = sa.select(article.c.key).where(sa.or_(article.c.id == name, article.c.identity == name))
    known = sa.select(alias.c.article).where(alias.c.url == name)
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
    found: dict[int, Article] = {}
    for chunk in chunks(wanted):
        found |= dict(_records(connection, article.c.key.in_(chunk)))
    return [found[key] for key in wanted]


def everything(connection: sa.Connection) -> Iterator[Article]:
    """Yield every stored article, newest first."""
    return (record for _, record in _records(connection, sa.true()))


def shown(connection: sa.Connection) -> Iterator[Article]:
    """Yield the articles that are shown, newest first."""
    return (record for _, record in _records(connection, arrival.c.number.is_not(None)))


def never_shown(connection: sa.Connection) -> Iterator[Article]:
    """Yield the articles that nobody could see yet, drafts and those under embargo, newest first."""
    return (record for _, record in _records(connection, article.c.first_shown.is_(None)))


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


def _held(connection: sa.Connection, given: Article) -> tuple[int, Article] | None:
    names = [given.identity, given.url, *given.aliases]
    query = sa.select(article.c.key).where(article.c.identity == given.identity)
    known = sa.select(alias.c.article).where(alias.c.url.in_(names))
    key = connection.scalar(query) or connection.scalar(known)
    return None if key is None else (key, get(connection, key))


def _older(given: Article, held: Article) -> bool:
    """Tell whether what came is older than what is held: by priority, then by date; without dates words decide."""
    if given.source.priority != held.source.priority:
        return given.source.priority < held.source.priority
    if given.modified and held.modified:
        return given.modified < held.modified
    return False


def _settled(given: Article, held: Article | None, found: tuple[Term, ...], now: datetime) -> Article:
    """Settle what depends on the store: the id never changes, ``updated`` moves only with the words."""
    record = replace(given, terms=found, arrival=0)
    if held is None:
        return replace(record, updated=max(given.published, given.modified or given.published))
    record = replace(record, id=held.id, identity=held.identity, aliases=_aliases(given, held))
    if words(record) == words(held):
        return replace(record, updated=held.updated)
    later = given.modified if given.modified and given.modified > held.updated else now
    return replace(record, updated=max(later, given.published))


def _aliases(given: Article, held: Article) -> tuple[str, ...]:
    every = dict.fromkeys([*held.aliases, *given.aliases, held.url, given.url])
    return tuple(url for url in every if url not in (given.url, held.identity))


def words(record: Article) -> str:
    """Return the hash of what readers read: title, lead, text, dates and attachments."""
    read = (record.title, record.lead, record.text, record.dates, record.deadline, record.attachments)
    return hashlib.sha256(msgspec.json.encode(read)).hexdigest()


def _write(connection: sa.Connection, key: int | None, record: Article, ends: datetime | None, now: datetime) -> int:
    body = msgspec.json.encode(record)
    values = {
        "id": record.id,
        "identity": record.identity,
        "state": record.state.value,
        "published": record.published,
        "ends": ends,
        "words": words(record),
        "record": body.decode(),
    }
    if key is None:
        new = article.insert().values(**values, withheld=False)
        key = connection.execute(new.returning(article.c.key)).scalar_one()
    else:
        connection.execute(article.update().where(article.c.key == key).values(values))
    connection.execute(revision.insert().values(article=key, content=hashlib.sha256(body).hexdigest(), at=now))
    for url in (record.url, *record.aliases):
        if not connection.scalar(sa.select(alias.c.article).where(alias.c.url == url)):
            connection.execute(alias.insert().values(url=url, article=key))
    return key


def _facts(record: Article, keyed: Mapping[int, Term], taxonomies: Sequence[str], now: datetime) -> set[Fact]:
    facts = {(term.taxonomy, key) for key, term in keyed.items()}
    facts |= {(taxonomy, 0) for taxonomy in taxonomies if not record.slugs(taxonomy)}
    if record.state is ArticleState.READY and record.published <= now:
        facts.add(SHOWN)
    return facts
