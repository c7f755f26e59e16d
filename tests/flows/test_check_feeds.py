"""``newsletter check --feeds``: nothing is said of what a build wrote, and every fault with its file and line."""

from __future__ import annotations

import errno
import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.command import CONFIG, Desk
from tests.flows.test_build_incremental import FILTERS, Office

SETTINGS = "\n[feeds]\nentries = 3\ncompress = true\n"
HISTORY = (
    ["import", "articles"],
    ["build"],
    ["articles", "hide", "articles/n7"],
    ["articles", "hide", "articles/n28"],
    ["terms", "rename", "theme/sport", "Sport et plein air"],
    ["build"],
)
KINDS = {".atom", ".rss", ".json", ".ics", ".opml", ".html"}


@pytest.fixture
def built(desk: Desk) -> Desk:
    """A publication with archives, an event, withdrawn articles and a term that was renamed."""
    desk.write("config.toml", CONFIG + SETTINGS)
    for number in range(40):
        theme = "Sport" if number % 2 else "Santé"
        desk.article(f"n{number}", theme=theme, date=f"2024-03-{1 + number % 28:02} 10:00")
    desk.article(
        "fete", type="Agenda", dates="2024-05-10 14:00", body="Voir [ailleurs](https://elsewhere.example.org/)."
    )
    for command in HISTORY:
        assert desk(*command).code == 0, command
    desk.article("vieux", date="2023-06-01 10:00")  # comes late: what it pushes aside stands in a feed and an archive
    assert desk("import", "articles").code == desk("build").code == 0
    return desk


def files(desk: Desk) -> int:
    return sum(path.suffix in KINDS for path in (desk.root / "feeds").rglob("*.*"))


def test_nothing_is_said_of_what_a_build_wrote(built: Desk) -> None:
    result = built("check", "--feeds")
    assert (result.code, result.out.splitlines()) == (0, [f"feeds: {files(built)} files, nothing to say"])
    assert list((built.root / "feeds/archive").rglob("*.atom"))
    assert list((built.root / "feeds").rglob("*.gz"))


def test_a_fault_is_one_line_with_its_place_and_what_to_do(built: Desk) -> None:
    feed = built.root / "feeds/theme/education.atom"
    feed.write_bytes(feed.read_bytes().replace(b'xml:lang="fr"', b'xml:lang="fr_FR"'))
    result = built("check", "--feeds")
    assert result.code == 1
    packed = "does not hold the bytes of theme/education.atom; `newsletter build --full` mends it"
    assert result.out.splitlines() == [
        "feeds/theme/education.atom:2: <feed> xml:lang 'fr_FR' is no language; write one such as fr or fr-FR",
        f"feeds/theme/education.atom.gz:0: {packed}",
        f"feeds: {files(built)} files, 2 to say",
    ]
    assert built("build", "--full").code == 0
    assert built("check", "--feeds").code == 0


def test_machines_read_it_as_json(built: Desk) -> None:
    assert built("check", "--feeds", "--json").data == {"output": "feeds", "files": files(built), "findings": []}
    (built.root / "feeds/all.rss").write_bytes(b"<rss/>")
    result = built("check", "--feeds", "--json")
    assert result.code == 1
    told = {"file": "feeds/all.rss", "line": 1, "what": "is no RSS feed; `newsletter build --full` writes it anew"}
    assert told in result.data["findings"]


def test_files_of_others_in_the_folder_are_their_affair(built: Desk) -> None:
    for name in ("autre.html", "autre.json", "theme/autre.atom", "archive/autre.atom"):
        built.write(f"feeds/{name}", "<rien")
    assert built("check", "--feeds").code == 0


def test_a_file_that_somebody_removed_is_missed_where_it_is_linked(built: Desk) -> None:
    (built.root / "feeds/articles/n3.html").unlink()
    found = built("check", "--feeds").out.splitlines()
    assert any("articles/n3.html, which is not there" in line for line in found)
    assert found[-1].startswith("feeds: ")


def test_a_gzip_that_is_none_is_told(built: Desk) -> None:
    (built.root / "feeds/all.rss.gz").write_bytes(b"no gzip")
    assert "feeds/all.rss.gz:0: does not hold the bytes of all.rss" in built("check", "--feeds").out


def test_a_file_that_cannot_be_read_is_one_line(built: Desk) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    built.monkeypatch.setattr(Path, "read_bytes", refuse)
    result = built("check", "--feeds")
    assert result.code == 1
    assert result.err == "newsletter: feeds/redirects.txt: cannot be read (Permission denied); see to the folder\n"


def test_a_link_that_leads_out_of_the_folder_is_told(built: Desk) -> None:
    (built.root / "feeds/books.db").symlink_to(built.root / "newsletter.db")
    (built.root / "feeds/tout.atom").symlink_to("all.atom")
    result = built("check", "--feeds")
    assert result.code == 1
    assert [line.partition(" ")[0] for line in result.out.splitlines()] == ["feeds/books.db:0:", "feeds:"]
    assert "is a link that leads out of the folder, and web servers may follow it; remove it" in result.out


@pytest.mark.parametrize("formats", [["atom"], ["rss", "ics"], ["json", "html"], ["html"], ["ics"]])
def test_nothing_is_said_whatever_the_formats(desk: Desk, formats: list[str]) -> None:
    desk.write("config.toml", f"{CONFIG}\n[feeds]\nformats = {formats}\n")
    desk.article("fete", type="Agenda", dates="2024-05-10 14:00")
    assert desk("import", "articles").code == desk("build").code == 0
    result = desk("check", "--feeds")
    assert result.code == 0, result.out


@pytest.mark.parametrize("seed", [1, 10])
def test_nothing_is_said_after_any_history(desk: Desk, seed: int) -> None:
    desk.write("config.toml", CONFIG + FILTERS)
    office = Office(desk, random.Random(seed))
    for _ in range(12):
        acts = [office.do() for _ in range(3)]
        office.run("build")
        result = desk("check", "--feeds", now=office.now.isoformat())
        assert (result.code, acts) == (0, acts), result.out
        office.now += timedelta(hours=26)


def test_a_date_to_come_is_told_by_the_clock_of_the_command(built: Desk) -> None:
    result = built("check", "--feeds", now="2024-03-20T09:00:00+01:00")
    assert result.code == 1
    assert "has a date to come" in result.out


def test_without_a_build_it_says_what_to_do(desk: Desk) -> None:
    result = desk("check", "--feeds")
    assert result.code == 1
    assert "newsletter: feeds: nothing was built there; run `newsletter build` first" in result.err


def test_the_books_are_not_opened(built: Desk) -> None:
    for path in built.root.glob("newsletter.db*"):
        path.unlink()
    assert built("check", "--feeds").code == 0
    assert not list(built.root.glob("newsletter.db*"))
