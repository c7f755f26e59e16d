"""What a route found of one article, before the rules that all routes share have settled it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from newsletter.errors import IntakeError
from newsletter.intake import clean
from newsletter.intake.desk import Desk
from newsletter.intake.identity import mint, moved, spelled
from newsletter.intake.plain import text
from newsletter.intake.wording import tidy
from newsletter.model import Article, ArticleState, Attachment, EventDate, Image, Origin, Part, Term

T = TypeVar("T")

LEAD = 2000
"""Characters of the longest lead that somebody wrote."""

LIMITS = {"terms": 100, "attachments": 100, "dates": 100, "aliases": 50, "warnings": 50}
"""How many of each an article may have; more are those of an enemy or of a mistake."""

_UNDATED = "no date is given; the moment of intake was taken, write one such as 2024-03-26"


@dataclass
class Draft:
    """The facts of one article; ``html`` is clean, ``extra`` is clean too but no part of what a lead is made of.

    Without ``published`` the moment of intake is taken; ``dated`` is false where it is a stamp that may move without a
    change, of which the first is kept. ``where`` is its place in an input of many, ``mark`` what tells
    it from others there that have the same address.
    """

    identity: str
    url: str
    title: str
    title_source: str
    html: str
    lang: str
    published: datetime | None
    modified: datetime | None = None
    dated: bool = True
    lead: str = ""
    extra: str = ""
    state: ArticleState = ArticleState.READY
    aliases: tuple[str, ...] = ()
    terms: list[Term] = field(default_factory=list)
    dates: tuple[EventDate, ...] = ()
    deadline: datetime | None = None
    attachments: list[Attachment] = field(default_factory=list)
    image: Image | None = None
    parts: tuple[Part, ...] = ()
    unparsed: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    where: str = ""
    mark: str = ""

    def article(self, desk: Desk, origin: Origin) -> Article:
        """Return the article: id minted, text and lead derived, every term once, never updated before published.

        Raises:
            IntakeError: if there are neither title nor words.
        """
        title = tidy(self.title)
        if not title:
            raise IntakeError("there is neither a title nor a sentence to take one from; add a title")
        html = "\n".join(filter(None, (self.html, self.extra)))
        published = _settled(self.published or self._undated(desk))
        modified = self.modified and _settled(self.modified)
        identity = desk.hosted(self.identity)
        labelled = [term for term in self.terms if term.label]
        return Article(
            id=mint(identity, desk.site),
            identity=identity,
            url=moved(self.url, desk.source.hosts),
            title=title,
            title_source=self.title_source,
            lead=tidy(self.lead, LEAD) or clean.lead(self.html),
            html=html,
            text=text(html),
            lang=tidy(self.lang, 35),
            published=published,
            updated=max(modified or published, published),
            dated=self.dated and self.published is not None,
            state=self.state,
            modified=modified,
            aliases=self._few("aliases", self._aliases(desk, identity)),
            terms=self._few("terms", _once(labelled, lambda term: (term.taxonomy, term.slug))),
            dates=self._few("dates", [_dated(each) for each in self.dates]),
            deadline=self.deadline and _settled(self.deadline),
            attachments=self._few("attachments", _once(self.attachments, lambda file: file.url)),
            image=self.image,
            source=origin,
            parts=self.parts,
            unparsed=self.unparsed,
            warnings=self._told(),
        )

    def _undated(self, desk: Desk) -> datetime:
        self._warn(_UNDATED)
        return desk.now.astimezone(desk.zone)

    def _aliases(self, desk: Desk, identity: str) -> list[str]:
        """Return the other names of the article, in one spelling too, those at hosts which are given up among them."""
        written = (self.identity, *self.aliases)
        hosted = [(each, desk.hosted(each)) for each in written]
        every = dict.fromkeys(name for each, kept in hosted for name in (each, kept, spelled(kept)))
        return [name for name in every if name != identity]

    def _few(self, what: str, found: Sequence[T]) -> tuple[T, ...]:
        limit = LIMITS[what]
        if len(found) > limit:
            self._warn(f"it has {len(found)} {what}, the first {limit} were taken; leave out the others")
        return tuple(found[:limit])

    def _warn(self, what: str) -> None:
        self.warnings.append(f"{self.where}: {what}" if self.where else what)

    def _told(self) -> tuple[str, ...]:
        told = list(dict.fromkeys(tidy(warning, 300) for warning in self.warnings))
        limit = LIMITS["warnings"]
        return (*told[:limit], f"… and {len(told) - limit} more") if len(told) > limit else tuple(told)


def _dated(date: EventDate) -> EventDate:
    return replace(date, start=_settled(date.start), end=date.end and _settled(date.end))


def _settled(instant: datetime) -> datetime:
    """Return an instant with the offset that its zone has then.

    In the nights when clocks change, Python takes no time of a zone for the same as any other (PEP 495).
    """
    return instant.replace(tzinfo=timezone(instant.utcoffset() or timedelta()))


def _once(found: Sequence[T], name: Callable[[T], Hashable]) -> list[T]:
    """Return each thing once; of two by one name, the first."""
    return list({name(each): each for each in reversed(found)}.values())[::-1]
