"""A web server on loopback that says what a test wants, and remembers what it was asked.

    with WebServer({"/feed": [Reply(status=503), Reply(b"<feed/>")]}) as web:
        ...  # fetch web.url("/feed") twice, then look at web.requests

A path has one reply for ever, or a list: one for each request, the last one for all that follow. What has no reply is
404, or what ``otherwise`` makes of the path. Other tests take the fixture ``web``, an empty server to which replies are
given with ``web.pages[path] = ...``.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.relay import CERTIFICATE

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Reply:
    """What to say: the usual header is added where it is not given.

    With ``etag`` or ``modified`` the server answers 304 to whoever has it already. ``packed`` sends the body as gzip.
    ``length`` is what the header says of the body instead of the truth. ``drip`` is said again and again until the
    client leaves, ``stall`` says nothing until then, ``raw`` is said in place of everything else.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "text/html; charset=utf-8"
    etag: str = ""
    modified: str = ""
    packed: bool = False
    length: int | None = None
    drip: bytes = b""
    stall: bool = False
    raw: bytes | None = None

    @property
    def ends(self) -> bool:
        return bool(self.drip or self.stall or self.raw is not None or self.length is not None)

    def knows(self, headers: Mapping[str, str]) -> bool:
        asked = headers.get("if-none-match"), headers.get("if-modified-since")
        return bool(self.etag and self.etag == asked[0]) or bool(self.modified and self.modified == asked[1])


def redirect(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location})


@dataclass(frozen=True)
class Request:
    """What was asked; header names in lower case, ``line`` numbers the connections, ``form`` is what was handed in."""

    path: str
    headers: Mapping[str, str]
    line: int
    method: str = "GET"
    form: Mapping[str, str] = field(default_factory=dict)


def bomb(size: int) -> list[bytes]:
    """Return so many bytes of zeros, a whole number of mebibytes, as gzip: a thousandth of that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", *[block] * (size // MEBIBYTE)]


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = False

    def __init__(self, web: WebServer, context: ssl.SSLContext | None) -> None:
        self.web = web
        self.context = context
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request, client_address) -> None:
        with contextlib.suppress(OSError):  # the client has left, or does not trust us: that is its affair
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            self.web.opened(request)
            self.finish_request(request, client_address)
        self.shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        form = dict(parse_qsl(self.rfile.read(int(headers.get("content-length", 0))).decode()))
        line = self.server.web.line(self.connection)
        reply = self.server.web.answer(Request(self.path, headers, line, self.command, form))
        self.close_connection = reply.ends
        if reply.raw is not None:
            self.wfile.write(reply.raw)
        elif not reply.stall:
            self.say(reply, headers)
        if reply.stall:
            self.connection.recv(1)
        while reply.drip and not self.server.web.over.wait(0.01):
            self.wfile.write(reply.drip)

    do_POST = do_GET

    def say(self, reply: Reply, headers: Mapping[str, str]) -> None:
        known = reply.knows(headers)
        body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        body = b"" if known else gzip.compress(body) if reply.packed else body
        self.send_response(304 if known else reply.status)
        for name, value in self.usual(reply, len(body), known).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def usual(self, reply: Reply, size: int, known: bool) -> dict[str, str]:
        length = size if reply.length is None else reply.length
        found = {"Content-Type": reply.type, "ETag": reply.etag, "Last-Modified": reply.modified}
        found["Content-Encoding"] = "gzip" if reply.packed else ""
        found["Content-Length"] = "" if reply.drip or known else str(length)
        return {name: value for name, value in found.items() if value} | dict(reply.headers)

    def log_message(self, *said: object) -> None:
        pass


class WebServer(contextlib.AbstractContextManager["WebServer"]):
    """The server; ``requests`` is all that it was asked, in order."""

    def __init__(self, pages: Mapping[str, Reply | Sequence[Reply]] | None = None, *, tls: bool = False) -> None:
        self.pages = dict(pages or {})
        self.otherwise: Callable[[str], Reply] = lambda path: Reply(status=404)
        self.requests: list[Request] = []
        self.over = threading.Event()
        self.scheme = "https" if tls else "http"
        self._books = threading.Lock()
        self._open: list[socket.socket] = []
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
        self._server = _Server(self, context)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="web server")
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self.close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    @property
    def lines(self) -> int:
        """How many connections were made."""
        return len(self._open)

    def close(self) -> None:
        """End every session and thread."""
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        with self._books:
            for stream in self._open:
                with contextlib.suppress(OSError):
                    stream.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def opened(self, stream: socket.socket) -> None:
        with self._books:
            self._open.append(stream)

    def line(self, stream: socket.socket) -> int:
        with self._books:
            return self._open.index(stream)

    def answer(self, request: Request) -> Reply:
        """Write a request into the books, and take the reply that the script holds for it."""
        with self._books:
            self.requests.append(request)
            replies = self.pages.get(request.path) or self.otherwise(request.path)
            if isinstance(replies, Reply):
                return replies
            earlier = sum(request.path == path for path in self.paths) - 1
            return replies[min(earlier, len(replies) - 1)]
