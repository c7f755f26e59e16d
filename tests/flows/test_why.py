"""`why` on real sends: each answer, on SQLite and PostgreSQL the main ones, and the command as people call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.digest.reasons import Reason
from newsletter.errors import UsageError
from newsletter.model import (
    Article,
    ArticleState,
    DraftEdits,
    EventDate,
    Frequency,
    Subscription,
    SubscriptionState,
)
from newsletter.pipeline import curating, drafting, sending
from newsletter.pipeline.explaining import explain
from newsletter.pipeline.freezing import Draft
from newsletter.pipeline.opening import open_flash, open_run
from newsletter.store import audience, incoming
from tests.flows.command import Desk
from tests.flows.office import quiet
from tests.flows.publications import NOW, article, configured, published
from tests.relay import Relay

HEALTH = {"theme": frozenset({"sante"})}
LEA = "lea@example.org"
SECTIONS = [
    {"title": "Agenda", "select": "upcoming", "horizon": 30, "form": "short"},
    {"title": "Santé", "filter": {"theme": ["sante"]}},
]
SETTINGS = {"title": "Lettre", "sender": {"address": "lettre@example.org", "name": "Le centre"}, "sections": SECTIONS}
FILTERED = SETTINGS | {"filter": [{"theme": ["culture"]}, {"theme": ["sante"]}]}


class Office:
    """A publication, its relay, and a clock that goes on by days."""

    def __init__(self, root: Path, url: str, relay: Relay) -> None:
        lists = {"lettre": SETTINGS, "filtree": FILTERED}
        self.relay = relay
        self.publication = published(root, configured(root, relay.port, lists=lists), url)

    def later(self, days: float) -> None:
        self.publication = replace(self.publication, now=self.publication.now + timedelta(days=days))

    def add(self, name: str, *themes: str, age: float = 1, **facts: object) -> None:
        one = article(name, *themes, now=self.publication.now, age=timedelta(days=age))
        self.store(replace(one, **facts))  # type: ignore[arg-type]

    def store(self, one: Article) -> None:
        here = self.publication
        with here.store.write() as connection:
            incoming.save(connection, one, here.ends, list(here.taxonomies), here.numbering())

    def join(self, address: str = LEA, choices: Mapping[str, frozenset[str]] | None = None, **facts: object) -> None:
        wanted = Subscription(0, address, "lettre", SubscriptionState.ACTIVE, choices or {}, consent="test", **facts)  # type: ignore[arg-type]
        with self.publication.store.write() as connection:
            audience.subscribe(connection, address, address, wanted, self.publication.now)

    def send(self) -> None:
        issue = open_run(self.publication, "lettre").issue
        if issue:
            sending.attempt(self.publication, issue, quiet)

    def why(self, name: str, address: str = LEA, list_: str = "lettre") -> tuple[Reason, str]:
        [found] = explain(self.publication, address, f"articles/{name}", list_)
        return found.answer.reason, found.answer.sentence


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    with Relay() as relay:
        made = Office(tmp_path, url, relay)
        yield made
        made.publication.store.close()


def test_sent_under_a_section_and_among_the_titles_and_not_again(office: Office) -> None:
    office.join()
    office.add("soin", "sante")
    office.add("cirque")
    assert office.why("soin") == (Reason.NEXT, "will be in the next letter of lettre to lea@example.org")
    office.send()
    sent = "was sent in lettre/2024-04-02 on 2024-04-02 09:00, under “{}”, {}"
    assert office.why("soin") == (Reason.SENT, sent.format("Santé", "in full"))
    assert office.why("cirque") == (Reason.SENT, sent.format("Également publiés", "as a title"))
    office.later(1)
    office.add("cirque", "culture", age=2)
    reason, sentence = office.why("cirque")
    assert (reason, sentence.startswith(sent.format("Également publiés", "as a title"))) == (Reason.SENT, True)


def test_what_got_a_topic_since_is_not_sent_a_second_time(office: Office) -> None:
    office.join(choices={"theme": frozenset({"culture"})})
    office.add("cirque")
    office.send()
    office.later(1)
    office.add("cirque", "culture", age=2)
    assert office.why("cirque")[0] is Reason.RECEIVED
    office.send()
    assert len(office.relay.messages) == 1


def test_refused_in_doubt_and_deferred(office: Office) -> None:
    script = {
        "ref@example.org": ["550 5.7.1 unknown at RCPT"],
        "gone@example.org": ["550 5.1.1 nobody at RCPT"],
        "dou@example.org": ["drop at DOT"],
        "def@example.org": ["451 4.2.2 full at RCPT"],
    }
    office.relay.script.update(script)
    office.add("soin", "sante")
    for address in script:
        office.join(address)
    office.send()
    reason, sentence = office.why("soin", "ref@example.org")
    assert (reason, "unknown; it will be in the next letter" in sentence) == (Reason.REFUSED, True)
    # Who is mailed no more is promised nothing.
    reason, sentence = office.why("soin", "gone@example.org")
    assert (reason, "nobody" in sentence, "next letter" in sentence) == (Reason.REFUSED, True, False)
    assert office.why("soin", "dou@example.org")[0] is Reason.DOUBT
    reason, sentence = office.why("soin", "def@example.org")
    assert (reason, "deferred, next try" in sentence, "full" in sentence) == (Reason.OPEN, True, True)


def test_who_is_not_sent_anything(office: Office) -> None:
    office.add("soin", "sante")
    office.join("left@example.org")
    office.join("bounced@example.org")
    with office.publication.store.write() as connection:
        [mine] = audience.of_address(connection, "left@example.org")
        audience.leave(connection, mine.id, "asked", NOW)
        audience.suppress(connection, "bounced@example.org", "its mailbox is gone", NOW)
    assert office.why("soin", "left@example.org")[0] is Reason.LEFT
    assert office.why("soin", "bounced@example.org")[0] is Reason.SUPPRESSED
    assert office.why("soin", "nobody@example.org")[0] is Reason.STRANGER
    with pytest.raises(UsageError, match="subscribed to no list"):
        explain(office.publication, "nobody@example.org", "articles/soin")


def test_what_is_not_shown(office: Office) -> None:
    office.join()
    office.add("ebauche", state=ArticleState.DRAFT)
    office.add("demain", age=-1)
    office.add("cache")
    curating.hide(office.publication, "articles/cache")
    assert office.why("ebauche")[0] is Reason.DRAFT
    assert office.why("demain") == (Reason.EMBARGO, "waits: it is to be published on 2024-04-03 09:00")
    assert office.why("cache")[0] is Reason.HIDDEN
    office.later(2)
    assert office.why("demain")[0] is Reason.NEXT, "its time has come, though nothing has numbered it yet"


def test_what_does_not_match(office: Office) -> None:
    office.join(choices=HEALTH)
    office.add("ecole", "education")
    office.add("sans-theme")
    lacks = "it has no term of Thème among Santé"
    assert office.why("ecole") == (Reason.CHOICES, f"is not what lea@example.org chose: {lacks}")
    assert office.why("sans-theme")[0] is Reason.NEXT
    with office.publication.store.write() as connection:
        wanted = Subscription(0, LEA, "filtree", SubscriptionState.ACTIVE, consent="test")
        audience.subscribe(connection, LEA, LEA, wanted, NOW)
    reason, sentence = office.why("ecole", list_="filtree")
    assert (reason, sentence) == (
        Reason.LIST,
        "is not taken by filtree: it has no term of Thème among Culture et sport; or no term of Thème among Santé",
    )
    assert office.why("sans-theme", list_="filtree")[0] is Reason.LIST
    assert {each.facts.list for each in explain(office.publication, LEA, "articles/ecole")} == {"lettre", "filtree"}


def test_archive_and_what_grew_stale(office: Office) -> None:
    office.join()
    office.add("vieux", age=61)
    office.add("oublie")
    assert office.why("vieux")[0] is Reason.ARCHIVE
    office.later(70)
    assert office.why("oublie")[0] is Reason.STALE, "before the run"
    office.add("neuf")
    office.send()
    reason, sentence = office.why("oublie")
    assert reason is Reason.STALE
    assert "by lettre’s run of 2024-06-11 09:00 that was more than 60 days ago" in sentence


def test_a_weekly_reader_waits(office: Office) -> None:
    office.join(frequency=Frequency.WEEKLY)
    office.join("mia@example.org")
    office.add("un")
    office.send()
    office.later(1)
    office.add("deux")
    reason, sentence = office.why("deux")
    assert (reason, sentence.endswith("gets it weekly, and is due at the first run from 2024-04-08 on")) == (
        Reason.WAITING,
        True,
    )
    assert office.why("deux", "mia@example.org")[0] is Reason.NEXT
    office.later(6)
    assert office.why("deux")[0] is Reason.NEXT


def test_joined_or_chose_after_the_run(office: Office) -> None:
    office.join(choices=HEALTH)
    office.add("ecole", "education")
    office.add("soin", "sante")
    office.send()
    office.later(1)
    office.join("mia@example.org")
    assert office.why("soin", "mia@example.org")[0] is Reason.JOINED
    office.join()
    assert office.why("ecole")[0] is Reason.CHOSEN
    assert office.why("soin")[0] is Reason.SENT


def test_what_was_hidden_at_the_run_and_is_shown_at_once_is_not_lost(office: Office) -> None:
    office.join()
    office.add("un")
    office.add("cache")
    curating.hide(office.publication, "articles/cache")
    office.send()
    office.later(1)
    curating.show_again(office.publication, "articles/cache")
    assert office.why("cache")[0] is Reason.NEXT


def test_reminders_and_pins(office: Office) -> None:
    office.join("mia@example.org")
    office.add("forum", dates=(EventDate(NOW + timedelta(days=20)),))
    office.add("epingle", "sante")
    office.send()
    curating.pin(office.publication, "articles/epingle")
    office.later(1)
    office.join()
    office.add("un")
    office.send()
    reason, sentence = office.why("forum")
    assert (reason, "under “Agenda”, in short, as a reminder" in sentence) == (Reason.REMINDER, True)
    reason, sentence = office.why("epingle")
    assert (reason, "under “Santé”, in full, because staff pinned it" in sentence) == (Reason.PINNED, True)
    assert office.why("forum", "mia@example.org")[0] is Reason.SENT


def test_a_flash_letter(office: Office) -> None:
    office.join()
    office.add("alerte", "sante")
    flash = open_flash(office.publication, "lettre", "articles/alerte").issue
    assert flash is not None
    assert office.why("alerte")[0] is Reason.OPEN
    sending.attempt(office.publication, flash, quiet)
    assert office.why("alerte")[0] is Reason.RECEIVED, "by its number it would be news at the next run"


def draft(office: Office, **edits: object) -> Draft:
    made = drafting.freeze(office.publication, "lettre", lambda _: DraftEdits(**edits), "ada")  # type: ignore[arg-type]
    assert made is not None
    return made


def approve(office: Office) -> None:
    hash = drafting.find(office.publication, "lettre").hash
    drafting.approve(office.publication, "lettre", hash, "ada")


def test_in_a_draft_that_waits_for_its_approval(office: Office) -> None:
    office.join()
    office.add("soin", "sante")
    draft(office)
    office.later(0.1)
    office.add("tard", "sante", age=0)
    waits = "will be in the next letter of lettre to lea@example.org, which waits for its approval"
    assert office.why("soin") == (Reason.NEXT, waits)
    later = "will be in a letter of lettre, but not the next: lettre/2024-04-02 was drafted before it came"
    assert office.why("tard") == (Reason.WAITING, later)
    approve(office)
    assert office.why("soin") == (Reason.NEXT, waits.partition(",")[0])
    office.send()
    assert office.why("soin")[0] is Reason.SENT
    assert office.why("tard") == (Reason.NEXT, waits.partition(",")[0])


def test_what_staff_left_out_counts_as_received_in_later_runs_too(office: Office) -> None:
    office.join()
    office.join("mia@example.org", choices=HEALTH)
    office.add("soin", "sante")
    office.add("ecole", "education")
    draft(office, excluded=("articles/ecole",))
    out = "was left out of lettre/2024-04-{} by staff, and counts as received"
    office.later(1)
    assert office.why("ecole") == (Reason.EXCLUDED, out.format("02")), "the draft, by its own name"
    approve(office)
    office.send()
    assert office.why("ecole") == (Reason.EXCLUDED, out.format("03"))
    assert office.why("soin")[0] is Reason.SENT
    assert office.why("ecole", "mia@example.org")[0] is Reason.CHOICES, "it was never theirs"
    office.later(1)
    office.add("neuf", "sante")
    office.send()
    assert office.why("ecole") == (Reason.EXCLUDED, out.format("03"))
    assert len(office.relay.messages) == 4


def test_what_staff_left_out_is_news_again_by_a_later_topic(office: Office) -> None:
    office.join(choices=HEALTH)
    office.add("ecole", "education")
    office.add("soin", "sante")
    draft(office, excluded=("articles/soin",))
    approve(office)
    office.send()
    office.later(1)
    office.add("ecole", "education", "sante", age=2)
    assert office.why("soin")[0] is Reason.EXCLUDED
    assert office.why("ecole")[0] is Reason.NEXT


def test_what_was_put_right_is_shown_as_a_correction(office: Office) -> None:
    office.join()
    office.add("soin", "sante")
    office.send()
    office.later(1)
    curating.correct(office.publication, "articles/soin")
    office.join("mia@example.org")
    office.add("un")
    office.add("deux")
    assert office.why("deux")[0] is Reason.NEXT
    office.send()
    sent = "was sent in lettre/2024-04-02 on 2024-04-02 09:00, under “Santé”, in full, and shown again in "
    again = (
        "lettre/2024-04-03 on 2024-04-03 09:00, under “Corrigé depuis notre dernière lettre”, in short, as a correction"
    )
    assert office.why("soin") == (Reason.CORRECTED, sent + again)
    assert office.why("soin", "mia@example.org")[0] is Reason.JOINED


def test_an_erratum_is_a_correction(office: Office) -> None:
    office.join()
    office.add("soin", "sante")
    office.send()
    office.later(1)
    curating.correct(office.publication, "articles/soin")
    flash = open_flash(office.publication, "lettre", "articles/soin").issue
    assert flash is not None
    sending.attempt(office.publication, flash, quiet)
    reason, sentence = office.why("soin")
    assert (reason, sentence.endswith("under “Erratum”, in full, as a correction")) == (Reason.CORRECTED, True)


def test_what_is_online_only(office: Office) -> None:
    office.join()
    for number in range(400):
        office.add(f"n{number}", title=f"{number} {'mot ' * 100}", age=1 + number / 1000)
    office.send()
    reason, sentence = office.why("n399")
    assert (reason, sentence.endswith("on the page of the issue only")) == (Reason.SENT, True)


def test_nothing_is_written(office: Office) -> None:
    office.join()
    office.add("un")
    office.send()
    office.later(1)
    office.add("deux")
    office.why("deux")
    with office.publication.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM issue").scalar_one() == 1


def test_the_command(desk: Desk) -> None:
    desk.article("un")
    assert desk("import", "articles").code == 0
    for name in ("lettre", "veille"):
        assert desk("subscribers", "add", LEA, "--list", name, "--consent", "test").code == 0
    result = desk("why", LEA, "articles/un")
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "lettre: “L’article un” will be in the next letter of lettre to lea@example.org.",
            "veille: “L’article un” will be in the next letter of veille to lea@example.org.",
        ],
    )
    [told] = desk("why", LEA, "articles/un", "--list", "veille", "--json").data
    assert (told["list"], told["reason"], told["issue"], told["letters"]) == ("veille", "next", None, [])
    assert desk("why", LEA, "articles/rien").code == 1
    assert desk("why", LEA, "articles/un", "--list", "rien").code == 2
    assert desk("why", "x", "articles/un").code == 1
