"""How the DNS records of a list are shown: lines of a zone file for people, objects for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.cli.findings import as_line, as_object

if TYPE_CHECKING:
    from newsletter.cli.session import Session
    from newsletter.pipeline.announcing import Announcement


def announced(session: Session, lists: list[str]) -> list[Announcement]:
    """Return what DNS should say for lists, and show it to people."""
    from newsletter.pipeline.announcing import announce

    found = [announce(session.config, slug) for slug in lists]
    if not session.as_json:
        for each in found:
            _say(session, each)
    return found


def _say(session: Session, announcement: Announcement) -> None:
    for finding in announcement.findings:
        session.line(as_line(finding))
    session.line(f"{announcement.list}: what DNS must say for {announcement.sender}; nobody was asked what it says now")
    for record in announcement.records:
        session.line(f"\n{record.line}\n  ; {record.note}")


def announcement_object(announcement: Announcement) -> dict[str, Any]:
    """Return the records of a list, as other programs rely on them."""
    return {
        "list": announcement.list,
        "sender": announcement.sender,
        "records": [
            {"name": each.name, "type": "TXT", "value": each.value, "strings": each.strings, "note": each.note}
            for each in announcement.records
        ],
        "findings": [as_object(finding) for finding in announcement.findings],
    }
