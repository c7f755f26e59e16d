"""The door of a relay: its password, its certificate, its greeting.

smtplib connects, checks and signs in; the socket is then handed to the wire.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass

from newsletter.config import Route
from newsletter.delivery.reply import printable
from newsletter.errors import RouteError


@dataclass(frozen=True)
class Door:
    """A session that is ready for MAIL: its socket, and what the server offers, by keyword (RFC 5321 §4.1.1.1)."""

    stream: socket.socket
    offers: dict[str, str]

    @property
    def pipelining(self) -> bool:
        """Whether it takes several commands in one write (RFC 2920)."""
        return "pipelining" in self.offers

    @property
    def largest(self) -> int | None:
        """The largest message that it takes, in bytes, None where it does not say (RFC 1870)."""
        size = self.offers.get("size", "")
        return int(size) if size.isascii() and size.isdigit() and int(size) else None


def sign_in(route: Route, secret: str | None) -> Door:
    """Return a session that is ready for MAIL, in the clear only where the route says so.

    Raises:
        RouteError: the relay cannot be reached, trusted or used: its words, and what to do.
    """
    where = route.where
    if route.user and route.security == "none":
        raise RouteError(f'{where}: a password needs TLS; set security = "starttls" or "tls", or remove user')
    try:
        return _session(route, secret)
    except (OSError, UnicodeError) as error:
        raise RouteError(f"{where}: {_explain(error)}") from None


def _session(route: Route, secret: str | None) -> Door:
    smtp = _greet(route)
    try:
        smtp.ehlo_or_helo_if_needed()
        if route.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if route.user:
            smtp.login(route.user, secret or "")
        stream, smtp.sock = smtp.sock, None
    finally:
        smtp.close()
    if stream is None:
        raise ConnectionError("closed by the server")
    # The dot is a small write after a large one: without this it would wait for the other side's delayed ACK.
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Door(stream, {name.lower(): words for name, words in smtp.esmtp_features.items()})


def _greet(route: Route) -> smtplib.SMTP:
    target, hello, seconds = (route.host, route.port), route.hello or None, route.connect_seconds
    if route.security == "tls":
        return smtplib.SMTP_SSL(*target, hello, timeout=seconds, context=ssl.create_default_context())
    return smtplib.SMTP(*target, hello, timeout=seconds)


def _explain(error: OSError | UnicodeError) -> str:
    """Return what went wrong while connecting, and what to do."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted: {error.verify_message}; write the host's name as it is on the certificate"
        case ssl.SSLError():
            return f'no TLS: {error.reason or error}; port 465 takes security = "tls", 587 and 25 "starttls"'
        case smtplib.SMTPAuthenticationError():
            return f"user or password refused: {_said(error)}; check user and the password in mail.routes"
        case smtplib.SMTPResponseException():
            return f"refused the connection: {_said(error)}; try later, or ask who runs it"
        case smtplib.SMTPException():
            return f"{str(error).rstrip('.')}; check host, port and security in mail.routes"
        case UnicodeError():
            return "user and password must be ASCII for this wire; change them"
        case _:
            return f"cannot be reached: {error.strerror or error}; check host and port in mail.routes"


def _said(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    return f"{error.smtp_code} {printable(words if isinstance(words, bytes) else words.encode())}"
