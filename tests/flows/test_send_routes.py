"""Several relays: who takes what, and who takes over."""

import socket

import msgspec
import pytest

from newsletter.config import Mail, Route
from newsletter.delivery import road
from newsletter.delivery.ways import first_way, routes_of, ways
from newsletter.errors import DeliveryError, RouteError
from newsletter.model import Books
from tests.flows.office import BOB, FROM, LEA, MIA, NOE, TODAY, office
from tests.relay import Relay

ALL = sorted([LEA, BOB, MIA, NOE])


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(road, "PATIENCE_SECONDS", 0.001)


@pytest.fixture
def second():
    with Relay() as relay:
        yield relay


def relays(here, *others, **rules):
    """Give an office further relays, named second, third; ``first`` and so on are settings of theirs."""
    names = dict(zip(("first", "second", "third"), [here.relay, *others], strict=False))
    common = {"host": "127.0.0.1", "security": "none", "connections": 1}
    routes = {name: Route(**{**common, "port": relay.port} | rules.get(name, {})) for name, relay in names.items()}
    config = msgspec.structs.replace(here.publication.config, mail=Mail(routes=routes))
    here.publication = here.publication.__class__(config, here.publication.store, here.publication.now)


def to(relay):
    relay.settle()
    return sorted(message.recipient for message in relay.messages)


def nowhere():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return gone.getsockname()[1]


def test_a_domain_of_readers_takes_its_own_route(tmp_path, second):
    with office(tmp_path) as here:
        here.subscribe(["ann@big.test", "ben@small.test"])
        relays(here, second, first={"priority": 2}, second={"domains": ("big.test",), "priority": 1})
        assert here.send().books == Books(6, sent=6)
        assert to(second) == ["ann@big.test"]
        assert to(here.relay) == sorted([*ALL, "ben@small.test"])


def test_who_cannot_be_reached_is_replaced_by_the_next(tmp_path, second):
    with office(tmp_path) as here:
        relays(here, second, first={"port": nowhere()})
        sent = here.send()
        assert sent.books == Books(4, sent=4)
        assert to(second) == ALL
        assert [trouble.split(": ")[1] for trouble in sent.troubles] == ["cannot be reached"]


@pytest.mark.parametrize(
    "script",
    [
        {FROM: "550 5.7.1 who are you at MAIL"},
        {"connection": "554 5.7.1 not from there at CONNECT"},
        {"*": "drop at RCPT"},
    ],
)
def test_what_one_relay_refuses_before_data_the_next_may_take(tmp_path, second, script):
    with office(tmp_path, script) as here:
        relays(here, second)
        assert here.send().books == Books(4, sent=4)
        assert to(here.relay) == []
        assert to(second) == ALL


def test_what_was_refused_after_data_is_offered_to_no_other(tmp_path, second):
    with office(tmp_path, {BOB: "554 5.7.1 spam at DOT"}) as here:
        relays(here, second)
        assert here.send().books == Books(4, sent=3, refused=1)
        assert to(second) == []


def test_a_reply_that_was_lost_after_the_dot_is_no_case_for_another_relay(tmp_path, second):
    with office(tmp_path, {"*": "keep, then drop at DOT"}) as here:
        relays(here, second)
        here.send()
        twice = set(to(here.relay)) & set(to(second))
        assert not twice


def test_when_all_are_down_the_first_trouble_is_told_and_nothing_is_burnt(tmp_path):
    with office(tmp_path) as here:
        gone = nowhere()
        with Relay({"connection": "421 4.3.2 busy at CONNECT"}) as busy:
            relays(here, busy, first={"port": gone})
            with pytest.raises(RouteError, match=f"127.0.0.1:{gone}: cannot be reached"):
                here.send()
        assert here.books() == Books(4, planned=4)


def test_letters_that_no_route_takes_stay_planned_and_the_others_go(tmp_path):
    with office(tmp_path) as here:
        here.subscribe(["ann@big.test"])
        relays(here, first={"domains": ("big.test",)})
        with pytest.raises(DeliveryError, match=r"no route takes 4 of the letters; see the rules in mail\.routes"):
            here.send()
        assert here.books(TODAY) == Books(5, sent=1, planned=4)


def test_a_relay_that_refuses_everyone_makes_room_for_the_next(tmp_path, second):
    with office(tmp_path, {"*": "554 5.7.1 no relaying at RCPT"}) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(40))
        relays(here, second)
        books = here.send().books
        assert (books.refused, books.sent, books.planned) == (10, 34, 0)


def test_rules_and_priorities(tmp_path):
    with office(tmp_path) as here:
        base = here.publication.config
        lists = msgspec.structs.replace(base.lists["lettre"], route="named")
        routes = {
            "late": Route(priority=9),
            "other": Route(lists=("autre",)),
            "sender": Route(senders=("troisrivieres.example.org",), priority=3),
            "address": Route(senders=(FROM.upper(),), priority=2),
            "elsewhere": Route(senders=("example.com",)),
            "named": Route(lists=("autre",), priority=99),
            "big": Route(domains=("BIG.test",), priority=1),
        }
        config = msgspec.structs.replace(base, mail=Mail(routes=routes), lists={"lettre": lists})
        found = routes_of(config, "lettre")
        assert list(found) == ["named", "big", "address", "sender", "late"]
        assert ways(found, "ann@big.test") == ("named", "big", "address", "sender", "late")
        assert ways(found, LEA) == ("named", "address", "sender", "late")
        assert first_way(config, "lettre", LEA) is routes["named"]
        plain = msgspec.structs.replace(base, mail=Mail())
        assert first_way(plain, "lettre", LEA) == Route()
