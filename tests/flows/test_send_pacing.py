"""A send keeps the limits of its routes and groups, whatever the relay could take."""

import time
from dataclasses import replace

import msgspec
import pytest

from newsletter.config import Group, Mail
from newsletter.delivery import gates, road, stock
from newsletter.model import Books
from newsletter.store import paces
from tests.flows.office import HOUR, office


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(road, "PATIENCE_SECONDS", 0.001)


def stamps(monkeypatch, relay):
    """The moments at which messages were accepted, with their recipients."""
    keep, seen = relay.keep, []
    monkeypatch.setattr(
        relay, "keep", lambda message: (seen.append((time.monotonic(), message.recipient)), keep(message))
    )
    return seen


def limited(here, **limits):
    """Give the readers at big.test limits of their own."""
    groups = {"big": Group(domains=("big.test",), **limits)}
    mail = Mail(routes=here.publication.config.mail.routes, groups=groups)
    here.publication = replace(here.publication, config=msgspec.structs.replace(here.publication.config, mail=mail))


def shares(here):
    with here.publication.store.read() as connection:
        return {name: pace.share for name, pace in paces.known(connection).items()}


def test_a_route_sends_no_more_a_second_than_it_may(tmp_path, monkeypatch):
    with office(tmp_path, connections=3) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(16))
        here.route(per_second=10)
        seen = stamps(monkeypatch, here.relay)
        assert here.send().books == Books(20, sent=20) == here.books()
        assert len(seen) == 20
        # Twenty slots, a tenth of a second apart: it takes at least so long, however slow the machine.
        assert seen[-1][0] - seen[0][0] > 1.5


def test_a_group_of_domains_waits_and_the_others_do_not(tmp_path, monkeypatch):
    with office(tmp_path, connections=2) as here:
        here.subscribe(f"ann{n}@big.test" for n in range(8))
        limited(here, per_second=5)
        seen = stamps(monkeypatch, here.relay)
        assert here.send().books == Books(12, sent=12) == here.books()
        big = [moment for moment, who in seen if who.endswith("@big.test")]
        rest = [moment for moment, who in seen if not who.endswith("@big.test")]
        assert big[-1] - big[0] > 1.0
        assert max(rest) < big[-1]


def test_a_slow_group_does_not_hold_up_those_who_come_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(stock, "BATCH", 4)
    with office(tmp_path, connections=2) as here:
        here.subscribe(f"ann{n}@big.test" for n in range(14))
        here.subscribe(f"lecteur{n}@example.org" for n in range(6))
        limited(here, per_second=7)
        seen = stamps(monkeypatch, here.relay)
        assert here.send().books == Books(24, sent=24) == here.books()
        order = [who.endswith("@big.test") for _, who in seen]
        assert order[-4:] == [True] * 4


def test_a_relay_that_asks_for_less_gets_less_and_all_go_out(tmp_path):
    with office(tmp_path, {"*": ["ok", "451 4.7.1 too fast at RCPT"]}, connections=8) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(40))
        assert here.send().books == Books(44, sent=43, deferred=1) == here.books()
        assert shares(here) == {"route default": paces.WHOLE // 2}
        here.wait(HOUR)
        assert here.send().books == Books(44, sent=44) == here.books()


def test_nothing_is_asked_of_the_books_where_nothing_is_limited(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("asked")

    monkeypatch.setattr(gates.paces, "change", never)
    with office(tmp_path) as here:
        assert here.send().books == Books(4, sent=4)
