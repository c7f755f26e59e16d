"""The whole way of a letter, and a stretch of the simulated year, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

from newsletter.digest.assemble import Body
from newsletter.model import DeliveryState
from newsletter.pipeline import noticing, sending
from newsletter.pipeline.noticing import Kind, Note
from newsletter.pipeline.publication import Publication
from newsletter.store.engine import Store
from tests.crash.drill import CONFIG
from tests.flows.office import quiet
from tests.flows.publications import add_articles, add_readers, article, configured, published
from tests.relay import Received, Relay
from tests.year.world import World

READERS = {f"lecteur{n}@example.org": {} for n in range(60)}


def test_a_stretch_of_the_simulated_year_agrees_with_its_oracle(store: Store) -> None:
    world = World(store, seed=3)
    for _ in range(75):
        world.day()
    assert world.seen["run"] > 5


def test_letters_are_sent_deferred_resolved_and_folded(url: str, tmp_path: Path) -> None:
    script = {"lecteur1@example.org": ["451 later at DOT"], "lecteur2@example.org": ["drop at DOT"]}
    with Relay(script) as relay:
        publication = published(tmp_path, configured(tmp_path, relay.port), url)
        add_articles(publication, [article("un")])
        add_readers(publication, READERS)
        issue = sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
        assert issue is not None
        books = sending.attempt(publication, issue, quiet).books
        assert (books.sent, books.deferred, books.uncertain) == (58, 1, 1)
        count, sent = sending.resolve(publication, issue.name, DeliveryState.PLANNED)
        assert (count, sent.books.planned) == (1, 1)
        assert sending.attempt(publication, issue, quiet, all_deferred=True).books.closed
        assert len(relay.distinct) == 60
        publication.store.close()


class Killer(Relay):
    """A relay that kills its client at the twentieth message."""

    victim: int = 0

    def keep(self, message: Received) -> None:
        super().keep(message)
        if len(self.messages) == 20:
            os.kill(self.victim, signal.SIGKILL)


def test_a_killed_sender_leaves_at_most_a_doubt_a_connection(url: str, tmp_path: Path) -> None:
    with Killer(latency=0.002) as relay:
        publication = published(tmp_path, configured(tmp_path, relay.port, connections=3), url)
        written = CONFIG.format(port=relay.port, connections=3, hello="office.test")
        (tmp_path / "config.toml").write_text(written, encoding="utf-8")
        add_articles(publication, [article("un")])
        add_readers(publication, READERS)
        issue = sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
        assert issue is not None
        command = [sys.executable, "-m", "newsletter", "--config", str(tmp_path / "config.toml"), "send", "lettre"]
        moment = (publication.now + timedelta(minutes=1)).isoformat()
        environment = {**os.environ, "NEWSLETTER_NOW": moment, "NEWSLETTER_DATABASE_URL": url}
        quiet_ends = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([*command, "--yes"], env=environment, **quiet_ends) as process:
            relay.victim = process.pid
        assert process.returncode == -signal.SIGKILL
        relay.settle()
        books = sending.attempt(publication, issue, quiet).books
        assert 1 <= books.uncertain <= 3
        assert books.sent + books.uncertain == 60
        assert books.sent <= len(relay.messages) == len(relay.distinct) <= 60
        publication.store.close()


def test_notices_are_sent_once_by_two_who_drain_at_once_and_doubt_stays_doubt(url: str, tmp_path: Path) -> None:
    with Relay({"lecteur2@example.org": ["keep, then drop at DOT"]}, latency=0.005) as relay:
        config = configured(tmp_path, relay.port)
        both = [published(tmp_path / f"{number}", config, url) for number in range(2)]
        with both[0].store.write() as connection:
            for address in READERS:
                note = Note(Kind.LINK, address, "Lien", Body("<p>Bonjour</p>", "Bonjour\n"))
                noticing.write(both[0], connection, "lettre", note)

        def drain(publication: Publication) -> None:
            for minute in range(3):
                later = replace(publication, now=publication.now + timedelta(minutes=minute))
                list(noticing.drain(later, Event()))

        threads = [Thread(target=drain, args=(each,)) for each in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        drain(both[0])
        relay.settle()
        assert len(relay.messages) == len(relay.distinct) == 60
        standing = noticing.standing(both[0])
        assert (standing.waiting, [failed.state for failed in standing.failed]) == (0, ["uncertain"])
        for each in both:
            each.store.close()
