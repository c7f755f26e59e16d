"""Accounting: the outcomes of an issue, for who asks about some readers or wants them all in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from newsletter.delivery.address import a_labels, normalise
from newsletter.pipeline.publication import Publication
from newsletter.store import outcomes
from newsletter.store.issues import IssueRow
from newsletter.store.outcomes import Outcome, Sieve


def sieve(states: Sequence[str], code: str, domain: str, address: str) -> Sieve:
    """Return which outcomes are wanted, as people write it.

    Raises:
        AudienceError: the address or the domain is none.
    """
    folded = normalise(address)[1] if address else ""
    return Sieve(states, code, a_labels(domain.removeprefix("@")).lower() if domain else "", folded)


@contextmanager
def accounted(publication: Publication, issue: IssueRow, wanted: Sieve) -> Iterator[Iterator[Outcome]]:
    """Give the outcomes of an issue as they stood at one moment, one after the other."""
    with publication.store.read() as connection:
        yield outcomes.outcomes(connection, issue.id, wanted)
