"""``newsletter send``: open an issue or go on with it, send it, show the books."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, TextIO

import click

from newsletter.cli.books import as_lines, counted, exit_code, report, worst
from newsletter.cli.drafts import freeze
from newsletter.cli.findings import as_line, as_object
from newsletter.cli.halting import halting
from newsletter.cli.progress import progress
from newsletter.cli.session import Session
from newsletter.errors import NewsletterError, UsageError
from newsletter.proofing.finding import CHECKS

if TYPE_CHECKING:
    from collections.abc import Collection

    from newsletter.model import DeliveryState
    from newsletter.pipeline.editions import Edition
    from newsletter.pipeline.sending import Plan, Sent
    from newsletter.pipeline.watching import Watch
    from newsletter.store.issues import IssueRow


MANY = 5000
"""Readers from whom on the opening of an issue is shown."""

MOST_REASONS = 5
STOPPING = "stopping: the letters under way are finished; Ctrl-C again ends them too, in doubt"


@click.command()
@click.argument("list_", metavar="LIST")
@click.option("--test", metavar="ADDRESS", help="Send one marked letter to this address; the books stay as they are.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and do nothing.")
@click.option("--draft", is_flag=True, help="Freeze the next issue, to be changed and approved; nobody is mailed.")
@click.option("--approve", metavar="HASH", help="Send the draft, if it still is what this hash names.")
@click.option("--intro", metavar="FILE", type=click.File(encoding="utf-8"), help="With --draft: an intro, in Markdown.")
@click.option("--subject", metavar="TEXT", help="With --draft: another subject.")
@click.option(
    "--only", metavar="ID", help="A flash letter of this one article, outside the list's runs; or an erratum."
)
@click.option("--despite", metavar="CHECK", type=click.Choice(list(CHECKS)), multiple=True, help="Send all the same.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def send(
    session: Session,
    list_: str,
    test: str | None,
    dry_run: bool,
    draft: bool,
    approve: str | None,
    intro: TextIO | None,
    subject: str | None,
    only: str | None,
    despite: tuple[str, ...],
    yes: bool,
) -> int:
    """Open an issue of a list, or go on with it, and send it to everyone who has news."""
    from newsletter.digest.selection import from_bytes
    from newsletter.pipeline import drafting, rehearsing, sending

    if test:
        return _test(session, list_, test)
    if draft:
        return freeze(session, list_, intro.read() if intro else None, subject)
    if intro or subject is not None:
        raise UsageError("--intro and --subject go with --draft; of a draft that there is, `newsletter issues edit`")
    if not (yes or dry_run or sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on: add --yes, --test ADDRESS, --draft or --dry-run")
    if only:
        return _flash(session, list_, only, dry_run, despite, yes)
    if approve:
        drafting.find(session.publication, list_).must_be(approve)
    plan = sending.decide(session.publication, list_)
    if plan.draft and not approve:
        plan.draft.demand()
    # Who asks nothing need not wait until all are counted: some stand for them.
    look = rehearsing.sampled if yes and not dry_run else rehearsing.coming
    coming = look(session.publication, list_, plan)
    question = _announce(session, list_, plan, coming, counts=look is rehearsing.coming)
    if not dry_run and _refused(session, coming, despite):
        return 1
    if dry_run or not (yes or click.confirm(question, err=True)):
        return _nothing(session, "nothing was sent")
    if approve:
        drafting.approve(session.publication, list_, approve, session.who)
    issue = sending.prepare(session.publication, list_, plan, _opening(session, list_))
    if issue and look is rehearsing.sampled and not plan.continues:
        session.line(_counts(issue.name, issue.audience or 0, from_bytes(issue.picked).bit_count()))
    code = worst([_send_leftovers(session, list_, issue), _remind(session, list_, issue)])
    if issue is None:
        return _nothing(session, f"{list_}: nothing new for anyone; no letter was sent", code)
    return worst([code, report(session, deliver_all(session, sending.standing(session.publication, issue)))])


def _opening(session: Session, list_: str) -> Watch:
    """Show how far an opening is, if it takes long."""
    return lambda readers: progress(session, readers if readers > MANY else 0, f"{list_}, choosing for each reader")


def deliver_all(session: Session, found: Sent) -> Sent:
    """Send an issue; when its seed addresses have their letters, ask whether to go on, where there is a terminal."""
    from newsletter.pipeline import sending

    sent = deliver(session, found)
    waiting = counted(sent.books.planned, "reader")
    if not (sent.issue.held and sent.books.planned and sys.stdin.isatty()):
        return sent
    if not click.confirm(f"The seed addresses have theirs: look at it. Send to the other {waiting}?", err=True):
        return sent
    return deliver(session, sending.let_go(session.publication, sent.issue, session.who))


def deliver(session: Session, found: Sent, *, all_deferred: bool = False) -> Sent:
    """Make one pass over an issue with a progress bar; what stops it leaves the books on show."""
    from newsletter.pipeline import sending

    books = found.books
    total = books.planned + (books.deferred if all_deferred else 0)
    try:
        with halting(partial(session.complain, STOPPING)) as halt, progress(session, total, found.issue.name) as step:
            done = 0

            def show(outcomes: Counter[DeliveryState]) -> None:
                nonlocal done
                count = sum(outcomes.values())
                step(count - done, ", ".join(f"{state} {number}" for state, number in outcomes.items()))
                done = count

            sent = sending.attempt(session.publication, found.issue, show, all_deferred=all_deferred, halt=halt)
    except (NewsletterError, KeyboardInterrupt):
        report(session, sending.standing(session.publication, found.issue))
        raise
    _reasons(session, sent)
    if halt.is_set():
        report(session, sent)
        raise click.Abort
    _tell_operators(session, sent)
    return sent


def _reasons(session: Session, sent: Sent) -> None:
    """Say why letters were not taken, the most frequent first."""
    from newsletter.pipeline import sending

    if sent.books.refused or sent.books.deferred:
        told = [one for one in sending.reasons(session.publication, sent.issue) if one[0] in ("refused", "deferred")]
        for state, reason, count in told[:MOST_REASONS]:
            session.line(f"  {count:>7}  {state}: {reason or 'no reason was given'}")
        if len(told) > MOST_REASONS:
            session.line(f"  and {len(told) - MOST_REASONS} more: `newsletter issues show {sent.issue.name}`")


def _tell_operators(session: Session, sent: Sent) -> None:
    """Report on a pass to the operators; what does not go out now waits for `newsletter run` or `serve`."""
    from newsletter.pipeline import noticing, reporting

    try:
        reporting.report(session.publication, sent)
        for _, error in noticing.drain(session.publication, Event()):
            session.complain(f"the report to the operators waits: {error}")
    except NewsletterError as error:
        session.complain(f"no report to the operators: {error}")


def _send_leftovers(session: Session, list_: str, but: IssueRow | None) -> int:
    """Send what waits in other issues; machines read the books of the list's own issue alone."""
    from newsletter.pipeline import sending

    codes = []
    for waiting in sending.leftovers(session.publication, list_, but):
        session.line(f"{waiting.name}: goes on, for it has letters to send again")
        sent = deliver(session, sending.standing(session.publication, waiting))
        for line in as_lines(sent, session.config.site.zone):
            session.line(line)
        codes.append(exit_code(sent))
    return worst(codes)


