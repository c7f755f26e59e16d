"""Withdrawing: what its sources no longer have is hidden, and the books remember since when."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import UNNAMED, Received
from newsletter.store import revising, sightings, sources

FEW = 10
"""So many may go at once, unless they are all that a source has."""


def withdraw(publication: Publication, source: str, gone: Mapping[int, str], report: Received, *, many: bool) -> None:
    """Hide the articles that a source has no more, by key and place, unless another source still has them.

    All of a source's articles at once, or more than half where it has many, is taken for a mistake, such as a disk that
    is not mounted, and only done where staff say so (``many``).
    """
    if not gone:
        return
    with publication.store.write() as connection:
        had = sources.counts(connection).get(source, 0)
        if not many and _is_doubtful(len(gone), had):
            report.failures.append(
                f"{source}: {len(gone)} of its {had} articles are gone at once, so none was withdrawn; "
                "if that is meant, say so with --withdraw"
            )
            return
        sightings.forget(connection, source, gone)
        elsewhere = sightings.sources(connection, gone)
        named = {*publication.config.sources, UNNAMED}  # nobody can ask whether one that is none any more has it still
        left = [key for key in gone if named.isdisjoint(elsewhere.get(key, ()))]
        for key in left:
            revising.withdraw(connection, key, list(publication.taxonomies), publication.numbering())
    report.withdrawn += len(left)


def _is_doubtful(gone: int, had: int) -> bool:
    return 1 < gone == had or (gone > FEW and gone * 2 > had)
