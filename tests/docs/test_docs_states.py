"""docs/state-machine.md is drawn exactly as the ledger moves."""

from __future__ import annotations

import re

from newsletter.model import DeliveryState
from newsletter.store import ledger
from newsletter.store.moves import MOVES
from tests.docs.pages import blocks, codes, read, sections

PAGE = read("docs/state-machine.md")
ALLOWED = {(str(start), str(end)) for start, ends in MOVES.items() for end in ends}


def drawn() -> list[tuple[str, str]]:
    (drawing,) = blocks(PAGE, "mermaid")
    return re.findall(r"^ *(\S+) --> (\S+)", drawing, re.MULTILINE)


def table(heading: str) -> list[list[str]]:
    return next(section.rows() for section in sections(PAGE) if section.heading == heading)


def test_the_drawing_has_every_move_and_no_other() -> None:
    moves = [move for move in drawn() if "[*]" not in move]
    assert len(moves) == len(set(moves))
    assert set(moves) == ALLOWED


def test_the_drawing_begins_with_planned_and_ends_where_nothing_follows() -> None:
    assert [end for start, end in drawn() if start == "[*]"] == ["planned"]
    assert {start for start, end in drawn() if end == "[*]"} == {str(s) for s, ends in MOVES.items() if not ends}


def test_the_table_says_who_makes_each_move() -> None:
    told = [(row[0].strip("`"), row[1].strip("`")) for row in table("Who makes each move")]
    assert set(told) == ALLOWED
    assert len(told) == len(set(told))


def test_the_functions_named_are_the_ledger_s() -> None:
    for row in table("Who makes each move"):
        names = codes(row[3])
        assert names, row
        for name in names:
            assert callable(getattr(ledger, name)), name


def test_every_state_is_explained() -> None:
    assert [row[0].strip("`") for row in table("The states")] == [str(state) for state in DeliveryState]
