"""The publication that a use case works on: its configuration, its books, its clock and its dice."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.config import Config, List, Taxonomy
from newsletter.errors import UsageError
from newsletter.model import Term
from newsletter.store import terms
from newsletter.store.arrivals import Numbering
from newsletter.store.engine import Store, Transaction
from newsletter.terms import Trees


@dataclass(frozen=True)
class Publication:
    """Everything that a use case needs; ``now`` may be frozen by NEWSLETTER_NOW, ``dice`` gives nonces and ids."""

    config: Config
    store: Store
    now: datetime
    dice: random.Random = field(default_factory=random.SystemRandom)

    @property
    def taxonomies(self) -> Mapping[str, Taxonomy]:
        """The configured taxonomies by slug."""
        return self.config.taxonomies

    @property
    def today(self) -> str:
        """The date of a command in the zone of the site, as it stands in the names of issues."""
        return self.now.astimezone(self.config.site.zone).date().isoformat()

    def numbering(self, archive: bool | None = None) -> Numbering:
        """Return how numbers are given now."""
        return Numbering(self.now, self.config.site.news_days, archive)

    def list(self, slug: str) -> List:
        """Return a configured list.

        Raises:
            UsageError: when there is none of that name.
        """
        if slug not in self.config.lists:
            raise UsageError(f"{slug}: no such list; config.toml has: {', '.join(self.config.lists) or 'none'}")
        return self.config.lists[slug]

    def declare_terms(self, connection: Transaction) -> None:
        """Write the terms that the configuration names into the store."""
        named = (
            Term(taxonomy, slug, term.label, term.iri, term.parent)
            for taxonomy, settings in self.taxonomies.items()
            for slug, term in settings.terms.items()
        )
        terms.declare(connection, named)

    def trees(self, connection: Transaction) -> Trees:
        """Return the trees of all terms."""
        upwards = [slug for slug, taxonomy in self.taxonomies.items() if taxonomy.inherit]
        return Trees(terms.everything(connection), upwards)
