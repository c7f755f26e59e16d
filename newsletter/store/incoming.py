"""What comes in: articles as intake read them, settled against what the books hold, many in one go.

A newer revision replaces, an older one never does; staff's edits stay; what a source shows again is no longer gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from newsletter.errors import StoreError
from newsletter.model import Article, Term
from newsletter.store import arrivals, articles, edits, names, revisions, sayings, sightings
from newsletter.store.arrivals import Numbering, chunks
from newsletter.store.edits import Edited, edited
from newsletter.store.revising import Ends, rewrite
from newsletter.store.rows import add
from newsletter.store.schema import alias, article, revision
from newsletter.store.terms import Vocabulary

TOGETHER = 250
"""New articles that are written with the same statements; a large feed has thousands."""


class Change(StrEnum):
    """What saving an article did."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Given:
    """An article as it came, the place where it was seen (a file, or the address of a document), and when.

    ``origin`` is the file, or the source that is fetched, whose words these are.
    """

    article: Article
    place: str = ""
    at: datetime | None = None
    origin: str = ""


def save(
    connection: sa.Connection, given: Article, ends: Ends, taxonomies: Sequence[str], numbering: Numbering
) -> Change:
    """Store one article, settling its id, terms, ``updated`` and numbers against what is held."""
    return _Batch(connection, ends, taxonomies, numbering).save([Given(given)])[0]


def save_all(
    connection: sa.Connection, given: Sequence[Given], ends: Ends, taxonomies: Sequence[str], numbering: Numbering
) -> list[Change | StoreError]:
    """Store articles as ``save`` does, and say of each what that did, or why the books do not take it."""
    try:
        with connection.begin_nested():
            return list(_Batch(connection, ends, taxonomies, numbering).save(given))
    except _REFUSED as error:
        if len(given) == 1:
            return [_refusal(given[0].article, error)]
    return [change for each in given for change in save_all(connection, [each], ends, taxonomies, numbering)]


_REFUSED = (StoreError, sa.exc.IntegrityError, sa.exc.DataError, ValueError, OverflowError)


def _refusal(given: Article, error: Exception) -> StoreError:
    if isinstance(error, StoreError):
        return error
    reason = " ".join(str(getattr(error, "orig", None) or error).split())
    return StoreError(f"the database refuses {given.identity} ({reason}); correct it and import it again")


