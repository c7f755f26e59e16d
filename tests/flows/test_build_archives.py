"""Archives and the dates of feeds: a chain holds every article once, and no document ever becomes older."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from newsletter.store.engine import Store
from newsletter.store.schema import serial
from tests.flows.command import CONFIG, Desk, contents

ATOM = "{http://www.w3.org/2005/Atom}"
FEW = CONFIG + "\n[feeds]\nentries = 3\n"
SAVED = '\n[feeds.filters.choix]\ntitle = "Choix"\nfilter = { type = ["actualite"] }\narchive = true\n'
LATER, LAST = "2024-04-05T09:00:00+02:00", "2024-04-06T09:00:00+02:00"


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A publication with archives of two articles a volume."""
    monkeypatch.setattr("newsletter.store.entries.VOLUME", 2)
    desk.write("config.toml", FEW)
    for day in range(1, 10):
        desk.article(f"n{day}", theme="Santé", date=f"2024-03-{day:02} 10:00")
    publish(desk)
    return desk


def publish(desk: Desk, now: str = "2024-04-02T09:00:00+02:00") -> None:
    assert desk("import", "articles", now=now).code == 0
    assert desk("build", now=now).code == 0
    assert desk("check", "--feeds", now=now).code == 0


def feed(desk: Desk, path: str = "all") -> etree._Element:
    return etree.fromstring((desk.root / f"feeds/{path}.atom").read_bytes())


def updated(desk: Desk, path: str = "all") -> datetime:
    return datetime.fromisoformat(feed(desk, path).findtext(f"{ATOM}updated"))


def titles(document: etree._Element) -> list[str]:
    return [each.findtext(f"{ATOM}title").removeprefix("L’article ") for each in document.iter(f"{ATOM}entry")]


def chain(desk: Desk, path: str = "all") -> list[list[str]]:
    """Walk from the feed's own document back to the first of its archives."""
    found = [feed(desk, path)]
    while before := [link for link in found[-1].iter(f"{ATOM}link") if link.get("rel") == "prev-archive"]:
        found.append(feed(desk, urlsplit(before[0].get("href")).path.removeprefix("/").removesuffix(".atom")))
    return [titles(each) for each in found]


def test_walking_the_chain_gives_every_article_once(filled: Desk) -> None:
    assert chain(filled) == [["n9", "n8", "n7"], ["n6", "n5"], ["n4", "n3"], ["n2", "n1"]]


def test_what_comes_late_stands_in_the_feed_and_then_in_a_volume_and_nothing_twice(filled: Desk) -> None:
    for number in range(4):
        filled.article(f"vieux{number}", date=f"2023-01-{10 + number} 10:00")
    publish(filled, LATER)
    assert chain(filled) == [
        ["vieux3", "vieux2", "vieux1"], ["n9", "vieux0"], ["n8", "n7"], ["n6", "n5"], ["n4", "n3"], ["n2", "n1"],
    ]  # fmt: skip
    page = (filled.root / "feeds/all.html").read_text(encoding="utf-8")
    assert page.index("L’article n9") < page.index("L’article n8")  # people find the newest by date


def test_withdrawals_leave_enough_in_the_feed_s_own_document(filled: Desk) -> None:
    for name in ("n9", "n8"):
        filled("articles", "hide", f"articles/{name}")
    filled.article("n10", date="2024-03-10 10:00")
    filled.article("n11", date="2024-03-11 10:00")
    publish(filled, LATER)
    assert chain(filled)[0] == ["n11", "n10", "n7"]


def test_an_old_article_that_comes_late_makes_its_feeds_newer(filled: Desk) -> None:
    filled.article("vieux", theme="Santé", date="2023-01-10 10:00")
    publish(filled, LATER)
    assert updated(filled) == updated(filled, "theme") == datetime.fromisoformat(LATER)
    assert updated(filled, "theme/sante") < datetime.fromisoformat(LATER)  # which shows the newest three, as before


def test_a_volume_is_newer_when_it_loses_an_article_and_not_older_when_that_comes_back(filled: Desk) -> None:
    filled("articles", "hide", "articles/n5", now=LATER)
    publish(filled, LATER)
    assert chain(filled)[1] == ["n6"]
    assert updated(filled, "archive/all/3") == datetime.fromisoformat(LATER)
    filled("articles", "show-again", "articles/n5", now=LAST)
    publish(filled, LAST)
    assert chain(filled)[1] == ["n6", "n5"]
    assert updated(filled, "archive/all/3") == datetime.fromisoformat(LAST)


def test_a_volume_is_newer_when_an_article_of_it_loses_the_term(filled: Desk) -> None:
    filled.article("n5", date="2024-03-05 10:00")
    publish(filled, LATER)
    assert chain(filled, "theme")[1] == ["n6"]
    assert updated(filled, "archive/theme/3") == datetime.fromisoformat(LATER)


def test_fewer_entries_a_feed_do_not_make_it_older(filled: Desk) -> None:
    filled.article("n7", theme="Santé", date="2024-03-07 10:00", body="Corrigé.")
    publish(filled, LATER)
    filled.write("config.toml", CONFIG + "\n[feeds]\nentries = 1\n")
    publish(filled, LAST)
    assert titles(feed(filled, "theme/sante")) == ["n9"]
    assert updated(filled, "theme/sante") == datetime.fromisoformat(LAST)


def test_the_same_articles_in_other_books_give_the_same_bytes(filled: Desk) -> None:
    before = contents(filled.root / "feeds/theme")
    for path in filled.root.glob("newsletter.db*"):
        path.unlink()
    publish(filled, LATER)
    assert contents(filled.root / "feeds/theme") == before


def test_the_volumes_of_a_filter_that_is_gone_are_gone(filled: Desk) -> None:
    filled.write("config.toml", FEW + SAVED)
    publish(filled, LATER)
    assert (filled.root / "feeds/archive/filters/choix/1.atom").is_file()
    filled.write("config.toml", FEW)
    publish(filled, LAST)
    assert not (filled.root / "feeds/archive/filters/choix/1.atom").exists()
    moved = (filled.root / "feeds/redirects.txt").read_text(encoding="utf-8").splitlines()
    assert {"/filters/choix.atom gone", "/archive/filters/choix/1.atom gone"} <= set(moved)
    assert "/archive/all/1.atom gone" not in moved


def test_the_volumes_of_feeds_that_keep_no_archives_any_more_are_gone(filled: Desk) -> None:
    filled.write("config.toml", FEW + "archives = false\n")
    publish(filled, LATER)
    moved = (filled.root / "feeds/redirects.txt").read_text(encoding="utf-8").splitlines()
    assert "/archive/all/1.atom gone" in moved


def serialised(root: Path) -> set[tuple[int, str, datetime]]:
    store = Store.open("sqlite:///newsletter.db", root)
    with store.read() as connection:
        found = {(row.article, row.form, row.body) for row in connection.execute(serial.select())}
    store.close()
    return found


def test_a_new_filter_forgets_nothing_that_was_serialised(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = serialised(filled.root)
    monkeypatch.setattr(
        "newsletter.pipeline.pressing.serials.keep", lambda connection, made, *_: made and pytest.fail()
    )
    filled.write("config.toml", FEW + SAVED)
    publish(filled, LATER)
    assert serialised(filled.root) == before
