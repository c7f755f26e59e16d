"""Opening an issue: what of 200 candidates is news for a reader, and a row in the ledger for each of many readers.

20 topics; each reader chose each with probability 1/2, so nearly every choice is another, and had one of the last ten
issues as their last. The books are SQLite on disk, `synchronous` FULL. `READERS=1000000 python -m benchmarks.opening`
takes another number of readers.
"""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from newsletter.configfile import parse
from newsletter.digest.selection import Candidate, Number, Rules, Selection
from newsletter.model import Article, ArticleState, Filter, Origin, Term
from newsletter.pipeline import opening
from newsletter.pipeline.publication import Publication
from newsletter.store import incoming
from newsletter.store.engine import Store, Transaction
from newsletter.terms import Trees

READERS = int(os.environ.get("READERS", "100000"))
CANDIDATES, TOPICS, RUNS, CHOSEN, ROUNDS = 200, 20, 10, 20_000, 5
SLUGS = [f"theme-{number}" for number in range(TOPICS)]
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
MOMENT, PICKS = int(NOW.timestamp() * 1e6), (bytes(range(25)), b"", b"")
SITE = "https://www.troisrivieres.example.org"


def main() -> None:
    """Print the rows of the table."""
    print_selection()
    with TemporaryDirectory() as folder:
        root = Path(folder)
        print_opening(root)


def print_selection() -> None:
    """Print what it costs to find a reader's news, against asking each article."""
    dice = random.Random(1)
    readers = [(choices(dice), cursor(dice, RULES.upper)) for _ in range(CHOSEN)]
    selection = Selection([candidate(number) for number in range(CANDIDATES)], RULES)
    first = each(lambda some: [selection.news(*one) for one in some], readers)
    costs, ratios = [], []
    for _ in range(ROUNDS):
        costs.append(each(lambda some: [selection.news(*one) for one in some], readers))
        ratios.append(each(lambda some: [asked(selection, *one) for one in some], readers[:100]) / costs[-1])
    different = len({(tuple(sorted(chosen["theme"])), lower) for chosen, lower in readers})
    print(f"selection: {median(costs):.2f} µs a reader ({min(costs):.2f} to {max(costs):.2f}) of processor time")
    print(f"  and once for an issue {(first - median(costs)) * CHOSEN / 1e3:.0f} ms, for the terms' bitmaps")
    print(f"  {different:,} different choices and cursors of {CHOSEN:,} readers")
    print(f"  times faster than asking each article: {median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f})")


def print_opening(root: Path) -> None:
    """Print what it costs to open an issue, against a loop that only writes rows of that size."""
    books(root, READERS)
    pairs = [(measured("open", root), measured("write", root)) for _ in range(ROUNDS if READERS <= 100_000 else 1)]
    for clock, name in (("cpu", "of processor time"), ("seconds", "by the clock")):
        ours = median(mine[clock] for mine, _ in pairs)
        ratios = [mine[clock] / peer[clock] for mine, peer in pairs]
        print(f"opening for {READERS:,}: {READERS / ours:,.0f} readers a second {name}: {ours:.1f} s")
        print(f"  times a loop that only writes such rows: {median(ratios):.1f} ({min(ratios):.1f}, {max(ratios):.1f})")
    mine = pairs[0][0]
    held = [one["held"] for one, _ in pairs]
    print(f"  longest transaction: {median(held) * 1e3:.0f} ms (at most {max(held) * 1e3:.0f})")
    print(f"  memory: {mine['peak']:.0f} MB at the peak; ledger: {mine['bytes'] / READERS:.0f} bytes a row")


def measured(work: str, root: Path) -> dict[str, Any]:
    """Return what a process of its own found of one piece of work on a copy of the books."""
    command = [sys.executable, "-m", "benchmarks.opening", work, str(root)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def measure(work: str, root: Path) -> None:
    """Do one piece of work on a copy of the books; print time, memory, and how long the write lock was held."""
    with TemporaryDirectory(dir=root) as folder:
        copy = Path(folder) / "newsletter.db"
        with sqlite3.connect(root / "newsletter.db") as books, sqlite3.connect(copy) as other:
            books.backup(other)
        before = copy.stat().st_size
        os.sync()
        publication = watched(Path(folder))
        clock, processor = time.perf_counter(), time.process_time()
        WORKS[work](publication)
        found = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - processor}
        publication.store.close()
        found |= {"held": max(HELD, default=0), "bytes": copy.stat().st_size - before}
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    print(json.dumps({**found, "peak": int(peak[1]) / 1024 if peak else 0}))


def open_issue(publication: Publication) -> None:
    """Open the issue."""
    issue = opening.open_run(publication, "lettre").issue
    assert issue is not None
    assert issue.audience == READERS


