"""Why an article was in a reader's letter, or why not: one reason, decided from facts by a table, and its sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from newsletter.digest.circumstances import Facts, Missing, Showing
from newsletter.model import ArticleState, DeliveryState, Frequency, Subscription, SubscriptionState


class Reason(StrEnum):
    """Every answer that there is."""

    CORRECTED = "corrected"
    SENT = "sent"
    RECEIVED = "received"
    DOUBT = "doubt"
    OPEN = "open"
    REFUSED = "refused"
    NEXT = "next"
    PINNED = "pinned"
    REMINDER = "reminder"
    SUPPRESSED = "suppressed"
    STRANGER = "stranger"
    PENDING = "pending"
    LEFT = "left"
    DRAFT = "draft"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    EMBARGO = "embargo"
    EXCLUDED = "excluded"
    LIST = "list"
    CHOICES = "choices"
    ARCHIVE = "archive"
    STALE = "stale"
    WAITING = "waiting"
    JOINED = "joined"
    CHOSEN = "chosen"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The reason with its sentence, and the letter that it speaks of, if it speaks of one."""

    reason: Reason
    sentence: str
    showing: Showing | None = None


When = Callable[[datetime], str]
"""Writes an instant as staff write it."""


class _Rule(NamedTuple):
    reason: Reason
    holds: Callable[[Facts], object]
    says: Callable[[Facts, When], str]


def decide(facts: Facts, when: When) -> Answer:
    """Return why the article was in the reader's letter, or why not: the first rule that holds."""
    for reason, holds, says in _RULES:
        if held := holds(facts):
            return Answer(reason, says(facts, when), held if isinstance(held, Showing) else None)
    raise AssertionError("the last rule always holds")


def turn_says(subscription: Subscription, turn: date | None) -> str:
    """Say why the next run of a list is not a reader's."""
    adverb = {Frequency.WEEKLY: "weekly", Frequency.MONTHLY: "monthly"}.get(subscription.frequency, "at each run")
    return f"{subscription.address} gets it {adverb}, and is due at the first run from {turn} on"


_IN_DOUBT = (DeliveryState.UNCERTAIN, DeliveryState.HANDED)
_OPEN = (DeliveryState.PLANNED, DeliveryState.DEFERRED)


def _sent(facts: Facts) -> Showing | None:
    return facts.latest(DeliveryState.SENT)


def _doubtful(facts: Facts) -> Showing | None:
    """In doubt, or once in doubt and settled otherwise than as sent: it counts as received."""
    settled = (DeliveryState.REFUSED, DeliveryState.WITHDRAWN)
    return facts.latest(*_IN_DOUBT) or facts.latest(*settled, doubted=True)


def _refused(facts: Facts) -> Showing | None:
    return facts.latest(DeliveryState.REFUSED, doubted=False)


def _state(*states: SubscriptionState) -> Callable[[Facts], bool]:
    return lambda facts: facts.subscription is not None and facts.subscription.state in states


def _how(showing: Showing, when: When) -> str:
    forms = {"full": "in full", "short": "in short", "title": "as a title", "online": "on the page of the issue only"}
    form, under = forms.get(showing.form, ""), f"under “{showing.section}”" if showing.section else ""
    return ", ".join(filter(None, [f"{showing.issue} on {when(showing.at)}", under, form]))


def _says_sent(facts: Facts, when: When) -> str:
    showing = _sent(facts)
    return f"was sent in {_how(showing, when)}" if showing else ""


def _says_corrected(facts: Facts, when: When) -> str:
    showing, before = facts.correction, facts.original
    first = f"was sent in {_how(before, when)}, and shown again" if before else "was shown"
    return f"{first} in {_how(showing, when)}, as a correction" if showing else ""


def _says_received(facts: Facts, when: When) -> str:
    return f"{_says_sent(facts, when)}; what made it news again since sends it no second time"


def _says_doubt(facts: Facts, when: When) -> str:
    if showing := facts.latest(*_IN_DOUBT):
        settle = f"`newsletter issues show {showing.issue}` says more"
        return f"is in {_how(showing, when)}: in doubt, since nobody knows whether it arrived; {settle}"
    showing = _doubtful(facts)
    end = f"{showing.state}, after it was in doubt ({showing.said})" if showing else ""
    return f"was in {_how(showing, when)}: {end}; it counts as received" if showing else ""


def _says_open(facts: Facts, when: When) -> str:
    showing = facts.latest(*_OPEN)
    if showing is None:
        return ""
    later = f"; the server said {showing.said!r}" if showing.said else ""
    due = f", next try {when(showing.due)}" if showing.due else ""
    return f"is in {_how(showing, when)}, which has not reached {facts.address} yet: {showing.state}{due}{later}"


def _says_refused(facts: Facts, when: When) -> str:
    showing = _refused(facts)
    after = "; it will be in the next letter" if facts.offered and facts.active else ""
    after = f"; staff left it out of {facts.excluded} since" if facts.excluded else after
    return (
        f"was in {_how(showing, when)}, which was refused: {showing.said or 'no reason was given'}{after}"
        if showing
        else ""
    )


def _says_next(facts: Facts, _: When) -> str:
    approval = ", which waits for its approval" if facts.waits else ""
    return f"will be in the next letter of {facts.list} to {facts.address}{approval}"


def _says_repeat(facts: Facts, when: When) -> str:
    showing = facts.repeated
    if showing is None:
        return ""
    why = "because staff pinned it" if showing.pinned else "as a reminder, since it is still to come"
    return f"was shown in {_how(showing, when)}, {why}; it was no news for {facts.address}"


