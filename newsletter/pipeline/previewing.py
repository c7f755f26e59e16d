"""Previewing: the next letter of one reader, or all that the next issue could show, as it would be sent."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from newsletter.delivery.address import normalise
from newsletter.digest.circumstances import next_period
from newsletter.digest.reasons import turn_says
from newsletter.digest.selection import to_bytes
from newsletter.model import Subscription, SubscriptionState
from newsletter.pipeline.editions import Edition, letter_of, underway
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.rehearsing import of_one, outlook, to_show
from newsletter.pipeline.sending import decide
from newsletter.store import audience, readings
from newsletter.store.issues import IssueRow
from newsletter.store.tally import Makings


@dataclass(frozen=True)
class Sheet:
    """One letter as a mail program would show it, and as it would go on the wire."""

    language: str
    subject: str
    html: str
    text: str
    message: bytes


@dataclass(frozen=True)
class Preview:
    """The letters of an issue that a person may look at; without any, ``nothing`` says why."""

    issue: str
    letters: Sequence[Sheet]
    nothing: str = ""


def preview(publication: Publication, list_slug: str) -> Preview:
    """Return the next letter of who chose everything and had the last one, in each language that readers have."""
    publication.list(list_slug)
    edition = to_show(publication, list_slug)
    if not edition.picked:
        return Preview(edition.name, (), f"{list_slug}: nothing new for anyone")
    picks, repeats, corrections = map(to_bytes, edition.usual)
    address = publication.list(list_slug).sender.address
    makings = [Makings(picks, repeats, corrections, language, False) for language in edition.languages]
    return Preview(edition.name, [_sheet(publication, edition, each, address) for each in makings])


def preview_for(publication: Publication, list_slug: str, address: str) -> Preview:
    """Return the letter that an address gets next: of the issue that is open, else of the next run.

    Raises:
        AudienceError: when it is no address.
    """
    mailed, folded = normalise(address)
    publication.list(list_slug)
    with publication.store.read() as connection:
        reader = audience.held(connection, folded, list_slug)
        suppressed = audience.suppressed(connection, folded)
    if reader is None or reader.state is not SubscriptionState.ACTIVE:
        return Preview(list_slug, (), f"{mailed}: is {reader.state if reader else 'no'} subscriber of {list_slug}")
    if suppressed:
        return Preview(list_slug, (), f"{mailed}: is not mailed, {suppressed}")
    if (going_on := decide(publication, list_slug).continues) and (one := _waiting(publication, going_on, reader)):
        return one
    return _next(publication, reader)


def _waiting(publication: Publication, issue: IssueRow, reader: Subscription) -> Preview | None:
    """Return a reader's letter of an issue that is open, None where none waits for them."""
    with publication.store.read() as connection:
        makings = readings.waiting(connection, issue.id, reader.id)
    if makings is None:
        return None
    return Preview(issue.name, [_sheet(publication, underway(publication, issue), makings, reader.address)])


def _next(publication: Publication, reader: Subscription) -> Preview:
    """Return a reader's letter of the next run."""
    with publication.store.rehearsal() as connection:
        mine = outlook(publication, connection, reader)
    name = mine.issue.issue.name
    if not mine.due:
        first = next_period(reader.frequency, publication.now.astimezone(publication.config.zone(reader.list)).date())
        return Preview(name, (), f"no letter of {reader.list} now: {turn_says(reader, first)}")
    if not mine.picks:
        return Preview(name, (), f"{reader.address}: nothing new that {reader.list} has for them")
    edition = of_one(mine)
    return Preview(name, [_sheet(publication, edition, edition.letters[0], reader.address)])


def _sheet(publication: Publication, edition: Edition, makings: Makings, address: str) -> Sheet:
    """Compose a letter and read it as a mail program does."""
    message = letter_of(publication, edition, makings, address)
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    return Sheet(makings.language, str(parsed["Subject"]), _part(parsed, "html"), _part(parsed, "plain"), message)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
