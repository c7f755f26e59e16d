"""The command line's publication, for every flow that wants one."""

from pathlib import Path

import pytest

from tests.flows.command import CONFIG, Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A publication with its configuration and nothing else."""
    monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)
    made = Desk(tmp_path / "publication", monkeypatch, capsys)
    made.write("config.toml", CONFIG)
    return made
