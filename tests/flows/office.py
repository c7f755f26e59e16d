"""An office that sends: a publication on disk, a relay that the test scripts, and the truth about both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa

from newsletter.config import Mail
from newsletter.model import Books, DeliveryState
from newsletter.pipeline import sending
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sending import Sent
from newsletter.store import issues, tally
from tests.flows.publications import NOW, add_articles, add_readers, article, configured, published
from tests.relay import Relay, Script

LEA, BOB, MIA, NOE = (f"{name}@example.org" for name in ("lea", "bob", "mia", "noe"))
FROM = "lettre@troisrivieres.example.org"
TODAY = "lettre/2024-04-02"
HOUR = timedelta(hours=1)


def quiet(_: Counter[DeliveryState]) -> None:
    """Show no progress."""


@dataclass
class Office:
    """Four readers, one list; ``now`` is the instant of the next command."""

    root: Path
    relay: Relay
    publication: Publication

    @property
    def now(self) -> datetime:
        return self.publication.now

    def wait(self, pause: timedelta) -> None:
        """Let time pass between two commands."""
        self.publication = replace(self.publication, now=self.now + pause)

    def route(self, **settings: object) -> None:
        """Change the way out for the commands to come."""
        config = self.publication.config
        route = msgspec.structs.replace(config.mail.routes["default"], **settings)
        changed = msgspec.structs.replace(config, mail=Mail(routes={"default": route}))
        self.publication = replace(self.publication, config=changed)

    def news(self, *names: str) -> None:
        """Import further articles."""
        add_articles(self.publication, [article(name, now=self.now, age=HOUR) for name in names])

    def subscribe(self, addresses: Iterable[str]) -> None:
        """Add readers who want everything."""
        add_readers(self.publication, {address: {} for address in addresses})

    def open(self) -> Sent:
        """Do what ``send`` does up to the first message."""
        issue = sending.prepare(self.publication, "lettre", sending.decide(self.publication, "lettre"))
        assert issue is not None
        return sending.standing(self.publication, issue)

    def send(self, progress: Callable[[Counter[DeliveryState]], None] = quiet) -> Sent:
        """Do what ``send`` does for the list's issue."""
        return sending.attempt(self.publication, self.open().issue, progress)

    def retry(self, name: str = TODAY) -> Sent:
        """Do what ``issues retry`` does."""
        issue = sending.find(self.publication, name).issue
        return sending.attempt(self.publication, issue, quiet, all_deferred=True)

    def books(self, name: str = TODAY) -> Books:
        """Return the books of an issue, after judging them by the relay's."""
        self.relay.settle()
        copies = Counter(message.message_id for message in self.relay.messages)
        with self.publication.store.read() as connection:
            found = [tally.books(connection, issue.id) for issue in issues.of_list(connection)]
            mine = tally.books(connection, issues.named(connection, name).id)
        assert all(books.balanced for books in found), found
        assert max(copies.values(), default=0) <= 1, copies
        sent, doubt = sum(books.sent for books in found), sum(books.uncertain + books.handed for books in found)
        assert sent <= len(copies) <= sent + doubt, (found, copies)
        return mine

    def recipients(self) -> list[str]:
        """Return who got a letter, in the order of their names, as often as they got one."""
        return sorted(message.recipient for message in self.relay.messages)

    def state(self, address: str, name: str = TODAY) -> str:
        """Return how the row of a reader stands."""
        query = (
            "SELECT d.state FROM delivery d JOIN issue i ON i.id = d.issue JOIN subscription s ON s.id = d.subscription"
            " JOIN subscriber p ON p.id = s.subscriber WHERE p.folded = :address AND i.name = :name"
        )
        with self.publication.store.read() as connection:
            return str(connection.scalar(sa.text(query), {"address": address, "name": name}))

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table."""
        rows = {}
        with self.publication.store.read() as connection:
            for name in sa.inspect(connection).get_table_names():
                rows[name] = sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr)
        return rows


@contextmanager
def office(
    root: Path, script: Script | None = None, *, connections: int = 1, relay: Relay | None = None
) -> Iterator[Office]:
    """Open an office of four readers with two articles that nobody has seen."""
    with relay or Relay(script) as server:
        publication = published(root, configured(root, server.port, connections))
        add_articles(publication, [article("un", "sante"), article("deux", "education")])
        add_readers(publication, {address: {} for address in (LEA, BOB, MIA, NOE)})
        yield Office(root, server, publication)
        publication.store.close()


__all__ = ["BOB", "FROM", "HOUR", "LEA", "MIA", "NOE", "NOW", "TODAY", "Office", "office", "quiet"]
