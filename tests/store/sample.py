"""Small books to test the store with: articles, readers and an issue of the fictitious Trois Rivières."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from newsletter.model import Article, ArticleState, Edits, Frequency, Origin, Subscription, SubscriptionState, Term
from newsletter.store import articles, audience, incoming, issues, ledger, moves, revising, schema
from newsletter.store.arrivals import SHOWN, Numbering
from newsletter.store.engine import Store

NOW = datetime(2024, 4, 2, 7, 0, tzinfo=UTC)
FAR = datetime(9000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SITE = "https://www.troisrivieres.example.org"
TAXONOMIES = ["theme", "type"]

SCHOOL = Term("theme", "education", "Éducation")
HEALTH = Term("theme", "sante", "Santé")
NEWS = Term("type", "actualite", "Actualité")

OK = moves.Answer(250, "2.0.0", "taken")
LATER = moves.Answer(451, "4.7.1", "come back later")
NO = moves.Answer(550, "5.1.1", "no such mailbox")
LOST = moves.Answer(0, "", "the connection was lost")


def record(number: int = 1, **facts: object) -> Article:
    """An article as intake would read it."""
    url = f"{SITE}/articles/{number}"
    known = Article(
        id=f"tag:troisrivieres.example.org,2024:{number:04}",
        identity=url,
        url=url,
        title=f"Atelier {number}",
        title_source="given",
        lead="",
        html="<p>Venez nombreux.</p>",
        text="Venez nombreux.",
        lang="fr",
        published=NOW - timedelta(hours=1),
        updated=NOW - timedelta(hours=1),
        source=Origin("articles", "markdown", "0" * 64),
    )
    return replace(known, **facts)


def numbering(now: datetime = NOW, archive: bool | None = None) -> Numbering:
    return Numbering(now, 60, archive)


def save(
    connection: sa.Connection,
    given: Article,
    now: datetime = NOW,
    taxonomies: list[str] = TAXONOMIES,
    archive: bool | None = None,
) -> incoming.Change:
    return incoming.save(connection, given, lambda _: None, taxonomies, numbering(now, archive))


def staff_say(connection: sa.Connection, key: int, wanted: ArticleState | None) -> None:
    """Set an article's state as staff do; None leaves it to its source."""
    revising.edit(connection, key, Edits(state=wanted), lambda _: None, TAXONOMIES, numbering())


def saved(store: Store, given: Article, now: datetime = NOW, taxonomies: list[str] = TAXONOMIES) -> int:
    """Save an article in a transaction of its own; returns its key."""
    with store.write() as connection:
        save(connection, given, now, taxonomies)
        return articles.find(connection, given.identity)


def given_numbers(store: Store, key: int) -> dict[str, int]:
    """The numbers of an article by what they say of it: ``shown``, ``theme/education``, ``theme/`` for none."""
    with store.read() as connection:
        slugs = {row.key: row.slug for row in connection.execute(sa.select(schema.term))}
        mine = sa.select(schema.arrival).where(schema.arrival.c.article == key, schema.arrival.c.gone.is_(None))
        return {
            "shown" if row.taxonomy == SHOWN[0] else f"{row.taxonomy}/{slugs.get(row.term, '')}": row.number
            for row in connection.execute(mine)
        }


def run(store: Store, upper: int = 0, name: str = "lettre", at: datetime = NOW) -> int:
    with store.write() as connection:
        return issues.take_run(connection, name, at, upper)


def wanted(name: str = "lettre", **facts: object) -> Subscription:
    known = Subscription(0, "", name, SubscriptionState.ACTIVE, frequency=Frequency.EACH, consent="formulaire papier")
    return replace(known, **facts)


def join(store: Store, address: str, name: str = "lettre", now: datetime = NOW, **facts: object) -> int:
    with store.write() as connection:
        return audience.subscribe(connection, address, address.casefold(), wanted(name, **facts), now)


def leave(store: Store, id: int) -> None:
    with store.write() as connection:
        audience.leave(connection, id, "un clic", NOW)


def subscription(store: Store, id: int) -> Subscription:
    with store.read() as connection:
        return audience.get(connection, id)


def cursor(store: Store, id: int) -> int:
    return subscription(store, id).cursor


def owed(store: Store, id: int) -> bool:
    with store.read() as connection:
        query = sa.select(schema.subscription.c.owed).where(schema.subscription.c.id == id)
        return bool(connection.scalar(query))


def row(id: int, picks: int = 1) -> ledger.Row:
    return ledger.Row(id, f"{id}@troisrivieres.example.org", 0, bytes([picks]), b"", b"", "fr", False)


def issue_row(run_id: int | None, name: str = "lettre/2024-04-02", upper: int = 0) -> issues.IssueRow:
    return issues.IssueRow(
        0, name, name.partition("/")[0], run_id, name.rpartition("/")[2], NOW, "opening", upper, None, 0, None, b"",
        0, "nonce", 1, "{}", upper,
    )  # fmt: skip


def opened(
    store: Store, readers: list[int], upper: int = 10, name: str = "lettre/2024-04-02", *, flash: bool = False
) -> int:
    """Open an issue to readers; returns its id."""
    with store.write() as connection:
        slug = name.partition("/")[0]
        taken = None if flash else issues.take_run(connection, slug, NOW, upper)
        id = issues.create(connection, issue_row(taken, name), [])
        ledger.plan(connection, id, [row(reader) for reader in readers], NOW)
        issues.open_whole(connection, id, 0)
        return id


def sender(store: Store) -> int:
    """Register a sender that holds no lock: as soon as anyone asks, it is dead."""
    with store.write() as connection:
        values = {"host": "test", "process": 0, "started": NOW}
        new: int = connection.execute(schema.sender.insert().values(values).returning(schema.sender.c.id)).scalar_one()
        return new


def state(store: Store, delivery: int) -> str:
    return str(look(store, delivery).state)


def look(store: Store, delivery: int) -> sa.Row[tuple[object, ...]]:
    """One row of the ledger, as stored."""
    with store.read() as connection:
        return connection.execute(sa.select(schema.delivery).where(schema.delivery.c.id == delivery)).one()
