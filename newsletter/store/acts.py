"""What staff did with issues and their drafts: who, when, what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store.schema import audit


@dataclass(frozen=True, slots=True)
class Act:
    """One act; ``who`` is empty where the program did it by itself."""

    at: datetime
    who: str
    what: str
    detail: str


def note(connection: sa.Connection, issue: str, act: Act) -> None:
    """Write an act into the history of an issue or a draft."""
    values = {name: getattr(act, name) for name in Act.__slots__}
    connection.execute(audit.insert().values({**values, "issue": issue, "subscription": None}))


def rename(connection: sa.Connection, old: str, new: str) -> None:
    """Give the history of a draft to the issue that it became."""
    connection.execute(audit.update().where(audit.c.issue == old).values(issue=new))


def of(connection: sa.Connection, issue: str) -> list[Act]:
    """Return the history of an issue and of the draft that it was, oldest first."""
    query = sa.select(audit).where(audit.c.issue == issue).order_by(audit.c.id)
    return [Act(row.at, row.who, row.what, row.detail) for row in connection.execute(query)]
