"""Rehearsals: what a send would do, and a letter to try, without a trace in the books."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter.config import Route, Text
from newsletter.delivery.address import normalise
from newsletter.delivery.composing import Composer
from newsletter.delivery.wire import Connection as Session
from newsletter.delivery.wire import Reply
from newsletter.digest.master import master
from newsletter.digest.selection import from_bytes, to_bytes
from newsletter.errors import DeliveryError, NotFoundError, UsageError
from newsletter.model import Subscription, SubscriptionState
from newsletter.passwords import secret
from newsletter.pipeline.drawing import Draw
from newsletter.pipeline.freezing import take_run
from newsletter.pipeline.opening import CHUNK, plan_some
from newsletter.pipeline.publication import Publication
from newsletter.store import audience, issues, ledger
from newsletter.store.claims import Claim
from newsletter.store.engine import Transaction

MARK = "[Test] "


@dataclass(frozen=True)
class Forecast:
    """What opening a list now would come to: how many letters, over how many articles."""

    name: str
    readers: int
    articles: int


def forecast(publication: Publication, list_slug: str) -> Forecast:
    """Open an issue of a list and take everything back."""
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        issue = _drawn(publication, connection, list_slug)
        while plan_some(publication, connection, issue, CHUNK)[0]:
            pass
        _, picked = issues.opening_at(connection, issue.issue.id) or (0, b"")
        readers = issues.open_whole(connection, issue.issue.id, 0)
        return Forecast(issue.issue.name, readers, from_bytes(picked).bit_count())


def test_letter(publication: Publication, list_slug: str, address: str) -> bytes:
    """Compose the letter that an address would get now, as a member or as one who chose nothing; marked as a test.

    Raises:
        UsageError: when there is nothing that it could show.
    """
    mailed, folded = normalise(address)
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        issue = _drawn(publication, connection, list_slug)
        reader = _reader(publication, connection, list_slug, mailed, folded)
    picks = issue.news(reader, 0) or issue.selection.matching(reader.choices)
    if not picks:
        raise UsageError(f"{list_slug}: has no article to show; import some, then test again")
    row = Claim(
        id=0,
        subscription=reader.id,
        message_id=f"test.{publication.dice.getrandbits(128):032x}@{publication.list(list_slug).domain}",
        address=mailed,
        picks=to_bytes(picks),
        repeats=to_bytes(issue.repeats(reader.choices, picks)),
        corrections=b"",
        language=reader.language,
        light=reader.light,
        tries=0,
        first_tried=None,
    )
    return _composer(publication, issue, reader.language).message(row)


def send_test(publication: Publication, list_slug: str, address: str) -> Reply:
    """Send a test letter over the list's route; no row is written.

    Raises:
        DeliveryError: when the relay does not take it.
    """
    settings = publication.list(list_slug)
    message = test_letter(publication, list_slug, address)
    route = publication.config.mail.routes.get(settings.route, Route())
    session = Session.open(route, secret(route, os.environ, publication.config.at("")))
    try:
        reply = session.offer(settings.sender.address, normalise(address)[0])
        if reply.accepted:
            session.body(message)
            reply = session.dot()
    finally:
        session.quit()
    if not reply.accepted:
        raise DeliveryError(f"{session.where}: refuses the test to {address}: {reply.code} {reply.text}")
    return reply


def _drawn(publication: Publication, connection: Transaction, list_slug: str) -> Draw:
    """Settle the list's earlier issues and take a run, in one transaction that will be taken back."""
    everything = 2**31
    for issue in issues.unsettled(connection, list_slug):
        ledger.fold(connection, issue.id, publication.now, everything)
        ledger.settle(connection, issue.id, issue.upper, 0, everything)
    return take_run(publication, connection, list_slug)


def _reader(
    publication: Publication, connection: Transaction, list_slug: str, mailed: str, folded: str
) -> Subscription:
    try:
        mine = [one for one in audience.of_address(connection, folded) if one.list == list_slug]
    except NotFoundError:
        mine = []
    language = publication.config.site.language
    stranger = Subscription(0, mailed, list_slug, SubscriptionState.ACTIVE, language=language)
    return mine[0] if mine else stranger


def _composer(publication: Publication, issue: Draw, language: str) -> Composer:
    frozen = issue.contents
    templates = publication.templates(frozen.list)
    marked = replace(frozen, subject=_marked(frozen.subject))
    printed = {language: master(marked, language, issue.issue.nonce, templates)}
    # The links of a test lead nowhere: its key is none of the publication's.
    return Composer(publication.config, marked, issue.issue.nonce, printed, (0, b"test"), templates)


def _marked(subject: Text) -> Text:
    if isinstance(subject, Mapping):
        return {language: MARK + pattern for language, pattern in subject.items()}
    return MARK + subject
