"""Rehearsals: what a send would do, and a letter to try, without a trace in the books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter import calendar
from newsletter.config import Text
from newsletter.delivery.address import normalise
from newsletter.delivery.reply import Reply
from newsletter.digest.selection import from_bytes, to_bytes
from newsletter.errors import UsageError
from newsletter.model import Subscription, SubscriptionState
from newsletter.pipeline.drawing import Draw
from newsletter.pipeline.editions import SAMPLE, Edition, letter_of, underway, usual
from newsletter.pipeline.freezing import take_flash, take_run
from newsletter.pipeline.opening import CHUNK, plan_some, plan_these
from newsletter.pipeline.posting import post
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sending import Plan, decide
from newsletter.store import audience, cursors, issues, ledger, tally
from newsletter.store.engine import Transaction
from newsletter.store.tally import Makings

MARK = "[Test] "

READERS = 200
"""Readers whose letters stand for those of all others when nobody asks how many there are."""

EVERYTHING: Mapping[str, frozenset[str]] = {}
"""What who chose nothing has chosen."""


@dataclass(frozen=True)
class Outlook:
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


def sampled(publication: Publication, list_slug: str, plan: Plan) -> Edition:
    """Return the same by the letters of some readers, where nobody asks how many there are."""
    if plan.continues:
        return underway(publication, plan.continues)
    some = _spread(publication, list_slug)
    with publication.store.rehearsal() as connection:
        owed = {reader.id for reader, _ in some if tally.is_owed(connection, reader.id)}
        _settle(connection, list_slug, [reader.id for reader, _ in some])
        again = [(audience.get(connection, reader.id), reader.id in owed) for reader, _ in some]
        return _of_some(publication, connection, take_run(publication, connection, list_slug), again)


def sampled_flash(publication: Publication, list_slug: str, article: str) -> Edition:
    """Return the letters of one article of some readers.

    Raises:
        NotFoundError: when no article has that name.
        UsageError: when it is not shown.
    """
    some = _spread(publication, list_slug)
    with publication.store.rehearsal() as connection:
        return _of_some(publication, connection, take_flash(publication, connection, list_slug, article), some)


def _spread(publication: Publication, list_slug: str) -> list[tuple[Subscription, bool]]:
    """Return the readers who stand for the others; the whole list is looked at, so nobody has to wait for it."""
    publication.list(list_slug)
    with publication.store.read() as connection:
        return audience.spread(connection, list_slug, READERS)


def to_show(publication: Publication, list_slug: str) -> Edition:
    """Return what ``send`` would send now or, while a list has no reader, what one who chooses nothing would get."""
    edition = coming(publication, list_slug, decide(publication, list_slug))
    if edition.letters:
        return edition
    with publication.store.rehearsal() as connection:
        if next(audience.members(connection, list_slug, 0, 1), None):
            return edition
        return of_one(outlook(publication, connection, _stranger(publication, connection, list_slug, "")))


def forecast(publication: Publication, list_slug: str) -> Edition:
    """Open an issue of a list and take everything back."""
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        everyone = 2**31
        for issue in issues.unsettled(connection, list_slug):
            ledger.fold(connection, issue.id, publication.now, everyone)
            cursors.settle(connection, issue.id, issue.upper, 0, everyone)
        return _opened(publication, connection, take_run(publication, connection, list_slug))


def outlook(publication: Publication, connection: Transaction, reader: Subscription) -> Outlook:
    """Let a run of their list take place for one reader, in a transaction that will be taken back.

    Only this reader's rows of earlier issues are settled, so that it takes no longer on a large list.
    """
    owed = tally.is_owed(connection, reader.id)
    _settle(connection, reader.list, [reader.id])
    issue = take_run(publication, connection, reader.list)
    mine = audience.get(connection, reader.id) if reader.id else reader
    last = issues.run_before(connection, reader.list, issue.issue.run or 0)
    due = owed or calendar.first_in_period(mine.frequency, last, publication.now, publication.config.zone(reader.list))
    received = issue.received(connection, [mine]).get(mine.id, 0)
    wrong = issue.corrections(connection, [mine]).get(mine.id, 0)
    return Outlook(issue, mine, due, issue.news(mine, received, wrong), wrong)


def test_letter(publication: Publication, list_slug: str, address: str) -> bytes:
    """Compose the letter that an address would get now, as a member or as one who chose nothing; marked as a test.

    Raises:
        UsageError: when there is nothing that it could show.
    """
    mailed, folded = normalise(address)
    publication.list(list_slug)
    with publication.store.rehearsal() as connection:
        known = audience.held(connection, folded, list_slug)
        mine = outlook(publication, connection, known or _stranger(publication, connection, list_slug, mailed))
    picks = mine.picks or mine.issue.selection.matching(mine.reader.choices)
    if not picks:
        raise UsageError(f"{list_slug}: has no article to show; import some, then test again")
    edition = of_one(replace(mine, picks=picks))
    marked = replace(edition.contents, subject=_marked(edition.contents.subject))
    return letter_of(publication, replace(edition, contents=marked), edition.letters[0], mailed, mine.reader.id)


def of_one(seen: Outlook) -> Edition:
    """Return an edition of one reader's letter."""
    reader, picks, repeats = seen.reader, seen.picks, seen.repeats
    letter = Makings(to_bytes(picks), to_bytes(repeats), to_bytes(seen.corrections), reader.language, reader.light)
    shown = picks, repeats, seen.corrections
    return Edition(seen.issue.issue, seen.issue.contents, 1, picks, repeats, shown, [letter], {})


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
    return _edition(connection, issue, readers, from_bytes(stored), letters)


def _of_some(
    publication: Publication, connection: Transaction, issue: Draw, readers: Sequence[tuple[Subscription, bool]]
) -> Edition:
    """Plan the letters of some readers; news are also what anybody could get, for they stand for all others."""
    _, picked = plan_these(publication, connection, issue, readers)
    letters = tally.makings(connection, issue.issue.id, SAMPLE)
    lowest = cursors.lowest(connection, issue.issue.list)
    anybody = Subscription(0, "", issue.issue.list, SubscriptionState.ACTIVE, cursor=lowest)
    return _edition(connection, issue, len(letters), picked | issue.news(anybody, 0), letters)


def _edition(connection: Transaction, issue: Draw, readers: int, picked: int, letters: Sequence[Makings]) -> Edition:
    mine, repeats = usual(connection, issue, picked), issue.repeats(EVERYTHING, picked)
    return Edition(issue.issue, issue.contents, readers, picked, repeats | mine[2], mine, letters, {})


def _settle(connection: Transaction, list_slug: str, readers: Iterable[int]) -> None:
    """Settle a few readers' rows of earlier issues, so that it takes no longer on a large list."""
    for earlier in issues.unsettled(connection, list_slug):
        for id in readers:
            cursors.settle(connection, earlier.id, earlier.upper, id - 1, 1)


def _stranger(publication: Publication, connection: Transaction, list_slug: str, address: str) -> Subscription:
    """Return who chose nothing and had the last letter, for an address that is no member's."""
    language, cursor = publication.config.site.language, issues.last_sent(connection, list_slug, 2**31)
    return Subscription(0, address, list_slug, SubscriptionState.ACTIVE, language=language, cursor=cursor)


def _marked(subject: Text) -> Text:
    if isinstance(subject, Mapping):
        return {language: MARK + pattern for language, pattern in subject.items()}
    return MARK + subject
