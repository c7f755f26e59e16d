"""A send against relays that speak badly, slowly or not as they offered, and with a disk or database that fails."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from newsletter.delivery import road
from newsletter.errors import DeliveryError, RouteError, StoreError
from newsletter.model import Books
from newsletter.pipeline import sending
from tests.flows.office import BOB, HOUR, LEA, MIA, NOE, office
from tests.relay import CERTIFICATE, FEATURES, Received, Relay

ALL = sorted([LEA, BOB, MIA, NOE])
EVERYONE = Books(4, sent=4)
PLAIN = tuple(name for name in FEATURES if name != "PIPELINING")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road, "PATIENCE_SECONDS", 0.001)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "DOT"])
def test_greylisted_three_times(tmp_path: Path, stage: str) -> None:
    with office(tmp_path, {BOB: [f"451 4.7.1 greylisted at {stage}"] * 3}) as here:
        for _ in range(3):
            assert here.send().books == Books(4, sent=3, deferred=1) == here.books()
            here.wait(4 * HOUR)
        assert here.retry().books == EVERYONE == here.books()
        assert here.recipients() == ALL


def test_a_slow_relay(tmp_path: Path) -> None:
    with office(tmp_path, relay=Relay(latency=0.3), connections=2) as here:
        assert here.send().books == EVERYONE == here.books()


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("features", [FEATURES, PLAIN])
def test_replies_in_single_bytes(tmp_path: Path, connections: int, features: tuple[str, ...]) -> None:
    relay = Relay({BOB: "550-5.1.1 no\n550 5.1.1 such user at RCPT"}, single_bytes=True)
    relay.features = features
    with office(tmp_path, relay=relay, connections=connections) as here:
        assert here.send().books == Books(4, sent=3, refused=1) == here.books()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT", "RSET"])
def test_replies_of_many_lines(tmp_path: Path, stage: str) -> None:
    code = {"DATA": "354"}.get(stage, "250")
    words = "\n".join([f"{code}-line {number}" for number in range(60)] + [f"{code} at last"])
    with office(tmp_path, {"*": f"{words} at {stage}", BOB: ["450 later at RCPT"]}) as here:
        # Where the relay greets the recipient with its many lines, that is what Bob hears, too.
        expected = EVERYONE if stage == "RCPT" else Books(4, sent=3, deferred=1)
        assert here.send().books == expected == here.books()


@pytest.mark.parametrize("stage", ["RCPT", "DOT"])
def test_eight_bit_text_is_kept_as_text(tmp_path: Path, stage: str) -> None:
    with office(tmp_path, {BOB: f"550 5.1.1 boîte pleine\x07\x1b[31m at {stage}"}) as here:
        sent = here.send()
        assert sent.books == Books(4, sent=3, refused=1) == here.books()
        ((_, text, _),) = [told for told in sending.reasons(here.publication, sent.issue) if told[0] == "refused"]
        assert "boîte pleine" in text
        assert text.isprintable()


@pytest.mark.parametrize("features", [FEATURES, PLAIN])
def test_a_recipient_is_refused_with_an_invitation(tmp_path: Path, features: tuple[str, ...]) -> None:
    """RFC 2920 §3.1: the lone dot that answers a 354 without a recipient is no message."""

    relay = Relay({BOB: "550 5.1.1 nobody at RCPT", "*": "354 go on at DATA"})
    relay.features = features
    with office(tmp_path, relay=relay) as here:
        assert here.send().books == Books(4, sent=3, refused=1) == here.books()
        assert here.recipients() == sorted([LEA, MIA, NOE])


def test_no_pipelining_is_offered(tmp_path: Path) -> None:
    relay = Relay({BOB: ["450 4.2.0 later at RCPT"]})
    relay.features = PLAIN
    with office(tmp_path, relay=relay, connections=2) as here:
        assert here.send().books == Books(4, sent=3, deferred=1) == here.books()
        here.wait(HOUR)
        assert here.send().books == EVERYONE == here.books()


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("after", ["MAIL", "RCPT", "DOT"])
def test_pipelining_is_offered_and_what_came_after_a_command_is_thrown_away(
    tmp_path: Path, after: str, connections: int
) -> None:
    with office(tmp_path, relay=Relay(forgets=after), connections=connections) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(16))
        here.route(reply_seconds=0.3)
        assert here.send().books == Books(20, sent=20) == here.books()
        # It is spoken to in turns once that shows: a time-out a connection, not one a message.
        greetings = [command for command in here.relay.commands if command.lower().startswith("ehlo")]
        assert len(greetings) <= 3 * connections


@pytest.mark.parametrize("what", ["stall", "drop", "xyzzy"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_stall_in_the_middle_burns_nothing(tmp_path: Path, stage: str, what: str) -> None:
    with office(tmp_path, {"*": ["ok", f"{what} at {stage}"]}, connections=2) as here:
        here.route(reply_seconds=0.2)
        assert here.send().books == EVERYONE == here.books()
        assert here.recipients() == ALL


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO"])
@pytest.mark.parametrize("what", ["xyzzy", "drop", "stall"])
def test_garbage_at_the_door(tmp_path: Path, stage: str, what: str) -> None:
    with office(tmp_path, {"connection": f"{what} at {stage}"}) as here:
        here.route(connect_seconds=0.2)
        with pytest.raises(RouteError) as caught:
            here.send()
        assert "\n" not in str(caught.value)
        assert here.books() == Books(4, planned=4)
        here.relay.script.clear()
        assert here.send().books == EVERYONE == here.books()


@pytest.mark.parametrize("stage", ["MAIL", "DOT"])
def test_the_largest_size_is_too_small(tmp_path: Path, stage: str) -> None:
    # One that announces its size is told of before a letter is offered: test_send_relays.py.
    with office(tmp_path, {"*": f"552 5.3.4 message too big at {stage}"}) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(40))
        with pytest.raises(DeliveryError, match=r"552 5\.3\.4 message too big"):
            here.send()
        books = here.books()
        assert books.refused <= 11
        assert books.planned == 44 - books.refused


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("features", [FEATURES, PLAIN])
def test_the_connection_drops_at_the_dot(tmp_path: Path, features: tuple[str, ...], kept: bool) -> None:
    relay = Relay({BOB: [f"{'keep, then ' * kept}drop at DOT"]})
    relay.features = features
    with office(tmp_path, relay=relay, connections=2) as here:
        assert here.send().books == Books(4, sent=3, uncertain=1) == here.books()
        assert len(here.relay.distinct) == 3 + kept


def test_starttls_was_stripped(tmp_path: Path, trusted: None) -> None:
    with office(tmp_path) as here:
        here.route(host="localhost", security="starttls")
        with pytest.raises(RouteError, match="STARTTLS extension not supported"):
            here.send()
        assert here.books() == Books(4, planned=4)
        assert not [command for command in here.relay.commands if command.startswith("MAIL")]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted(tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path, relay=Relay(tls=security)) as here:
        here.route(host="localhost", security=security)
        with pytest.raises(RouteError, match="certificate not trusted"):
            here.send()
        assert here.books() == Books(4, planned=4)
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert here.send().books == EVERYONE == here.books()


def test_a_wrong_password(tmp_path: Path, trusted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", "0penup")
    with office(tmp_path, relay=Relay(tls="starttls", users={"office": "s3same"}), connections=2) as here:
        here.route(host="localhost", security="starttls", user="office")
        with pytest.raises(RouteError, match=r"user or password refused: 535 5\.7\.8") as caught:
            here.send()
        assert "0penup" not in str(caught.value)
        assert here.books() == Books(4, planned=4)
        monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", "s3same")
        assert here.send().books == EVERYONE == here.books()


class Ringing(Relay):
    """A relay that rings at its n-th message, before it answers."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.ring: Callable[[], object] = lambda: None

    def keep(self, message: Received) -> None:
        super().keep(message)
        if len(self.messages) == self.at:
            self.ring()


