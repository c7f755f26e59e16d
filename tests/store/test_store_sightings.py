"""When and where articles were seen."""

from datetime import timedelta

from newsletter.store import articles, incoming, revising, sightings
from newsletter.store.arrivals import Numbering
from newsletter.store.incoming import Given
from tests.flows.publications import NOW, article

HOUR = timedelta(hours=1)


def test_what_is_seen_now_is_seen_after_everything_before(store):
    with store.write() as connection:
        assert sightings.after(connection, NOW) == NOW
        given = [Given(article(name), f"{name}.md", at) for name, at in (("un", NOW - HOUR), ("deux", NOW))]
        incoming.save_all(connection, given, lambda _: None, [], Numbering(NOW, 60))
    with store.read() as connection:
        assert sightings.after(connection, NOW - HOUR) > NOW
        assert sightings.after(connection, NOW) > NOW
        assert sightings.after(connection, NOW + HOUR) == NOW + HOUR
        assert {each.place: each.at for each in sightings.of(connection, "test")} == {
            "un.md": NOW - HOUR,
            "deux.md": NOW,
        }


def test_the_inputs_of_a_source_are_those_of_its_articles_that_are_not_gone(store):
    numbering = Numbering(NOW, 60)
    with store.write() as connection:
        given = [Given(article(name), f"{name}.md", NOW) for name in ("un", "deux")]
        incoming.save_all(connection, given, lambda _: None, [], numbering)
        revising.withdraw(connection, articles.find(connection, "articles/deux"), [], numbering)
    with store.read() as connection:
        key = articles.find(connection, "articles/un")
        assert articles.by_input(connection) == articles.by_input(connection, "test") == {"un": [key]}
        assert articles.by_input(connection, "another") == {}
