"""A build that makes only what is stale leaves the folder as one that makes everything anew, whatever came before."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from newsletter.configfile import load
from newsletter.feeds.tree import tree as feeds_of
from newsletter.pipeline import opening
from newsletter.pipeline.building import build
from newsletter.pipeline.documents import Build
from newsletter.pipeline.publication import Publication
from newsletter.store.schema import delivery
from tests.flows.command import CONFIG, NOW, Desk, contents, tree

OWN = {".newsletter-built", ".newsletter-files", ".newsletter-lock"}
NAMES = 8
THEMES = ["Santé", "Éducation", "Sport", "Habitat"]
FILTERS = """
[feeds]
entries = 3
[feeds.filters.sante-agenda]
title = "Santé, agenda"
filter = { theme = ["sante"], type = ["agenda"] }
archive = true
"""


def published(root: Path) -> dict[str, bytes]:
    """What people can see of an output folder; files of media stay for good, so that two folders may differ in them."""
    return {
        path: data
        for path, data in contents(root / "feeds").items()
        if path not in OWN and not path.startswith("media/")
    }


def touched(root: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every published file, with when it was written."""
    return {path: facts for path, facts in tree(root / "feeds").items() if path not in OWN}


def anew(desk: Desk, now: str) -> dict[str, bytes]:
    """What a copy of the publication publishes that forgets all that was built."""
    copy = desk.root.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(desk.root, copy, ignore=shutil.ignore_patterns("feeds"))
    other = Desk(copy, desk.monkeypatch, desk.capsys)
    assert other("build", "--full", now=now).code == 0
    return published(copy)


def send(desk: Desk, now: str) -> None:
    """Open an issue and let everyone have it, as a send does."""
    publication = Publication(load(desk.root / "config.toml"), desk.store(), datetime.fromisoformat(now))
    opened = opening.open_run(publication, "lettre").issue
    if opened:
        with publication.store.write() as connection:
            connection.execute(delivery.update().where(delivery.c.issue == opened.id).values(state="sent"))
    publication.store.close()


ATOM = "{http://www.w3.org/2005/Atom}"


def told(root: Path) -> dict[str, tuple[datetime, list[tuple[str, str]]]]:
    """What each Atom document says of its own date, and its entries with theirs."""
    found = {}
    for path, data in published(root).items():
        if path.endswith(".atom"):
            feed = etree.fromstring(data)
            entries = [
                (each.findtext(f"{ATOM}id"), each.findtext(f"{ATOM}updated")) for each in feed.iter(f"{ATOM}entry")
            ]
            found[path] = (datetime.fromisoformat(feed.findtext(f"{ATOM}updated")), entries)
    return found


class Office:
    """Staff who do what they like, day by day."""

    def __init__(self, desk: Desk, dice: random.Random) -> None:
        self.desk, self.dice = desk, dice
        self.now = datetime.fromisoformat("2024-04-02T09:00:00+02:00")

    def do(self) -> str:
        """Let something happen; tells what."""
        often: list[Callable[[], None]] = [self.write, self.remove, self.hide, self.show_again, self.edit, self.send]
        rarely: list[Callable[[], None]] = [self.rename, self.merge, self.relabel, self.configure]
        act = self.dice.choice(often if self.dice.random() < 0.9 else rarely)
        act()
        return act.__name__

    def run(self, *arguments: str) -> None:
        self.desk(*arguments, now=self.now.isoformat())

    def name(self) -> str:
        return f"n{self.dice.randrange(NAMES)}"

    def write(self) -> None:
        date = self.now + timedelta(days=self.dice.choice([-9, -2, -1, 0, 1]), hours=-1)
        keys = {"date": f"{date:%Y-%m-%d %H:%M}", "theme": f"[{', '.join(self.dice.sample(THEMES, 2))}]"}
        if self.dice.random() < 0.3:
            keys |= {"type": "Agenda", "dates": f"{date + timedelta(days=30):%Y-%m-%d} 14:00"}
        if self.dice.random() < 0.2:
            keys["state"] = self.dice.choice(["draft", "hidden"])
        self.desk.article(self.name(), body=f"Texte {self.dice.random()}.", **keys)
        self.run("import", "articles")

    def fill(self) -> None:
        for number in range(NAMES):
            self.desk.article(f"n{number}", theme=f"[{', '.join(self.dice.sample(THEMES, 2))}]")
        self.run("import", "articles")

    def remove(self) -> None:
        (self.desk.root / f"articles/{self.name()}.md").unlink(missing_ok=True)
        self.run("import", "articles", "--withdraw")

    def hide(self) -> None:
        self.run("articles", "hide", f"articles/{self.name()}")

    def show_again(self) -> None:
        self.run("articles", "show-again", f"articles/{self.name()}")

    def edit(self) -> None:
        self.run("articles", "edit", f"articles/{self.name()}", "--title", f"Titre {self.dice.random()}")

    def rename(self) -> None:
        self.run("terms", "rename", "theme/sport", f"Sport {self.dice.randrange(3)}")

    def merge(self) -> None:
        self.run("terms", "merge", "theme/habitat", "theme/sante")

    def send(self) -> None:
        send(self.desk, self.now.isoformat())

    def relabel(self) -> None:
        label = f"Santé {self.dice.randrange(3)}"
        self.desk.write("config.toml", CONFIG.replace('label = "Santé"', f'label = "{label}"') + FILTERS)

    def configure(self) -> None:
        filters = self.dice.choice(["", FILTERS, FILTERS.replace("entries = 3", "entries = 5")])
        self.desk.write("config.toml", CONFIG + filters)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_history_both_ways_of_building_agree(desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.store.entries.VOLUME", 2)
    office = Office(desk, random.Random(seed))
    desk.write("config.toml", CONFIG + FILTERS)
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "papier").code == 0
    office.fill()
    done: list[str] = []
    known: dict[str, tuple[datetime, list[tuple[str, str]]]] = {}
    for _ in range(8):
        done += [office.do() for _ in range(office.dice.randrange(1, 4))]
        now = office.now.isoformat()
        assert desk("build", now=now).code == 0
        here, other = published(desk.root), anew(desk, now)
        assert {path for path in {*here, *other} if here.get(path) != other.get(path)} == set(), done
        for path, (moment, entries) in told(desk.root).items():
            before, shown = known.get(path, (moment, entries))
            assert moment > before or (moment, entries) == (before, shown), (path, done)
        known |= told(desk.root)
        before = touched(desk.root)
        assert desk("build", "--full", "--json", now=now).data["written"] == 0
        assert touched(desk.root) == before
        office.now += timedelta(hours=office.dice.choice([1, 26]))


