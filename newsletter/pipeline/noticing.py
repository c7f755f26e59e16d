"""Noticing: a mail that is no issue is written into the outbox with what it tells of, and goes out from there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from threading import Event

from newsletter.config import Route
from newsletter.delivery.address import normalise
from newsletter.delivery.notice import notice
from newsletter.delivery.postman import Errand, Postman
from newsletter.delivery.signing import seal_of
from newsletter.delivery.ways import first_way
from newsletter.digest.assemble import Body
from newsletter.errors import ConfigError, DeliveryError, NewsletterError, RouteError
from newsletter.passwords import secret
from newsletter.pipeline.adopting import compare
from newsletter.pipeline.publication import Publication
from newsletter.store import outbox, senders
from newsletter.store.engine import Transaction
from newsletter.store.outbox import Owed, Standing, State, Waiting

LATELY = timedelta(days=7)
"""How long a notice that failed is told of."""

MEMORY = timedelta(days=30)
"""How long a settled notice is remembered, without its words."""


class Kind(StrEnum):
    """What a notice is for, which says how long it is worth being tried."""

    INVITATION = "invitation"
    REPORT = "report"
    ALARM = "alarm"
    CONFIRMATION = "confirmation"
    LINK = "link"
    WELCOME = "welcome"


LIFETIMES = {
    Kind.INVITATION: timedelta(days=5),
    Kind.REPORT: timedelta(days=5),
    Kind.ALARM: timedelta(days=5),
    Kind.CONFIRMATION: timedelta(days=2),
    Kind.LINK: timedelta(days=1),
    Kind.WELCOME: timedelta(days=5),
}
"""How long each kind is tried; what is asked for on a page is soon asked for again."""


@dataclass(frozen=True)
class Note:
    """What a notice says to whom; ``about`` and ``mark`` name what it tells of, so that it is told once."""

    kind: Kind
    to: str
    subject: str
    body: Body[str]
    about: str = ""
    mark: str = ""


def write(publication: Publication, connection: Transaction, list_slug: str, note: Note) -> None:
    """Put a notice from the sender of a list into the outbox, in the transaction of what it tells of.

    Raises:
        AudienceError: an address cannot be mailed.
    """
    settings, now = publication.list(list_slug), publication.now
    unique = f"{publication.dice.getrandbits(128):032x}"
    message_id = f"{unique}@{settings.domain}"
    message = notice(
        sender=settings.sender,
        to=note.to,
        date=now.astimezone(publication.config.zone(list_slug)),
        message_id=message_id,
        nonce=unique,
        subject=note.subject,
        body=note.body,
    )
    expires = now + LIFETIMES[note.kind]
    owed = Owed(note.kind, list_slug, normalise(note.to)[0], message_id, message, expires, note.about, note.mark)
    outbox.owe(connection, owed, now)


def drain(publication: Publication, halt: Event) -> Iterator[tuple[str, NewsletterError]]:
    """Send all notices that are due, and yield what kept some from it, each with a list that it concerns.

    One process does that at a time: another one leaves it the work. A copy of the books that nobody adopted sends none.
    """
    if not _stirs(publication) or compare(publication).why:
        return
    with senders.alone(publication.store) as mine:
        if not mine:
            return
        for way, waiting in _by_way(publication).items():
            try:
                _walk(publication, way, waiting, halt)
            except (DeliveryError, ConfigError) as error:
                yield waiting[0].list, error


def standing(publication: Publication) -> Standing:
    """Return how many notices wait, and which ones failed lately."""
    with publication.store.read() as connection:
        return outbox.standing(connection, publication.now - LATELY)


def _stirs(publication: Publication) -> bool:
    with publication.store.read() as connection:
        return outbox.stirs(connection, publication.now)


def _by_way(publication: Publication) -> dict[Route, list[Waiting]]:
    """Return what is due, by way out, after looking at what the dead left and time has overtaken."""
    now, found = publication.now, dict[Route, list[Waiting]]()
    with publication.store.write() as connection:
        outbox.bury(connection, now)
        outbox.expire(connection, now)
        outbox.forget(connection, now - MEMORY)
        for waiting in outbox.due(connection, now):
            if waiting.list in publication.config.lists:
                with suppress(RouteError):  # it waits for a route that takes it
                    found.setdefault(first_way(publication.config, waiting.list, waiting.recipient), []).append(waiting)
            else:
                reason = f"there is no list {waiting.list} any more"
                outbox.settle(connection, waiting, State.REFUSED, reason, now)
    return found


def _walk(publication: Publication, route: Route, notices: list[Waiting], halt: Event) -> None:
    """Send notices over the route that they share."""
    config = publication.config

    def path(waiting: Waiting) -> str:
        settings = publication.list(waiting.list)
        return normalise(settings.bounces or settings.sender.address)[0]

    def seal(waiting: Waiting) -> bytes:
        # The moment of the signature is that of the notice, so that it is the same to the byte on every try.
        return seal_of(config, publication.list(waiting.list).sender.address, waiting.created)(waiting.message)

    errand = Errand(notices, route, secret(route, os.environ, config.at("")), path, seal, publication.now, halt)
    Postman(publication.store, errand).walk()
