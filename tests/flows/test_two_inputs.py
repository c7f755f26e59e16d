"""Two inputs that hold one article do not take turns: who says the same again has no newer words."""

from __future__ import annotations

import json

from newsletter.store.schema import revision
from tests.flows.command import Desk

LINK = "https://www.troisrivieres.example.org/actualites/marche"
CONFIG = """
[sources.flux]
path = "flux"
[sources.json]
path = "json"
"""


def rss(words: str) -> str:
    item = f"<item><title>Le marché</title><link>{LINK}</link><description>{words}</description></item>"
    return f'<rss version="2.0"><channel><title>Actualités</title>{item}</channel></rss>'


def feed(words: str) -> str:
    item = {"id": LINK, "url": LINK, "title": "Le marché", "content_text": words}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Actualités", "items": [item]})


def revisions(desk: Desk) -> int:
    store = desk.store()
    with store.read() as connection:
        found = len(connection.execute(revision.select()).all())
    store.close()
    return found


def text(desk: Desk) -> str:
    [article] = desk("articles", "list", "--json").data
    return str(desk("articles", "show", article["id"], "--json").data["text"])


def test_two_files_of_one_folder_are_unchanged_the_second_time(desk: Desk) -> None:
    desk.write("in/a.xml", rss("Le marché revient samedi."))
    desk.write("in/b.json", feed("Le marché revient samedi, place des Gabares."))
    assert desk("import", "in").out.startswith("1 new, 1 updated")
    before, words = revisions(desk), text(desk)
    for day in (3, 4, 5):
        done = desk("import", "in", now=f"2024-04-0{day}T09:00:00+02:00")
        assert done.out.startswith("0 new, 0 updated, 2 unchanged")
    assert (revisions(desk), text(desk)) == (before, words)


def test_the_newer_words_of_either_count(desk: Desk) -> None:
    desk.write("config.toml", (desk.root / "config.toml").read_text(encoding="utf-8") + CONFIG)
    desk.write("flux/a.xml", rss("Le marché revient samedi."))
    desk.write("json/b.json", feed("Le marché revient samedi, place des Gabares."))
    desk("collect")
    desk.write("flux/a.xml", rss("Le marché revient dimanche."))
    assert "1 updated" in desk("collect", now="2024-04-03T09:00:00+02:00").out
    assert text(desk) == "Le marché revient dimanche."
    assert "0 updated" in desk("collect", now="2024-04-04T09:00:00+02:00").out
    assert text(desk) == "Le marché revient dimanche."


def test_what_one_says_again_stands_when_the_other_has_it_no_more(desk: Desk) -> None:
    desk.write("config.toml", (desk.root / "config.toml").read_text(encoding="utf-8") + CONFIG)
    desk.write("flux/a.xml", rss("Le marché revient samedi."))
    desk.write("json/b.json", feed("Le marché revient samedi, place des Gabares."))
    desk("collect")
    (desk.root / "json/b.json").unlink()
    desk("collect", now="2024-04-03T09:00:00+02:00")
    assert text(desk) == "Le marché revient samedi, place des Gabares.", "nobody said anything newer"
    desk.write("flux/a.xml", rss("Le marché revient dimanche."))
    desk("collect", now="2024-04-04T09:00:00+02:00")
    assert text(desk) == "Le marché revient dimanche."


def test_doubles_of_one_document_are_unchanged_the_second_time(desk: Desk) -> None:
    one, other = (rss(words).partition("<item>")[2].partition("</item>")[0] for words in ("Un mot.", "Deux mots."))
    items = "".join(f"<item>{each}<guid isPermaLink='false'>7</guid></item>" for each in (one, other))
    desk.write("in/a.xml", f'<rss version="2.0"><channel><title>Actualités</title>{items}</channel></rss>')
    assert desk("import", "in").out.startswith("1 new, 0 updated")
    assert text(desk) == "Deux mots."
    assert desk("import", "in", now="2024-04-03T09:00:00+02:00").out.startswith("0 new, 0 updated, 1 unchanged")
