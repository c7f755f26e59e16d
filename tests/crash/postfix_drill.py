"""The drill with a real relay: Postfix on loopback, sends killed with -9, doubt settled by its log.

python -m tests.crash.postfix_drill --kills 10 --readers 2000
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter.model import Books
from newsletter.store import issues, tally
from newsletter.store.engine import Store
from tests.crash.drill import CONFIG, CONNECTIONS, publication_of
from tests.crash.postfix import Absent, Postfix


@dataclass
class Report:
    """What the drill saw."""

    readers: int
    kills: int = 0
    after_kills: Books = field(default_factory=lambda: Books(0))
    words: list[str] = field(default_factory=list)
    resent: int = 0
    final: Books = field(default_factory=lambda: Books(0))
    boxes: int = 0
    twice: list[str] = field(default_factory=list)

    def complaints(self) -> Iterator[str]:
        """Yield what is not as promised."""
        if self.twice:
            yield f"more than one letter in the mailbox of {self.twice[:5]}"
        if self.boxes != self.readers:
            yield f"{self.boxes} mailboxes have a letter, of {self.readers}"
        if self.after_kills.uncertain > CONNECTIONS * self.kills:
            yield f"{self.after_kills.uncertain} in doubt after {self.kills} kills"
        if not self.after_kills.uncertain:
            yield "nothing was in doubt, so the drill proved nothing"
        if not self.final.closed or self.final.sent != self.readers:
            yield f"the books are not closed: {self.final}"


class Drill:
    """One issue, sent through Postfix."""

    def __init__(self, folder: Path, port: int, kills: int, readers: int, dice: random.Random) -> None:
        self.folder, self.kills, self.dice, self.report = folder, kills, dice, Report(readers)
        self.path = folder / "config.toml"
        text = CONFIG.format(port=port, connections=CONNECTIONS, hello="sender.example.org")
        self.path.write_text(text, encoding="utf-8")
        # The log has the time of this machine, so that this time the letters go out today.
        self.now = datetime.now(UTC)
        publication_of(folder, port, readers, self.now).store.close()
        self.store = Store.open("sqlite:///newsletter.db", folder)
        with self.store.read() as connection:
            self.issue = issues.of_list(connection)[0]

    def books(self) -> Books:
        """Return the books as they stand."""
        with self.store.read() as connection:
            return tally.books(connection, self.issue.id)

    def run(self, relay: Postfix) -> Report:
        """Send through kills, settle by the log, send what is safe, and compare with the mailboxes."""
        for _ in range(self.kills):
            self.kill(self.dice.randint(1, self.report.readers // self.kills))
        self.newsletter(self.now, "send", "lettre", "--yes")
        relay.drain()
        self.report.after_kills = self.books()
        self.settle(relay)
        relay.drain()
        self.report.final = self.books()
        boxes = relay.mailboxes()
        self.report.boxes = len(boxes)
        self.report.twice = [name for name, letters in boxes.items() if letters.total() > 1]
        self.store.close()
        return self.report

    def kill(self, after: int) -> None:
        """Kill a send once the books say that so many more letters were sent."""
        before = self.books().sent
        process = subprocess.Popen(**self.call(self.now, "send", "lettre", "--yes"))
        while process.poll() is None and self.books().sent < before + after:
            time.sleep(self.dice.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        self.report.kills += process.wait() == -signal.SIGKILL

    def settle(self, relay: Postfix) -> None:
        """Ask the log, as it will be in three days: its stamps have no zone, so it must go on for a day longer."""
        now = datetime.now(UTC)
        around = [self.folder / name for name in ("before", "after")]
        for path, then in zip(around, (now - timedelta(days=3), now + timedelta(days=3)), strict=True):
            path.write_text(f"{then:%b %e %H:%M:%S} relay postfix/cleanup[1]: 0AAAAAAAAA: message-id=<other@test>\n")
        log = self.folder / "mail.log"
        log.write_bytes(around[0].read_bytes() + relay.log.read_bytes() + around[1].read_bytes())
        later = now + timedelta(days=4)
        self.report.words = self.newsletter(
            later, "issues", "resolve", self.issue.name, "--from-log", str(log)
        ).splitlines()
        if any("--resend` is safe" in line for line in self.report.words):
            self.report.resent = self.books().uncertain
            self.newsletter(self.now, "issues", "resolve", self.issue.name, "--resend")
            self.newsletter(self.now, "issues", "retry", self.issue.name)

    def newsletter(self, now: datetime, *arguments: str) -> str:
        """Run a command to its end; returns what it says."""
        call = self.call(now, *arguments) | {"stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(**call)
        return str(process.communicate()[0])

    def call(self, now: datetime, *arguments: str) -> dict[str, object]:
        """Return how a command is called."""
        command = [sys.executable, "-m", "newsletter", "--config", str(self.path), *arguments]
        quiet = subprocess.DEVNULL
        return {
            "args": command,
            "env": os.environ | {"NEWSLETTER_NOW": now.isoformat()},
            "stdout": quiet,
            "stderr": quiet,
        }


def describe(report: Report) -> str:
    """Return the report as lines."""
    return "\n".join(
        [
            f"{report.kills} kills; then {_told(report.after_kills)}",
            *report.words,
            f"{report.resent} sent again",
            f"at the end {_told(report.final)}",
            f"{report.boxes} mailboxes have a letter, {len(report.twice)} have more than one",
        ]
    )


def _told(books: Books) -> str:
    return f"audience {books.audience} = sent {books.sent} + uncertain {books.uncertain} + planned {books.planned}"


def main() -> None:
    """Run the drill from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--readers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        for name in ("relay", "office"):
            (Path(root) / name).mkdir()
        Path(root).chmod(0o755)
        try:
            with Postfix(Path(root) / "relay", options.readers) as relay:
                dice = random.Random(options.seed)
                report = Drill(Path(root) / "office", relay.port, options.kills, options.readers, dice).run(relay)
        except Absent as why:
            print(f"SKIPPED, nothing was proved with a real relay: {why}", file=sys.stderr)
            return
    print(describe(report))
    for complaint in report.complaints():
        sys.exit(complaint)


if __name__ == "__main__":
    main()