@dataclass
class _Batch:
    """Articles on their way into the books: what is looked up for all of them, and what waits to be written."""

    connection: sa.Connection
    ends: Ends
    taxonomies: Sequence[str]
    numbering: Numbering
    held: dict[str, int] = field(default_factory=dict)
    records: dict[int, Article] = field(default_factory=dict)
    edited: dict[int, Edited] = field(default_factory=dict)
    seen: dict[int, set[str]] = field(default_factory=dict)
    said: dict[sayings.Saying, str] = field(default_factory=dict)
    waiting: list[_New] = field(default_factory=list)
    awaited: set[str] = field(default_factory=set)
    sighted: list[tuple[int, Given]] = field(default_factory=list)
    true: dict[int, arrivals.Truth] = field(default_factory=dict)

    def save(self, given: Sequence[Given]) -> list[Change]:
        # Whoever may number takes the lock first, so that two never wait for each other.
        arrivals.upper(self.connection)
        self.vocabulary = Vocabulary(self.connection)
        self._look_up([each.article for each in given])
        changes = [self._take(each) for each in given]
        self._flush()
        self._sight()
        arrivals.settle(self.connection, self.true.values(), self.taxonomies, self.numbering)
        return changes

    def _look_up(self, given: Iterable[Article]) -> None:
        wanted = {name for each in given for name in names.sought(each)}
        self.held = articles.named(self.connection, wanted)
        keys = set(self.held.values())
        self.records = articles.by_key(self.connection, keys) if keys else {}
        self.edited = edits.of(self.connection, keys)
        self.seen = sightings.sources(self.connection, keys)
        self.said = sayings.of(self.connection, keys)

    def _take(self, given: Given) -> Change:
        called = names.every(given.article)
        if not self.awaited.isdisjoint(called) or len(self.waiting) == TOGETHER:
            self._flush()
        name = names.meant(given.article, self.held, self.records)
        if name is None and (names.is_page(given.article) or names.owner(given.article, self.held) is not None):
            return self._left(given.article)
        resolved = dict(self.vocabulary.resolve(term) for term in given.article.terms)
        stored = tuple(resolved.values())
        if name is None:
            self.waiting.append(_New(revisions.first(given.article, stored), resolved, given))
            self.awaited |= called
            return Change.NEW
        key = self.held[name]
        self.sighted.append((key, given))
        again, held = self._is_said_again(key, given), self.records[key]
        if again and self._stands(key, replace(given.article, terms=stored)):
            self._settle(key, held, resolved)
            return Change.UNCHANGED
        if again and self._is_of_others(key, given.article):
            return Change.UNCHANGED
        record = names.as_held(given.article, name, held)
        return self._replace(key, replace(record, terms=stored, arrival=0), resolved)

    def _is_said_again(self, key: int, given: Given) -> bool:
        """Tell whether the file or source said the same the last time; notes what it says now."""
        if not given.origin or self.numbering.quiet:
            return False
        saying, now = (key, given.origin), sayings.content(given.article)
        again = self.said.get(saying) == now
        if not again:
            self.said[saying] = now
            sayings.keep(self.connection, {saying: now})
        return again

    def _stands(self, key: int, given: Article) -> bool:
        """Tell whether the books have an article as this input gave it: not edited, not hidden, its terms the same."""
        held = self.records[key]
        ours = (held.source, held.terms, held.state) == (given.source, given.terms, given.state)
        return ours and key not in self.edited

    def _is_of_others(self, key: int, given: Article) -> bool:
        """Tell whether somebody else's words stand in the books, while this one has the article as well."""
        other = self.records[key].source.sha256 != given.source.sha256
        return other and given.source.name in self.seen.get(key, ())

    def _left(self, given: Article) -> Change:
        """Leave a page of the publication's own as it is: what another source sends is no newer word of it.

        Raises:
            StoreError: when no article has that page, or a file has the name of an article from elsewhere.
        """
        owner = names.owner(given, self.held)
        if owner is None:
            raise StoreError(f"{given.url} is a page of this publication, and none of its articles; correct the link")
        if names.is_written(given):
            source = self.records[owner].source.name
            raise StoreError(f"{given.identity} is the name of an article of source {source!r}; give it another slug")
        return Change.OLDER

    def _replace(self, key: int, given: Article, resolved: Mapping[int, Term]) -> Change:
        """Put what came in the place of what is held, if it is newer."""
        held = replace(self.records[key], arrival=0)
        if self._older(given, key, held):
            return Change.OLDER
        known = self.edited.get(key)
        original = revisions.settled(given, held, known)
        record = edited(original, known.edits) if known else original
        # What a better parser reads in the same input was not changed by anybody.
        late = max(held.updated, record.published)
        updated = late if self.numbering.quiet else revisions.updated(record, held, self.numbering.now)
        record = replace(record, updated=updated)
        if known and not revisions.same(original, known.original):
            edits.keep(self.connection, key, known.edits, original, self.numbering.now)
        change = Change.UNCHANGED if revisions.same(record, held) else Change.UPDATED
        if change is Change.UPDATED:
            rewrite(self.connection, key, record, self.numbering.now, ends=self.ends(record))
            self._alias({key: record})
            if len(record.aliases) == revisions.NAMES:
                articles.forget_names(self.connection, key, {record.url, *record.aliases})
            self.records[key] = record
        self._settle(key, record, resolved)
        return change

    def _settle(self, key: int, record: Article, resolved: Mapping[int, Term]) -> None:
        facts = revisions.facts(record, resolved, self.taxonomies, self.numbering.now)
        self.true[key] = key, facts, record.published

    def _older(self, given: Article, key: int, held: Article) -> bool:
        """Tell whether what came is older than what is held: by priority, then by date; without dates words decide."""
        seen = self.seen.get(key)
        if seen and held.source.name not in seen:  # who gave it has withdrawn it
            return False
        if given.source.priority != held.source.priority:
            return given.source.priority < held.source.priority
        if given.modified and held.modified:
            return given.modified < held.modified
        return False

    def _flush(self) -> None:
        """Write the new articles that wait: a few statements for all of them."""
        new, self.waiting, self.awaited = self.waiting, [], set()
        if not new:
            return
        now = self.numbering.now
        facts = [revisions.facts(each.record, each.terms, self.taxonomies, now) for each in new]
        numbers = arrivals.reserve(self.connection, facts)
        bodies = [msgspec.json.encode(each.record) for each in new]
        rows = [
            {
                **revisions.columns(each.record),
                "record": body.decode(),
                "ends": self.ends(each.record),
                "first_shown": number if arrivals.SHOWN in true else None,
            }
            for each, body, number, true in zip(new, bodies, numbers, facts, strict=True)
        ]
        keys = _inserted(self.connection, rows)
        hashes = [hashlib.sha256(body).hexdigest() for body in bodies]
        written = [{"article": key, "content": each, "at": now} for key, each in zip(keys, hashes, strict=True)]
        add(self.connection, revision, written)
        self.records |= (found := {key: each.record for key, each in zip(keys, new, strict=True)})
        self._alias(found)
        self.sighted += zip(keys, (each.given for each in new), strict=True)
        first = {
            (key, each.given.origin): sayings.content(each.given.article) for key, each in zip(keys, new, strict=True)
        }
        sayings.begin(self.connection, {saying: each for saying, each in first.items() if saying[1]})
        self.said |= first
        for key, each in zip(keys, new, strict=True):
            self.held |= dict.fromkeys(names.every(each.record), key)
        begun = [(key, true, each.record.published) for key, true, each in zip(keys, facts, new, strict=True)]
        arrivals.begin(self.connection, begun, numbers, self.numbering)

    def _alias(self, found: Mapping[int, Article]) -> None:
        """Remember the addresses of articles; one that another article has already stays with that."""
        wanted = {url: key for key, record in reversed(list(found.items())) for url in (record.url, *record.aliases)}
        taken: set[str] = set()
        for some in chunks(wanted):
            taken |= set(self.connection.scalars(sa.select(alias.c.url).where(alias.c.url.in_(some))))
        rows = [{"url": url, "article": key} for url, key in wanted.items() if url not in taken]
        add(self.connection, alias, rows)

    def _sight(self) -> None:
        """Write where the articles were seen, all at once."""
        seen: dict[tuple[str, datetime], dict[int, str]] = {}
        for key, each in self.sighted:
            seen.setdefault((each.article.source.name, each.at or self.numbering.now), {})[key] = each.place
        for (name, at), places in seen.items():
            sightings.see(self.connection, places, name, at)


def _inserted(connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Write rows of articles and return their keys; to ask for those of all afterwards is less work than one by one."""
    add(connection, article, rows)
    ids = [row["id"] for row in rows]
    query = sa.select(article.c.id, article.c.key)
    found = (row for some in chunks(ids) for row in connection.execute(query.where(article.c.id.in_(some))))
    keys = {row.id: row.key for row in found}
    return [keys[id] for id in ids]


@dataclass(frozen=True, slots=True)
class _New:
    record: Article
    terms: Mapping[int, Term]
    given: Given