def test_a_file_that_somebody_removed_comes_back(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    desk("build")
    before = published(desk.root)
    (desk.root / "feeds/theme/sante.atom").unlink()
    (desk.root / "feeds/articles/un.html").unlink()
    assert desk("build", "--json").data["written"] == 2
    assert published(desk.root) == before


def test_other_books_make_everything_anew(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    desk("build")
    (desk.root / "newsletter.db").unlink()
    (desk.root / "articles/un.md").unlink()
    desk.article("deux")
    desk("import", "articles")
    desk("build")
    assert "L’article deux" in (desk.root / "feeds/all.atom").read_text(encoding="utf-8")
    assert not (desk.root / "feeds/articles/un.html").exists()


def test_only_the_edited_entry_changes_and_its_date_moves(desk: Desk) -> None:
    for name in ("un", "deux"):
        desk.article(name, theme="Santé")
    desk("import", "articles")
    desk("build")
    before = (desk.root / "feeds/all.atom").read_text(encoding="utf-8")
    desk.article("un", theme="Santé", body="Un texte corrigé.")
    desk("import", "articles", now="2024-04-05T09:00:00+02:00")
    desk("build", now="2024-04-05T09:00:00+02:00")
    after = (desk.root / "feeds/all.atom").read_text(encoding="utf-8")
    old, new = ({each.partition("</id>")[0]: each for each in text.split("<entry>")[1:]} for text in (before, after))
    changed = [name for name in new if new[name].rstrip("</fed>\n") != old[name].rstrip("</fed>\n")]
    assert list(old) == list(new)
    assert len(changed) == 1
    assert "2024-04-05T09:00:00" in new[changed[0]]


def test_ids_stay_when_the_site_moves(desk: Desk) -> None:
    desk.write(
        "config.toml",
        CONFIG.replace("[taxonomies.type]", 'authority = "troisrivieres.example.org"\n[taxonomies.type]', 1).replace(
            'url = "https://www.troisrivieres.example.org"\n\nauthority',
            'url = "https://www.troisrivieres.example.org"\nauthority',
        ),
    )
    desk.article("un", theme="Santé")
    desk("import", "articles")
    desk("build")
    before = (desk.root / "feeds/all.atom").read_text(encoding="utf-8")
    config = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", config.replace("https://www.troisrivieres", "https://nouveau.troisrivieres"))
    desk("build")
    after = (desk.root / "feeds/all.atom").read_text(encoding="utf-8")
    ids = [[part.partition("</id>")[0] for part in text.split("<id>")[1:]] for text in (before, after)]
    assert ids[0] == ids[1]
    assert "https://nouveau.troisrivieres" in after


def test_without_the_list_everything_is_made_anew_and_known_again(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    desk("build")
    (desk.root / "feeds/.newsletter-files").unlink()
    desk("build")
    (desk.root / "feeds/all.atom").unlink()
    desk("articles", "hide", "articles/un")
    assert desk("build", "--json").data["removed"] == 1
    assert (desk.root / "feeds/all.atom").exists()
    assert not (desk.root / "feeds/articles/un.html").exists()


def test_a_folder_of_another_name_is_left_alone_until_somebody_decides(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    desk("build")
    before = published(desk.root)
    config = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", config.replace("https://www.troisrivieres", "https://nouveau.troisrivieres"))
    done = desk("build")
    assert done.code == 1
    assert 'write authority = "www.troisrivieres.example.org" into [site]' in done.err
    assert published(desk.root) == before
    assert desk("build", "--full").code == 0
    assert published(desk.root) != before


def test_a_source_that_is_read_otherwise_makes_no_document_anew(desk: Desk) -> None:
    def context() -> str:
        publication = load(desk.root / "config.toml")
        return Build(publication, feeds_of(publication, [])).of_documents

    before = context()
    desk.write("config.toml", CONFIG + '[sources.site]\nurl = "https://www.example.org/feed"\npriority = 2\n')
    assert context() == before
    desk.write("config.toml", CONFIG.replace("Thématique", "Sujet"))
    assert context() != before


def test_the_progress_of_a_build_is_told_to_its_end(desk: Desk) -> None:
    desk.article("un", type="Agenda", dates="2024-05-10 14:00")
    desk.article("brouillon", state="draft")
    desk("import", "articles")
    told: list[int] = []

    @contextmanager
    def watch(total: int) -> Iterator[Callable[..., None]]:
        told.append(total)
        yield lambda n, text="": told.append(-n)

    publication = Publication(load(desk.root / "config.toml"), desk.store(), datetime.fromisoformat(NOW))
    build(publication, watch)
    publication.store.close()
    assert told[0] > 10
    assert sum(told) == 0
