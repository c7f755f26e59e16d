"""`newsletter serve`, and nginx and Caddy with the configurations of examples/, say the same of one folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.feeds import redirects
from newsletter.pipeline.output import Output
from newsletter.web import kinds
from tests.web.serving import DOCUMENTS, MOVED, PICTURE, PICTURE_BYTES, Site, publication, served, started, wait_for

CHECKOUT = Path(__file__).resolve().parents[2]
# One process: it keeps the rights of who runs the tests, and ends with them.
NGINX = """
daemon off;
master_process off;
error_log FOLDER/error.log;
pid FOLDER/nginx.pid;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/newsletter.conf;
}
"""


def without_server(name: str) -> None:
    """Skip aloud where a web server is missing; where CI is true that is a failure."""
    told = f"no {name} (Debian: apt-get install {name})"
    if os.environ.get("CI") == "true":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def example(path: str, feeds: Path, **replaced: str) -> str:
    """Return a configuration as it stands in examples/, with our folder and address in it."""
    text = (CHECKOUT / "examples" / path).read_text(encoding="utf-8")
    for old, new in {"/srv/publication/feeds": str(feeds), **replaced}.items():
        assert old in text
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def running(words: list[str], port: int, feeds: Path, folder: Path) -> Iterator[Site]:
    home = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with started(words, env=home, stderr=subprocess.STDOUT) as program:
        wait_for(port, program)
        yield Site(port, feeds)
        program.terminate()
        program.communicate(timeout=30)


@contextlib.contextmanager
def nginx(publication: Path, folder: Path) -> Iterator[Site]:
    feeds, port = publication / "feeds", free_port()
    listens = {"listen 80;": f"listen 127.0.0.1:{port};", "    listen [::]:80;\n": ""}
    (folder / "newsletter.conf").write_text(example("nginx/newsletter.conf", feeds, **listens), encoding="utf-8")
    (folder / "nginx.conf").write_text(NGINX.replace("FOLDER", str(folder)), encoding="utf-8")
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or without_server("nginx")
    with running([str(path), "-p", str(folder), "-c", str(folder / "nginx.conf")], port, feeds, folder) as site:
        yield site


@contextlib.contextmanager
def caddy(publication: Path, folder: Path) -> Iterator[Site]:
    feeds, port = publication / "feeds", free_port()
    text = example("caddy/Caddyfile", feeds, **{"\nwww.example.org {": f"\nhttp://127.0.0.1:{port} {{"})
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    path = shutil.which("caddy") or without_server("caddy")
    with running([str(path), "run", "--config", str(folder / "Caddyfile")], port, feeds, folder) as site:
        yield site


@contextlib.contextmanager
def ours(publication: Path, folder: Path) -> Iterator[Site]:
    with served(publication) as site:
        yield site


Starts = Callable[[Path, Path], contextlib.AbstractContextManager[Site]]


EVERY = [
    pytest.param((ours, True), id="newsletter"),
    pytest.param((ours, False), id="newsletter-on-the-fly"),
    pytest.param((nginx, True), id="nginx", marks=pytest.mark.servers),
    pytest.param((nginx, False), id="nginx-on-the-fly", marks=pytest.mark.servers),
    pytest.param((caddy, True), id="caddy", marks=pytest.mark.servers),
]
"""Caddy packs what a build has packed, and nothing on the fly: older ones give that the ETag of the plain document."""


@contextlib.contextmanager
def carried(start: Starts, compress: bool, folder: Path) -> Iterator[Site]:
    made = publication(folder / "publication", compress=compress)
    (made / "feeds" / "outside.html").symlink_to(made / "config.toml")
    with start(made, folder) as site:
        yield site


@pytest.fixture(scope="module", params=EVERY)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that carries an output folder."""
    start, compress = request.param
    with carried(start, compress, tmp_path_factory.mktemp("carried")) as running:
        yield running


@pytest.mark.parametrize("path", [*DOCUMENTS, ""])
def test_a_document_is_sent_as_it_is_with_its_media_type(site: Site, path: str) -> None:
    said = site.ask(f"/{path}")
    assert said.status == 200
    assert said.body == DOCUMENTS[path or "index.html"].encode()
    assert said.fields["content-type"] == kinds.media_type(path or "index.html")
    assert said.fields["content-length"] == str(len(said.body))
    assert said.fields["x-content-type-options"] == "nosniff"
    assert said.fields["referrer-policy"] == "strict-origin-when-cross-origin"
    assert said.fields["cache-control"] == "public, max-age=300"
    assert said.varies == {"accept-encoding"}
    assert not {"set-cookie", "content-encoding", "expires"} & said.fields.keys()


