"""An output folder with a bit of everything, and servers on loopback that carry it, asked byte by byte."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.feeds import redirects
from newsletter.pipeline.output import Output

CONFIG = """
[site]
name = "Centre de ressources des Trois Rivières"
url = "https://www.troisrivieres.example.org"
"""
FEED = "<feed xmlns='http://www.w3.org/2005/Atom'>" + "<entry/>" * 500 + "</feed>\n"
DOCUMENTS = {
    "all.atom": FEED,
    "all.rss": "<rss version='2.0'/>" * 50,
    "all.json": '{"title": "Santé"}' * 50,
    "all.ics": "BEGIN:VCALENDAR\r\n" * 50,
    "feeds.opml": "<opml version='2.0'/>" * 50,
    "index.html": "<!doctype html><title>Tous les sujets</title>" + "<p>Santé" * 500,
    "theme.html": "<!doctype html><title>Thématique</title>" * 50,
    "theme/sante.atom": FEED.replace("entry", "title"),
}
PICTURE = "media/0123456789abcdef/vue-1200.jpg"
PICTURE_BYTES = bytes(range(256)) * 4096
MOVED = {
    "/theme/mobilite.atom": "/theme/se-deplacer.atom",
    "/theme/mobilite.html": "/theme/se-deplacer.html",
    "/theme/papier.atom": redirects.GONE,
    "/articles/retire.html": redirects.GONE,
    f"/articles/{'long-' * 20}nom.html": f"/articles/{'long-' * 20}titre.html",
    "/articles/ancien.html": "https://elsewhere.example.com/nouveau",
    "/articles/parti.html": "https://elsewhere.example.com/été?prix=$uri&ou={path}#bas",
}


def publish(root: Path, *, compress: bool) -> Path:
    """Write an output folder as a build does."""
    root.mkdir(parents=True)
    output = Output(root, compress=compress)
    for path, text in DOCUMENTS.items():
        output.write(path, text.encode())
    output.write("redirects.txt", redirects.as_text(MOVED))
    output.write("redirects.nginx", redirects.as_nginx(MOVED))
    (root / PICTURE).parent.mkdir(parents=True)
    (root / PICTURE).write_bytes(PICTURE_BYTES)
    return root


@dataclass(frozen=True)
class Reply:
    """What a server said; names of fields in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def unpacked(self) -> bytes:
        return gzip.decompress(self.body) if self.fields.get("content-encoding") == "gzip" else self.body

    @property
    def varies(self) -> set[str]:
        return {name.strip().lower() for name in self.fields.get("vary", "").split(",")} - {""}


@dataclass(frozen=True)
class Site:
    """A server that listens on loopback."""

    port: int
    root: Path

    def ask(self, path: str, method: str = "GET", **fields: str | list[str]) -> Reply:
        """Send one request with exactly these fields, hyphens written as underscores."""
        with contextlib.closing(self.open(path, method, **fields)) as connection:
            said = connection.getresponse()
            found = {name.lower(): set(said.headers.get_all(name, [])) for name, _ in said.getheaders()}
            assert {name for name, values in found.items() if len(values) > 1} <= {"vary"}, (
                f"contradicts itself: {found}"
            )
            return Reply(said.status, {name: ", ".join(values) for name, values in found.items()}, said.read())

    def open(self, path: str, method: str = "GET", **fields: str | list[str]) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, values in fields.items():
            for value in [values] if isinstance(values, str) else values:
                connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection


@contextlib.contextmanager
def started(words: list[str], **given: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a program for as long as the block lasts, whatever happens in it."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **given) as program:
        try:
            yield program
        finally:
            program.kill()


def command(folder: Path, *arguments: str) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    """Run `newsletter serve` in a folder with a config.toml."""
    words = [sys.executable, "-m", "newsletter", "serve", *arguments]
    env = os.environ | {"TZ": "Pacific/Auckland"}
    return started(words, cwd=folder, env=env, stderr=subprocess.PIPE)


def port_of(program: subprocess.Popen[str]) -> int:
    """Return where a program that was started listens, as it says."""
    said = program.stdout.readline()
    match = re.search(r"http://127\.0\.0\.1:([0-9]+)/", said)
    assert match, said or program.stderr.read()
    return int(match[1])


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Run `newsletter serve` on what stands in a folder, on a port that is free."""
    with command(folder, "--port", "0") as program:
        yield Site(port_of(program), folder / "feeds")
        program.terminate()
        program.wait(timeout=30)


def publication(folder: Path, *, compress: bool = False, language: str = "fr") -> Path:
    """Write a publication with a built output folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'{CONFIG}language = "{language}"\n', encoding="utf-8")
    publish(folder / "feeds", compress=compress)
    return folder


def wait_for(port: int, program: subprocess.Popen[str], seconds: float = 30) -> None:
    """Wait until a server answers on a port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and program.poll() is None:
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
            line.request("GET", "/healthz")
            line.getresponse().read()
            return
        time.sleep(0.02)
    raise AssertionError(f"no answer on port {port}: {program.communicate()}")
