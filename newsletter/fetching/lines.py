"""All open connections: one request at a time, from its header to the end of the answer's body."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack

import httpcore2

from newsletter.fetching import body
from newsletter.fetching.address import Address
from newsletter.fetching.errand import Answer, Errand
from newsletter.fetching.reply import fields
from newsletter.fetching.trouble import Trouble
from newsletter.fetching.wire import Guard, Resolve, Watch, explained, pool, trust

_LITTLE = 1 << 14


class Lines:
    """The connections of a fetcher; those that may lead inside are kept apart, and never lent to other errands."""

    def __init__(self, agent: str, silence: float, resolve: Resolve, network: httpcore2.NetworkBackend) -> None:
        self._agent = agent
        self._watch = Watch(silence)
        trusted = trust()
        self._pools = {
            private: pool(Guard(resolve, self._watch, private, network), trusted) for private in (False, True)
        }

    def close(self) -> None:
        """Hang up everywhere."""
        for each in self._pools.values():
            each.close()

    def ask(self, errand: Errand, address: Address) -> Answer:
        """Return what one server says to one request; redirects are not followed.

        Raises:
            Trouble: it cannot be asked, or its answer cannot be taken.
        """
        with explained(self._watch), self._watch.running(errand), ExitStack() as ending:
            response = self._begun(ending, errand, address)
            said = fields(response.headers)
            return Answer(response.status, said, _body(response, said, errand))

    def _begun(self, ending: ExitStack, errand: Errand, address: Address) -> httpcore2.Response:
        """Return an answer as soon as its header is there; the end of the stack closes it."""
        self._watch.connected = False
        try:
            return ending.enter_context(self._stream(errand, address))
        except (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError):
            if self._watch.connected:
                raise
            # A server may end a connection that we kept at any moment, and means nothing by it (RFC 9112 §9.3.1).
            return ending.enter_context(self._stream(errand, address))

    def _stream(self, errand: Errand, address: Address) -> AbstractContextManager[httpcore2.Response]:
        url = httpcore2.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target)
        headers = [(name, value.encode("latin-1", "replace")) for name, value in self._headers(errand, address).items()]
        method = "GET" if errand.content is None else "POST"
        return self._pools[errand.private].stream(method, url, headers=headers, content=errand.content)

    def _headers(self, errand: Errand, address: Address) -> dict[str, str]:
        headers = {
            "Host": address.authority,
            "User-Agent": self._agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            **errand.headers,
        }
        if address.credentials:
            headers["Authorization"] = f"Basic {base64.b64encode(address.credentials.encode()).decode()}"
        return headers


def _body(response: httpcore2.Response, said: Mapping[str, str], errand: Errand) -> bytes:
    length = said.get("content-length", "")
    size = int(length) if length.isdecimal() else None
    if response.status != 200 or errand.content is not None:
        _pass_over(response, size)
        return b""
    coding = said.get("content-encoding", "").lower()
    if not coding and size is not None and size > errand.largest:
        raise Trouble(body.too_large(errand.largest))
    return body.joined(response.iter_stream(), coding, errand.largest)


def _pass_over(response: httpcore2.Response, size: int | None) -> None:
    """Read what nobody wants if it is little: only a connection that was read to the end can be used again."""
    if response.status in (204, 304) or (size is not None and size <= _LITTLE):
        for _ in response.iter_stream():
            pass
