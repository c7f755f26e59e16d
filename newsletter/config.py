"""The configuration of a publication as one frozen value: what each key of config.toml means.

Secrets are never part of it: they come from the environment or from a file that the configuration names.
``configfile`` reads and checks it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newsletter.brand import Brand
from newsletter.domains import DomainKey
from newsletter.model import Filter
from newsletter.routes import Group as Group
from newsletter.routes import Route as Route
from newsletter.settings import Settings as Settings
from newsletter.settings import Text as Text

RESERVED = frozenset(
    {
        "all",
        "index",
        "feeds",
        "articles",
        "issues",
        "archive",
        "media",
        "filters",
        "subscribe",
        "confirm",
        "preferences",
    }
    | {"unsubscribe", "my-data", "link", "approve", "hooks", "healthz", "readyz", "metrics"}
)
"""Public addresses begin with these words, so no taxonomy may be called so (DESIGN §4)."""


class Site(Settings, frozen=True):
    """Who publishes: ``authority`` and ``since`` mint the ids (RFC 4151) and must never change afterwards.

    What arrives more than ``news_days`` after its publication is archive, and no letter shows it as news; in the
    ``pauses`` no list runs.
    """

    name: str
    url: str
    authority: str = ""
    since: int = 2024
    language: str = "fr"
    timezone: str = "Europe/Paris"
    rights: str = ""
    contact: str = ""
    news_days: int = 60
    pauses: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which staff and readers live."""
        return ZoneInfo(self.timezone)

    @property
    def tagged_by(self) -> str:
        """The authority of tag: URIs, by default the host of the site."""
        return self.authority or urlsplit(self.url).hostname or ""


class StoreSettings(Settings, frozen=True):
    """Where the publication keeps its books and its files."""

    url: str = "sqlite:///newsletter.db"
    media: str = "media"


class TermSettings(Settings, frozen=True):
    """What staff say of one term beforehand; terms also come by themselves with the articles."""

    label: str
    iri: str = ""
    parent: str = ""


class Taxonomy(Settings, frozen=True):
    """A way of classifying: ``fields`` are its names in the sources, ``untagged`` who gets an article without term."""

    label: Text
    iri: str = ""
    fields: tuple[str, ...] = ()
    untagged: Literal["everyone", "nobody"] = "everyone"
    inherit: bool = False
    events: tuple[str, ...] = ()
    terms: dict[str, TermSettings] = {}


class Source(Settings, frozen=True):
    """Where articles come from: a folder or file (``path``), or an address (``url``), and its habits.

    ``hosts`` are all names of its host, the one to keep first; ``fields`` says what it calls our keys and taxonomies.
    ``files`` says whether pictures and files of its articles are copied; ``private`` lets its addresses be of an
    internal network. ``user`` signs in at it, with the password in ``password_file`` or the variable ``password_env``.
    """

    path: str = ""
    url: str = ""
    format: str = ""
    priority: int = 0
    language: str = ""
    timezone: str = ""
    day_first: bool | None = None
    hosts: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    files: Literal["", "copy", "link"] = ""
    private: bool = False
    user: str = ""
    password_env: str = "NEWSLETTER_SOURCE_PASSWORD"  # noqa: S105  the name of a variable, no secret
    password_file: str = ""

    @property
    def copies(self) -> bool:
        """Whether pictures and files are copied: by default those of a remote source."""
        return self.files == "copy" or (not self.files and bool(self.url))


Rule = dict[str, tuple[str, ...]]


class SavedFilter(Settings, frozen=True):
    """A combination of terms with a feed of its own, and with archives of all that ever stood in it if asked for."""

    title: Text
    filter: Rule | tuple[Rule, ...]
    description: Text = ""
    archive: bool = False


class FeedSettings(Settings, frozen=True):
    """Where the output goes, in which formats, and how many entries a feed shows at least.

    ``archives`` keeps for good all that ever stood in the feeds of everything and of taxonomies. ``hub`` is the address
    of a WebSub hub, which ``hub_private`` lets be of an internal network; ``icon`` is that of a square picture and
    ``logo`` of a wide one; ``compress`` puts a ``.gz`` beside each file.
    """

    output: str = "feeds"
    entries: int = 30
    formats: tuple[Literal["atom", "rss", "json", "ics", "html"], ...] = ("atom", "rss", "json", "ics", "html")
    archives: bool = True
    filters: dict[str, SavedFilter] = {}
    hub: str = ""
    hub_private: bool = False
    icon: str = ""
    logo: str = ""
    compress: bool = False


