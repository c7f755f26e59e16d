"""``newsletter issues``: what was sent, and what to do where it did not go well."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import click

from newsletter.cli.books import STATES, as_lines, as_object, counted, report, when
from newsletter.cli.drafts import cancel, edit, summary, tell
from newsletter.cli.outcomes import as_line, write_table
from newsletter.cli.outcomes import as_object as as_outcome
from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.pipeline.sending import Sent
    from newsletter.pipeline.tracing import Traced


@click.group()
def issues() -> None:
    """List and show issues; stop, retry, resolve them."""


@issues.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List all issues with their books, newest last, and the drafts that wait."""
    from newsletter.pipeline import drafting, sending

    found = [sending.standing(session.publication, issue) for issue in sending.all_issues(session.publication)]
    waiting = drafting.everything(session.publication)
    if session.as_json:
        session.data([as_object(sent) for sent in found])
        return
    for sent in found:
        for line in as_lines(sent, session.config.site.zone):
            session.line(line)
    for draft in waiting:
        session.line(summary(session, draft))


@issues.command()
@click.argument("issue")
@click.option(
    "--state", "states", metavar="STATE", type=click.Choice(STATES), multiple=True, help="Letters in a state."
)
@click.option("--code", metavar="CODE", default="", help="Letters whose last answer was this: 5.1.1 or 550.")
@click.option("--domain", metavar="DOMAIN", default="", help="Letters to addresses of a domain.")
@click.option("--address", metavar="ADDRESS", default="", help="The letter to an address.")
@click.option("--csv", "table", metavar="FILE", type=click.File("w", encoding="utf-8"), help="Write them as a table.")
@click.pass_obj
def show(
    session: Session,
    issue: str,
    states: tuple[str, ...],
    code: str,
    domain: str,
    address: str,
    table: TextIO | None,
) -> None:
    """Show one issue: its books, why letters were not sent, which are in doubt, its history; or what is in a draft."""
    from newsletter.pipeline import drafting, sending
    from newsletter.pipeline.accounting import accounted, sieve

    if any(issue in (draft.row.name, draft.row.list) for draft in drafting.everything(session.publication)):
        draft = drafting.find(session.publication, issue)
        tell(session, draft)
        _history(session, draft.row.name)
        return
    found, zone = sending.find(session.publication, issue), session.config.site.zone
    wanted = sieve(states, code, domain, address)
    if not (table or states or code or domain or address):
        _tell_whole(session, found)
        return
    with accounted(session.publication, found.issue, wanted) as outcomes:
        if table:
            count = write_table(table, outcomes, zone)
            session.complain(f"{issue}: {counted(count, 'letter')} written")
        elif session.as_json:
            session.data(as_object(found) | {"outcomes": [as_outcome(outcome, zone) for outcome in outcomes]})
        else:
            report(session, found)
            for outcome in outcomes:
                session.line(as_line(outcome, zone))


def _tell_whole(session: Session, found: Sent) -> None:
    from newsletter.pipeline import sending

    doubts, zone = sending.doubts(session.publication, found.issue), session.config.site.zone
    if session.as_json:
        stamp = [(doubt, doubt.since.astimezone(zone).isoformat()) for doubt in doubts]
        rows = [{"message_id": d.message_id, "address": d.address, "since": since} for d, since in stamp]
        session.data(as_object(found) | {"doubts": rows})
        return
    report(session, found)
    for state, reason, count in sending.reasons(session.publication, found.issue):
        session.line(f"  {count:>7}  {state}: {reason or 'no reason was given'}")
    for doubt in doubts:
        session.line(f"  in doubt since {when(doubt.since, zone)}: {doubt.address} <{doubt.message_id}>")
    _history(session, found.issue.name)


def _history(session: Session, name: str) -> None:
    """Tell who did what with an issue, and when."""
    from newsletter.pipeline import drafting

    if not session.as_json:
        for act in drafting.history(session.publication, name):
            detail = f": {act.detail}" if act.detail else ""
            by = f" by {act.who}" if act.who else ""
            session.line(f"  {when(act.at, session.config.site.zone)}  {act.what}{by}{detail}")


@issues.command()
@click.argument("issue")
@click.pass_obj
def stop(session: Session, issue: str) -> int:
    """Stop an issue: what is not sent stays planned until `send` or `retry`."""
    from newsletter.pipeline import sending

    return report(session, sending.stop(session.publication, issue))


@issues.command()
@click.argument("issue")
@click.pass_obj
def retry(session: Session, issue: str) -> int:
    """Try every planned and deferred letter of an issue now, due or not; never a refused one."""
    from newsletter.cli.send import deliver
    from newsletter.pipeline import sending

    return report(session, deliver(session, sending.find(session.publication, issue), all_deferred=True))


@issues.command()
@click.argument("issue")
@click.option("--assume-sent", "to", flag_value="sent", help="The letters in doubt arrived.")
@click.option("--resend", "to", flag_value="planned", help="They did not: plan them again; then `issues retry`.")
@click.option("--from-log", "log", metavar="FILE", type=click.File("rb"), help="What Postfix's log proves.")
@click.pass_obj
def resolve(session: Session, issue: str, to: str | None, log: io.BufferedReader | None) -> int:
    """Settle the letters of an issue that are in doubt, as you found out."""
    from newsletter.model import DeliveryState
    from newsletter.pipeline import sending, tracing

    if log and not to:
        traced = tracing.trace(session.publication, issue, log)
        for line in _traced(issue, traced):
            session.line(line)
        return report(session, traced.sent)
    if log or not to:
        raise click.UsageError("say how: --assume-sent, --resend or --from-log FILE")
    count, sent = sending.resolve(session.publication, issue, DeliveryState(to))
    session.line(f"{issue}: {count} in doubt are now {to}")
    return report(session, sent)


def _traced(name: str, traced: Traced) -> Iterator[str]:
    """Yield what a relay's log says of the letters that were in doubt."""
    from newsletter.delivery.postfix import BAD

    total = len(traced.settled) + len(traced.begun) + len(traced.absent)
    yield f"{name}: of {counted(total, 'letter')} in doubt, the relay's log proves {len(traced.settled)} sent"
    for doubt, found in traced.settled:
        if found.verdict and found.verdict.status in BAD:
            yield f"  {doubt.address}: taken, then {found.verdict.status}: {found.verdict.answer.text}"
    for doubt in traced.begun:
        yield f"  {doubt.address}: the relay began to receive it; the log does not say whether it kept it"
    if not traced.absent:
        return
    if traced.gap:
        yield f"  {len(traced.absent)} not found, which proves nothing: the log has a gap; {traced.gap}"
    elif traced.begun:
        yield f"  {len(traced.absent)} not taken: " + ", ".join(doubt.address for doubt in traced.absent)
    else:
        yield (
            f"  {len(traced.absent)} not found in a log that goes through that time: the relay did not take them, so"
            f" `newsletter issues resolve {name} --resend` is safe"
        )


issues.add_command(edit)
issues.add_command(cancel)
