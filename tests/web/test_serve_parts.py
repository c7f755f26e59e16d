"""Parts of files (RFC 9110 §14), as players and broken downloads ask for them."""

from __future__ import annotations

import pytest

from tests.web.serving import PICTURE, PICTURE_BYTES, Site

SIZE = len(PICTURE_BYTES)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("Bytes = 100-", 100, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE * 2}", SIZE - 1, SIZE - 1),
        (f"bytes=1-{SIZE - 2}", 1, SIZE - 2),
    ],
)
def test_one_part_is_sent(home: Site, asked: str, first: int, last: int) -> None:
    said = home.ask(f"/{PICTURE}", range=asked)
    assert said.status == 206
    assert said.body == PICTURE_BYTES[first : last + 1]
    assert said.fields["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert said.fields["content-length"] == str(last - first + 1)
    assert said.fields["etag"] == home.ask(f"/{PICTURE}").fields["etag"]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0"])
def test_a_part_that_is_not_there(home: Site, asked: str) -> None:
    said = home.ask(f"/{PICTURE}", range=asked)
    assert (said.status, said.fields["content-range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=9-1", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "lines=0-9", "", "bytes=0-9;", f"bytes={'9' * 30}-"]
)
def test_what_makes_no_sense_or_asks_for_several_gets_the_whole(home: Site, asked: str) -> None:
    said = home.ask(f"/{PICTURE}", range=asked)
    assert (said.status, said.body) == (200, PICTURE_BYTES)


def test_a_part_only_of_what_the_client_has(home: Site) -> None:
    whole = home.ask(f"/{PICTURE}").fields
    for known, status in (
        (whole["etag"], 206),
        (whole["last-modified"], 206),
        (f"W/{whole['etag']}", 200),
        ('"other"', 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 200),
    ):
        assert home.ask(f"/{PICTURE}", range="bytes=0-9", if_range=known).status == status, known


def test_head_knows_no_parts(home: Site) -> None:
    said = home.ask(f"/{PICTURE}", "HEAD", range="bytes=0-9")
    assert (said.status, said.fields["content-length"]) == (200, str(SIZE))


def test_an_empty_file(home: Site) -> None:
    (home.root / "empty.txt").touch()
    assert (home.ask("/empty.txt").status, home.ask("/empty.txt").body) == (200, b"")
    assert home.ask("/empty.txt", range="bytes=0-").status == 416
