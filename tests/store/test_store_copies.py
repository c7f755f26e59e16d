"""What the books know of addresses elsewhere."""

from dataclasses import replace
from datetime import timedelta

from newsletter.model import Media
from newsletter.store import copies
from newsletter.store.copies import Copy
from tests.flows.publications import NOW

PHOTO = Media("https://www.example.org/media/1/a-1200.jpg", "image/jpeg", 9, 1000, 500, "https://www.example.org/s")
MADE = Copy("https://www.example.org/a.jpg", PHOTO, NOW, '"é"', "Tue, 02 Apr 2024 07:00:00 GMT")
FAILED = Copy("https://www.example.org/" + "b" * 1976, "https://www.example.org/b: 404; check the address", NOW)


def test_what_became_of_an_address_is_known_until_it_is_asked_again(store):
    with store.write() as connection:
        copies.keep(connection, [MADE, FAILED])
    with store.read() as connection:
        assert copies.held(connection, [MADE.url, FAILED.url, "https://www.example.org/c"]) == {
            MADE.url: MADE,
            FAILED.url: FAILED,
        }
    later = replace(FAILED, found=PHOTO, at=NOW + timedelta(days=1))
    with store.write() as connection:
        copies.keep(connection, [later, MADE])
        copies.keep(connection, [])
    with store.read() as connection:
        assert copies.held(connection, [FAILED.url, MADE.url]) == {MADE.url: MADE, FAILED.url: later}
        assert copies.held(connection, []) == {}


def test_many_addresses_are_looked_up_at_once(store):
    many = [replace(MADE, url=f"https://www.example.org/{number}.jpg") for number in range(1200)]
    with store.write() as connection:
        copies.keep(connection, many)
    with store.read() as connection:
        assert len(copies.held(connection, [each.url for each in many])) == 1200


def test_what_could_not_be_had_between_two_instants_is_named(store):
    days = [replace(FAILED, url=f"https://www.example.org/{day}", at=NOW - timedelta(days=day)) for day in range(5)]
    with store.write() as connection:
        copies.keep(connection, [*days, replace(MADE, at=NOW - timedelta(days=2))])
    with store.read() as connection:
        found = copies.missed(connection, NOW - timedelta(days=3), NOW - timedelta(days=1))
    assert found == {f"https://www.example.org/{day}" for day in (1, 2, 3)}
