"""How one source is read: whose words, whose zone, which labels mean which taxonomy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter import config
from newsletter.errors import IntakeError
from newsletter.intake.wording import fold, slugify, tidy
from newsletter.model import EventDate, Media, Term


@dataclass(frozen=True)
class Desk:
    """What a route needs to know besides the input.

    ``base`` is the public address of the output folder; ``load`` gives the published copy of a file beside the input.
    """

    site: config.Site
    base: str
    taxonomies: Mapping[str, config.Taxonomy]
    source: config.Source
    name: str
    now: datetime
    load: Callable[[str], Media | None]

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates that name none.

        Raises:
            IntakeError: if the source's zone is unknown.
        """
        try:
            return ZoneInfo(self.source.timezone or self.site.timezone)
        except (ValueError, LookupError, OSError):
            where = f"sources.{self.name}.timezone"
            raise IntakeError(
                f'{where}: {self.source.timezone!r} is unknown; write one such as "Europe/Paris"'
            ) from None

    def language(self, found: str = "") -> str:
        """Return the language of an article: the source's setting, else what was found, else the site's."""
        return self.source.language or found or self.site.language

    def day_first(self, language: str) -> bool:
        """Tell whether 03/04 is the third of April here: the source's setting, else all but English say so."""
        return not language.startswith("en") if self.source.day_first is None else self.source.day_first

    def taxonomy(self, field: str) -> str:
        """Return the taxonomy that a source's label or scheme means, or nothing."""
        folded = fold(field).rstrip(" :")
        for slug, taxonomy in self.taxonomies.items():
            if folded in (slug, *(fold(name).rstrip(" :") for name in taxonomy.fields)):
                return slug
            if taxonomy.iri and field.rstrip("/") == taxonomy.iri.rstrip("/"):
                return slug
        return ""

    def is_event(self, term: Term) -> bool:
        """Tell whether the dates of articles of this kind say when something takes place."""
        taxonomy = self.taxonomies.get(term.taxonomy)
        return taxonomy is not None and term.slug in {slugify(name) for name in taxonomy.events}

    def happening(
        self, dates: Iterable[EventDate | None], terms: Iterable[Term], published: datetime
    ) -> tuple[EventDate, ...]:
        """Return the dates that mean an event: those of an article configured as one, or after its publication."""
        happens = any(self.is_event(term) for term in terms)
        return tuple(date for date in dates if date and (happens or date.start > published))


def term(taxonomy: str, label: str, iri: str = "") -> Term:
    """Return a term as the source writes it; its slug comes from the label."""
    shown = tidy(label, 200)
    return Term(taxonomy, slugify(shown), shown, iri)
