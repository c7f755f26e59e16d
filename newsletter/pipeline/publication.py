"""The publication that a use case works on: its configuration, its books, its clock and its dice."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from newsletter import calendar
from newsletter.config import RESERVED, Config, List, Source, Taxonomy
from newsletter.delivery.address import normalise
from newsletter.errors import TemplateError, UsageError
from newsletter.intake import Desk
from newsletter.model import Article, EventDate, Media, Term
from newsletter.shipped import templates as shipped
from newsletter.store import arrivals, articles, counters, homes, keys, terms
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

    def today(self, list_slug: str) -> str:
        """Return the date of a command in the zone of a list, as it stands in the names of its issues."""
        return self.now.astimezone(self.config.zone(list_slug)).date().isoformat()

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

    def seeds(self, list_slug: str) -> tuple[str, ...]:
        """Return the addresses that get a list's issues before all others, folded."""
        return tuple(normalise(address)[1] for address in self.list(list_slug).seeds)

    def templates(self, list_slug: str) -> Mapping[str, str]:
        """Return the template files of a list by name: each shipped one, or the publication's own in its place.

        Raises:
            TemplateError: when the list names a template that does not exist.
        """
        return {name: file.read_text(encoding="utf-8") for name, file in self.template_files(list_slug).items()}

    def template_files(self, list_slug: str) -> Mapping[str, Path]:
        """Return where the templates of a list are, by name.

        Raises:
            TemplateError: when the list names a template that does not exist.
        """
        name = self.list(list_slug).template
        own = self.config.at("templates") / "email"
        if not (own / name).is_dir() and not (shipped() / "email" / name).is_dir():
            raise TemplateError(f"lists.{list_slug}.template: no folder {own / name}; make it or remove the key")
        return self._email_files("digest", name)

    def notice_templates(self, name: str) -> Mapping[str, str]:
        """Return the templates of a mail that is no issue, by name."""
        return {name: file.read_text(encoding="utf-8") for name, file in self._email_files(name).items()}

    def _email_files(self, *names: str) -> Mapping[str, Path]:
        """Return the files of template folders by name, of a later folder before an earlier, of ours before shipped."""
        folders = [
            root / name for name in names for root in (shipped() / "email", self.config.at("templates") / "email")
        ]
        files = [file for folder in folders if folder.is_dir() for file in sorted(folder.iterdir()) if file.is_file()]
        return {file.name: file for file in files}

    def declare(self, connection: Transaction) -> None:
        """Bring the books in line with the configuration: where the site stands, its terms, which types are events."""
        arrivals.upper(connection)
        homes.settle(connection, self.config.base, RESERVED | self.taxonomies.keys(), self.ends, self.now)
        self._declare_terms(connection)
        self._declare_events(connection)

    def _declare_terms(self, connection: Transaction) -> None:
        """Write the terms that the configuration names into the store; what shows another label is stale."""
        named = (
            Term(taxonomy, slug, term.label, term.iri, term.parent)
            for taxonomy, settings in self.taxonomies.items()
            for slug, term in settings.terms.items()
        )
        for taxonomy, key in terms.declare(connection, named):
            arrivals.revise(connection, arrivals.having(connection, taxonomy, key), self.now)

    def _declare_events(self, connection: Transaction) -> None:
        """Look at all dates anew if other types are events now than the last time."""
        types = [(slug, sorted(taxonomy.events)) for slug, taxonomy in sorted(self.taxonomies.items())]
        rule = zlib.crc32(msgspec.json.encode(types))
        if rule != counters.value(connection, "events"):
            found = articles.dated(connection)
            articles.put_ends(connection, {key: self.ends(article) for key, article in found})
            arrivals.revise(connection, [key for key, _ in found], self.now)
            counters.put(connection, "events", rule)

    def signing_key(self, connection: Transaction) -> int:
        """Return the id of the key that signs links now, the first of them made when it is asked for."""
        newest = keys.newest(connection)
        return newest[0] if newest else keys.add(connection, self.dice.randbytes(32), self.now)

    def desk(
        self,
        name: str,
        source: Source,
        load: Callable[[str], Media | None] = lambda _: None,
        charset: str = "",
    ) -> Desk:
        """Return how one source is read; ``load`` gives the published copy of a file beside the input."""
        config = self.config
        return Desk(config.site, config.base, config.taxonomies, source, name, self.now, load, charset)

    def ends(self, article: Article) -> datetime | None:
        """Return the last moment of an article's events and deadline, by the terms that it has in the store."""
        return calendar.ends(calendar.occasions(article, self.taxonomies))

    def events(self, article: Article) -> Iterator[EventDate]:
        """Yield the dates of an article that mean an event, by the terms that it has in the store."""
        return calendar.events(article, self.taxonomies)

    def trees(self, connection: Transaction) -> Trees:
        """Return the trees of all terms."""
        upwards = [slug for slug, taxonomy in self.taxonomies.items() if taxonomy.inherit]
        return Trees(terms.everything(connection), upwards)
