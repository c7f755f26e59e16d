"""Surveying: how the publication stands, for who looks after it."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.pipeline.publication import Publication
from newsletter.store import sources, turns
from newsletter.store.sources import SourceRow
from newsletter.store.turns import LastRun
from newsletter.timetable import Timetable, Turn, timetable


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A configured source, how it did when it was last asked, and how many articles it has."""

    name: str
    row: SourceRow | None
    articles: int


@dataclass(frozen=True, slots=True)
class ListReport:
    """A list: its timetable if it has one, when it runs next and ran last, and whether a scheduler watches it."""

    name: str
    table: Timetable | None
    next: Turn | None
    last: LastRun | None
    watched: bool


def survey(publication: Publication) -> list[SourceReport]:
    """Return how each configured source stands."""
    with publication.store.read() as connection:
        rows, counts = sources.everything(connection), sources.counts(connection)
    names = publication.config.sources
    return [SourceReport(name, rows.get(name), counts.get(name, 0)) for name in names]


def survey_lists(publication: Publication) -> list[ListReport]:
    """Return how the calendar of each configured list stands."""
    with publication.store.read() as connection:
        watched = turns.watched_lists(connection)
        last = {name: turns.last_run(connection, name) for name in publication.config.lists}
    tables = {name: timetable(publication.config, name) for name in last}
    ahead = {name: table.next(publication.now) if table else None for name, table in tables.items()}
    return [ListReport(name, tables[name], ahead[name], last[name], name in watched) for name in last]