def test_the_disk_is_full_in_the_middle(tmp_path: Path) -> None:
    with office(tmp_path, relay=Relay(), connections=2) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(400))
        here.open()
        engine = here.publication.store.engine

        def full(connection: Any, _: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # not less than what there is

        sa.event.listen(engine, "connect", full)
        engine.dispose()
        with pytest.raises(StoreError, match="full") as caught:
            here.send()
        assert "\n" not in str(caught.value)
        books = here.books()
        assert books.planned
        assert books.handed + books.uncertain <= 2
        sa.event.remove(engine, "connect", full)
        engine.dispose()
        after = here.send().books
        assert after.uncertain <= 2
        assert after == Books(404, sent=404 - after.uncertain, uncertain=after.uncertain) == here.books()


def test_the_database_is_locked_for_a_while(tmp_path: Path) -> None:
    relay = Ringing(at=2)
    with office(tmp_path, relay=relay) as here:
        relay.ring = lambda: _lock(tmp_path, 1.0)
        assert here.send().books == EVERYONE == here.books()


def test_the_database_is_locked_for_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.store.engine.BUSY_SECONDS", 0.2)
    relay = Ringing(at=2)
    with office(tmp_path, relay=relay) as here:
        threads: list[threading.Thread] = []
        relay.ring = lambda: threads.append(_lock(tmp_path, 2.0))
        with pytest.raises(StoreError, match="locked"):
            here.send()
        threads[0].join()
        books = here.books()
        assert books.handed + books.uncertain <= 1
        found = here.send().books
        assert found == Books(4, sent=4 - found.uncertain, uncertain=found.uncertain) == here.books()
        assert found.uncertain <= 1


def _lock(root: Path, seconds: float) -> threading.Thread:
    """Hold the write lock of the books for some seconds; returns once it is held."""
    held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(root / "newsletter.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(seconds)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    return thread
