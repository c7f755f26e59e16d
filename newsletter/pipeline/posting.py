"""Posting: one test message, whose answer a person waits for; it stands in no ledger and in no outbox."""

from __future__ import annotations

import os

from newsletter.config import Route
from newsletter.delivery.address import normalise
from newsletter.delivery.reply import Reply
from newsletter.delivery.signing import seal_of
from newsletter.delivery.ways import first_way
from newsletter.delivery.wire import Connection
from newsletter.errors import DeliveryError
from newsletter.passwords import secret
from newsletter.pipeline.publication import Publication


def post(publication: Publication, list_slug: str, to: str, message: bytes) -> Reply:
    """Sign one message and send it over the route of a list, outside the books.

    Raises:
        DeliveryError: when the relay does not take it.
    """
    return post_over(publication, first_way(publication.config, list_slug, to), list_slug, to, message)


def post_over(publication: Publication, route: Route, list_slug: str, to: str, message: bytes) -> Reply:
    """Sign one message of a list and send it over a certain route, outside the books.

    Raises:
        DeliveryError: when the relay does not take it.
    """
    settings = publication.list(list_slug)
    sender = settings.sender.address
    signed = seal_of(publication.config, sender, publication.now)(message)
    session = Connection.open(route, secret(route, os.environ, publication.config.at("")))
    try:
        reply = session.offer(normalise(settings.bounces or sender)[0], normalise(to)[0])
        if reply.accepted:
            session.body(signed)
            reply = session.dot()
    finally:
        session.quit()
    if not reply.accepted:
        raise DeliveryError(f"{session.where}: refuses a letter to {to}: {reply.code} {reply.text}")
    return reply
