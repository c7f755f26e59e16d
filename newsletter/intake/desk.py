"""How one source is read: whose words, whose zone, which labels mean which taxonomy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from newsletter import config
from newsletter.errors import IntakeError
from newsletter.intake import identity
from newsletter.intake.wording import fold, slugify, tidy
from newsletter.keys import KEYS, NAMES
from newsletter.model import SPOT, EventDate, Media, Term

_PAGE = re.compile(r"articles/[a-z0-9-]+\.html")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


@dataclass(frozen=True)
class Desk:
    """What a route needs to know besides the input.

    ``base`` is the public address of the output folder; ``load`` gives the published copy of a file beside the input,
    ``charset`` is the encoding that its transport declared, ``file`` the input's name from the source's folder on,
    ``place`` the file as the books name it.
    """

    site: config.Site
    base: str
    taxonomies: Mapping[str, config.Taxonomy]
    source: config.Source
    name: str
    now: datetime
    load: Callable[[str], Media | None]
    charset: str = ""
    file: str = ""
    place: str = ""

    def facing(self, **given: object) -> Desk:
        """Return the desk for one input of the same source: what was worked out of names and labels serves again."""
        made = object.__new__(Desk)
        made.__dict__.update(self.__dict__, **self._worked_out, **given)
        return made

    @cached_property
    def _worked_out(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in ("_named", "_labelled", "fields", "_chosen", "_pages")}

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
        told = found if _LANGUAGE.fullmatch(found) else ""
        return self.source.language or told or self.site.language

    def day_first(self, language: str) -> bool:
        """Tell whether 03/04 is the third of April here: the source's setting, else all but English say so."""
        return not language.startswith("en") if self.source.day_first is None else self.source.day_first

    def taxonomy(self, field: str) -> str:
        """Return the taxonomy that a source's label or scheme means, or nothing."""
        folded = fold(field).rstrip(" :")
        if (chosen := self._chosen.get(folded, "")) in self.taxonomies:
            return chosen
        return self._named.get(folded) or self._by_iri(field) or self._labelled.get(folded, "")

    def _by_iri(self, field: str) -> str:
        iris = ((taxonomy.iri.rstrip("/"), slug) for slug, taxonomy in self.taxonomies.items() if taxonomy.iri)
        return next((slug for iri, slug in iris if iri == field.rstrip("/")), "")

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The taxonomies by their slugs and the names that config.toml gives them in sources."""
        return self._first((slug, *taxonomy.fields) for slug, taxonomy in self.taxonomies.items())

    @cached_property
    def _labelled(self) -> Mapping[str, str]:
        """The taxonomies by their labels, which mean one where nothing else is called so."""
        return self._first(_labels(taxonomy) for taxonomy in self.taxonomies.values())

    def _first(self, names: Iterable[Iterable[str]]) -> Mapping[str, str]:
        every = [
            (fold(name).rstrip(" :"), slug) for slug, of in zip(self.taxonomies, names, strict=True) for name in of
        ]
        return dict(reversed(every))

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """What the source calls our keys and taxonomies, where config.toml says it."""
        return {
            key if key in self.taxonomies else NAMES.get(fold(key), key): name
            for key, name in self.source.fields.items()
        }

    @cached_property
    def _chosen(self) -> Mapping[str, str]:
        return {fold(name).rstrip(" :"): key for key, name in self.fields.items()}

    def key(self, name: str) -> str:
        """Return what the source means by a name: one of our keys, a taxonomy, or nothing.

        What config.toml names is meant by that name alone.
        """
        folded = fold(name).rstrip(" :")
        if chosen := self._chosen.get(folded):
            return chosen
        found = folded if folded in KEYS else self._named.get(folded) or NAMES.get(folded) or self.taxonomy(name)
        return "" if found in self.fields else found

    @property
    def names(self) -> tuple[str, ...]:
        """What taxonomies are called, folded."""
        each = self.taxonomies.items()
        every = (name for slug, taxonomy in each for name in (slug, *taxonomy.fields, *_labels(taxonomy)))
        return (*self._chosen, *(fold(name) for name in every))

    def hosted(self, name: str) -> str:
        """Return an identity, that of a web page or of an entry on it with the host that the source keeps.

        A page of the publication's own is ``articles/<slug>.html``: it is the article of that name, or none.
        """
        if "://" not in name:
            return name
        page, sign, mark = name.partition("#")
        kept = identity.canonical(identity.moved(page, self.source.hosts))
        ours = kept.removeprefix(self._pages)
        return ours if _PAGE.fullmatch(ours) else kept + sign + mark

    @cached_property
    def _pages(self) -> str:
        return identity.canonical(f"{self.base}/articles").removesuffix("articles")

    def own(self, key: str, document: str) -> tuple[str, str, tuple[str, ...]]:
        """Return identity, address and other names of what has no page elsewhere: it gets one of our own.

        Its name tells where it came from. That is the source, and where this is no single document that is fetched,
        format and ``document``; so nothing can give an article of another source anew, nor one file of a folder that
        of another. Its other name tells the file or address alone: so it is known when its source is called otherwise.
        """
        of = f"source {self.name}"
        origin = of if self.source.url else "\n".join((of, self.source.format, document))
        slug = slugify(key)
        if len(slug) > 90:  # what tells two of them apart may stand at the end
            slug = f"{slug[:60].rstrip('-')}-{_hash(key)}"
        name = f"articles/{slug}-{_hash(f'{origin} {key}')}"
        itself = "" if document == self.file else document
        spot = self.source.url or (self.place and f"{self.place}\n{itself}")
        return name, f"{self.base}/{name}.html", (SPOT + _hash(f"{spot}\n{key}"),) if spot else ()

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


def _labels(taxonomy: config.Taxonomy) -> Sequence[str]:
    return [taxonomy.label] if isinstance(taxonomy.label, str) else [*taxonomy.label.values()]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def term(taxonomy: str, label: str, iri: str = "") -> Term:
    """Return a term as the source writes it; its slug comes from the label, its IRI is a web address or nothing."""
    shown = tidy(label, 200)
    return Term(taxonomy, slugify(shown), shown, identity.iri(iri) if iri else "")
