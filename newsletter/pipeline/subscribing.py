"""Subscribing: who gets which list, with which choices, and by whose consent."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from newsletter.catalogue import LANGUAGES, spoken
from newsletter.delivery.address import normalise
from newsletter.errors import AudienceError, NotFoundError, UsageError
from newsletter.intake.wording import slugify
from newsletter.model import Filter, Frequency, Subscription, SubscriptionState
from newsletter.pipeline.publication import Publication
from newsletter.store import audience, terms
from newsletter.store.engine import Transaction

SHOWN = 12
"""Names that a complaint lists."""


class Outcome(StrEnum):
    """What became of one subscription."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT = "left"


@dataclass(frozen=True)
class Wish:
    """What is asked of a subscription; what is None stays as it is, or as a subscription begins."""

    choices: Filter | None = None
    frequency: Frequency | None = None
    language: str | None = None
    consent: str = ""

    def over(self, held: Subscription) -> Subscription:
        """Return a subscription with what is asked."""
        return replace(
            held,
            choices=held.choices if self.choices is None else self.choices,
            frequency=self.frequency or held.frequency,
            language=self.language or held.language,
            consent=self.consent or held.consent,
        )


@dataclass(frozen=True)
class Member:
    """One subscription with its history: when, what, detail."""

    subscription: Subscription
    history: Sequence[tuple[datetime, str, str]]


Vocabulary = Mapping[str, Sequence[str]]
"""The slugs of all terms that there are, by taxonomy."""


def vocabulary(publication: Publication) -> Vocabulary:
    """Return every term that can be chosen: of the articles, and of the configuration."""
    with publication.store.write() as connection:
        publication.declare(connection)
        known: dict[str, list[str]] = {taxonomy: [] for taxonomy in publication.taxonomies}
        for term in terms.everything(connection):
            if term.taxonomy in known:
                known[term.taxonomy].append(term.slug)
    return known


def read_wish(
    known: Vocabulary,
    chosen: Iterable[str] | None = None,
    frequency: str = "",
    language: str = "",
    consent: str = "",
) -> Wish:
    """Return a wish from the words that staff write; ``chosen`` are TAXONOMY/TERM, none of them is everything.

    Raises:
        UsageError: when one of them is unknown, with what may be meant.
    """
    return Wish(
        choices=None if chosen is None else _choices(known, chosen),
        frequency=Frequency(_one_of(frequency, "frequency", list(Frequency))) if frequency else None,
        language=_one_of(language, "language", list(LANGUAGES)) if language else None,
        consent=" ".join(consent.split()),
    )


def add(publication: Publication, address: str, list_slug: str, wish: Wish) -> Subscription:
    """Make an address an active member of a list, by its own consent also one that left; a member is changed.

    Raises:
        UsageError: when the list is unknown or no consent is told.
        AudienceError: when the address cannot be mailed or must not be.
    """
    with publication.store.write() as connection:
        enter(publication, connection, address, list_slug, wish, revive=True)
        return _held(publication, connection, address, list_slug)


def change(publication: Publication, address: str, list_slug: str, wish: Wish) -> Subscription:
    """Change a subscription as asked; without a list, the only one that the address has.

    Raises:
        NotFoundError: when there is no such subscription.
        AudienceError: when it has ended.
        UsageError: when nothing is asked, or there are several.
    """
    if wish == Wish():
        raise UsageError("nothing to change: add --term, --frequency, --language or --consent")
    with publication.store.write() as connection:
        held = _held(publication, connection, address, list_slug)
        if held.state is SubscriptionState.ENDED:
            raise AudienceError(f"{held.address}: has left {held.list}; with a new consent, use `subscribers add`")
        audience.choose(connection, wish.over(held), publication.now)
        if wish.consent:
            mailed, folded = normalise(address)
            audience.subscribe(connection, mailed, folded, wish.over(held), publication.now)
        return audience.get(connection, held.id)


def leave(publication: Publication, address: str, list_slug: str, why: str) -> Subscription:
    """End a subscription; what was to be sent to it is withdrawn.

    Raises:
        NotFoundError: when there is no such subscription.
    """
    with publication.store.write() as connection:
        held = _held(publication, connection, address, list_slug)
        audience.leave(connection, held.id, why, publication.now)
        return audience.get(connection, held.id)