def write_rows(publication: Publication) -> None:
    """Write as many rows as the opening does, in transactions of the same size, by sqlite3 alone."""
    columns = "issue, subscription, message_id, state, at, tries, doubted, reason, lower, picks, repeats, corrections"
    insert = f"INSERT INTO delivery ({columns}, language, light) VALUES ({', '.join('?' * 14)})"
    connection = sqlite3.connect(publication.store.path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    for first in range(1, READERS + 1, opening.CHUNK):
        some = range(first, min(first + opening.CHUNK, READERS + 1))
        rows = [
            (*(1, id, f"{random.getrandbits(128):032x}@example.org", "planned", MOMENT, 0, 0, "", 200), *PICKS, "fr", 0)
            for id in some
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows)
        connection.execute("COMMIT")
    connection.close()


WORKS: dict[str, Callable[[Publication], None]] = {"open": open_issue, "write": write_rows}

HELD: list[float] = []
"""How long each transaction held the write lock."""


class Watched(Store):
    """A store that notes how long its write lock is held."""

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Run one transaction, and note how long it took with its way to the disk."""
        started = time.perf_counter()
        with super().write() as connection:
            yield connection
        HELD.append(time.perf_counter() - started)


def watched(root: Path) -> Publication:
    """Return a publication of one list and one taxonomy."""
    lettre = {"title": "Lettre", "sender": {"address": "lettre@troisrivieres.example.org"}}
    terms = {slug: {"label": slug} for slug in SLUGS}
    document = {
        "site": {"name": "Centre de ressources des Trois Rivières", "url": SITE},
        "taxonomies": {"theme": {"label": "Thème", "terms": terms}},
        "lists": {"lettre": {**lettre, "sections": [{"title": "Actualités"}]}},
    }
    config = parse(document, root=root)
    return Publication(config, Watched.open(config.store.url, root), NOW)


def books(root: Path, readers: int) -> None:
    """Write books with articles and readers, as if the list had gone out some times in between."""
    publication, dice = watched(root), random.Random(1)
    with publication.store.write() as connection:
        publication.declare(connection)
        for number in range(CANDIDATES):
            incoming.save(connection, article(number), publication.ends, ["theme"], publication.numbering())
        upper = connection.exec_driver_sql("SELECT max(number) FROM arrival").scalar_one()
        people = ((id, f"lecteur{id}@example.org", f"lecteur{id}@example.org", 0) for id in range(1, readers + 1))
        connection.connection.executemany("INSERT INTO subscriber VALUES (?, ?, ?, ?)", people)
        members = (
            (*(id, id, "lettre", "active", as_json(choices(dice)), "each", "fr", 0), cursor(dice, upper), 0, "test", 0)
            for id in range(1, readers + 1)
        )
        insert = f"INSERT INTO subscription VALUES ({', '.join('?' * 12)})"
        connection.connection.executemany(insert, members)
    publication.store.close()


def choices(dice: random.Random) -> Filter:
    """Return a choice of about every second topic."""
    return {"theme": frozenset(slug for slug in SLUGS if dice.random() < 0.5) or frozenset(SLUGS[:1])}


def cursor(dice: random.Random, upper: int) -> int:
    """Return the counter at one of the list's last runs."""
    return dice.randrange(RUNS) * upper // RUNS


def as_json(chosen: Filter) -> str:
    """Return a choice as it is stored."""
    return json.dumps({name: sorted(slugs) for name, slugs in chosen.items()}, separators=(",", ":"))


def article(number: int) -> Article:
    """Return a candidate as it is stored."""
    url, moment = f"{SITE}/articles/{number}.html", NOW - timedelta(hours=number)
    topic = Term("theme", SLUGS[number % TOPICS], SLUGS[number % TOPICS])
    head = (f"tag:{number}", f"articles/{number}", url, f"Article {number}", "given", "Un texte.", "<p>Un texte.</p>")
    origin = Origin("test", "markdown", str(number))
    return Article(*head, "Un texte.", "fr", moment, moment, ArticleState.READY, terms=(topic,), source=origin)


def candidate(number: int) -> Candidate:
    """Return a candidate by its numbers."""
    shown = Number(2 * number + 1)
    return Candidate(number, shown, {"theme": {SLUGS[number % TOPICS]: Number(2 * number + 2)}})


RULES = Rules([], Trees([Term("theme", slug, slug) for slug in SLUGS]), frozenset({"theme"}), 2 * CANDIDATES)


def asked(selection: Selection, chosen: Filter, lower: int) -> int:
    """Return a reader's news by asking each article for its number."""
    numbers = ((place, selection.arrival(place, chosen)) for place in range(CANDIDATES))
    return sum(1 << place for place, number in numbers if number and lower < number.value <= RULES.upper)


def each(work: Callable[[list[tuple[Filter, int]]], object], readers: list[tuple[Filter, int]]) -> float:
    """Return the processor time of one reader in microseconds."""
    started = time.process_time()
    work(readers)
    return (time.process_time() - started) / len(readers) * 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
