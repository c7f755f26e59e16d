"""gzip for who reads it (RFC 9110 §12.5.3): the one that a build wrote where it is not older than its document."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from newsletter.pipeline.output import Output
from newsletter.web.coding import wants_gzip
from tests.web.serving import FEED, PICTURE, Site, publication, served


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("*", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("gzip ; q=0.001", True),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("br;q=1, gzip;q=0.1", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("*;q=0", False),
        ("*, gzip;q=0", False),
        ("gzip;q=0.4, identity;q=0.5", False),
        ("gzip;q=2", False),
        ("gzip;q=a", False),
        ("gzipped", False),
        (",,;", False),
    ],
)
def test_what_clients_accept(home: Site, accepted: str, packed: bool) -> None:
    assert wants_gzip(accepted) is packed
    said = home.ask("/all.atom", accept_encoding=accepted)
    assert ("content-encoding" in said.fields) is packed
    assert said.unpacked == FEED.encode()
    assert said.fields["content-length"] == str(len(said.body))


def test_wishes_on_two_lines_are_one_wish(home: Site) -> None:
    assert home.ask("/all.atom", accept_encoding=["br", "gzip"]).fields["content-encoding"] == "gzip"


def test_pictures_and_files_are_sent_as_they_are(home: Site) -> None:
    (home.root / f"{PICTURE}.gz").write_bytes(gzip.compress(b"other"))
    assert "content-encoding" not in home.ask(f"/{PICTURE}", accept_encoding="gzip").fields


def test_two_servers_pack_alike(home: Site, tmp_path: Path) -> None:
    one = home.ask("/all.atom", accept_encoding="gzip")
    with served(publication(tmp_path / "publication")) as other:
        two = other.ask("/all.atom", accept_encoding="gzip")
    assert (one.body, one.fields["etag"]) == (two.body, two.fields["etag"])
    assert one.body[4:8] == bytes(4), "it says no time (RFC 1952 §2.3)"


def test_what_a_build_packed_is_sent_as_it_is(home: Site) -> None:
    Output(home.root, compress=True).write("packed.atom", FEED.encode())
    said = home.ask("/packed.atom", accept_encoding="gzip")
    assert said.body == (home.root / "packed.atom.gz").read_bytes()
    assert said.fields["last-modified"] == home.ask("/packed.atom").fields["last-modified"]
    assert said.fields["content-type"] == "application/atom+xml; charset=utf-8"
    assert said.fields["vary"] == "Accept-Encoding"


def test_what_was_packed_before_the_document_changed_is_not_sent(home: Site) -> None:
    (home.root / "stale.atom.gz").write_bytes(gzip.compress(b"<feed>hier</feed>"))
    os.utime(home.root / "stale.atom.gz", (10**9, 10**9))
    (home.root / "stale.atom").write_bytes(b"<feed>aujourd'hui</feed>")
    assert home.ask("/stale.atom", accept_encoding="gzip").unpacked == b"<feed>aujourd'hui</feed>"


def test_what_stands_packed_without_its_document_is_not_that_document(home: Site) -> None:
    (home.root / "alone.atom.gz").write_bytes(gzip.compress(FEED.encode()))
    assert home.ask("/alone.atom", accept_encoding="gzip").status == 404
