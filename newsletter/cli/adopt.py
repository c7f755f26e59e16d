"""``newsletter adopt``: let a database that was copied, restored or moved send from here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from newsletter.cli.books import counted, when
from newsletter.cli.session import Session
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.pipeline.adopting import Comparison


@click.command()
@click.option("--live", is_flag=True, help="These are the live books: nothing was mailed by another copy of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def adopt(session: Session, live: bool, yes: bool) -> int:
    """Let a database that was copied, restored or moved send from here."""
    from newsletter.pipeline import adopting

    publication = session.publication
    found = adopting.compare(publication)
    if not found.why:
        return _end(session, f"{adopting.where(publication)}: may send from here; there is nothing to adopt", 0)
    for line in _lines(session, adopting.where(publication), found):
        session.line(line)
    if not (yes or sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on: add --yes")
    doubtful = 0 if live else adopting.waiting(publication)
    so = f", and put {counted(doubtful, 'open letter')} in doubt" if doubtful else ""
    if not (yes or click.confirm(f"Let it send from here{so}?", err=True)):
        return _end(session, "nothing was changed", 0, adopted=False)
    doubted = adopting.adopt(publication, session.who, live=live)
    tail = f"; {counted(doubted, 'letter')} in doubt: `newsletter issues list` shows them" if doubted else ""
    return _end(session, f"adopted: it sends from here{tail}", doubted)


def _lines(session: Session, where: str, found: Comparison) -> Iterator[str]:
    zone = session.config.site.zone
    yield f"{where}: {found.why}"
    for passage in found.missing:
        yield (
            f"  {passage.issue}, sent from here on {when(passage.at, zone)} to {counted(passage.audience, 'reader')},"
            " is not in it: they have its articles, and will get them again unless you keep these out of the next issue"
        )
    for passage in found.behind:
        yield f"  {passage.issue}: {counted(passage.sent, 'letter')} of {passage.audience} went out, it knows of fewer"


def _end(session: Session, line: str, doubted: int, *, adopted: bool = True) -> int:
    session.line(line)
    if session.as_json:
        session.data({"adopted": adopted, "doubted": doubted})
    return 1 if doubted else 0
