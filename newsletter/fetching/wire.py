"""Connections: names are looked up, checked and connected to here, and every wait ends with the time of the errand.

httpcore connects through a network backend; ours is between it and its own. So no name is looked up twice, and what is
checked is what is connected to, whatever the name says a moment later.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import httpcore2

from newsletter.fetching.errand import Errand
from newsletter.fetching.ranges import is_public
from newsletter.fetching.trouble import Trouble

Resolve = Callable[[str, int], Sequence[str]]

_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 3.0  # servers keep a connection for five seconds or more: we leave first
_IDLE_CONNECTIONS = 10


class Watch(threading.local):
    """Over the errand of this thread: when it has to end, and whether it ``connected`` anew.

    ``silence`` is the longest wait for a single word.
    """

    ends = math.inf
    connected = False

    def __init__(self, silence: float) -> None:
        self.silence = silence

    @contextlib.contextmanager
    def running(self, errand: Errand) -> Iterator[None]:
        """Let the clock of an errand run; while it waits for its turn it stands still."""
        self.ends = time.monotonic() + errand.seconds
        try:
            yield
        finally:
            errand.seconds = self.ends - time.monotonic()

    def left(self, longest: float) -> float:
        """Return for how long to wait now.

        Raises:
            httpcore2.ReadTimeout: the time is over.
        """
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout
        return min(seconds, longest)


class Stream(httpcore2.NetworkStream):
    """A connection on which nothing waits longer than it may."""

    def __init__(self, inner: httpcore2.NetworkStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is."""
        return self._inner.read(max_bytes, self._watch.left(self._watch.silence))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._inner.write(buffer, self._watch.left(self._watch.silence))

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Return the same connection behind TLS."""
        seconds = self._watch.left(self._watch.silence)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._watch)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore wants to know of the socket."""
        return self._inner.get_extra_info(info)


class Guard(httpcore2.NetworkBackend):
    """Connects to a name's public addresses; with ``private`` to any."""

    def __init__(self, resolve: Resolve, watch: Watch, private: bool, inner: httpcore2.NetworkBackend) -> None:
        self._resolve = resolve
        self._watch = watch
        self._private = private
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Return a connection to the first address of the host that takes one.

        Raises:
            Trouble: the host is unknown, or one of its addresses is not public.
        """
        self._watch.connected = True
        failure: Exception | None = None
        for address in self._addresses(host, port):
            seconds = self._watch.left(min(_CONNECT_SECONDS, self._watch.silence))
            try:
                inner = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return Stream(inner, self._watch)
        raise failure or Trouble(f"{host} has no address; check the name")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or "no such name"
            raise Trouble(f"{host} is not known: {said}; check the name and your network") from None
        # A name that also has an address inside is somebody's attempt, or a mistake: neither is worth a connection.
        internal = [] if self._private else [address for address in found if not is_public(address)]
        if internal:
            raise Trouble(_internal(host, internal[0]))
        return found


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name in the order in which this machine prefers them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def internet() -> httpcore2.NetworkBackend:
    """Return what opens connections unless told otherwise."""
    return httpcore2.SyncBackend()


def trust() -> ssl.SSLContext:
    """Return whom this machine trusts, or whom SSL_CERT_FILE or SSL_CERT_DIR name."""
    return _trust(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


def pool(guard: Guard, trusted: ssl.SSLContext) -> httpcore2.ConnectionPool:
    """Return a pool that connects through the guard, never through a proxy, and checks every certificate."""
    return httpcore2.ConnectionPool(
        ssl_context=trusted,
        max_connections=None,
        max_keepalive_connections=_IDLE_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=guard,
    )


@contextlib.contextmanager
def explained(watch: Watch) -> Iterator[None]:
    """Turn what httpcore says of a connection into words for people.

    Raises:
        Trouble: it failed.
    """
    try:
        yield
    except httpcore2.TimeoutException:
        raise Trouble(_late(watch)) from None
    except httpcore2.NetworkError as error:
        raise Trouble(_broken(error)) from None
    except httpcore2.RemoteProtocolError:
        raise Trouble("does not speak HTTP as it should, or hung up in the middle; try again later") from None
    except httpcore2.LocalProtocolError:
        raise Trouble("cannot be asked: its address or password does not fit into a request; correct it") from None


@cache
def _trust(*named: str) -> ssl.SSLContext:
    return httpcore2.default_ssl_context()


def _internal(host: str, address: str) -> str:
    said = f"{host} is no public address" if host == address else f"{host} is {address}, which is no public address"
    return f"{said}; check it, or set private = true (hub_private for a hub) for one of your own network"


def _late(watch: Watch) -> str:
    if watch.ends <= time.monotonic():
        return "takes too long in all; try again later, or ask who runs it"
    return "does not answer in time; check the address, or try again later"


def _broken(error: httpcore2.NetworkError) -> str:
    match error.__cause__ or error.__context__:
        case ssl.SSLCertVerificationError() as reason:
            said = reason.verify_message.rstrip(".")
            return f"its certificate is not trusted: {said}; check the address, or ask who runs it"
        case ssl.SSLError() as reason:
            return f"no TLS: {reason.reason or reason}; check whether the address begins with https:// or http://"
        case OSError() as reason:
            return f"cannot be reached: {reason.strerror or reason}; check the address, or try again later"
        case _:
            return "cannot be reached; check the address, or try again later"
