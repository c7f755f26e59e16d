"""Random years agree with the oracle at every letter; each planted fault is noticed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from newsletter.store import arrivals, drafts, incoming, issues, ledger, revising
from newsletter.store.engine import Store
from newsletter.store.schema import arrival
from tests.year.world import World

YEARS = int(os.environ.get("NEWSLETTER_YEARS", "6"))


def live(folder: Path, seed: int, days: int = 365) -> World:
    store = Store.open(f"sqlite:///{folder / f'{seed}.db'}")
    try:
        world = World(store, seed)
        for _ in range(days):
            world.day()
        return world
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(YEARS))
def test_every_letter_of_a_year_is_what_the_oracle_owes(tmp_path: Path, seed: int) -> None:
    world = live(tmp_path, seed)
    assert world.seen["run"] > 20
    assert world.seen["sent"] > 30


def noticed(folder: Path) -> bool:
    """Tell whether the oracle disagrees with the program in any of a few years."""
    for seed in (103, 100, 101, 102, 104, 105):
        try:
            live(folder, seed)
        except AssertionError:
            return True
    return False


def test_an_edit_that_arrives_again_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite = revising.rewrite

    def rewrite_anew(connection: Any, key: int, *rest: Any, **also: Any) -> None:
        connection.execute(arrival.delete().where(arrival.c.article == key, arrival.c.taxonomy == ""))
        rewrite(connection, key, *rest, **also)

    for module in (incoming, revising):
        monkeypatch.setattr(module, "rewrite", rewrite_anew)
    # What was received is not sent again, so only readers who joined since, or were never due, would show it.
    assert noticed(tmp_path)


def test_a_folded_row_that_is_also_sent_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "fold", lambda *_: 0)
    assert noticed(tmp_path)


def test_a_lost_embargoed_article_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "due", lambda *_: [])
    assert noticed(tmp_path)


def keeping(monkeypatch: pytest.MonkeyPatch, shown: bool) -> None:
    """Plant: what went away over a run and comes back keeps its old number."""
    settle = arrivals.settle

    def forgetful(connection: Any, given: Any, *rest: Any) -> None:
        true = list(given)
        back = arrival.c.taxonomy == "" if shown else arrival.c.taxonomy != ""
        gone = (arrival.c.article.in_([key for key, *_ in true]), arrival.c.gone.is_not(None), back)
        connection.execute(arrival.update().where(*gone).values(gone=arrivals.last_run(connection)))
        settle(connection, true, *rest)

    monkeypatch.setattr(arrivals, "settle", forgetful)


def test_one_hidden_over_a_run_and_shown_again_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping(monkeypatch, shown=True)
    assert noticed(tmp_path)


def test_a_term_that_went_and_came_back_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping(monkeypatch, shown=False)
    assert noticed(tmp_path)


def test_a_flash_letter_that_is_repeated_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "flashed", lambda *_: set())
    assert noticed(tmp_path)


def test_one_that_was_kept_out_and_comes_back_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "excluded", lambda *_: {})
    assert noticed(tmp_path)


def test_a_correction_that_is_told_twice_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "frozen_since", lambda *_: {})
    assert noticed(tmp_path)
