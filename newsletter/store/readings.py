"""What readers' rows and a list's runs say of one article: read, and never changed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store.moves import OPEN
from newsletter.store.schema import arrival, audit, candidate, delivery, exclusion, issue, run
from newsletter.store.tally import Makings


@dataclass(frozen=True, slots=True)
class Held:
    """A row of a reader in an issue that holds an article: how it stands, its makings, the article's position there."""

    issue: int
    name: str
    contents: str
    position: int
    state: str
    at: datetime
    due: datetime | None
    doubted: bool
    reason: str
    makings: Makings


def holding(connection: sa.Connection, subscription_id: int, article: int) -> list[Held]:
    """Return a reader's rows in issues that hold an article, oldest first."""
    query = (
        sa.select(delivery, issue.c.name, issue.c.contents, candidate.c.position)
        .join(issue, issue.c.id == delivery.c.issue)
        .join(candidate, (candidate.c.issue == issue.c.id) & (candidate.c.article == article))
        .where(delivery.c.subscription == subscription_id)
    )
    return [
        Held(
            row.issue, row.name, row.contents, row.position, row.state, row.at, row.due, row.doubted, row.reason,
            Makings(row.picks, row.repeats, row.corrections, row.language, row.light),
        )
        for row in connection.execute(query.order_by(delivery.c.issue))
    ]  # fmt: skip


def waiting(connection: sa.Connection, issue_id: int, subscription_id: int) -> Makings | None:
    """Return what a reader's row of an issue is made from while it is open, None where none waits."""
    columns = (delivery.c.picks, delivery.c.repeats, delivery.c.corrections, delivery.c.language, delivery.c.light)
    query = sa.select(*columns)
    mine = (delivery.c.issue == issue_id, delivery.c.subscription == subscription_id, delivery.c.state.in_(OPEN))
    row = connection.execute(query.where(*mine)).first()
    return Makings(*row) if row else None


def left_out(connection: sa.Connection, list_slug: str, article: int) -> str | None:
    """Return the issue of which staff kept an article out last, None where nobody got any."""
    query = (
        sa.select(issue.c.name)
        .join(run, (run.c.list == exclusion.c.list) & (run.c.upper == exclusion.c.upper))
        .join(issue, issue.c.run == run.c.id)
        .where(exclusion.c.list == list_slug, exclusion.c.article == article)
    )
    name: str | None = connection.scalar(query.order_by(issue.c.id).limit(1))
    return name


def runs(connection: sa.Connection, list_slug: str) -> list[datetime]:
    """Return when a list ran, sent or skipped, oldest first."""
    mine = (run.c.list == list_slug, run.c.draft.is_(False))
    return list(connection.scalars(sa.select(run.c.at).where(*mine).order_by(run.c.id)))


def given(connection: sa.Connection, article: int, number: int) -> datetime | None:
    """Return when an article was given a number."""
    query = sa.select(arrival.c.at).where(arrival.c.article == article, arrival.c.number == number)
    at: datetime | None = connection.scalar(query.limit(1))
    return at


def chose(connection: sa.Connection, subscription_id: int) -> datetime | None:
    """Return when a reader, or staff for them, last changed what they get."""
    changed = audit.c.what.in_(("chosen", "set"))
    at: datetime | None = connection.scalar(
        sa.select(sa.func.max(audit.c.at)).where(audit.c.subscription == subscription_id, changed)
    )
    return at
