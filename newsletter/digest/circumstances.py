"""What is known of an article, a list and an address: why a letter held the article is read off it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsletter.model import Article, DeliveryState, Frequency, Subscription, SubscriptionState

Missing = tuple[str, tuple[str, ...]]
"""A taxonomy's label and the labels of its terms of which an article has none."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A letter of the reader's in which an article stands: as news (``picked``) or again, or put right (``corrected``).

    ``section`` and ``form`` are where and how, ``form`` ``online`` for what only the issue's page shows and empty for
    what the letter has no room to repeat. ``said`` are the words of the server, or why the row was withdrawn.
    """

    issue: str
    at: datetime
    state: DeliveryState
    picked: bool
    section: str
    form: str
    pinned: bool = False
    corrected: bool = False
    doubted: bool = False
    said: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides about one article, one list and one address.

    ``excluded`` is the issue or draft out of which staff left the article, ``waits`` the draft that waits for its
    approval, ``drafted`` a draft that was frozen before the article came.
    ``again`` is whether the article's number is later than the reader's cursor and not too old, ``offered`` whether
    the next run of the list holds it for them, ``due`` whether that run is theirs and ``turn`` when theirs is at the
    earliest. ``arrived`` is when it became news for them, ``passed`` the first run of the list after that, ``ran`` the
    first of theirs, if there was one, and ``chose`` when they last changed what they get.
    """

    address: str
    list: str
    article: Article
    now: datetime
    news_days: int
    subscription: Subscription | None = None
    suppressed: str = ""
    showings: Sequence[Showing] = ()
    shown: bool = True
    gone: datetime | None = None
    excluded: str = ""
    waits: str = ""
    drafted: str = ""
    not_listed: Sequence[Sequence[Missing]] = ()
    not_chosen: Sequence[Missing] = ()
    archive: bool = False
    again: bool = False
    offered: bool = False
    due: bool = True
    turn: date | None = None
    arrived: datetime | None = None
    passed: datetime | None = None
    ran: datetime | None = None
    chose: datetime | None = None

    def latest(self, *states: DeliveryState, picked: bool = True, doubted: bool | None = None) -> Showing | None:
        """Return the last letter in one of some states that holds the article as news, or again."""
        found = (
            each
            for each in reversed(self.showings)
            if each.state in states and each.picked is picked and doubted in (None, each.doubted)
        )
        return next(found, None)

    @property
    def correction(self) -> Showing | None:
        """The last letter that showed the article because it was put right."""
        return next((each for each in self._sent() if each.corrected), None)

    @property
    def original(self) -> Showing | None:
        """The last letter that brought the article as it was before it was put right."""
        return next((each for each in self._sent() if each.picked and not each.corrected), None)

    @property
    def repeated(self) -> Showing | None:
        """The last letter that showed the article again."""
        return next((each for each in self._sent() if not each.picked), None)

    def _sent(self) -> Iterator[Showing]:
        """Yield the letters that arrived and had room for the article, the last one first."""
        return (each for each in reversed(self.showings) if each.state is DeliveryState.SENT and each.form)

    @property
    def active(self) -> bool:
        """Whether the address gets letters of the list."""
        mine = self.subscription
        return mine is not None and mine.state is SubscriptionState.ACTIVE and not self.suppressed

    @property
    def old(self) -> bool:
        """Whether the article was too old to be news at the run that should have brought it, or is by now."""
        age = (self.ran or self.now) - self.arrived if self.arrived else timedelta()
        return age > timedelta(days=self.news_days)


def next_period(frequency: Frequency, day: date) -> date:
    """Return the first day of the week or month after a day; for a frequency without period the day itself."""
    if frequency is Frequency.WEEKLY:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) if frequency is Frequency.MONTHLY else day