def _remind(session: Session, list_: str, but: IssueRow | None) -> int:
    """Say which earlier issues have letters in doubt: a person must look."""
    from newsletter.pipeline import sending

    doubtful = sending.doubtful(session.publication, list_)
    if but:
        doubtful.pop(but.name, None)
    for name, count in doubtful.items():
        session.line(f"{name}: {count} still in doubt; `newsletter issues show {name}` names them")
    return 1 if doubtful else 0


def _nothing(session: Session, line: str, code: int = 0) -> int:
    """Say that there is no issue; to machines null."""
    session.line(line)
    if session.as_json:
        session.data(None)
    return code


def _refused(session: Session, coming: Edition, despite: Collection[str]) -> bool:
    """Say what is wrong with what is about to be sent; whether a send must not begin."""
    from newsletter.pipeline.inspecting import refusals

    found = refusals(session.publication, coming, despite) if coming.picked else ()
    for finding in found:
        session.complain(as_line(finding))
    if found:
        checks = " ".join(f"--despite {check}" for check in sorted({finding.check for finding in found}))
        session.complain(f"{coming.name}: nothing was sent; mend this, or send all the same with {checks}")
    if found and session.as_json:
        session.data({"issue": coming.name, "refused": [as_object(finding) for finding in found]})
    return bool(found)


def _announce(session: Session, list_: str, plan: Plan, coming: Edition, *, counts: bool) -> str:
    """Say what is about to happen, with how much of it where that was counted; return the question to ask."""
    from newsletter.pipeline import sending

    if plan.continues:
        for line in as_lines(sending.standing(session.publication, plan.continues), session.config.site.zone):
            session.line(line)
        return f"Go on with {plan.continues.name}?"
    for folded in plan.folds:
        session.line(f"{folded.name}: its open letters are folded into the new issue")
    if not counts:
        return ""
    if not coming.readers:
        session.line(f"{list_}: nothing new for anyone")
        return f"Let this run of {list_} pass without a letter?"
    session.line(_counts(coming.name, coming.readers, coming.articles))
    return f"Send {coming.name} to {counted(coming.readers, 'reader')}?"


def _counts(name: str, readers: int, articles: int) -> str:
    return f"{name}: {counted(readers, 'letter')}, {counted(articles, 'article')}"


def _flash(session: Session, list_: str, article: str, dry_run: bool, despite: tuple[str, ...], yes: bool) -> int:
    from newsletter.pipeline import rehearsing, sending

    if dry_run:
        raise UsageError("--only with --dry-run: not offered yet; leave one of them out")
    if _refused(session, rehearsing.sampled_flash(session.publication, list_, article), despite):
        return 1
    if not yes and not click.confirm(f"Send {article} to every reader of {list_} whom it matches?", err=True):
        return _nothing(session, "nothing was sent")
    issue = sending.prepare_flash(session.publication, list_, article, _opening(session, list_))
    if issue is None:
        return _nothing(session, f"{list_}: everyone whom this article matches has it; no letter was sent")
    return report(session, deliver_all(session, sending.standing(session.publication, issue)))


def _test(session: Session, list_: str, address: str) -> int:
    from newsletter.pipeline import rehearsing

    reply = rehearsing.send_test(session.publication, list_, address)
    return _nothing(session, f"a test of {list_} went to {address}: {reply.code} {reply.text}")
