"""A notice: one mail to one person that is no issue, such as a draft that waits for an editor's approval."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from newsletter.config import Mailbox
from newsletter.delivery.address import as_bytes, mailbox, normalise
from newsletter.delivery.message import bare, part, subject_header
from newsletter.delivery.quoted import encode, finish
from newsletter.digest.assemble import Body


def notice(
    *, sender: Mailbox, to: str, date: datetime, message_id: str, nonce: str, subject: str, body: Body[str]
) -> bytes:
    """Return a notice ready for the wire.

    ``message_id`` stands without its brackets; ``nonce`` is a random word of letters and digits, for the boundary.
    It says that a program wrote it (RFC 3834 §5), so that no other program answers.

    Raises:
        AudienceError: an address cannot be mailed.
    """
    seam = b"--=_" + bare(nonce)
    lines = (
        b"From: " + mailbox(sender.name, normalise(sender.address)[0], used=6),
        b"To: " + as_bytes(normalise(to)[0]),
        b"Date: " + format_datetime(date).encode(),
        b"Message-ID: <%s>" % bare(message_id),
        subject_header(subject).removesuffix(b"\r\n"),
        b"MIME-Version: 1.0",
        b"Auto-Submitted: auto-generated",
        b"X-Auto-Response-Suppress: All",
        b'Content-Type: multipart/alternative; boundary="%s"' % seam[2:],
    )
    parts = ((b"plain", body.text), (b"html", body.html))
    written = b"".join(b"\r\n" + seam + part(kind) + b"".join(finish([encode(text)])) for kind, text in parts)
    return b"".join(line + b"\r\n" for line in lines) + written + b"\r\n" + seam + b"--\r\n"