def test_feeds_are_for_every_site_and_pages_for_themselves(site: Site) -> None:
    for path in DOCUMENTS:
        page = path.endswith(".html")
        said = site.ask(f"/{path}").fields
        assert said.get("access-control-allow-origin") == (None if page else "*"), path
        assert said.get("content-security-policy") == (kinds.POLICY if page else None), path
    assert site.ask("/").fields["content-security-policy"] == kinds.POLICY


def test_media_are_fresh_for_a_year(site: Site) -> None:
    said = site.ask(f"/{PICTURE}", accept_encoding="gzip")
    assert (said.status, said.body) == (200, PICTURE_BYTES)
    assert said.fields["content-type"] == "image/jpeg"
    assert said.fields["cache-control"] == "public, max-age=31536000, immutable"
    assert not said.varies
    assert "immutable" not in site.ask("/media/0123456789abcdef/absent.jpg").fields.get("cache-control", "")


@pytest.mark.parametrize("path", ["/all.atom", "/", f"/{PICTURE}"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_who_has_it_gets_304_without_a_body(site: Site, path: str, coding: str) -> None:
    first = site.ask(path, accept_encoding=coding)
    tag = first.fields["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag.removeprefix('W/')}", "*"):
        again = site.ask(path, accept_encoding=coding, if_none_match=known)
        assert (again.status, again.body) == (304, b""), known
        assert again.varies == first.varies
        # nginx says of a weak tag only what counts when two are compared (RFC 9110 §8.8.3.2).
        assert again.fields["etag"].removeprefix("W/") == tag.removeprefix("W/")
        for name in ("cache-control", "access-control-allow-origin", "x-content-type-options"):
            assert again.fields.get(name) == first.fields.get(name), name
        assert "content-encoding" not in again.fields
    assert site.ask(path, accept_encoding=coding, if_none_match='"other"').status == 200
    again = site.ask(path, accept_encoding=coding, if_modified_since=first.fields["last-modified"])
    assert (again.status, again.body) == (304, b"")
    older = "Sun, 06 Nov 1994 08:49:37 GMT"
    assert site.ask(path, accept_encoding=coding, if_modified_since=older).status == 200


def test_the_tag_wins_over_the_date(site: Site) -> None:
    first = site.ask("/all.atom")
    since = first.fields["last-modified"]
    assert site.ask("/all.atom", if_none_match='"other"', if_modified_since=since).status == 200


@pytest.mark.parametrize("path", [*DOCUMENTS, ""])
def test_gzip_is_the_same_document_with_a_tag_of_its_own(site: Site, path: str) -> None:
    plain, packed = site.ask(f"/{path}"), site.ask(f"/{path}", accept_encoding="br, gzip;q=0.8")
    assert packed.fields["content-encoding"] == "gzip"
    assert packed.unpacked == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.fields["etag"] != plain.fields["etag"]
    assert packed.fields["last-modified"] == plain.fields["last-modified"]
    assert packed.varies == plain.varies
    for name in ("content-type", "cache-control", "x-content-type-options", "content-security-policy"):
        assert packed.fields.get(name) == plain.fields.get(name), name
    if not packed.fields["etag"].startswith("W/"):
        assert site.ask(f"/{path}", accept_encoding="identity", if_none_match=packed.fields["etag"]).status == 200


@pytest.mark.parametrize("wish", ["gzip;q=0", "br", "identity", "gzip;q=0.000, identity"])
def test_who_cannot_read_gzip_gets_none(site: Site, wish: str) -> None:
    said = site.ask("/all.atom", accept_encoding=wish)
    assert "content-encoding" not in said.fields
    assert said.body == DOCUMENTS["all.atom"].encode()


@pytest.mark.parametrize("path", ["/all.atom", "/", f"/{PICTURE}", "/absent.atom", "/theme/papier.atom"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_says_what_get_says(site: Site, path: str, coding: str) -> None:
    got, head = site.ask(path, accept_encoding=coding), site.ask(path, "HEAD", accept_encoding=coding)
    assert head.body == b""
    assert head.status == got.status
    # What is only known when the body is made may be left out (RFC 9110 §9.3.2).
    differs = {name for name, value in got.fields.items() if head.fields.get(name) != value and name != "date"}
    assert differs <= {"content-length", "transfer-encoding"}
    assert head.fields.get("content-length", len(got.body)) in (len(got.body), str(len(got.body)))


LEADS = redirects.from_text(redirects.as_text(MOVED))


@pytest.mark.parametrize("old", LEADS)
def test_former_addresses_lead_to_the_present_ones(site: Site, old: str) -> None:
    for asked in (old, old.replace("/a", "/%61").replace("/t", "/%74")):
        said = site.ask(asked)
        assert said.status == (410 if LEADS[old] == redirects.GONE else 301)
        assert said.fields.get("location") == (None if LEADS[old] == redirects.GONE else LEADS[old])
        shared = "*" if old.endswith(".atom") else None
        assert said.fields.get("access-control-allow-origin") == shared
        assert said.fields["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/absent.atom",
        "/.newsletter-files",
        "/%2enewsletter-files",
        "/theme/../.newsletter-files",
        "/theme",
        "/theme/",
        "/media/",
        "/media/0123456789abcdef/",
        "/../config.toml",
        "/theme/../../config.toml",
        "/%2e%2e/config.toml",
        "/theme/%2e%2e/%2e%2e/config.toml",
        "/..%2fconfig.toml",
        "/all.atom%00.html",
        f"/{'x' * 3000}.atom",
        "/all.atom/",
        "/all.atom/x",
        "/%ff.atom",
    ],
)
def test_what_is_not_published_is_not_there(site: Site, path: str) -> None:
    said = site.ask(path)
    # Some servers call an address bad (400) where others find nothing.
    assert said.status in ((404, 400) if "%00" in path or ".." in path or "%2e%2e" in path else (404,))
    assert "Trois Rivi" not in said.body.decode("utf-8", "replace").partition("<main>")[2]
    assert "site.url" not in said.body.decode("utf-8", "replace")
    assert "sante.atom" not in said.body.decode("utf-8", "replace")


@pytest.mark.parametrize("start", [ours, pytest.param(nginx, marks=pytest.mark.servers)])
def test_a_link_out_of_the_folder_leads_nowhere(start: Starts, tmp_path: Path) -> None:
    with carried(start, False, tmp_path) as site:
        assert site.ask("/outside.html").status == 404


@pytest.mark.parametrize("path", ["/all.atom", "/absent.atom", "/theme/papier.atom"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(site: Site, path: str, method: str) -> None:
    said = site.ask(path, method, content_length="0")
    assert said.status == 405
    assert said.fields["allow"] == "GET, HEAD"


def test_a_part_of_a_file_is_sent(site: Site) -> None:
    size = len(PICTURE_BYTES)
    for asked, part in (("0-99", slice(0, 100)), ("1000000-", slice(1000000, size)), ("-7", slice(size - 7, size))):
        said = site.ask(f"/{PICTURE}", range=f"bytes={asked}")
        assert said.status == 206
        assert said.body == PICTURE_BYTES[part]
        assert said.fields["content-range"] == f"bytes {part.start}-{part.stop - 1}/{size}"
    assert site.ask(f"/{PICTURE}").fields["accept-ranges"] == "bytes"
    beyond = site.ask(f"/{PICTURE}", range=f"bytes={size}-")
    assert (beyond.status, beyond.fields["content-range"]) == (416, f"bytes */{size}")
    tag = site.ask(f"/{PICTURE}").fields["etag"]
    assert site.ask(f"/{PICTURE}", range="bytes=0-99", if_range=tag).status == 206
    assert site.ask(f"/{PICTURE}", range="bytes=0-99", if_range='"other"').body == PICTURE_BYTES


def test_it_says_that_it_is_there(site: Site) -> None:
    said = site.ask("/healthz")
    assert (said.status, said.body) == (200, b"ok\n")


def test_what_a_build_replaces_is_seen_at_once(site: Site) -> None:
    output = Output(site.root, compress=True)
    for text in ("<feed>un</feed>\n" * 40, "<feed>deux</feed>\n" * 40):
        before = {coding: site.ask("/replaced.atom", accept_encoding=coding) for coding in ("gzip", "identity")}
        output.write("replaced.atom", text.encode())
        for coding, old in before.items():
            known = {"if_none_match": old.fields["etag"]} if old.status == 200 else {}
            assert site.ask("/replaced.atom", accept_encoding=coding, **known).unpacked == text.encode()
