"""In any history, what `why` says of an article is what was really sent, and what it foretells is what comes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from newsletter.digest.reasons import Answer, Reason, decide
from newsletter.pipeline import explaining, rehearsing
from newsletter.store import articles, audience, readings
from newsletter.store.engine import Store
from tests.year.world import Member, World

SEEDS = int(os.environ.get("NEWSLETTER_YEARS", "2"))
RECEIVED = {Reason.SENT, Reason.RECEIVED}
OFFERED = {Reason.NEXT, Reason.REFUSED, Reason.OPEN}
"""Reasons that an article may have which the next letter holds: what was refused, or is folded, is offered again."""


class Asking(World):
    """A world in which somebody asks why, before every run and after it."""

    def __init__(self, store: Store, seed: int) -> None:
        super().__init__(store, seed)
        self.told: Counter[Reason] = Counter()

    def why(self, member: Member, article: str) -> Answer:
        with self.store.read() as connection:
            key, mine = articles.find(connection, article), audience.get(connection, member.id)
        facts = explaining.gather(self.publication, key, member.address, member.list, mine, "")
        answer = decide(facts, str)
        assert answer.sentence
        self.told[answer.reason] += 1
        return answer

    def some(self) -> list[str]:
        known = list(self.records)
        return self.dice.sample(known, min(4, len(known)))

    def run(self, name: str) -> None:
        asked = {
            (member.id, article): self.why(member, article)
            for member in self.members
            if member.list == name
            for article in self.some()
        }
        before = set(self.rows)
        super().run(name)
        new = {row.member.id: row.picks for key, row in self.rows.items() if key not in before}
        for (member_id, article), answer in asked.items():
            comes = article in new.get(member_id, ())
            assert not comes or answer.reason in OFFERED, (answer, article)
            assert comes or answer.reason is not Reason.NEXT, (answer, article)
        self.look_back(name)

    def look_back(self, name: str) -> None:
        for member in self.members:
            if member.list != name:
                continue
            mine = [row for row in self.rows.values() if row.member is member]
            for article in self.some():
                reason = self.why(member, article).reason
                states = {row.status for row in mine if article in row.picks}
                if reason is Reason.CORRECTED:
                    assert states & {"reached", "doubt"}, states
                    continue
                assert (reason in RECEIVED) == ("reached" in states), (reason, states)
                if states == {"doubt"}:
                    assert reason is Reason.DOUBT
                if states == {"open"}:
                    assert reason is Reason.OPEN


def live(folder: Path, seed: int, days: int) -> Asking:
    store = Store.open(f"sqlite:///{folder / 'year.db'}")
    try:
        world = Asking(store, seed)
        for _ in range(days):
            world.day()
        return world
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_why_agrees_with_what_was_sent(tmp_path: Path, seed: int) -> None:
    told = live(tmp_path, seed, days=40).told
    assert {Reason.NEXT, Reason.SENT} <= set(told)
    assert told[Reason.PASSED] < told.total() / 10, "the last resort is rare"


def noticed(folder: Path) -> str:
    """Return what is said of the first of a few random histories in which `why` and the letters disagree."""
    for seed in range(6):
        (folder / str(seed)).mkdir()
        try:
            live(folder / str(seed), seed, days=120)
        except AssertionError as disagreed:
            return str(disagreed)
    return ""


def test_a_why_that_does_not_look_at_the_rows_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "holding", lambda *_: [])
    said = noticed(tmp_path)
    assert "reached" in said or "OPEN" in said


def test_a_why_that_knows_no_weeks_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "calendar", SimpleNamespace(first_in_period=lambda *_: True))
    assert "will be in the next letter" in noticed(tmp_path)
