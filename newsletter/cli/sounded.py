"""How a look at the relays is shown: some lines each for people, an object for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newsletter.cli.books import counted

if TYPE_CHECKING:
    from newsletter.cli.session import Session
    from newsletter.delivery.looking import Look
    from newsletter.pipeline.sounding import Sounding

SOON = 14
"""Days before its end from which a certificate is worth a warning."""


def sounded(session: Session, list_: str | None, to: str | None) -> list[Sounding]:
    """Return what was seen of the relays, and show it to people as it comes."""
    from newsletter.pipeline.sounding import sound

    found = []
    for each in sound(session.publication, list_, to):
        found.append(each)
        if not session.as_json:
            for line in _lines(session, each, to):
                session.line(line)
    return found


def sounding_object(session: Session, each: Sounding) -> dict[str, Any]:
    """Return what was seen of a relay, as other programs rely on it."""
    seen: dict[str, Any] = {}
    if each.look:
        shown = each.look.certificate
        seen = {
            "tls": each.look.tls,
            "certificate": shown and {"subject": shown.subject, "ends": shown.ends.isoformat()},
            "auth": each.look.signing_in,
            "size": each.look.largest,
            "extensions": each.look.extensions,
            "warnings": list(_warnings(session, each.look)),
        }
    reply = {"code": each.reply.code, "text": each.reply.text} if each.reply else None
    where = {"route": each.name, "host": each.route.host, "port": each.route.port, "user": each.route.user}
    return where | seen | {"test": reply, "usable": not each.error, "error": each.error}


def _lines(session: Session, each: Sounding, to: str | None) -> Iterator[str]:
    name, where = each.name or "this machine", each.route.where
    if each.look:
        yield f"{name}: {where}, {_trust(session, each.look)}"
        offered = ", ".join(each.look.signing_in)
        if each.route.user:
            yield f"  signed in as {each.route.user}; it offers {offered}"
        else:
            yield f"  nobody signs in; it offers {offered}" if offered else "  nobody signs in"
        size = f"up to {each.look.largest} bytes a message" if each.look.largest else "says no largest size"
        yield f"  {size}; {' '.join(each.look.extensions) or 'no extensions'}"
        for warning in _warnings(session, each.look):
            yield f"  warning: {warning}"
    if each.reply:
        yield f"  took a test letter to {to}: {each.reply.code} {each.reply.text}"
    if each.error:
        yield f"error {name}: {each.error}"


def _trust(session: Session, seen: Look) -> str:
    shown = seen.certificate
    if not shown:
        return "in the clear"
    return f"{seen.tls}, certificate of {shown.subject} for {counted((shown.ends - session.now).days, 'day')} more"


def _warnings(session: Session, seen: Look) -> Iterator[str]:
    from newsletter.delivery.looking import SMALLEST

    if seen.largest and seen.largest < SMALLEST:
        yield f"it takes no letter larger than {seen.largest} bytes; ask who runs it for {SMALLEST} at least"
    if seen.certificate and (seen.certificate.ends - session.now).days < SOON:
        yield "its certificate ends soon: letters will not go out then; tell who runs it"
