"""Drawing an issue: its candidates, and for every reader what of them is news and what is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.config import rules
from newsletter.digest.letter import Contents
from newsletter.digest.selection import NONE, Candidate, Number, Rules, Selection, from_bytes
from newsletter.model import Filter, Subscription
from newsletter.pipeline.publication import Publication
from newsletter.store import arrivals, articles, corrections, cursors, drafts, issues, terms
from newsletter.store.arrivals import SHOWN
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow


@dataclass(frozen=True)
class Draw:
    """An issue being opened, with all that decides who gets what; sets of articles are bitmaps of positions.

    ``again`` are the articles that a reader may have received although they are news by their number; ``stale`` those
    of which something became true so long ago that it is no news any more; ``shut`` gives the number up to which what
    staff kept out counts as received, and ``excluded`` is what they keep out of this issue. ``put_right`` gives the
    numbers at which articles were corrected, by position.
    """

    issue: IssueRow
    contents: Contents
    selection: Selection
    stale: Selection
    keys: Sequence[int]
    again: int
    reminders: int
    pinned_for_matching: int
    pinned_for_everyone: int
    excluded: int
    shut: Mapping[int, int]
    put_right: Mapping[int, int]

    def news(self, reader: Subscription, received: int, wrong: int = 0) -> int:
        """Return what a reader is to be sent: what is new to them, in a flash letter what matches.

        An erratum goes to those who have the article as it was ``wrong``.
        """
        if self.issue.flash:
            return wrong if self.put_right else self.selection.matching(reader.choices) & ~received
        found = self.selection.news(reader.choices, reader.cursor) & ~received & ~self.excluded
        for position, upper in self.shut.items():
            if found >> position & 1 and self._arrived(position, reader) <= upper:
                found &= ~(1 << position)
        return found

    def _arrived(self, position: int, reader: Subscription) -> int:
        number = self.selection.arrival(position, reader.choices)
        return number.value if number else 0

    def dropped(self, reader: Subscription) -> int:
        """Return what would have been news for a reader, had it not grown too old, as a bitmap of its own."""
        return self.stale.dropped(reader.choices, reader.cursor)

    def repeats(self, choices: Filter, picks: int) -> int:
        """Return what is shown to a reader although it is not new: reminders that match, and what staff pinned."""
        some = self.reminders | self.pinned_for_matching
        if some:
            some &= self.selection.matching(choices)
        return (some | self.pinned_for_everyone) & ~picks & ~self.excluded

    def received(self, connection: Transaction, readers: Sequence[Subscription]) -> dict[int, int]:
        """Return what readers were already sent of the articles that may come again, by subscription."""
        places = {key: place for place, key in enumerate(self.keys) if self.again >> place & 1}
        if not places or not readers:
            return {}
        before = issues.mailed_before(connection, self.issue.list, places)
        before.pop(self.issue.id, None)
        flash = self.issue.flash
        rows = issues.picks_received(connection, before, readers[0].id, readers[-1].id, also_open=flash)
        found: dict[int, int] = {}
        for issue_id, subscription, stored, _ in rows:
            mine = _translated(from_bytes(stored), before[issue_id], places)
            found[subscription] = found.get(subscription, 0) | mine
        return found

    def corrections(self, connection: Transaction, readers: Sequence[Subscription]) -> dict[int, int]:
        """Return what readers were sent that was put right since their last letter, by subscription."""
        if not self.put_right or not readers:
            return {}
        places = {self.keys[position]: position for position in self.put_right}
        before = issues.mailed_before(connection, self.issue.list, places)
        since = issues.frozen_since(connection, self.issue.list, min(self.put_right.values()))
        rows = issues.picks_received(connection, {*before, *since} - {self.issue.id}, readers[0].id, readers[-1].id)
        sent: dict[int, int] = {}
        told: dict[int, int] = {}
        for issue_id, subscription, stored, flash in rows:
            mine = _translated(from_bytes(stored), before.get(issue_id, {}), places)
            sent[subscription] = sent.get(subscription, 0) | mine
            known = _bitmap(position for position, at in self.put_right.items() if at <= since.get(issue_id, 0))
            # A flash letter tells of no article but its own.
            told[subscription] = told.get(subscription, 0) | (known & mine if flash else known)
        return {subscription: wrong for subscription, some in sent.items() if (wrong := some & ~told[subscription])}


def candidates(publication: Publication, connection: Transaction, list_slug: str) -> list[int]:
    """Return the keys of all articles that a letter of the next run may show, newest first."""
    lowest = max(_stale(publication, connection), cursors.lowest(connection, list_slug))
    news = arrivals.newer(connection, lowest)
    upcoming = articles.upcoming(connection, publication.now)
    wrong = corrections.since(connection, lately(publication), arrivals.upper(connection))
    return articles.newest_first(
        connection, {*news, *upcoming, *articles.pins(connection), *arrivals.shown(connection, wrong)}
    )


def draw(
    publication: Publication, connection: Transaction, issue: IssueRow, frozen: Contents, keys: Sequence[int]
) -> Draw:
    """Make everything ready by which the readers of an issue are matched."""
    found = _candidates(connection, keys)
    ruling = _rules(publication, connection, issue)
    old = arrivals.newer(connection, cursors.lowest(connection, issue.list), ruling.stale)
    first = articles.first_shown(connection, keys)
    everyone = {key for key, whom in articles.pins(connection).items() if whom == "everyone"}
    shut = drafts.excluded(connection, issue.list)
    right = corrections.since(connection, lately(publication), ruling.upper)
    flashed = issues.flashed(connection, issue.list)
    upcoming = {place for heading in frozen.headings if heading.upcoming for place in heading.order}
    again = (
        place
        for place, candidate in enumerate(found)
        if issue.flash or candidate.key in flashed or candidate.newest > first[candidate.key]
    )
    return Draw(
        issue=issue,
        contents=frozen,
        selection=Selection(found, ruling),
        stale=Selection(_candidates(connection, old), ruling),
        keys=keys,
        again=_bitmap(again),
        # Archive stands in feeds and pages, not in letters.
        reminders=_bitmap(place for place in upcoming if not found[place].shown.archive),
        pinned_for_matching=_bitmap(place for place in frozen.pinned if keys[place] not in everyone),
        pinned_for_everyone=_bitmap(place for place in frozen.pinned if keys[place] in everyone),
        excluded=_bitmap(frozen.excluded),
        shut={place: shut[key] for place, key in enumerate(keys) if key in shut},
        put_right={place: right[keys[place]] for place in frozen.corrected if keys[place] in right},
    )


def _rules(publication: Publication, connection: Transaction, issue: IssueRow) -> Rules:
    trees = publication.trees(connection)
    return Rules(
        filters=[trees.widen_all(rule) for rule in rules(publication.list(issue.list).filter)],
        trees=trees,
        to_everyone=frozenset(s for s, taxonomy in publication.taxonomies.items() if taxonomy.untagged == "everyone"),
        upper=arrivals.upper(connection) if issue.flash else issue.upper,
        stale=_stale(publication, connection),
    )


def _candidates(connection: Transaction, keys: Sequence[int]) -> list[Candidate]:
    given = arrivals.numbers(connection, keys)
    slugs = {key: term.slug for key, term in terms.keys(connection).items()}
    return [_candidate(key, given[key], slugs) for key in keys]


NEVER = Number(2**62)
"""Greater than any number: of an article that was hidden while its issue was being opened."""


def _candidate(key: int, given: Iterable[arrivals.Given], slugs: dict[int, str]) -> Candidate:
    shown = NEVER
    found: dict[str, dict[str, Number]] = {}
    for taxonomy, term, value, archive in given:
        number = Number(value, archive)
        if (taxonomy, term) == SHOWN:
            shown = number
        else:
            found.setdefault(taxonomy, {})[slugs.get(term, NONE)] = number
    return Candidate(key, shown, found)


def lately(publication: Publication) -> datetime:
    """The instant since which what happens is news."""
    return publication.now - timedelta(days=publication.config.site.news_days)


def _stale(publication: Publication, connection: Transaction) -> int:
    return arrivals.stale(connection, lately(publication))


def _translated(picks: int, there: Mapping[int, int], places: Mapping[int, int]) -> int:
    """Return the bitmap of articles by our places, from one by the places of another issue."""
    return _bitmap(places[key] for key, position in there.items() if picks >> position & 1)


def _bitmap(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)
