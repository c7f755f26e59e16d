"""``newsletter run``: the scheduler, which sends every list at its time; one tick of it for cron."""

from __future__ import annotations

import json
import time
from collections.abc import Container
from contextlib import suppress
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.books import as_lines, as_object, counted, exit_code, worst
from newsletter.cli.drafts import summary
from newsletter.cli.halting import halting
from newsletter.cli.session import Session
from newsletter.cli.spoken import day, moment
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.pipeline.scheduling import Outcome

MINUTE = 60


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end: for cron.")
@click.pass_obj
def run(session: Session, once: bool) -> int:
    """Send every list at its time, and deferred letters when they are due, until it is stopped."""
    with halting(lambda: None) as halt:
        if once:
            return worst(code for code, _ in _tick(session, halt))
        session.line(f"watching {counted(len(session.config.lists), 'list')}, until Ctrl-C")
        with suppress(KeyboardInterrupt):
            _watch(session, halt)
        session.line("stopped")
    return 0


def _watch(session: Session, halt: Event) -> None:
    """Tick at every full minute; what goes wrong in the same way again is told once."""
    wrong: list[str] = []
    while not halt.is_set():
        try:
            wrong = [line for code, line in _tick(session, halt, wrong) if code]
        except NewsletterError as error:  # the books cannot be read: perhaps they can in a minute
            session.complain(f"newsletter: {error}")
        halt.wait(MINUTE - time.time() % MINUTE)


def _tick(session: Session, halt: Event, told: Container[str] = ()) -> list[tuple[int, str]]:
    """Do what is due and tell each act, unless it was told; returns exit code and line of each."""
    from newsletter.pipeline.scheduling import tick

    acts = []
    for act in tick(replace(session.publication, now=session.moment()), halt):
        code, line = _code(act), _line(session, act)
        if line not in told:
            _tell(session, act, code, line)
        acts.append((code, line))
    return acts


def _tell(session: Session, act: Outcome, code: int, line: str) -> None:
    if session.as_json:
        click.echo(json.dumps(_object(session, act, code, line), ensure_ascii=False))
    elif act.error:
        session.complain(line)
    else:
        session.line(line)


def _code(act: Outcome) -> int:
    if act.error:
        return act.error.exit_code
    if act.what == "waits":
        return 1
    return exit_code(act.sent) if act.sent and act.what == "sent" else 0


def _line(session: Session, act: Outcome) -> str:
    """Return an act in one line of words."""
    zone, one = session.config.zone(act.list), len(act.turns) == 1
    ahead = f"next {moment(act.next.at, zone)}" if act.next else "no next one is in sight"
    if act.error:
        return f"{act.list}: {act.error}"
    if act.sent:
        name, books = act.sent.issue.name, act.sent.books
        return {
            "opened": f"{name}: opened for {counted(books.audience, 'reader')}",
            "folded": f"{name}: its open letters are folded into the new issue",
            "sent": "; ".join(line.strip() for line in as_lines(act.sent, session.config.site.zone)),
        }[act.what]
    if act.draft:
        return summary(session, act.draft) + ("" if act.what == "drafted" else ": its time has come, approve it")
    if act.what == "watched":
        return f"{act.list}: {session.config.lists[act.list].cadence}, {ahead}"
    if act.what == "skipped":
        return f"{act.list}: skipped: nothing new, {ahead}"
    which = day(act.turns[0].date) if one else f"{day(act.turns[0].date)} to {day(act.turns[-1].date)}"
    if act.what == "paused":
        until = f"paused until {moment(act.next.at, zone)}" if act.next else "paused, and no next run is in sight"
        return f"{act.list}: {until} ({', '.join(dict.fromkeys(turn.pause for turn in act.turns))})"
    if act.what == "by hand":
        return f"{act.list}: sent by hand, so the planned run of {which} is done, {ahead}"
    missed = "the run" if one else f"{len(act.turns)} runs"
    comes = f"on {moment(act.next.at, zone)}" if act.next else "with the next letter"
    return f"{act.list}: {missed} of {which} missed, what is new comes {comes}"


def _object(session: Session, act: Outcome, code: int, line: str) -> dict[str, Any]:
    zone = session.config.zone(act.list)
    return {
        "list": act.list,
        "act": act.what,
        "planned": [turn.at.astimezone(zone).isoformat() for turn in act.turns],
        "next": act.next.at.astimezone(zone).isoformat() if act.next else None,
        "books": as_object(act.sent) if act.sent else None,
        "line": line,
        "exit": code,
    }
