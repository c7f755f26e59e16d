"""``kill -9`` of a send: every reader gets exactly one copy, or stands in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.drill import describe, drill


@pytest.mark.crash
def test_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    report = drill(tmp_path, kills=20, readers=500, seed=7)
    print(describe(report))
    assert not list(report.complaints())
    assert report.kills == 20


@pytest.mark.crash
def test_two_senders_at_one_issue_share_it_through_kills(tmp_path: Path) -> None:
    report = drill(tmp_path, kills=6, readers=900, seed=7, senders=2)
    print(describe(report))
    assert not list(report.complaints())
    assert report.kills == 6
