"""The phrases of docs/reference/configuration.md for cadences and pauses are understood, alike in both languages."""

from __future__ import annotations

import pytest

from newsletter import cadence, pauses
from tests.docs.pages import codes, read, sections

PAGE = {section.heading: section for section in sections(read("docs/reference/configuration.md"))}


@pytest.mark.parametrize("row", PAGE["Cadence"].rows(), ids=lambda row: codes(row[0])[0])
def test_the_phrases_of_a_row_mean_the_same(row: list[str]) -> None:
    phrases = [*codes(row[0]), *codes(row[1])]
    assert len(phrases) > 1
    assert len({cadence.parse(phrase) for phrase in phrases}) == 1


def test_the_time_without_a_time_is_told() -> None:
    assert f"Without a time it is {cadence.CLOCK:%H:%M}." in PAGE["Cadence"].text


def test_the_pauses_that_are_told_are_understood() -> None:
    told = [code.strip('"') for row in PAGE["Pauses"].rows() for code in codes(row[0])]
    assert len([pauses.parse(words) for words in told]) == 6
