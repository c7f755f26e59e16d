"""A year of two lists under the scheduler: clocks that change, pauses, a machine that is off, a relay that is down.

Everything is real but the clock: configuration, books, letters, the scheduler, SMTP. An article comes out every day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from newsletter.model import Frequency, Subscription, SubscriptionState
from newsletter.pipeline import scheduling, sending
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.scheduling import Outcome, tick
from newsletter.store import audience, schema
from tests.conftest import hurried
from tests.flows.office import quiet
from tests.flows.publications import add_articles, article, configured, published
from tests.relay import Relay

PARIS = ZoneInfo("Europe/Paris")
SENDER = {"address": "lettre@troisrivieres.example.org"}
LISTS = {
    "veille": {"title": "La veille", "sender": SENDER, "cadence": "weekly on sunday at 02:30"},
    "lettre": {"title": "La lettre", "sender": SENDER, "cadence": "le premier mardi du mois à 9 h", "pauses": ["août"]},
}
PAUSES = ["12-24/01-02", "05-03"]
START, END = datetime(2026, 1, 1, 0, 30, tzinfo=UTC), datetime(2027, 1, 12, 0, 30, tzinfo=UTC)
LOOK = timedelta(hours=12)
READERS = {f"{name}-{frequency}@example.org": (name, frequency) for name in LISTS for frequency in Frequency}


def off(moment: datetime) -> bool:
    """The machine is off from the second to the fourth Saturday of June, and one Saturday night in September."""
    return (
        datetime(2026, 6, 13, 12, tzinfo=UTC) < moment < datetime(2026, 6, 27, 12, tzinfo=UTC)
        or datetime(2026, 9, 12, 18, tzinfo=UTC) < moment < datetime(2026, 9, 13, 12, tzinfo=UTC)
    )  # fmt: skip


def down(moment: datetime) -> bool:
    """The relay is down on a Sunday of November until the evening, and from the first Tuesday of July for two days."""
    return datetime(2026, 11, 1, tzinfo=UTC) < moment < datetime(2026, 11, 1, 18, tzinfo=UTC) or (
        datetime(2026, 7, 7, tzinfo=UTC) < moment < datetime(2026, 7, 9, tzinfo=UTC)
    )


class Year:
    """The publication as the year goes by, and what the relay was given."""

    def __init__(self, root: Path, relay: Relay) -> None:
        self.relay = relay
        site = {
            "name": "Trois Rivières",
            "url": "https://www.troisrivieres.example.org",
            "pauses": PAUSES,
            "news_days": 90,
        }
        self.publication = published(root, configured(root, relay.port, 1, site=site, lists=LISTS), now=START)
        hurried(self.publication.store)
        self.acts: list[tuple[datetime, Outcome]] = []
        self.articles: list[date] = []
        for address, (name, frequency) in READERS.items():
            with self.publication.store.write() as connection:
                wanted = Subscription(0, address, name, SubscriptionState.ACTIVE, {}, frequency, consent="test")
                audience.subscribe(connection, address, address, wanted, START)

    def at(self, moment: datetime) -> Publication:
        self.publication = replace(self.publication, now=moment)
        return self.publication

    def live(self) -> None:
        """Look twice a day, but when the machine is off."""
        moment = START
        while moment < END:
            self.write(moment)
            if down(moment):
                self.relay.script["connection"] = "421 4.3.2 down at CONNECT"
            else:
                self.relay.script.clear()
            if moment == datetime(2026, 4, 10, 12, 30, tzinfo=UTC):
                self.by_hand(moment)
            if not off(moment):
                self.acts += [(moment, act) for act in tick(self.at(moment), Event())]
            moment += LOOK

    def write(self, moment: datetime) -> None:
        """Bring out the article of the day at noon."""
        if moment.hour == 12:
            self.articles.append(moment.date())
            add_articles(self.at(moment), [article(f"du-{moment.date()}", now=moment, age=timedelta(hours=1))])

    def by_hand(self, moment: datetime) -> None:
        """Somebody sends the monthly letter on a Friday that is not its day."""
        issue = sending.prepare(self.at(moment), "lettre", sending.decide(self.publication, "lettre"))
        assert issue is not None
        assert sending.attempt(self.publication, issue, quiet).books.closed

    def fates(self, name: str) -> dict[str, str]:
        query = sa.select(schema.turn).where(schema.turn.c.list == name).order_by("date")
        with self.publication.store.read() as connection:
            return {row.date: row.fate for row in connection.execute(query)}

    def received(self, address: str) -> Iterator[list[str]]:
        """Yield the articles of each letter to a reader."""
        for message in self.relay.messages:
            if message.recipient == address:
                flat = message.data.replace(b"=\r\n", b"").decode()
                yield sorted(set(re.findall(r"/articles/du-(\d{4}-\d\d-\d\d)\.html", flat)))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    # What checks say has tests of its own, and takes longer than all the rest of the year.
    with Relay() as relay, pytest.MonkeyPatch.context() as patch:
        for name in ("forecast", "demand"):
            patch.setattr(scheduling, name, lambda *_: None)
        lived = Year(tmp_path_factory.mktemp("year"), relay)
        lived.live()
        relay.settle()
        yield lived
        lived.publication.store.close()


def sundays(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day.isoformat() for day in days if day.weekday() == 6]


def test_every_planned_date_of_the_weekly_list_came_to_one_thing(year: Year) -> None:
    fates = year.fates("veille")
    assert list(fates) == sundays("2026-01-04", "2027-01-10")
    other = {day: fate for day, fate in fates.items() if fate != "run"}
    assert other == {
        "2026-05-03": "paused", "2026-06-14": "missed", "2026-06-21": "missed", "2026-12-27": "paused",
    }  # fmt: skip


def test_every_planned_date_of_the_monthly_list_came_to_one_thing(year: Year) -> None:
    assert year.fates("lettre") == {
        "2026-01-06": "run", "2026-02-03": "run", "2026-03-03": "run", "2026-04-07": "run", "2026-05-05": "run",
        "2026-06-02": "run", "2026-07-07": "run", "2026-08-04": "paused", "2026-09-01": "run", "2026-10-06": "run",
        "2026-11-03": "run", "2026-12-01": "run", "2027-01-05": "run",
    }  # fmt: skip


@pytest.mark.parametrize("address", READERS)
def test_every_reader_got_every_article_once(year: Year, address: str) -> None:
    letters = list(year.received(address))
    assert all(letters), "there is an empty letter"
    found = Counter(day for letter in letters for day in letter)
    last = max(found)
    assert max(found.values()) == 1
    assert sorted(found) == [day.isoformat() for day in year.articles if day.isoformat() <= last]
    assert last >= ("2027-01-02" if address.startswith("veille-monthly") else "2027-01-04")


def test_letters_leave_on_their_days(year: Year) -> None:
    weekly = [
        len(list(year.received(f"veille-{frequency}@example.org"))) for frequency in (Frequency.EACH, Frequency.WEEKLY)
    ]
    assert weekly == [50, 50]  # 54 Sundays, less the four without a run
    assert len(list(year.received(f"veille-{Frequency.MONTHLY}@example.org"))) == 13
    # Thirteen dates less August and July, when the relay was down until it was too late; one by hand in April.
    assert len(list(year.received(f"lettre-{Frequency.EACH}@example.org"))) == 12
    assert len(list(year.received(f"lettre-{Frequency.MONTHLY}@example.org"))) == 11


def test_what_the_scheduler_did_is_what_it_told(year: Year) -> None:
    told = Counter((act.list, act.what) for _, act in year.acts)
    assert told["veille", "missed"] == 1
    assert told["veille", "paused"] == 2
    assert told["lettre", "paused"] == 1
    assert told["lettre", "folded"] == 1
    assert {act.what for _, act in year.acts if act.error} == {"failed"}
    sent = [act.sent.books for _, act in year.acts if act.what == "sent" and act.sent]
    assert all(books.balanced and books.closed for books in sent)


def test_no_two_letters_of_a_list_left_within_a_week_of_each_other_but_when_made_up_for(year: Year) -> None:
    opened = [moment for moment, act in year.acts if (act.list, act.what) == ("veille", "opened")]
    gaps = [(later - sooner) for sooner, later in pairwise(opened)]
    assert min(gaps) >= timedelta(days=6)
    local = {moment.astimezone(PARIS).weekday() for moment in opened}
    assert local == {6}
