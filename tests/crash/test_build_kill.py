"""``kill -9`` of a build: every file is whole, and the next build is right."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lxml import etree

from tests.flows.command import CONFIG, contents

OWN = {".newsletter-built", ".newsletter-files", ".newsletter-lock"}
ENVIRONMENT = {"NEWSLETTER_NOW": "2024-04-02T09:00:00+02:00"}
LONG = 60
"""Seconds after which a process counts as stuck."""


def newsletter(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "newsletter", "--config", str(root / "config.toml"), *arguments]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=root, env=os.environ | ENVIRONMENT, stdout=quiet, stderr=quiet)


def written(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def killed(root: Path, after: int) -> bool:
    """Kill a build once it wrote so many files; tells whether it was alive."""
    process = newsletter(root, "build", "--full")
    before, until = written(root / "feeds"), time.monotonic() + LONG
    while process.poll() is None and written(root / "feeds") < before + after and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    return process.wait(LONG) == -signal.SIGKILL


def assert_whole(folder: Path) -> None:
    """Every file that a reader could fetch can be read to its end."""
    for path in folder.rglob("*.*"):
        if path.suffix in (".atom", ".rss", ".opml"):
            etree.parse(path)
        elif path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".html":
            assert path.read_bytes().rstrip().endswith(b"</html>"), path


def published(root: Path) -> dict[str, bytes]:
    return {path: data for path, data in contents(root / "feeds").items() if path not in OWN}


@pytest.mark.crash
def test_a_killed_build_leaves_whole_files_and_the_next_one_is_right(tmp_path: Path) -> None:
    dice, root = random.Random(3), tmp_path / "publication"
    (root / "articles").mkdir(parents=True)
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    for number in range(120):
        head = f"title: Article {number}\ndate: 2024-03-{1 + number % 28:02}\ntheme: Santé\n"
        (root / f"articles/{number}.md").write_text(f"---\n{head}---\nUn texte.\n", encoding="utf-8")
    assert newsletter(root, "import", "articles").wait(LONG) == 0
    kills = 0
    for _ in range(6):
        kills += killed(root, dice.randrange(1, 60))
        assert_whole(root / "feeds")
        for path in (root / "feeds").rglob("*.*"):
            if path.name not in OWN and path.is_file() and dice.random() < 0.8:
                path.unlink()
    assert kills == 6
    assert newsletter(root, "build").wait(LONG) == 0
    after_kills = published(root)
    for path in (root / "feeds").rglob("*"):
        if path.is_file():
            path.unlink()
    assert newsletter(root, "build", "--full").wait(LONG) == 0
    assert published(root) == after_kills
