"""Who has a document already is told so, by RFC 9110 §13 and §8.8."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from tests.web.serving import FEED, Site

MOMENT = datetime(2024, 4, 2, 7, 0, 0, 500_000, tzinfo=UTC)
WRITTEN = "Tue, 02 Apr 2024 07:00:00 GMT"


@pytest.fixture(scope="module")
def tag(home: Site) -> str:
    """The ETag of a feed that was written at a known moment."""
    (home.root / "known.atom").write_text(FEED)
    os.utime(home.root / "known.atom", (MOMENT.timestamp(), MOMENT.timestamp()))
    said = home.ask("/known.atom")
    assert said.fields["last-modified"] == WRITTEN
    return said.fields["etag"]


def test_the_tag_is_strong_and_made_of_the_bytes_alone(home: Site, tag: str) -> None:
    assert tag.startswith('"')
    (home.root / "copy.rss").write_text(FEED)
    assert home.ask("/copy.rss").fields["etag"] == tag, "same bytes, other name and date"
    os.utime(home.root / "copy.rss", (MOMENT.timestamp(), MOMENT.timestamp()))
    assert home.ask("/copy.rss").fields["etag"] == tag
    (home.root / "new").write_text(FEED.replace("entry", "ENTRY"))
    os.utime(home.root / "new", (MOMENT.timestamp(), MOMENT.timestamp()))
    (home.root / "new").rename(home.root / "copy.rss")
    assert home.ask("/copy.rss").fields["etag"] != tag, "other bytes, same size and date"


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"a", "b"', 200),
        ('"a",TAG', 304),
        ("W/TAG", 304),
        ('W/"a" , W/TAG', 304),
        ("*", 304),
        ("", 200),
        ("UNQUOTED", 200),
        ('"a,TAG', 200),
        ("TAG-gzip", 200),
    ],
)
def test_if_none_match(home: Site, tag: str, known: str, status: int) -> None:
    known = known.replace("TAG-gzip", tag[:-1] + '-gzip"').replace("UNQUOTED", tag.strip('"')).replace("TAG", tag)
    assert home.ask("/known.atom", if_none_match=known).status == status


def test_if_none_match_on_several_lines(home: Site, tag: str) -> None:
    assert home.ask("/known.atom", if_none_match=['"a"', tag]).status == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (WRITTEN, 304),
        ("Tue, 02 Apr 2024 07:00:01 GMT", 304),
        ("Tue, 02 Apr 2024 06:59:59 GMT", 200),
        ("Tuesday, 02-Apr-24 07:00:00 GMT", 304),
        ("Tue Apr  2 07:00:00 2024", 304),
        ("yesterday", 200),
        ("", 200),
        ("1712041200", 200),
        ("Tue, 02 Apr 99999999 07:00:00 GMT", 200),
    ],
)
def test_if_modified_since(home: Site, tag: str, since: str, status: int) -> None:
    assert home.ask("/known.atom", if_modified_since=since).status == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"if_match": "TAG"}, 200),
        ({"if_match": '"a", TAG'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": "W/TAG"}, 412),
        ({"if_match": '"a"'}, 412),
        ({"if_unmodified_since": WRITTEN}, 200),
        ({"if_unmodified_since": "Tue, 02 Apr 2024 06:59:59 GMT"}, 412),
        ({"if_unmodified_since": "yesterday"}, 200),
        ({"if_match": "TAG", "if_unmodified_since": "Tue, 02 Apr 2024 06:59:59 GMT"}, 200),
        ({"if_match": '"a"', "if_none_match": "TAG"}, 412),
        ({"if_match": "TAG", "if_none_match": "TAG"}, 304),
        ({"if_none_match": '"a"', "if_modified_since": WRITTEN}, 200),
        ({"if_none_match": "TAG", "if_modified_since": "Tue, 02 Apr 2024 06:59:59 GMT"}, 304),
        ({"if_none_match": "TAG", "range": "bytes=0-1"}, 304),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_in_their_order(home: Site, tag: str, method: str, fields: dict[str, str], status: int) -> None:
    fields = {name: value.replace("TAG", tag) for name, value in fields.items()}
    assert home.ask("/known.atom", method, **fields).status == status


def test_a_304_says_what_caches_need_and_nothing_of_a_body(home: Site, tag: str) -> None:
    whole, said = home.ask("/known.atom"), home.ask("/known.atom", if_none_match=tag)
    dropped = {"content-type", "content-length", "accept-ranges"}
    assert said.fields | {"date": ""} == {k: v for k, v in whole.fields.items() if k not in dropped} | {"date": ""}


def test_a_connection_goes_on_after_answers_without_a_body(home: Site, tag: str) -> None:
    connection = home.open("/known.atom", if_none_match=tag)
    for method in ("HEAD", "GET"):
        assert connection.getresponse().read() == b""
        connection.request(method, "/all.atom")
    assert connection.getresponse().read() == FEED.encode()
    connection.close()


def test_a_date_to_come_is_not_told(home: Site) -> None:
    (home.root / "ahead.atom").write_text(FEED)
    ahead = datetime(2200, 1, 1, tzinfo=UTC)
    os.utime(home.root / "ahead.atom", (ahead.timestamp(), ahead.timestamp()))
    said = home.ask("/ahead.atom").fields
    assert parsedate_to_datetime(said["last-modified"]) <= parsedate_to_datetime(said["date"])
    assert all("date" in home.ask(path).fields for path in ("/healthz", "/absent", "/theme/papier.atom"))
    assert home.ask("/ahead.atom", if_modified_since=format_datetime(MOMENT, usegmt=True)).status == 200
