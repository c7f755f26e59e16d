"""The server: a socket that listens until somebody says stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

import uvicorn

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.pipeline.publication import Publication
from newsletter.web.app import application

PATIENCE = 10
"""Seconds that answers under way are given at the end."""


def serve(
    config: Config,
    publication: Callable[[], Publication],
    host: str,
    port: int,
    listening: Callable[[str], None],
) -> None:
    """Serve a publication's output folder and drafts until SIGTERM or SIGINT; ``listening`` is told the address first.

    Raises:
        NewsletterError: there is nothing to serve, or nowhere to listen.
    """
    folder = config.at(config.feeds.output)
    if not folder.is_dir():
        raise NewsletterError(
            f"{folder}: no such folder; run `newsletter build` first, or name another in feeds.output"
        )
    server = uvicorn.Server(
        uvicorn.Config(
            application(config, publication),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
    )
    # uvicorn sends itself once more the signal that stopped it, and that must not end the process before its time.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: setattr(server, "should_exit", True))
    with _opened(host, port) as opened:
        listening(_address(opened))
        server.run(sockets=[opened])


def _opened(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]  # the address would be said twice
        raise NewsletterError(
            f"{host}, port {port}: cannot listen there ({why}); name another with --host or --port"
        ) from error


def _address(opened: socket.socket) -> str:
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
