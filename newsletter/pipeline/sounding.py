"""Sounding: each relay is looked at before letters need it, and may be given one to carry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from newsletter.config import Route
from newsletter.delivery.looking import Look, look
from newsletter.delivery.reply import Reply
from newsletter.delivery.ways import HERE, routes_of, ways
from newsletter.errors import DeliveryError, NewsletterError
from newsletter.passwords import secret
from newsletter.pipeline.posting import post_over
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.rehearsing import test_letter


@dataclass(frozen=True)
class Sounding:
    """A route, what was seen of its relay, what it said to a test letter; ``error`` is why it cannot be used."""

    name: str
    route: Route
    look: Look | None = None
    reply: Reply | None = None
    error: str = ""


def sound(publication: Publication, list_slug: str | None, to: str | None) -> Iterator[Sounding]:
    """Look at the routes of a list, or at all, and send a test letter over each of them if it has somebody to go to."""
    for name, route in _routes(publication, list_slug).items():
        try:
            seen = look(route, secret(route, os.environ, publication.config.at("")))
        except NewsletterError as error:
            yield Sounding(name, route, error=str(error))
            continue
        found = Sounding(name, route, seen)
        try:
            yield replace(found, reply=_test(publication, found, list_slug, to) if to else None)
        except NewsletterError as error:
            yield replace(found, error=str(error))


def _routes(publication: Publication, list_slug: str | None) -> dict[str, Route]:
    if list_slug:
        publication.list(list_slug)
        return routes_of(publication.config, list_slug)
    return dict(publication.config.mail.routes) or {HERE: Route()}


def _test(publication: Publication, found: Sounding, list_slug: str | None, to: str) -> Reply:
    """Send the test letter of the list, or of the first that may go this way."""
    lists = [list_slug] if list_slug else list(publication.config.lists)
    for slug in lists:
        if found.name in ways(routes_of(publication.config, slug), to):
            return post_over(publication, found.route, slug, to, test_letter(publication, slug, to))
    raise DeliveryError(f"no letter to {to} goes this way; see the rules in mail.routes")
