"""Odd words, odd terms and folders that refuse: valid feeds or one clear line, and no half file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import feedparser
from lxml import etree

from tests.flows.command import Desk

TITLES = [
    "Eau & énergie < 2 °C",
    "Le <b>gras</b> n’en est pas",
    "Elle dit « oui », \"non\" et 'peut-être'",
    "Fête 🎉 des voisins",
    "Prix\N{NO-BREAK SPACE}: 12\N{NARROW NO-BREAK SPACE}€",
    "سلام بالعالم",
    "Un titre \N{RIGHT-TO-LEFT OVERRIDE}renversé",
    "Cloche\x07 et fin\x00",
]
TERMS = ["CON", "..", "é/è", "a\\b", "NUL.txt", " ", "Éducation", "EDUCATION", "education "]


def readable(folder: Path) -> None:
    """Every document of the folder is one, to its end."""
    for path in folder.rglob("*.*"):
        if path.suffix in (".atom", ".rss", ".opml"):
            etree.parse(path)
        if path.suffix in (".atom", ".rss"):
            assert not feedparser.parse(path.read_bytes()).bozo, path
        if path.suffix == ".json":
            json.loads(path.read_bytes())


def test_odd_titles_stand_in_valid_feeds(desk: Desk) -> None:
    for number, title in enumerate(TITLES):
        keys = f"title: {json.dumps(title, ensure_ascii=False)}\ndate: 2024-03-26 10:{number:02}\n"
        desk.write(f"articles/{number}.md", f"---\n{keys}---\nUn texte.\n")
    desk.write("articles/sans-rien.md", "---\ntitle: Sans rien\n---\n")
    assert desk("import", "articles").code == 0
    assert desk("build").code == 0
    readable(desk.root / "feeds")
    shown = {entry.title for entry in feedparser.parse((desk.root / "feeds/all.atom").read_bytes()).entries}
    assert {"Eau & énergie < 2 °C", "Le <b>gras</b> n’en est pas", "Sans rien", "Fête 🎉 des voisins"} <= shown
    assert not any("\N{RIGHT-TO-LEFT OVERRIDE}" in title or "\x07" in title for title in shown)


def test_odd_terms_become_feeds_inside_the_folder(desk: Desk) -> None:
    for number, term in enumerate(TERMS):
        desk.write(
            f"articles/{number}.md",
            f"---\ntitle: Article {number}\ndate: 2024-03-26\ntheme: [{json.dumps(term)}]\n---\nUn texte.\n",
        )
    desk("import", "articles")
    assert desk("build").code == 0
    readable(desk.root / "feeds")
    names = {path.stem for path in (desk.root / "feeds/theme").glob("*.atom")}
    assert all(name and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names), names
    learnt = etree.parse(desk.root / "feeds/theme/education.atom").getroot()
    assert len(learnt.findall("{http://www.w3.org/2005/Atom}entry")) == 3, "one term, however it is written"
    assert not [path for path in desk.root.parent.iterdir() if path.name != "publication"]


def test_a_folder_that_refuses_is_one_clear_line(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    desk("build")
    before = (desk.root / "feeds/all.atom").read_bytes()
    desk.article("deux", body="Un texte pour les habitants. " * 400)
    desk("import", "articles")
    # What a full disk does: no file may grow beyond so many bytes. It holds for root too.
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from newsletter.cli import main; sys.argv = ['newsletter', 'build']; main()"
    )
    small = {"NEWSLETTER_DATABASE_URL": f"sqlite:///{desk.root}/newsletter.db"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=desk.root, env=os.environ | small, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("newsletter: ")]
    assert line
    assert (desk.root / "feeds/all.atom").read_bytes() == before
    assert not list((desk.root / "feeds").rglob("*.part"))
    assert desk("build").code == 0
    assert len(feedparser.parse((desk.root / "feeds/all.atom").read_bytes()).entries) == 2
