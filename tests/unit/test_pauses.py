"""Pauses in plain words: which dates lie in them."""

from __future__ import annotations

from datetime import date

import pytest

from newsletter import pauses
from newsletter.errors import ConfigError
from newsletter.pauses import parse


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("august", ["2026-08-01", "2027-08-31"], ["2026-07-31", "2026-09-01"]),
        ("Août", ["2026-08-15"], ["2026-09-01"]),
        ("02-29", ["2028-02-29"], ["2026-02-28", "2026-03-01"]),
        ("05-01", ["2026-05-01", "2030-05-01"], ["2026-05-02", "2026-04-30"]),
        ("2026-11-11", ["2026-11-11"], ["2027-11-11", "2026-11-10"]),
        ("12-24/01-02", ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"], ["2026-12-23", "2027-01-03"]),
        ("07-20/08-20", ["2026-07-20", "2027-08-20"], ["2026-07-19", "2026-08-21"]),
        ("2026-12-24/2027-01-02", ["2026-12-24", "2027-01-02"], ["2026-12-23", "2027-01-03", "2027-12-24"]),
    ],
)
def test_what_a_pause_covers(words: str, inside: list[str], outside: list[str]) -> None:
    pause = parse(words)
    assert [day for day in inside if not pause.covers(date.fromisoformat(day))] == []
    assert [day for day in outside if pause.covers(date.fromisoformat(day))] == []


@pytest.mark.parametrize(
    "words", ["", "summer", "13-01", "02-30", "2026-02-29", "8", "12-24/2027-01-02", "a/b", "05-01/"]
)
def test_what_is_not_understood_is_told_with_examples(words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(words)
    assert str(caught.value) == f"{words!r} is not understood; write one such as {pauses.EXAMPLES}"


def test_a_pause_that_ends_before_it_begins_is_told() -> None:
    with pytest.raises(ConfigError, match="ends before it begins"):
        parse("2027-01-02/2026-12-24")
