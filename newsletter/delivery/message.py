"""One reader's message as the bytes that go on the wire.

What is the same for every reader of an issue is built once, as Stationery; a message is then one join. All lines end
in CRLF and none begins with a dot. Only a URL may make a line long: it must stand whole (RFC 8058 §3.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from newsletter.config import Mailbox
from newsletter.delivery.address import a_labels, angled, as_bytes, mailbox, normalise
from newsletter.delivery.header import phrase, unstructured
from newsletter.delivery.quoted import finish
from newsletter.errors import DeliveryError

_BARE = re.compile(r"[!-;=?-~]+")
_LONGEST = 998 - len("List-Unsubscribe: <>")  # RFC 5322 §2.1.1


@dataclass(frozen=True, slots=True)
class Stationery:
    """What is the same on every message of an issue: its constant headers and the seams between its parts."""

    headers: bytes
    text: bytes
    html: bytes
    end: bytes

    @classmethod
    def of(
        cls,
        *,
        sender: Mailbox,
        date: datetime,
        list_id: str,
        title: str,
        nonce: str,
        reply_to: str = "",
        archive: str = "",
        feedback: str = "",
    ) -> Stationery:
        """Build the stationery of an issue.

        Args:
            sender: who writes; a foreign domain becomes A-labels.
            date: when the issue was opened, aware (RFC 5322 §3.3).
            list_id: ``<slug>.<authority>``, the same for ever (RFC 2919).
            title: the list's name, shown beside its id.
            nonce: letters and digits of the issue, for the boundary.
            reply_to: the address that answers go to, where it is not the sender's.
            archive: the public address of the issue's or the list's web page.
            feedback: ``campaign:list:kind:sender``, by which Gmail groups its figures.

        Raises:
            AudienceError: the sender's or the reply address cannot be mailed.
            DeliveryError: an id or a URL cannot stand in a header.
        """
        if date.tzinfo is None:
            raise ValueError("the Date of an issue needs its zone")
        headers = [
            b"From: " + mailbox(sender.name, normalise(sender.address)[0], used=6),
            b"Reply-To: " + as_bytes(normalise(reply_to)[0]) if reply_to else b"",
            b"Date: " + format_datetime(date).encode(),
            b"MIME-Version: 1.0",
            b"List-Id: " + angled(phrase(title, used=9), bare(a_labels(list_id)), used=9),
            b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            b"List-Archive: <%s>" % bare(archive) if archive else b"",
            b"Precedence: bulk",
            b"X-Auto-Response-Suppress: OOF, AutoReply",
            b"Feedback-ID: " + bare(feedback) if feedback else b"",
        ]
        # "=_" is in no quoted-printable text, so no line of a body can be taken for the boundary (RFC 2045 §6.7).
        seam = b"--=_" + bare(nonce)
        kind = b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % seam[2:]
        return cls(
            headers=b"".join(header + b"\r\n" for header in headers if header),
            text=kind + seam + part(b"plain"),
            html=b"\r\n" + seam + part(b"html"),
            end=b"\r\n" + seam + b"--\r\n",
        )


def subject_header(subject: str) -> bytes:
    """Return the whole Subject header with its CRLF, folded and encoded where it must be; once for each Letter."""
    return b"Subject: " + unstructured(subject, used=9) + b"\r\n"


def compose(
    stationery: Stationery,
    *,
    to: str,
    message_id: str,
    subject: bytes,
    unsubscribe: str,
    text: Sequence[bytes],
    html: Sequence[bytes],
) -> bytes:
    """Return a message ready for the wire.

    Args:
        stationery: of the issue.
        to: the address as it is mailed, without a name.
        message_id: as it stands in the ledger, without its brackets (RFC 5322 §3.6.4).
        subject: what ``subject_header`` returned.
        unsubscribe: the one-click URL of this reader and list.
        text: the plain part, quoted-printable pieces to be joined.
        html: the HTML part, likewise.

    Raises:
        AudienceError: the address is none.
        DeliveryError: the Message-ID or the URL cannot stand in a header.
    """
    if len(unsubscribe) > _LONGEST:
        raise DeliveryError(f"the unsubscribe address of {to} has over {_LONGEST} characters; shorten web.url")
    return b"".join(
        (
            b"To: %s\r\nMessage-ID: <%s>\r\n" % (as_bytes(to), bare(message_id)),
            subject,
            b"List-Unsubscribe: <%s>\r\n" % bare(unsubscribe),
            stationery.headers,
            stationery.text,
            *finish(text),
            stationery.html,
            *finish(html),
            stationery.end,
        )
    )


def part(kind: bytes) -> bytes:
    """Return what stands before a part of a body: ``plain`` or ``html``, in quoted-printable."""
    return b"\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" % kind


def bare(value: str) -> bytes:
    """Return an id or URL, which stands in a header as it is or not at all (RFC 2047 §5).

    Raises:
        DeliveryError: it cannot stand in one.
    """
    if not _BARE.fullmatch(value):
        raise DeliveryError(f"{value!r} cannot stand in a mail header: write it in ASCII without blanks or brackets")
    return value.encode()
