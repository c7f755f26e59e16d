"""How each source did when it was last asked, and what it takes to ask it again politely."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from newsletter.store.schema import sighting, source


class SourceState(StrEnum):
    """A source answered, failed, asked to be left alone for a while, or says that it is gone for good."""

    OK = "ok"
    FAILED = "failed"
    BUSY = "busy"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source's last answer; ``walked`` once it was read to its end, ``due`` before which it must not be asked."""

    name: str
    url: str
    state: SourceState
    reason: str
    tried: datetime
    good: datetime | None = None
    due: datetime | None = None
    etag: str = ""
    modified: str = ""
    walked: bool = False


def everything(connection: sa.Connection) -> dict[str, SourceRow]:
    """Return every source that was ever asked, by its name."""
    rows = connection.execute(sa.select(source).order_by(source.c.name))
    return {row.name: SourceRow(**{**row._mapping, "state": SourceState(row.state)}) for row in rows}


def keep(connection: sa.Connection, row: SourceRow) -> None:
    """Write how a source did."""
    connection.execute(source.delete().where(source.c.name == row.name))
    connection.execute(source.insert().values({**asdict(row), "state": row.state.value}))


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many articles each source has."""
    query = sa.select(sighting.c.source, sa.func.count().label("number")).group_by(sighting.c.source)
    return {row.source: row.number for row in connection.execute(query)}