def _says_missing(missing: Sequence[Missing]) -> str:
    return " and ".join(f"no term of {taxonomy} among {', '.join(labels)}" for taxonomy, labels in missing)


def _says_left(facts: Facts, when: When) -> str:
    since = facts.latest(DeliveryState.WITHDRAWN)
    before = f", before {since.issue} reached them" if since and since.said == "left" else ""
    return f"is not sent: {facts.address} has left {facts.list}{before}"


def _says_stale(facts: Facts, when: When) -> str:
    arrived = when(facts.arrived) if facts.arrived else ""
    run = f"by {facts.list}’s run of {when(facts.ran)}" if facts.ran else "by now"
    return f"is no news any more: it became news on {arrived}, and {run} that was more than {facts.news_days} days ago"


def _says_joined(facts: Facts, when: When) -> str:
    since = when(facts.subscription.since) if facts.subscription and facts.subscription.since else ""
    return f"was news before {facts.address} joined {facts.list} on {since}"


def _says_chosen(facts: Facts, when: When) -> str:
    ran, chose = (when(each) if each else "" for each in (facts.ran, facts.chose))
    return f"was not what {facts.address} got when {facts.list} ran on {ran}; their choices are of {chose}"


def _says_passed(facts: Facts, when: When) -> str:
    ran = f" on {when(facts.ran)}" if facts.ran else ""
    return (
        f"did not match {facts.address} when {facts.list} ran{ran}: its topics, its state or the list were others then"
    )


_RULES = (
    # What their letters hold comes first; what was refused or withdrawn is offered again.
    _Rule(Reason.CORRECTED, lambda f: f.correction, _says_corrected),
    _Rule(Reason.RECEIVED, lambda f: f.again and _sent(f), _says_received),
    _Rule(Reason.SENT, _sent, _says_sent),
    _Rule(Reason.OPEN, lambda f: f.latest(*_OPEN), _says_open),
    _Rule(Reason.DOUBT, _doubtful, _says_doubt),
    _Rule(Reason.REFUSED, _refused, _says_refused),
    _Rule(
        Reason.NEXT,
        lambda f: f.active and f.offered and f.due,
        _says_next,
    ),
    _Rule(Reason.PINNED, lambda f: f.repeated if f.repeated and f.repeated.pinned else None, _says_repeat),
    _Rule(Reason.REMINDER, lambda f: f.repeated, _says_repeat),
    # No letter holds it: who they are, what it is, whether they match, and when.
    _Rule(
        Reason.SUPPRESSED,
        lambda f: f.suppressed,
        lambda f, _: f"is not sent: {f.address} is not mailed, {f.suppressed}",
    ),
    _Rule(
        Reason.STRANGER,
        lambda f: f.subscription is None,
        lambda f, _: f"is not sent: {f.address} is not subscribed to {f.list}",
    ),
    _Rule(
        Reason.PENDING,
        _state(SubscriptionState.PENDING),
        lambda f, _: f"is not sent: {f.address} has not confirmed the subscription to {f.list} yet",
    ),
    _Rule(Reason.LEFT, _state(SubscriptionState.ENDED), _says_left),
    _Rule(
        Reason.DRAFT, lambda f: f.article.state is ArticleState.DRAFT, lambda f, _: "is a draft, which nobody is sent"
    ),
    _Rule(
        Reason.WITHDRAWN,
        lambda f: not f.shown and f.gone,
        lambda f, when: f"is hidden: its sources have it no more since {when(f.gone) if f.gone else ''}",
    ),
    _Rule(
        Reason.HIDDEN,
        lambda f: f.article.state is ArticleState.HIDDEN,
        lambda f, _: "is hidden; `newsletter articles show-again` shows it",
    ),
    _Rule(
        Reason.EMBARGO,
        lambda f: not f.shown and f.article.published > f.now,
        lambda f, when: f"waits: it is to be published on {when(f.article.published)}",
    ),
    _Rule(
        Reason.LIST,
        lambda f: f.not_listed,
        lambda f, _: f"is not taken by {f.list}: it has {'; or '.join(map(_says_missing, f.not_listed))}",
    ),
    _Rule(
        Reason.CHOICES,
        lambda f: f.not_chosen,
        lambda f, _: f"is not what {f.address} chose: it has {_says_missing(f.not_chosen)}",
    ),
    _Rule(
        Reason.EXCLUDED,
        lambda f: f.excluded,
        lambda f, _: f"was left out of {f.excluded} by staff, and counts as received",
    ),
    _Rule(
        Reason.ARCHIVE,
        lambda f: f.archive,
        lambda f, when: (
            f"is archive, of {when(f.article.published)}: it came late or was imported so; no letter has it"
        ),
    ),
    _Rule(
        Reason.WAITING,
        lambda f: f.active and f.drafted,
        lambda f, _: f"will be in a letter of {f.list}, but not the next: {f.drafted} was drafted before it came",
    ),
    _Rule(
        Reason.WAITING,
        lambda f: f.offered,
        lambda f, _: (
            f"will be in a letter of {f.list}, but not the next: {turn_says(f.subscription, f.turn)}"
            if f.subscription
            else ""
        ),
    ),
    _Rule(Reason.STALE, lambda f: f.old, _says_stale),
    _Rule(
        Reason.JOINED,
        lambda f: f.passed and f.subscription and f.subscription.since and f.passed < f.subscription.since,
        _says_joined,
    ),
    _Rule(Reason.CHOSEN, lambda f: f.ran and f.chose and f.ran < f.chose, _says_chosen),
    _Rule(Reason.PASSED, lambda _: True, _says_passed),
)
"""The answers in the order in which they are looked at."""
