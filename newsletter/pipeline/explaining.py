"""Explaining: why an article was in someone's letters, or why not, from the frozen rows and from the numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from newsletter import calendar
from newsletter.config import rules, say
from newsletter.delivery.address import normalise
from newsletter.digest.circumstances import Facts, Missing, Showing, next_period
from newsletter.digest.letter import Contents, Sizes, thawed
from newsletter.digest.pieces import load, sizes
from newsletter.digest.plan import plan
from newsletter.digest.press import heading_title
from newsletter.digest.reasons import Answer, decide
from newsletter.digest.selection import from_bytes
from newsletter.errors import NotFoundError, UsageError
from newsletter.model import DeliveryState, Filter, Subscription
from newsletter.pipeline.drawing import Draw, draw
from newsletter.pipeline.freezing import Draft, draft_of
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.rehearsing import Outlook, outlook
from newsletter.store import articles, audience, drafts, issues, readings, terms
from newsletter.store.engine import Transaction
from newsletter.store.readings import Held
from newsletter.store.tally import Makings

FOLDED = "in the next letter"
"""Why a row was withdrawn that the next letter makes up for (newsletter/store/ledger.py)."""


@dataclass(frozen=True)
class Explanation:
    """What is known of an article, an address and a list, and the reason that follows from it."""

    facts: Facts
    answer: Answer


def explain(publication: Publication, address: str, name: str, list_slug: str = "") -> list[Explanation]:
    """Return why an article was in someone's letters of a list, or why not; of each of their lists if none is named.

    Raises:
        NotFoundError: when no article has that name.
        UsageError: when there is no such list, or none to which the address was ever subscribed.
    """
    mailed, folded = normalise(address)
    if list_slug:
        publication.list(list_slug)
    with publication.store.read() as connection:
        key = articles.find(connection, name)
        mine = _subscriptions(connection, folded)
        suppressed = audience.suppressed(connection, folded) or ""
    lists = [list_slug] if list_slug else [each for each in publication.config.lists if each in mine]
    if not lists:
        raise UsageError(f"{mailed}: is subscribed to no list; name one with --list")
    when = partial(_when, publication)
    found = []
    for slug in lists:
        facts = gather(publication, key, mailed, slug, mine.get(slug), suppressed)
        found.append(Explanation(facts, decide(facts, when)))
    return found


def gather(
    publication: Publication, key: int, address: str, list_slug: str, mine: Subscription | None, suppressed: str
) -> Facts:
    """Gather what decides about one article, one list and one address; what a run would change is taken back."""
    zone = publication.config.site.zone
    with publication.store.rehearsal() as connection:
        showings = _showings(publication, connection, mine.id, key) if mine else ()
        facts = Facts(
            address=address,
            list=list_slug,
            article=articles.get(connection, key),
            now=publication.now,
            news_days=publication.config.site.news_days,
            subscription=mine,
            suppressed=suppressed,
            showings=showings,
            gone=articles.gone(connection, key),
        )
        if mine is None:
            return facts
        runs = readings.runs(connection, list_slug)
        waiting = drafts.of(connection, list_slug)
        draft = draft_of(publication, waiting) if waiting else None
        next_run = outlook(publication, connection, mine)
        facts = _matched(publication, connection, facts, next_run, key, draft)
        return replace(
            facts,
            waits=draft.row.name if draft and not draft.approved else "",
            due=next_run.due,
            turn=None if next_run.due else next_period(mine.frequency, publication.now.astimezone(zone).date()),
            passed=next((at for at in runs if facts.arrived and at >= facts.arrived), None),
            ran=_ran(publication, mine, runs, facts),
            chose=readings.chose(connection, mine.id),
        )


def _subscriptions(connection: Transaction, folded: str) -> dict[str, Subscription]:
    try:
        return {each.list: each for each in audience.of_address(connection, folded)}
    except NotFoundError:
        return {}


def _matched(
    publication: Publication, connection: Transaction, facts: Facts, run: Outlook, key: int, draft: Draft | None
) -> Facts:
    """Hold one article against the list and the reader as the next run does, whatever else that would hold."""
    reader = run.reader
    alone = replace(run.issue.contents, headings=(), pinned=(), corrected=(), excluded=())
    one = draw(publication, connection, run.issue.issue, alone, [key])
    number = one.selection.arrival(0, reader.choices)
    received = one.received(connection, [reader]).get(reader.id, 0)
    wanted = one.selection.rules.wanted(reader.choices)
    return replace(
        facts,
        shown=bool(articles.get(connection, key).arrival),
        not_listed=_not_listed(publication, connection, one),
        not_chosen=_missing(publication, connection, one, reader.choices, wanted),
        excluded=_left_out(connection, run, key, draft) if number and number.value <= one.shut.get(0, 0) else "",
        archive=number is not None and number.archive,
        drafted=draft.row.name if draft and number and number.value > draft.row.upper else "",
        arrived=readings.given(connection, key, number.value) if number else None,
        again=bool(one.news(reader, 0)),
        offered=bool(one.news(reader, received)),
    )


def _left_out(connection: Transaction, run: Outlook, key: int, draft: Draft | None) -> str:
    """Return the draft, or else the issue, out of which staff kept an article."""
    if draft and key in {run.issue.keys[position] for position in run.issue.contents.excluded}:
        return draft.row.name
    return readings.left_out(connection, run.reader.list, key) or f"a letter of {run.reader.list}"


def _not_listed(publication: Publication, connection: Transaction, one: Draw) -> Sequence[Sequence[Missing]]:
    """Return what an article lacks for each of a list's filters, nothing where one takes it."""
    written = rules(publication.list(one.issue.list).filter)
    pairs = zip(written, one.selection.rules.filters, strict=True)
    lacking = [_missing(publication, connection, one, named, wanted) for named, wanted in pairs]
    return lacking if all(lacking) else []


