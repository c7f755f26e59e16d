"""Surveying: how the publication stands, for who looks after it."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.pipeline.publication import Publication
from newsletter.store import sources
from newsletter.store.sources import SourceRow


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A configured source, how it did when it was last asked, and how many articles it has."""

    name: str
    row: SourceRow | None
    articles: int


def survey(publication: Publication) -> list[SourceReport]:
    """Return how each configured source stands."""
    with publication.store.read() as connection:
        rows, counts = sources.everything(connection), sources.counts(connection)
    names = publication.config.sources
    return [SourceReport(name, rows.get(name), counts.get(name, 0)) for name in names]
