"""Adopting: only the books that were used last from this place may send; a person takes others over (ADR 0035)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import AdoptionError, PendingError, UsageError
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.settling import bury_dead
from newsletter.store import acts, installation, issues, ledger, logbook, tally
from newsletter.store.acts import Act
from newsletter.store.engine import Transaction
from newsletter.store.installation import Adopted
from newsletter.store.issues import IssueRow
from newsletter.store.logbook import Logbook, Passage


@dataclass(frozen=True)
class Comparison:
    """Whether the books are those that were used last from here: ``why`` not, empty where they are.

    ``missing`` are issues that went out from here and that the books do not know, ``behind`` those of which more
    letters went out than they know; ``places`` is from where they may be used.
    """

    why: str
    places: tuple[Adopted, ...]
    missing: tuple[Passage, ...] = ()
    behind: tuple[Passage, ...] = ()


def compare(publication: Publication) -> Comparison:
    """Compare the books with the logbook of this place; nothing is written."""
    path = _path(publication)
    log = logbook.read(path)
    with publication.store.read() as connection:
        places = tuple(installation.places(connection))
        missing, behind = _lacking(connection, log) if log else ((), ())
    return Comparison(_why(path, log, places, missing, behind), places, missing, behind)


def demand(publication: Publication) -> None:
    """See that these books may send from here.

    Raises:
        AdoptionError: they are a copy, or older than what was mailed from here.
    """
    if why := compare(publication).why:
        raise AdoptionError(f"{where(publication)}: {why}; nothing is sent before `newsletter adopt`")


@contextmanager
def logged(publication: Publication, issue: IssueRow) -> Iterator[None]:
    """Write into the logbook that letters of an issue go out, before the block sends the first, and how many did."""
    _settle_in(publication)
    _note(publication, issue)
    try:
        yield
    finally:
        _note(publication, issue)


def adopt(publication: Publication, who: str, *, live: bool) -> int:
    """Let these books send from here, and from nowhere else; returns how many letters are in doubt by it.

    Another copy of them may have sent what is open, unless they are the ``live`` ones: then nothing is in doubt, and
    other hosts that use the same server go on.

    Raises:
        PendingError: when a sender is alive on an issue.
        UsageError: when they cannot be the live ones.
    """
    found, path = compare(publication), _path(publication)
    if live and (found.missing or found.behind):
        raise UsageError("--live: more was mailed from here than these books know, so they are not the live ones")
    mine = Adopted(_new_id(publication), socket.gethostname(), str(path), publication.now)
    with publication.store.read() as connection:
        everything = issues.of_list(connection)
    for issue in () if live else everything:
        bury_dead(publication, issue)
    with publication.store.write() as connection:
        doubted = 0 if live else sum(_doubt(publication, connection, issue) for issue in everything)
        if publication.store.sqlite or not live:
            installation.clear(connection)
        installation.add(connection, mine)
        acts.note(connection, "", Act(publication.now, who, "adopted", f"{mine.host}: {path}"))
    # The books first: the other way round, a crash between the two would lose what the logbook knows.
    logbook.begin(path, mine.place)
    return doubted


def waiting(publication: Publication) -> int:
    """Return how many letters of all issues may still go out."""
    with publication.store.read() as connection:
        books = [tally.books(connection, issue.id) for issue in issues.of_list(connection)]
    return sum(each.planned + each.deferred for each in books)


def where(publication: Publication) -> str:
    """Return which database these books are, without its password."""
    return str(publication.store.path) if publication.store.sqlite else publication.store.engine.url.render_as_string()


def _why(
    path: Path,
    log: Logbook | None,
    places: tuple[Adopted, ...],
    missing: tuple[Passage, ...],
    behind: tuple[Passage, ...],
) -> str:
    last = f"{places[-1].host}:{places[-1].path}" if places else ""
    if log is None:
        return f"it was used from {last} and never from here, so it may be a copy" if places else ""
    if missing:
        return f"{missing[-1].issue} went out from here, and it does not know that: it is older, or another one"
    if behind:
        return f"of {behind[-1].issue} {behind[-1].sent} letters went out from here, and it knows of fewer: it is older"
    if not places:
        return ""
    if log.place.id not in {each.place for each in places}:
        return f"it was used from {last} since, and not from here"
    if logbook.copied(log.place, path):
        return f"it was copied or restored from {log.place.path}"
    return ""


def _lacking(connection: Transaction, log: Logbook) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    known = installation.nonces(connection, log.passages)
    missing, behind = [], []
    for name, passage in log.passages.items():
        key, nonce = known.get(name, (0, ""))
        if nonce != passage.nonce:
            missing.append(passage)
        elif (sent := installation.sent_of_open(connection, key)) is not None and sent < passage.sent:
            behind.append(passage)
    return tuple(missing), tuple(behind)


def _settle_in(publication: Publication) -> None:
    """Take new books into use from here, and note where a logbook lies that was moved."""
    path = _path(publication)
    log = logbook.read(path)
    with publication.store.write() as connection:
        if not installation.places(connection):
            place = log.place.id if log else _new_id(publication)
            if log is None:
                logbook.begin(path, place)
            installation.add(connection, Adopted(place, socket.gethostname(), str(path), publication.now))
        elif log and (log.place.inode, log.place.path) != (path.stat().st_ino, str(path)):
            logbook.begin(path, log.place.id)


def _note(publication: Publication, issue: IssueRow) -> None:
    path = _path(publication)
    with publication.store.read() as connection:
        books = tally.books(connection, issue.id)
    passage = Passage(publication.now, issue.name, books.audience, issue.nonce, books.sent)
    log = logbook.read(path)
    last = log.passages.get(issue.name) if log else None
    if last is None or (last.nonce, last.sent) != (passage.nonce, passage.sent):
        logbook.note(path, passage)


def _doubt(publication: Publication, connection: Transaction, issue: IssueRow) -> int:
    if tally.holders(connection, issue.id):
        raise PendingError(f"{issue.name}: is being sent now; `newsletter issues stop {issue.name}`, then adopt")
    return ledger.doubt(connection, issue.id, "another copy of the books may have sent it", publication.now)


def _path(publication: Publication) -> Path:
    return logbook.path_of(publication.store, publication.config.at(""))


def _new_id(publication: Publication) -> str:
    return publication.dice.randbytes(16).hex()
