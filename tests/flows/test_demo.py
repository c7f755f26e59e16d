"""`make demo`, on a copy: what README promises is what happens, twice the same, and no link of a letter is dead."""

from __future__ import annotations

import email
import email.policy
import mailbox
import re
import shutil
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from newsletter.configfile import load
from newsletter.pipeline.checking import check_feeds

CHECKOUT = Path(__file__).resolve().parents[2]
SITE = "https://www.troisrivieres.example.org/"
ACTING = ("unsubscribe/", "preferences/")
"""Pages that only a running web server has."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    for name in ("articles", "examples"):
        shutil.copytree(CHECKOUT / name, folder / name)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = (CHECKOUT / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(re.sub("port = [0-9]+", f"port = {port}", settings), encoding="utf-8")
    run(folder)
    return folder


def run(folder: Path) -> str:
    command = [sys.executable, str(folder / "examples" / "demo.py")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def letters(folder: Path) -> dict[str, str]:
    """Return the HTML of every letter in the local mailbox, by its reader."""
    found = {}
    for message in mailbox.Maildir(folder / "demo" / "maildir", create=False):
        parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        part = parsed.get_body(("html",))
        assert part is not None
        assert parsed["To"] not in found, "one letter a reader"
        found[str(parsed["To"])] = part.get_content()
    return found


def test_readers_of_different_topics_get_different_letters(demo: Path) -> None:
    found = letters(demo)
    assert len(found) == 27
    # Who chose nothing gets everything; who chose one theme does not.
    everything, some = found["lectrice01@example.org"], found["lectrice03@example.org"]
    assert everything.count("<h3") > some.count("<h3") > 0


def test_no_link_of_a_letter_is_dead(demo: Path) -> None:
    for page in letters(demo).values():
        own = {url for url in re.findall(r'(?:href|src)="([^"]+)"', page) if url.startswith(SITE)}
        paths = {unquote(url.removeprefix(SITE)) for url in own}
        assert any(path.startswith("articles/") for path in paths)
        missing = [path for path in paths if not path.startswith(ACTING) and not (demo / "feeds" / path).is_file()]
        assert not missing


def test_what_it_says_to_open_is_there_and_a_second_demo_writes_the_same(demo: Path) -> None:
    before = {path: path.read_bytes() for path in (demo / "feeds").rglob("*") if path.is_file()}
    said = run(demo)
    named = re.findall(r"^  (feeds/\S+|demo/\S+)", said, re.MULTILINE)
    assert len(named) == 6
    assert all((demo / path).exists() for path in named)
    assert "0 written" in said
    assert {path: path.read_bytes() for path in (demo / "feeds").rglob("*") if path.is_file()} == before


def test_no_validator_would_have_anything_to_say_of_the_demo(demo: Path) -> None:
    config = load(demo / "config.toml")
    checked = check_feeds(config, datetime.fromisoformat("2024-04-02T09:00:00+02:00"))
    assert checked.told == ()
    assert checked.files > 150
