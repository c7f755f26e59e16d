"""The drill: a send is killed with -9 again and again, and a server that counts says whether the books are true.

python -m tests.crash.drill --kills 100 --readers 20000 --senders 2
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
from datetime import datetime, timedelta
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

    def __init__(self, dice: random.Random, latency: float) -> None:
        super().__init__(latency=latency)
        self.dice = dice
        self.target = ""
        self.victim = 0
        self.left = 0

    def aim(self, target: str, victim: int, acceptances: int) -> None:
        """Kill a process, which greets by a name, when it has handed over so many messages."""
        self.left, self.target, self.victim = acceptances, target, victim

    def keep(self, message: Received) -> None:
        """Accept a message, and kill if it was the one."""
        super().keep(message)
        self.left -= message.hello == self.target
        if self.left == 0 and self.victim:
            if self.dice.random() < 0.5:
                self.shoot()
            else:
                threading.Timer(self.dice.random() * 2 * self.latency, self.shoot).start()

    def shoot(self) -> None:
        """Kill -9, once."""
        victim, self.victim = self.victim, 0
        if victim:
            os.kill(victim, signal.SIGKILL)


@dataclass
class Report:
    """What the drill saw; ``states`` are the books right after each kill."""

    senders: int
    kills: int = 0
    in_flight: int = 0
    states: list[Books] = field(default_factory=list)
    final: Books = field(default_factory=lambda: Books(0))
    accepted: Counter[str] = field(default_factory=Counter)
    by_sender: Counter[str] = field(default_factory=Counter)

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
        if max((books.handed for books in self.states), default=0) > CONNECTIONS * self.senders:
            yield "more than one message a connection was in doubt"
        for number, books in enumerate(self.states, 1):
            if books.uncertain > CONNECTIONS * number:
                yield f"{books.uncertain} in doubt after kill {number}"
        if not any(books.handed for books in self.states):
            yield "no row was ever handed at a kill, so the drill proved nothing"
        if self.in_flight * 2 < self.kills:
            yield f"only {self.in_flight} of {self.kills} kills fell between first and last acceptance"
        if len(self.by_sender) < self.senders:
            yield f"the work was not shared: {dict(self.by_sender)}"


class Drill:
    """Some senders at one issue, killed one after the other and started again at once."""

    def __init__(self, folder: Path, relay: Killer, senders: int, readers: int) -> None:
        self.folder, self.relay, self.report = folder, relay, Report(senders)
        for number in range(senders):
            text = CONFIG.format(port=relay.port, connections=CONNECTIONS, hello=_hello(number))
            (folder / f"sender{number}.toml").write_text(text, encoding="utf-8")
        self.publication = publication_of(folder, relay.port, readers)
        with self.publication.store.read() as connection:
            self.issue = issues.of_list(connection)[0].id
        self.running = [self.start(number) for number in range(senders)]

    def start(self, number: int) -> subprocess.Popen[bytes]:
        """Start a sender."""
        moment, config = (NOW + timedelta(minutes=1)).isoformat(), str(self.folder / f"sender{number}.toml")
        command = [sys.executable, "-m", "newsletter", "--config", config, "send", "lettre", "--yes"]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env={**os.environ, "NEWSLETTER_NOW": moment}, stdout=quiet, stderr=quiet)

    def books(self) -> Books:
        """Return the books as they stand."""
        with self.publication.store.read() as connection:
            return tally.books(connection, self.issue)

    def kill(self, number: int, after: int) -> bool:
        """Kill a sender after so many messages and start it again; tells whether anything is left to send."""
        self.relay.aim(_hello(number), self.running[number].pid, after)
        ended = self.running[number].wait()
        self.relay.victim = 0
        books = self.books()
        if ended == -signal.SIGKILL:
            self.report.kills += 1
            self.report.states.append(books)
            self.report.in_flight += books.planned > 0
        self.running[number] = self.start(number)
        return books.planned > 0

    def finish(self) -> Report:
        """Let all end, send what is left, and compare."""
        for process in self.running:
            process.wait()
        self.start(0).wait()
        self.relay.settle()
        self.report.final = self.books()
        self.report.accepted = Counter(message.recipient for message in self.relay.messages)
        self.report.by_sender = Counter(message.hello for message in self.relay.messages)
        self.publication.store.close()
        return self.report


def drill(folder: Path, kills: int, readers: int, seed: int, senders: int = 1) -> Report:
    """Send one issue through so many kills and return what was seen."""
    dice = random.Random(seed)
    # With several senders the others go on while the killed one starts again: slower, so that work is left for it.
    with Killer(dice, 0.002 if senders == 1 else 0.02) as relay:
        run = Drill(folder, relay, senders, readers)
        most = max(readers // kills // senders, 3)
        while run.report.kills < kills and run.kill(dice.randrange(senders), dice.randint(1, most)):
            pass
        return run.finish()


def _hello(number: int) -> str:
    return f"sender{number}.example.org"


def publication_of(folder: Path, port: int, readers: int, now: datetime = NOW) -> Publication:
    """Make a publication of three articles and open its issue, in the files that the command will use."""
    publication = published(folder, configured(folder, port, CONNECTIONS), now=now)
    themes = {"un": "sante", "deux": "education", "trois": "culture"}
    add_articles(publication, [article(name, theme, now=now) for name, theme in themes.items()])
    choices = [{}, *({"theme": frozenset({slug})} for slug in THEMES)]
    add_readers(publication, {f"lecteur{n}@example.org": choices[n % 4] for n in range(readers)})
    sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
    return publication


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
hello = "{hello}"
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
            f"the server accepted {sum(report.accepted.values())} messages for {len(report.accepted)} readers: "
            + ", ".join(f"{count} from {name}" for name, count in sorted(report.by_sender.items())),
            f"in doubt: {final.uncertain} after {report.kills} kills over {CONNECTIONS} connections a sender",
        ]
    )


def main() -> None:
    """Run the drill from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--senders", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = drill(Path(folder), options.kills, options.readers, options.seed, options.senders)
    print(describe(report))
    for complaint in report.complaints():
        sys.exit(complaint)


if __name__ == "__main__":
    main()
