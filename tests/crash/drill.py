"""The drill: a send is killed with -9 again and again, and a server that counts says whether the books are true.

python -m tests.crash.drill --kills 100 --readers 4000
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from newsletter.model import Books
from newsletter.pipeline import sending
from newsletter.pipeline.publication import Publication
from newsletter.store import issues, tally
from tests.flows.publications import NOW, THEMES, add_articles, add_readers, article, configured, published
from tests.relay import Received, Relay

CONNECTIONS = 3


class Killer(Relay):
    """A relay that kills a process at its n-th acceptance from now: before it answers, or a moment later."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(latency=0.002)
        self.dice = dice
        self.victim = 0
        self.left = 0

    def aim(self, victim: int, acceptances: int) -> None:
        """Kill a process when it has handed over so many messages."""
        self.left, self.victim = acceptances, victim

    def keep(self, message: Received) -> None:
        """Accept a message, and kill if it was the one."""
        super().keep(message)
        self.left -= 1
        if self.left == 0:
            if self.dice.random() < 0.5:
                self.shoot()
            else:
                threading.Timer(self.dice.random() * 0.004, self.shoot).start()

    def shoot(self) -> None:
        """Kill -9, once."""
        victim, self.victim = self.victim, 0
        if victim:
            os.kill(victim, signal.SIGKILL)


@dataclass
class Report:
    """What the drill saw."""

    kills: int = 0
    in_flight: int = 0
    states: list[Books] = field(default_factory=list)
    final: Books = field(default_factory=lambda: Books(0))
    accepted: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0

    def complaints(self) -> Iterator[str]:
        """Yield what is not as promised."""
        if twice := [address for address, count in self.accepted.items() if count > 1]:
            yield f"sent twice: {twice[:5]}"
        if not self.final.balanced or not self.final.complete:
            yield f"the books are open or do not balance: {self.final}"
        if not self.final.sent <= len(self.accepted) <= self.final.sent + self.final.uncertain:
            yield f"the server has {len(self.accepted)}, the books say {self.final}"
        if self.final.uncertain > CONNECTIONS * self.kills:
            yield f"{self.final.uncertain} in doubt after {self.kills} kills over {CONNECTIONS} connections"
        if max((books.handed for books in self.states), default=0) > CONNECTIONS:
            yield "more than one message a connection was in doubt"
        if not any(books.handed for books in self.states):
            yield "no row was ever handed at a kill, so the drill proved nothing"
        if self.in_flight * 2 < self.kills:
            yield f"only {self.in_flight} of {self.kills} kills fell between first and last acceptance"


def drill(folder: Path, kills: int, readers: int, seed: int) -> Report:
    """Send one issue through so many kills and return what was seen."""
    dice = random.Random(seed)
    report = Report()
    with Killer(dice) as relay:
        publication = _publication(folder, relay.port, readers)
        with publication.store.read() as connection:
            issue = issues.of_list(connection)[0]
        for _ in range(kills):
            if not _kill_once(folder, relay, publication, issue.id, report, dice.randint(1, max(readers // kills, 3))):
                break
        _send(folder).wait()
        relay.settle()
        with publication.store.read() as connection:
            report.final = tally.books(connection, issue.id)
        report.accepted = Counter(message.recipient for message in relay.messages)
        publication.store.close()
    return report


def _kill_once(folder: Path, relay: Killer, publication: Publication, issue: int, report: Report, after: int) -> bool:
    before = len(relay.messages)
    process = _send(folder)
    relay.aim(process.pid, after)
    ended = process.wait()
    relay.victim = 0
    relay.settle()
    with publication.store.read() as connection:
        books = tally.books(connection, issue)
    if ended == -signal.SIGKILL:
        report.kills += 1
        report.states.append(books)
        report.in_flight += len(relay.messages) > before and books.planned > 0
    return books.planned > 0


def _publication(folder: Path, port: int, readers: int) -> Publication:
    """Make a publication of three articles and open its issue, in the files that the command will use."""
    (folder / "config.toml").write_text(CONFIG.format(port=port, connections=CONNECTIONS), encoding="utf-8")
    publication = published(folder, configured(folder, port, CONNECTIONS))
    add_articles(publication, [article("un", "sante"), article("deux", "education"), article("trois", "culture")])
    choices = [{}, *({"theme": frozenset({slug})} for slug in THEMES)]
    add_readers(publication, {f"lecteur{n}@example.org": choices[n % 4] for n in range(readers)})
    sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
    return publication


def _send(folder: Path) -> subprocess.Popen[bytes]:
    moment = (NOW + timedelta(minutes=1)).isoformat()
    command = [sys.executable, "-m", "newsletter", "--config", str(folder / "config.toml"), "send", "lettre", "--yes"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env={**os.environ, "NEWSLETTER_NOW": moment}, stdout=quiet, stderr=quiet)


CONFIG = """\
[site]
name = "Centre de ressources des Trois Rivières"
url = "https://www.troisrivieres.example.org"
[taxonomies.theme]
label = {{ fr = "Thème", en = "Theme" }}
[lists.lettre]
title = {{ fr = "La lettre des Trois Rivières", en = "The Trois Rivières letter" }}
sender = {{ address = "lettre@troisrivieres.example.org", name = "Centre des Trois Rivières" }}
[[lists.lettre.sections]]
title = {{ fr = "Actualités", en = "News" }}
[mail.routes.default]
port = {port}
security = "none"
connections = {connections}
"""


def describe(report: Report) -> str:
    """Return the report as lines."""
    lines = [
        f"kill {number}: planned {books.planned}, handed {books.handed}, sent {books.sent}, uncertain {books.uncertain}"
        for number, books in enumerate(report.states, 1)
    ]
    final = report.final
    return "\n".join(
        [
            *lines,
            f"{report.kills} kills, {report.in_flight} between first and last acceptance",
            f"audience {final.audience} = sent {final.sent} + uncertain {final.uncertain}"
            f" + refused {final.refused} + withdrawn {final.withdrawn} + planned {final.planned}",
            f"the server accepted {sum(report.accepted.values())} messages for {len(report.accepted)} readers",
        ]
    )


def main() -> None:
    """Run the drill from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = drill(Path(folder), options.kills, options.readers, options.seed)
    print(describe(report))
    for complaint in report.complaints():
        sys.exit(complaint)


if __name__ == "__main__":
    main()
