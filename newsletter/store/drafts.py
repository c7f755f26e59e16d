"""Drafts: what a list's next issue is made from, frozen until somebody approves it. A list has one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.model import DraftEdits
from newsletter.store.schema import draft, exclusion, run


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as stored.

    ``name`` is the list and the date for which it is, ``upper`` the counter when it was frozen, ``mark`` the run that
    marks this; ``turn`` is the planned date of which it is; ``contents`` the frozen JSON without staff's ``edits``,
    ``articles`` the keys by position, ``planned`` when it goes out (None: at once), ``announced`` when the editors were
    written to, ``approved`` the hash that was approved last.
    """

    list: str
    name: str
    at: datetime
    upper: int
    contents: str
    articles: Sequence[int]
    mark: int = 0
    turn: str = ""
    planned: datetime | None = None
    announced: datetime | None = None
    approved: str = ""
    edits: DraftEdits = field(default_factory=DraftEdits)


def freeze(connection: sa.Connection, row: DraftRow) -> DraftRow:
    """Write a draft in the place of the list's former one; returns it with its mark.

    From here on, what went away before and comes back is numbered anew: the draft did not see it (DESIGN §3).
    """
    drop(connection, row.list)
    marked = {"list": row.list, "at": row.at, "upper": row.upper, "skipped": True, "draft": True}
    number = connection.execute(run.insert().values(marked).returning(run.c.id)).scalar_one()
    written = replace(row, mark=number)
    connection.execute(draft.insert().values(_columns(written)))
    return written


def put(connection: sa.Connection, row: DraftRow) -> None:
    """Write what staff changed of a draft, or decided of it."""
    connection.execute(draft.update().where(draft.c.list == row.list).values(_columns(row)))


def drop(connection: sa.Connection, list_slug: str) -> bool:
    """Remove a list's draft; False where it has none."""
    return connection.execute(draft.delete().where(draft.c.list == list_slug)).rowcount == 1


def of(connection: sa.Connection, list_slug: str) -> DraftRow | None:
    """Return the draft of a list, None where it has none."""
    row = connection.execute(sa.select(draft).where(draft.c.list == list_slug)).first()
    return None if row is None else _row(row)


def everything(connection: sa.Connection) -> list[DraftRow]:
    """Return the drafts of all lists."""
    return [_row(row) for row in connection.execute(sa.select(draft).order_by(draft.c.list))]


def exclude(connection: sa.Connection, list_slug: str, articles: Iterable[int], upper: int) -> None:
    """Note that articles were kept out of an issue of a list: what is true of them by now counts as received."""
    wanted = list(articles)
    connection.execute(exclusion.delete().where(exclusion.c.list == list_slug, exclusion.c.article.in_(wanted)))
    if wanted:
        connection.execute(exclusion.insert(), [{"list": list_slug, "article": key, "upper": upper} for key in wanted])


def excluded(connection: sa.Connection, list_slug: str) -> dict[int, int]:
    """Return the articles that staff kept out of a list's letters, each with the number up to which."""
    query = sa.select(exclusion.c.article, exclusion.c.upper).where(exclusion.c.list == list_slug)
    return {row.article: row.upper for row in connection.execute(query)}


def _columns(row: DraftRow) -> dict[str, object]:
    values = {name: getattr(row, name) for name in DraftRow.__slots__}
    return values | {name: msgspec.json.encode(values[name]).decode() for name in ("articles", "edits")}


def _row(row: sa.Row[tuple[object, ...]]) -> DraftRow:
    values = {name: getattr(row, name) for name in DraftRow.__slots__}
    articles = msgspec.json.decode(row.articles, type=tuple[int, ...])
    edits = msgspec.json.decode(row.edits, type=DraftEdits)
    return DraftRow(**{**values, "articles": articles, "edits": edits})
