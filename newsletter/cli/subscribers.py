"""``newsletter subscribers``: who gets which list, and by whose consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import click

from newsletter.cli.books import when
from newsletter.cli.progress import progress
from newsletter.cli.session import Session
from newsletter.errors import AudienceError, IntakeError

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.model import Subscription
    from newsletter.pipeline.enrolling import Enrolled
    from newsletter.pipeline.subscribing import Wish


@click.group()
def subscribers() -> None:
    """Add, change, import, list and show subscribers."""


def wishes(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options by which a reader's wishes are said."""
    around = "The language of what stands around the articles."
    for option in (
        click.option("--language", metavar="LANGUAGE", default="", help=around),
        click.option("--frequency", metavar="each|weekly|monthly", default="", help="How often at most."),
        click.option("--term", "terms", metavar="TAXONOMY/TERM", multiple=True, help="A topic, repeatable; '': all."),
    ):
        command = option(command)
    return command


@subscribers.command()
@click.argument("address")
@click.option("--list", "list_", metavar="LIST", required=True, help="The list to join.")
@wishes
@click.option("--consent", metavar="TEXT", required=True, help="When and how they agreed; kept as proof.")
@click.pass_obj
def add(
    session: Session, address: str, list_: str, terms: tuple[str, ...], frequency: str, language: str, consent: str
) -> None:
    """Make an address a member of a list; options given change one that is a member already."""
    from newsletter.pipeline import subscribing

    wish = _wish(session, terms, frequency, language, consent)
    _say(session, subscribing.add(session.publication, address, list_, wish))


@subscribers.command("set")
@click.argument("address")
@click.option("--list", "list_", metavar="LIST", default="", help="Which list, where the address is on several.")
@wishes
@click.option("--consent", metavar="TEXT", default="", help="When and how they asked for it.")
@click.pass_obj
def set_(
    session: Session, address: str, list_: str, terms: tuple[str, ...], frequency: str, language: str, consent: str
) -> None:
    """Change what a member gets; what is not named stays."""
    from newsletter.pipeline import subscribing

    wish = _wish(session, terms, frequency, language, consent)
    _say(session, subscribing.change(session.publication, address, list_, wish))


@subscribers.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--consent", metavar="TEXT", default="", help="When and how they agreed, for rows that do not say.")
@click.option("--list", "list_", metavar="LIST", default="", help="The list, for rows that name none.")
@click.pass_obj
def import_(session: Session, file: IO[bytes], consent: str, list_: str) -> int:
    """Add the rows of a CSV file: address;list;terms;frequency;language;consent, terms parted by |.

    Who has left a list stays out of it.
    """
    from newsletter.pipeline.enrolling import enrol

    watch = partial(progress, session, what="subscribers")
    try:
        report = enrol(session.publication, file.read(), consent=consent, list_slug=list_, watch=watch)
    except (AudienceError, IntakeError) as error:
        raise AudienceError(f"{file.name}: {error}") from error
    for line in report.failures:
        session.complain(f"{file.name}: {line}")
    _sum_up(session, report)
    return 1 if report.failures else 0


@subscribers.command("list")
@click.option("--list", "list_", metavar="LIST", default="", help="Only this list.")
@click.pass_obj
def list_(session: Session, list_: str) -> None:
    """List all subscriptions, by address."""
    from newsletter.pipeline import subscribing

    found = subscribing.members(session.publication, list_)
    if session.as_json:
        session.data([as_object(each, session) for each in found])
        return
    for each in found:
        session.line(_line(each))


@subscribers.command()
@click.argument("address")
@click.pass_obj
def show(session: Session, address: str) -> None:
    """Show the subscriptions of an address with their history."""
    from newsletter.pipeline import subscribing

    zone = session.config.site.zone
    found = subscribing.history(session.publication, address)
    if session.as_json:
        session.data([as_object(member.subscription, session) | _history(session, member.history) for member in found])
        return
    for member in found:
        session.line(_line(member.subscription))
        for at, what, detail in member.history:
            session.line(f"  {when(at, zone)}  {what}: {detail}")


@subscribers.command()
@click.argument("address")
@click.option("--why", metavar="TEXT", required=True, help="Why it may be mailed again; kept in its history.")
@click.pass_obj
def unsuppress(session: Session, address: str, why: str) -> None:
    """Let an address be mailed again that a server once said does not exist."""
    from newsletter.pipeline import subscribing

    mailed = subscribing.unsuppress(session.publication, address, why)
    if session.as_json:
        session.data({"address": mailed, "suppressed": False})
        return
    session.line(f"{mailed} is mailed again, from the next letter on")


def as_object(subscription: Subscription, session: Session) -> dict[str, Any]:
    """Return what other programs rely on."""
    since = subscription.since
    return {
        "address": subscription.address,
        "list": subscription.list,
        "state": subscription.state.value,
        "terms": _terms(subscription),
        "frequency": subscription.frequency.value,
        "language": subscription.language,
        "consent": subscription.consent,
        "since": since.astimezone(session.config.site.zone).isoformat() if since else None,
    }


def _wish(session: Session, terms: tuple[str, ...], frequency: str, language: str, consent: str) -> Wish:
    from newsletter.pipeline.subscribing import read_wish, vocabulary

    return read_wish(vocabulary(session.publication), terms or None, frequency, language, consent)


def _say(session: Session, subscription: Subscription) -> None:
    if session.as_json:
        session.data(as_object(subscription, session))
    else:
        session.line(_line(subscription))


def _sum_up(session: Session, report: Enrolled) -> None:
    from newsletter.pipeline.subscribing import Outcome

    counts = {outcome.value: report.counts[outcome] for outcome in Outcome}
    if session.as_json:
        lines = {"failures": report.failures, "kept_out": report.kept_out}
        session.data({**counts, "failed": len(report.failures), **lines})
        return
    for line in report.kept_out:
        session.complain(line)
    counted = [f"{number} {outcome}" for outcome, number in counts.items()]
    session.line(", ".join([*counted, f"{len(report.failures)} failed"]))


def _history(session: Session, history: Sequence[tuple[datetime, str, str]]) -> dict[str, Any]:
    zone = session.config.site.zone
    lines = [{"at": at.astimezone(zone).isoformat(), "what": what, "detail": detail} for at, what, detail in history]
    return {"history": lines}


def _line(subscription: Subscription) -> str:
    facts = [subscription.state, subscription.frequency, subscription.language]
    topics = ", ".join(_terms(subscription)) or "everything"
    return f"{subscription.address:<32}  {subscription.list:<12}  {' '.join(facts):<20}  {topics}"


def _terms(subscription: Subscription) -> list[str]:
    return sorted(f"{taxonomy}/{slug}" for taxonomy, slugs in subscription.choices.items() for slug in slugs)
