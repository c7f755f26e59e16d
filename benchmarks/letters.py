"""Letters, from ledger row to wire bytes, against Jinja2 + premailer + EmailMessage for each reader.

200 candidates, each topic with probability 1/2, some 30 picks a reader; every reader's letter is different. Pairs are
interleaved, and the median of their ratios counts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from statistics import median

from newsletter.configfile import parse
from newsletter.delivery.composing import Composer
from newsletter.digest.alone import alone
from newsletter.digest.contents import contents
from newsletter.digest.master import master
from newsletter.digest.selection import to_bytes
from newsletter.model import Article, Term
from newsletter.shipped import templates
from newsletter.store.claims import Claim
from newsletter.terms import Trees

CANDIDATES, PICKS, READERS, PEERS, ROUNDS = 200, 30, 2000, 4, 5
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)


def main() -> None:
    """Print one row of the table."""
    dice = random.Random(1)
    composer, alone_of = prepare()
    rows = [row(number, dice) for number in range(READERS)]
    ratios, ours, theirs = [], [], []
    for turn in range(ROUNDS):
        mine = seconds_each(composer.message, rows[turn * READERS // ROUNDS : (turn + 1) * READERS // ROUNDS])
        peer = seconds_each(alone_of, rows[turn * PEERS : (turn + 1) * PEERS])
        ratios.append(peer / mine)
        ours.append(mine)
        theirs.append(peer)
    size = len(composer.message(rows[0]))
    print(f"letters: {median(ours) * 1e6:.0f} µs a message of {size / 1000:.0f} kB")
    print(f"  jinja2 + premailer + EmailMessage a reader: {median(theirs) * 1e3:.0f} ms")
    print(f"  ratio, median of {ROUNDS} pairs: {median(ratios):.0f} (from {min(ratios):.0f} to {max(ratios):.0f})")


def prepare() -> tuple[Composer, Callable[[Claim], bytes]]:
    """Make an issue and both ways of composing its messages."""
    config = parse(
        {
            "site": {"name": "Centre des Trois Rivières", "url": "https://www.troisrivieres.example.org"},
            "lists": {
                "lettre": {
                    "title": "La lettre des Trois Rivières",
                    "sender": {"address": "lettre@troisrivieres.example.org", "name": "Centre des Trois Rivières"},
                    "sections": [{"title": "Actualités"}],
                }
            },
        }
    )
    articles = [article(number) for number in range(CANDIDATES)]
    frozen = contents(config, "lettre", "lettre/2024-04-02", 1, NOW, articles, [], [], Trees([]))
    folder = templates() / "email" / "digest"
    files = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    printed = {"fr": master(frozen, "fr", "abcdefghijklmnop", files)}
    composer = Composer(config, frozen, "abcdefghijklmnop", printed, (1, b"secret"), files)

    def peer(claim: Claim) -> bytes:
        letter = composer.letter_of(claim)
        body = alone(frozen, letter, composer.links(claim.subscription), files)
        message = EmailMessage(SMTP)
        message["From"], message["To"] = "lettre@troisrivieres.example.org", claim.address
        message["Subject"] = letter.subject
        message.set_content(body.text)
        message.add_alternative(body.html, subtype="html")
        return message.as_bytes()

    return composer, peer


def article(number: int) -> Article:
    """Return a candidate."""
    url = f"https://www.troisrivieres.example.org/articles/{number}.html"
    lead = "Une présentation de quelques lignes, comme les rédige un centre de ressources pour ses lecteurs. " * 2
    moment = NOW - timedelta(hours=number)
    terms = (Term("theme", f"theme-{number % 20}", f"Thème {number % 20}"),)
    return Article(
        str(number),
        url,
        url,
        f"Un titre d’article n° {number}",
        "given",
        lead,
        "",
        "",
        "fr",
        moment,
        moment,
        terms=terms,
    )


def row(number: int, dice: random.Random) -> Claim:
    """Return a reader's row: about every second of twenty topics, and of those some thirty picks."""
    topics = {topic for topic in range(20) if dice.random() < 0.5} or {0}
    wanted = [place for place in range(CANDIDATES) if place % 20 in topics]
    picks = sum(1 << place for place in dice.sample(wanted, min(PICKS, len(wanted))))
    address = f"lecteur{number}@example.org"
    return Claim(number, number, f"{number}@example.org", address, to_bytes(picks), b"", b"", "fr", False, 0, None)


def seconds_each(work: Callable[[Claim], bytes], rows: list[Claim]) -> float:
    """Return the mean processor time of one piece of work: none of it waits for anything."""
    started = time.process_time()
    for one in rows:
        work(one)
    return (time.process_time() - started) / len(rows)
