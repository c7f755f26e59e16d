"""Rehearsals: what a send would do, and a letter to try, without a trace in the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter import calendar
from newsletter.config import Text
from newsletter.delivery.address import normalise
from newsletter.delivery.wire import Reply
from newsletter.digest.selection import from_bytes, to_bytes
from newsletter.errors import UsageError
from newsletter.model import Subscription, SubscriptionState
from newsletter.pipeline.drawing import Draw
from newsletter.pipeline.editions import SAMPLE, Edition, letter_of, underway
from newsletter.pipeline.freezing import take_flash, take_run
from newsletter.pipeline.opening import CHUNK, plan_some
from newsletter.pipeline.posting import post
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sending import Plan, decide
from newsletter.store import audience, cursors, issues, ledger, tally
from newsletter.store.engine import Transaction
from newsletter.store.tally import Makings

MARK = "[Test] "

EVERYTHING: Mapping[str, frozenset[str]] = {}
"""What who chose nothing has chosen."""


@dataclass(frozen=True)
class Turn:
    """The next run of a list as one reader finds it: ``due`` is whether it is their turn, ``picks`` what is news."""

    issue: Draw
    reader: Subscription
    due: bool
    picks: int
    wrong: int

    @property
    def repeats(self) -> int:
        """What would be shown to them again."""
        return self.issue.repeats(self.reader.choices, self.picks)

    @property
    def corrections(self) -> int:
        """What they have and was put right since."""
        return self.wrong & ~self.picks


def coming(publication: Publication, list_slug: str, plan: Plan) -> Edition:
    """Return what ``send`` is about to send: the issue with which it goes on, or the one that it would open."""
    return underway(publication, plan.continues) if plan.continues else forecast(publication, list_slug)


def to_show(publication: Publication, list_slug: str) -> Edition:
    """Return what ``send`` would send now or, while a list has no reader, what one who chooses nothing would get."""
    edition = coming(publication, list_slug, decide(publication, list_slug))
    if edition.letters:
        return edition
    with publication.store.rehearsal() as connection:
        if next(audience.members(connection, list_slug, 0, 1), None):
            return edition
        return of_one(turn(publication, connection, _stranger(publication, list_slug, "")))


def forecast(publication: Publication, list_slug: str) -> Edition:
    """Open an issue of a list and take everything back."""
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        everyone = 2**31
        for issue in issues.unsettled(connection, list_slug):
            ledger.fold(connection, issue.id, publication.now, everyone)
            cursors.settle(connection, issue.id, issue.upper, 0, everyone)
        return _opened(publication, connection, take_run(publication, connection, list_slug))


def forecast_flash(publication: Publication, list_slug: str, article: str) -> Edition:
    """Open a letter of one article and take everything back.

    Raises:
        NotFoundError: when no article has that name.
        UsageError: when it is not shown.
    """
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        return _opened(publication, connection, take_flash(publication, connection, list_slug, article))


def turn(publication: Publication, connection: Transaction, reader: Subscription) -> Turn:
    """Let a run of their list take place for one reader, in a transaction that will be taken back.

    Only this reader's rows of earlier issues are settled, so that it takes no longer on a large list.
    """
    owed = tally.is_owed(connection, reader.id)
    for earlier in issues.unsettled(connection, reader.list):
        cursors.settle(connection, earlier.id, earlier.upper, reader.id - 1, 1)
    issue = take_run(publication, connection, reader.list)
    mine = audience.get(connection, reader.id) if reader.id else reader
    last = issues.run_before(connection, reader.list, issue.issue.run or 0)
    due = owed or calendar.first_in_period(mine.frequency, last, publication.now, publication.config.zone(reader.list))
    received = issue.received(connection, [mine]).get(mine.id, 0)
    wrong = issue.corrections(connection, [mine]).get(mine.id, 0)
    return Turn(issue, mine, due, issue.news(mine, received, wrong), wrong)


def test_letter(publication: Publication, list_slug: str, address: str) -> bytes:
    """Compose the letter that an address would get now, as a member or as one who chose nothing; marked as a test.

    Raises:
        UsageError: when there is nothing that it could show.
    """
    mailed, folded = normalise(address)
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        known = audience.held(connection, folded, list_slug)
        mine = turn(publication, connection, known or _stranger(publication, list_slug, mailed))
    picks = mine.picks or mine.issue.selection.matching(mine.reader.choices)
    if not picks:
        raise UsageError(f"{list_slug}: has no article to show; import some, then test again")
    edition = of_one(replace(mine, picks=picks))
    marked = replace(edition.contents, subject=_marked(edition.contents.subject))
    return letter_of(publication, replace(edition, contents=marked), edition.letters[0], mailed, mine.reader.id)


def of_one(turn: Turn) -> Edition:
    """Return an edition of one reader's letter."""
    reader, picks, repeats = turn.reader, turn.picks, turn.repeats
    letter = Makings(to_bytes(picks), to_bytes(repeats), to_bytes(turn.corrections), reader.language, reader.light)
    return Edition(turn.issue.issue, turn.issue.contents, 1, picks, repeats, [letter], {})


def send_test(publication: Publication, list_slug: str, address: str) -> Reply:
    """Send a test letter over the list's route; no row is written.

    Raises:
        DeliveryError: when the relay does not take it.
    """
    return post(publication, list_slug, address, test_letter(publication, list_slug, address))


def _opened(publication: Publication, connection: Transaction, issue: Draw) -> Edition:
    while plan_some(publication, connection, issue, CHUNK)[0]:
        pass
    _, stored = issues.opening_at(connection, issue.issue.id) or (0, b"")
    letters = tally.makings(connection, issue.issue.id, SAMPLE)
    readers = issues.open_whole(connection, issue.issue.id, 0)
    picked = from_bytes(stored)
    return Edition(issue.issue, issue.contents, readers, picked, issue.repeats(EVERYTHING, picked), letters, {})


def _stranger(publication: Publication, list_slug: str, address: str) -> Subscription:
    """Return who chose nothing, for an address that is no member's."""
    return Subscription(0, address, list_slug, SubscriptionState.ACTIVE, language=publication.config.site.language)


def _marked(subject: Text) -> Text:
    if isinstance(subject, Mapping):
        return {language: MARK + pattern for language, pattern in subject.items()}
    return MARK + subject
