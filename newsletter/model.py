"""The records that travel through the pipeline: frozen, plain, known to every stage.

They hold no behaviour beyond what can be read off their own fields. Instants are aware datetimes, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Filter = Mapping[str, frozenset[str]]
"""Which articles: any of the term slugs inside a taxonomy, all of the taxonomies named; empty is everything."""


class ArticleState(StrEnum):
    """What staff want of an article: a draft waits, a ready one is shown when due, a hidden one is withheld."""

    DRAFT = "draft"
    READY = "ready"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a taxonomy; ``slug`` is unique inside it, ``iri`` is its address at the source, if it has one."""

    taxonomy: str
    slug: str
    label: str
    iri: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class EventDate:
    """When something takes place; ``end`` is exclusive for whole days, inclusive otherwise."""

    start: datetime
    end: datetime | None = None
    all_day: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """A time at which an article takes place, under a number that it keeps for good; 0 is the article's deadline.

    ``gone`` is since when it does so no more.
    """

    number: int
    date: EventDate
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """How often an article was revised since it came, and when last; neither ever becomes less."""

    number: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file offered with an article; ``size`` in bytes, ``size_exact`` false where the source only rounds it."""

    url: str
    title: str
    type: str
    size: int | None = None
    size_exact: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """The picture of an article; ``alt`` is empty for decoration, sizes are pixels, 0 where unknown.

    ``small`` is the address of the same picture at 600 pixels of width, empty where there is none.
    """

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0
    small: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one piece of an input became: ``kind`` names it, ``text`` is the piece as it was written."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: the source's name, the format, the hash of the raw input, the source's priority."""

    name: str
    format: str
    sha256: str
    priority: int = 0


SPOT = "spot:"
"""How names begin that tell where an entry without address stood; they are no addresses, and nobody is shown them."""


@dataclass(frozen=True, slots=True)
class Article:
    """One published piece.

    Intake fills everything but ``arrival``; the store settles ``id``, ``updated``, ``terms`` and ``arrival`` (the
    number at which it was shown, 0 while it is not) against what it already holds. ``identity`` is the canonical URL,
    or ``articles/<slug>`` for a page of our own; ``url`` is where people read it. ``html`` is clean and absolute.
    ``modified`` is the source's own date of change, ``deadline`` the last moment of a call; ``dated`` is false where
    ``published`` is but the moment of intake or of an export.
    """

    id: str
    identity: str
    url: str
    title: str
    title_source: str
    lead: str
    html: str
    text: str
    lang: str
    published: datetime
    updated: datetime
    state: ArticleState = ArticleState.READY
    modified: datetime | None = None
    aliases: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    dates: tuple[EventDate, ...] = ()
    deadline: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    image: Image | None = None
    source: Origin = Origin("", "", "")
    parts: tuple[Part, ...] = ()
    unparsed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dated: bool = True
    arrival: int = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """The other addresses that it has or had, without what only tells where it was read."""
        return tuple(name for name in self.aliases if not name.startswith(SPOT))

    def slugs(self, taxonomy: str) -> frozenset[str]:
        """Return the slugs of this article's terms in one taxonomy."""
        return frozenset(term.slug for term in self.terms if term.taxonomy == taxonomy)


@dataclass(frozen=True, slots=True)
class Edits:
    """What staff put in the place of a source's own words; None leaves those."""

    title: str | None = None
    lead: str | None = None
    image: Image | None = None
    alt: str | None = None
    state: ArticleState | None = None


@dataclass(frozen=True, slots=True)
class DraftEdits:
    """What staff change of a draft: an intro in Markdown, another subject, and articles by their ids.

    ``order`` stands first in each section, ``pins`` are shown to whom they match, ``excluded`` to nobody.
    """

    intro: str = ""
    subject: str = ""
    order: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def matches(article: Article, filters: Iterable[Filter]) -> bool:
    """Tell whether any of the filters takes the article; no filter at all takes everything.

    The filters' slugs must already hold the descendants of the terms that were named.
    """
    rules = tuple(filters)
    return not rules or any(all(slugs & article.slugs(taxonomy) for taxonomy, slugs in rule.items()) for rule in rules)


class Frequency(StrEnum):
    """How often a reader wants a list: at each issue, or at the first run of a week or month."""

    EACH = "each"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SubscriptionState(StrEnum):
    """A membership waits for its confirmation, is active, or has ended."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """An address's membership of one list; ``choices`` holds slugs by taxonomy, empty is everything."""

    id: int
    address: str
    list: str
    state: SubscriptionState
    choices: Filter = field(default_factory=dict)
    frequency: Frequency = Frequency.EACH
    language: str = "fr"
    light: bool = False
    cursor: int = 0
    consent: str = ""
    since: datetime | None = None


class DeliveryState(StrEnum):
    """Where one issue to one subscription stands (docs/state-machine.md)."""

    PLANNED = "planned"
    HANDED = "handed"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Books:
    """How the deliveries of one issue stand; ``audience`` was written once, at opening, the rest is counted."""

    audience: int
    planned: int = 0
    handed: int = 0
    sent: int = 0
    deferred: int = 0
    refused: int = 0
    withdrawn: int = 0
    uncertain: int = 0

    @property
    def counted(self) -> int:
        """The number of rows in any state."""
        return self.planned + self.handed + self.sent + self.deferred + self.refused + self.withdrawn + self.uncertain

    @property
    def balanced(self) -> bool:
        """Whether every member of the audience stands in exactly one state."""
        return self.counted == self.audience

    @property
    def complete(self) -> bool:
        """Whether nothing is left to try."""
        return self.balanced and not (self.planned or self.handed or self.deferred)

    @property
    def closed(self) -> bool:
        """Whether the issue is complete and nothing is in doubt."""
        return self.complete and not self.uncertain


@dataclass(frozen=True, slots=True)
class Media:
    """A file of the publication's own: its public address, media type, size in bytes, pixels where it is a picture.

    ``small`` is the address of the same picture at 600 pixels of width, empty where it is no wider itself.
    """

    url: str
    type: str
    size: int
    width: int = 0
    height: int = 0
    small: str = ""