def unsuppress(publication: Publication, address: str, why: str) -> str:
    """Let an address be mailed again and return it as it is mailed.

    Raises:
        NotFoundError: when it is not suppressed.
    """
    mailed, folded = normalise(address)
    with publication.store.write() as connection:
        if not audience.lift(connection, folded, why, publication.now):
            raise NotFoundError(f"{mailed}: is not suppressed; `newsletter subscribers show` tells what it gets")
    return mailed


def members(publication: Publication, list_slug: str = "") -> list[Subscription]:
    """Return all subscriptions, of one list where it is named, by address."""
    if list_slug:
        publication.list(list_slug)
    with publication.store.read() as connection:
        return list(audience.everyone(connection, list_slug))


def history(publication: Publication, address: str) -> list[Member]:
    """Return every subscription of an address with what happened to it.

    Raises:
        NotFoundError: when the address is unknown.
    """
    _, folded = normalise(address)
    with publication.store.read() as connection:
        found = audience.of_address(connection, folded)
        return [Member(each, audience.history(connection, each.id)) for each in found]


def enter(
    publication: Publication, connection: Transaction, address: str, list_slug: str, wish: Wish, *, revive: bool
) -> Outcome:
    """Make an address a member as asked; who left comes back only where ``revive`` says that they want to.

    Raises:
        UsageError: when the list is unknown or no consent is told.
        AudienceError: when the address cannot be mailed or must not be.
    """
    publication.list(list_slug)
    mailed, folded = normalise(address)
    if not wish.consent:
        raise UsageError(f"{mailed}: how did they agree? write it as the consent, such as: paper form, 12 March 2024")
    if (reason := audience.suppressed(connection, folded)) is not None:
        raise AudienceError(f"{mailed}: is never mailed ({reason}); leave the address out")
    held = audience.held(connection, folded, list_slug)
    if held and held.state is SubscriptionState.ENDED:
        if not revive:
            return Outcome.LEFT
        held = None
    language = spoken(publication.config.site.language)
    wanted = wish.over(held or Subscription(0, mailed, list_slug, SubscriptionState.ACTIVE, language=language))
    if wanted == held and held.state is SubscriptionState.ACTIVE:
        return Outcome.UNCHANGED
    audience.subscribe(connection, mailed, folded, wanted, publication.now)
    return Outcome.UPDATED if held else Outcome.NEW


def _held(publication: Publication, connection: Transaction, address: str, list_slug: str) -> Subscription:
    mailed, folded = normalise(address)
    if list_slug:
        publication.list(list_slug)
    found = [each for each in audience.of_address(connection, folded) if list_slug in ("", each.list)]
    if not found:
        raise NotFoundError(f"{mailed}: is not on {list_slug}; `newsletter subscribers show {mailed}` tells where")
    if len(found) > 1:
        raise UsageError(f"{mailed}: is on {', '.join(each.list for each in found)}; say which with --list")
    return found[0]


def _choices(known: Vocabulary, chosen: Iterable[str]) -> Filter:
    found: dict[str, set[str]] = {}
    for written in filter(None, map(str.strip, chosen)):
        taxonomy, slug = _choice(written, known)
        found.setdefault(taxonomy, set()).add(slug)
    return {taxonomy: frozenset(slugs) for taxonomy, slugs in found.items()}


def _choice(written: str, known: Vocabulary) -> tuple[str, str]:
    taxonomy, slash, slug = written.partition("/")
    if not slash:
        raise UsageError(f"{written}: is no TAXONOMY/TERM; write one such as {_example(known)}")
    _one_of(taxonomy, "taxonomy", list(known))
    _one_of(slug, f"term of {taxonomy}", known[taxonomy])
    return taxonomy, slug


def _example(known: Vocabulary) -> str:
    return next((f"{taxonomy}/{slugs[0]}" for taxonomy, slugs in known.items() if slugs), "theme/education")


def _one_of(written: str, what: str, known: Sequence[str]) -> str:
    """Return a name that is known.

    Raises:
        UsageError: with the names that come close.
    """
    if written in known:
        return written
    close = difflib.get_close_matches(slugify(written), known, 3)
    rest = ", …" if len(known) > SHOWN else ""
    advice = f"is it {' or '.join(close)}?" if close else f"there are: {', '.join(known[:SHOWN]) or 'none'}{rest}"
    raise UsageError(f"{written}: no such {what}; {advice}")