class Section(Settings, frozen=True):
    """One heading of a letter and the articles that it takes; ``horizon`` in days, ``max`` 0 is no limit.

    ``sources`` are those whose articles it takes, empty for all; ``layout`` the piece that prints one, empty for the
    one that goes with ``select``.
    """

    title: Text
    select: Literal["top", "new", "upcoming"] = "new"
    filter: Rule | tuple[Rule, ...] = ()
    sources: tuple[str, ...] = ()
    horizon: int = 45
    max: int = 0
    form: Literal["full", "short", "title"] = "full"
    layout: str = ""


class Mailbox(Settings, frozen=True):
    """A name and an address."""

    address: str
    name: str = ""


RETRY_MINUTES = (30, 60, 120, 240)
"""From one try to the next; the last one repeats (RFC 5321 §4.5.4.1: half an hour at least, for days)."""


class List(Settings, frozen=True):
    """What people subscribe to, and when it runs: at its ``cadence``, not in its ``pauses``, by the clocks of its zone.

    A run that is late by ``missed_hours`` is folded into the next; a letter is tried again after ``retry_minutes``, and
    given up ``retry_days`` after its first try.

    With an ``approval`` a run is drafted ``draft_hours`` before its time and its ``editors`` are written to; without
    theirs it waits, or is sent all the same. ``seeds`` are subscriptions that get their letters ``seed_minutes`` before
    all others. Bounces come back to ``bounces``, with a token of the delivery in the address.
    """

    title: Text
    sender: Mailbox
    description: Text = ""
    reply_to: str = ""
    bounces: str = ""
    filter: Rule | tuple[Rule, ...] = ()
    sections: tuple[Section, ...] = ()
    cadence: str = ""
    timezone: str = ""
    pauses: tuple[str, ...] = ()
    missed_hours: int = 24
    retry_days: int = 5
    retry_minutes: tuple[int, ...] = RETRY_MINUTES
    subject: Text = ""
    template: str = "digest"
    route: str = ""
    approval: Literal["", "wait", "send"] = ""
    draft_hours: int = 24
    editors: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    seed_minutes: int = 30

    @property
    def domain(self) -> str:
        """The domain that sends: of the sender's address."""
        return self.sender.address.rpartition("@")[2]


class Mail(Settings, frozen=True):
    """The ways out, limits for providers of readers, the keys that sign, and whom to tell: the ``operators``."""

    operators: tuple[str, ...] = ()
    routes: dict[str, Route] = {}
    groups: dict[str, Group] = {}
    dkim: dict[str, DomainKey] = {}


class Web(Settings, frozen=True):
    """Where the pages of ``newsletter serve`` are reached, if not at the site itself."""

    url: str = ""


class Config(Settings, frozen=True):
    """A whole publication; ``root`` is the folder of config.toml, from which paths are counted."""

    site: Site
    store: StoreSettings = StoreSettings()
    taxonomies: dict[str, Taxonomy] = {}
    sources: dict[str, Source] = {}
    feeds: FeedSettings = FeedSettings()
    lists: dict[str, List] = {}
    mail: Mail = Mail()
    web: Web = Web()
    brand: Brand = Brand()
    root: str = "."

    @property
    def base(self) -> str:
        """The public address of the output folder, without a final slash."""
        return self.site.url.rstrip("/")

    @property
    def web_base(self) -> str:
        """The public address of the pages that act, without a final slash."""
        return (self.web.url or self.site.url).rstrip("/")

    def zone(self, list_slug: str) -> ZoneInfo:
        """Return the zone in which a list has its calendar: by default, or where there is no such list, the site's."""
        known = self.lists.get(list_slug)
        return ZoneInfo((known and known.timezone) or self.site.timezone)

    def at(self, path: str) -> Path:
        """Return a configured path as counted from the folder of config.toml."""
        return Path(self.root) / Path(path).expanduser()


def say(text: Text, language: str) -> str:
    """Return the words in a language, else in any that there are.

    >>> say({"fr": "Thème", "en": "Theme"}, "en")
    'Theme'
    """
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), "")


def rules(written: Rule | tuple[Rule, ...]) -> tuple[Filter, ...]:
    """Return a configured filter as the union that the model knows; an empty tuple takes everything."""
    union = (written,) if isinstance(written, dict) else written
    return tuple({name: frozenset(slugs) for name, slugs in rule.items()} for rule in union if rule)