def _missing(
    publication: Publication, connection: Transaction, one: Draw, named: Filter, wanted: Filter
) -> list[Missing]:
    """Return the taxonomies of which an article has none of the terms that are wanted, with those that were named."""
    language, [candidate] = publication.config.site.language, one.selection.candidates
    labels = {(term.taxonomy, term.slug): term.label for term in terms.everything(connection)}
    return [
        (
            say(publication.taxonomies[taxonomy].label, language) if taxonomy in publication.taxonomies else taxonomy,
            tuple(sorted(labels.get((taxonomy, slug), slug) for slug in named[taxonomy])),
        )
        for taxonomy, slugs in wanted.items()
        if candidate.number(taxonomy, slugs) is None
    ]


def _ran(publication: Publication, mine: Subscription, runs: Sequence[datetime], facts: Facts) -> datetime | None:
    """Return the first run of a reader's that could have brought the article, after any that was folded."""
    if facts.arrived is None:
        return None
    folded = [each.at for each in facts.showings if each.said == FOLDED]
    since, before = max([facts.arrived, *folded]), None
    for at in runs:
        turn_of_theirs = calendar.first_in_period(mine.frequency, before, at, publication.config.zone(mine.list))
        if at >= since and (turn_of_theirs or at in folded):
            return at
        before = at
    return None


def _showings(publication: Publication, connection: Transaction, subscription: int, key: int) -> list[Showing]:
    """Return the reader's letters in which an article stands, oldest first."""
    found = (_showing(publication, connection, held) for held in readings.holding(connection, subscription, key))
    return [showing for showing in found if showing]


def _showing(publication: Publication, connection: Transaction, held: Held) -> Showing | None:
    picks, repeats, put_right = _bitmaps(held.makings)
    if not (picks | repeats | put_right) >> held.position & 1:
        return None
    contents = thawed(held.contents, publication.config.zone(held.name.partition("/")[0]))
    picked, told = bool(picks >> held.position & 1), picks if contents.flash else put_right & ~picks
    stored = issues.fragments(connection, held.issue).get(held.makings.language)
    section, form = _place(
        contents, held, sizes(load(stored).light if held.makings.light else load(stored).html) if stored else WEIGHTLESS
    )
    return Showing(
        issue=held.name,
        at=held.at,
        state=DeliveryState(held.state),
        picked=picked,
        section=section,
        form=form or ("online" if picked else ""),
        pinned=held.position in contents.pinned,
        corrected=held.position in contents.corrected and bool(told >> held.position & 1),
        doubted=held.doubted,
        said=held.reason,
        due=held.due,
    )


WEIGHTLESS = Sizes(0, defaultdict(int), defaultdict(lambda: defaultdict(int)))
"""Of an issue of which nothing is printed yet."""


def _bitmaps(makings: Makings) -> tuple[int, int, int]:
    return from_bytes(makings.picks), from_bytes(makings.repeats), from_bytes(makings.corrections)


def _place(contents: Contents, held: Held, weights: Sizes) -> tuple[str, str]:
    """Return the section and the form in which a letter shows an article, empty where it does not."""
    picks, repeats, put_right = _bitmaps(held.makings)
    made, nameless = held.makings, lambda *_: ("", "")
    letter = plan(contents, picks, repeats, weights, nameless, made.language, made.light, corrections=put_right)
    for block in letter.blocks:
        for position, form in block.items:
            if position == held.position:
                return heading_title(contents, block.heading, made.language), str(form)
    return "", ""


def _when(publication: Publication, instant: datetime) -> str:
    return f"{instant.astimezone(publication.config.site.zone):%Y-%m-%d %H:%M}"
