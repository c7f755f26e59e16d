"""Tracing: letters in doubt are looked for in the relay's log, and settled where it proves something (ADR 0034)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from newsletter.delivery.postfix import BAD, PostfixLog, Trace, lines
from newsletter.model import DeliveryState
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sending import Sent, doubts, find, standing
from newsletter.store import ledger, tally
from newsletter.store.moves import Answer
from newsletter.store.tally import Doubt

WITNESSES = 50
"""Letters sent before those in doubt, and as many after, that a log must know before what it does not know counts."""


@dataclass(frozen=True)
class Traced:
    """What a relay's log says of the letters of an issue that were in doubt.

    ``settled`` are sent now; ``begun`` the relay began to receive, and nothing says whether it kept them; ``absent`` it
    did not take as far as the log goes, which is proof if ``gap`` is empty: else that says what is missing.
    """

    settled: tuple[tuple[Doubt, Trace], ...]
    begun: tuple[Doubt, ...]
    absent: tuple[Doubt, ...]
    gap: str
    sent: Sent


def trace(publication: Publication, name: str, stream: io.BufferedReader) -> Traced:
    """Read a log of Postfix for the letters of an issue that are in doubt, and settle those that the relay took.

    Raises:
        NotFoundError: when there is no such issue.
        UsageError: when the log is damaged; nothing was settled.
    """
    issue = find(publication, name).issue
    waiting = doubts(publication, issue)
    if not waiting:
        return Traced((), (), (), "", standing(publication, issue))
    with publication.store.read() as connection:
        span = tally.handed_between(connection, issue.id)
        known = tally.witnesses(connection, issue.id, span[0], WITNESSES)
    log = PostfixLog([*known, *(doubt.message_id for doubt in waiting)])
    log.read(lines(stream))
    traces = [(doubt, log.of(doubt.message_id)) for doubt in waiting]
    settled = tuple((doubt, found) for doubt, found in traces if found.kept)
    with publication.store.write() as connection:
        for doubt, found in settled:
            answer, ended = _words(found)
            ledger.prove_sent(connection, issue.id, doubt.message_id, ended, answer, publication.now)
    return Traced(
        settled,
        tuple(doubt for doubt, found in traces if found.begun and not found.kept),
        tuple(doubt for doubt, found in traces if not (found.begun or found.kept)),
        _gap(publication, log, known, span),
        standing(publication, issue),
    )


def _words(found: Trace) -> tuple[Answer, str]:
    """Return what to keep of a letter that was taken: the server's words, and how it ended as far as the log goes."""
    verdict = found.verdict
    if verdict is None:
        return Answer(0, "", "the relay's log: it took the letter"), DeliveryState.SENT.value
    said = verdict.answer
    ended = verdict.status if verdict.status in BAD else DeliveryState.SENT.value
    return Answer(said.code, said.enhanced, f"the relay's log: {verdict.status}: {said.text}"), ended


def _gap(publication: Publication, log: PostfixLog, known: list[str], span: tuple[datetime, datetime]) -> str:
    """Return why it proves nothing that a log does not know a letter; empty where it proves that none was taken."""
    zone = publication.config.site.zone
    if not known:
        return "no letter is known to have been taken at that time, by which the log could be judged"
    if missing := sum(not log.of(message_id).kept for message_id in known):
        return f"it lacks {missing} of {len(known)} letters taken at that time, so it is not whole or not the relay's"
    if not log.covers(*span, zone, publication.now):
        start, end = (f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" for instant in span)
        return f"it must begin well before {start} and end well after {end}: a day, or an hour if its times have a zone"
    return ""
