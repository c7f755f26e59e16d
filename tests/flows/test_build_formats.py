"""Building every feed in every format: the same articles in the same order, each under one id."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from tests.flows.command import Desk, contents

FORMATS = '\n[feeds]\nformats = ["atom", "rss", "json"]\n'
FILTERS = """
[feeds.filters.sante-et-ecole]
title = "Santé à l’école"
filter = { theme = ["sante", "education"] }
"""


def of_xml(data: bytes) -> list[str]:
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    return [entry.id for entry in parsed.entries]


def of_json(data: bytes) -> list[str]:
    return [item["id"] for item in json.loads(data)["items"]]


READERS: Mapping[str, Callable[[bytes], list[str]]] = {".atom": of_xml, ".rss": of_xml, ".json": of_json}


def feeds(desk: Desk) -> dict[str, dict[str, list[str]]]:
    """The ids in each feed, by its address without extension, in each format."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, data in contents(desk.root / "feeds").items():
        path = Path(name)
        if path.suffix in READERS and path.parts[0] != "archive":
            found.setdefault(str(path.with_suffix("")), {})[path.suffix] = READERS[path.suffix](data)
    return found


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A publication with articles of all kinds, in every format that readers subscribe to."""
    config = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", config + FORMATS + FILTERS)
    desk.write("articles/plan.pdf", "%PDF-1.7 le plan")
    desk.article("un", theme="[Santé, Éducation]", attachments="plan.pdf", date="2024-03-20 10:00")
    desk.article("deux", theme="Santé", type="Agenda", dates="2024-05-10 14:00", date="2024-03-22 10:00")
    desk.article("trois", title='"Eau & <b>énergie</b> 🎉 ]]>"', theme="Éducation", date="2024-03-21 10:00")
    desk.article("quatre", body="", theme="", type="", date="2024-03-23 10:00")
    assert desk("import", "articles").code == 0
    return desk


def test_every_feed_has_the_same_ids_in_the_same_order_in_each_format(office):
    assert office("build").code == 0
    found = feeds(office)
    assert set(found) == {
        "all", "type", "type/actualite", "type/agenda", "theme", "theme/sante", "theme/education",
        "filters/sante-et-ecole", "issues/lettre", "issues/veille",
    }  # fmt: skip
    letters = [found.pop(path) for path in ("issues/lettre", "issues/veille")]
    assert [list(formats) for formats in letters] == [[".atom"], [".atom"]]
    for path, formats in found.items():
        assert set(formats) == set(READERS), path
        assert formats[".atom"] == formats[".rss"] == formats[".json"], path
    assert len(set(found["all"][".rss"])) == 4
    assert len(found["theme/sante"][".rss"]) == 2


def test_a_feed_without_articles_exists_in_each_format(desk):
    config = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", config + FORMATS)
    assert desk("build").code == 0
    assert feeds(desk)["theme/sante"] == {".atom": [], ".rss": [], ".json": []}


def test_a_file_of_our_own_is_an_enclosure_with_its_true_length_in_each_format(office):
    office("build")
    folder = office.root / "feeds"
    [file] = folder.rglob("plan.pdf")
    told = (f"https://www.troisrivieres.example.org/{file.relative_to(folder)}", file.stat().st_size)
    for ending in ("atom", "rss"):
        parsed = feedparser.parse((folder / f"all.{ending}").read_bytes())
        files = [each for entry in parsed.entries for each in entry.enclosures]
        assert [(each.href, int(each.length)) for each in files] == [told]
    items = json.loads((folder / "all.json").read_bytes())["items"]
    assert [(f["url"], f["size_in_bytes"]) for each in items for f in each.get("attachments", ())] == [told]


def test_the_list_of_feeds_names_every_built_feed_once(office):
    office("build")
    root = etree.parse(office.root / "feeds/feeds.opml")
    base = "https://www.troisrivieres.example.org"
    listed = root.xpath("//outline[not(*)]/@xmlUrl")
    assert sorted(listed) == sorted(f"{base}/{path}.atom" for path in feeds(office))
    assert root.xpath("//outline[@text='Sélections']/outline/@text") == ["Santé à l’école"]


def test_every_format_is_untouched_by_a_build_of_nothing_new(office):
    office("build")
    before = contents(office.root / "feeds")
    again = office("build", "--json", now="2024-04-03T21:00:00+02:00").data
    assert (again["written"], again["removed"]) == (0, 0)
    assert office("build", "--full", "--json", now="2024-04-04T21:00:00+02:00").data["written"] == 0
    assert contents(office.root / "feeds") == before


def test_a_format_that_is_wanted_no_more_goes(office):
    office("build")
    config = (office.root / "config.toml").read_text(encoding="utf-8")
    office.write("config.toml", config.replace('["atom", "rss", "json"]', '["json"]'))
    assert office("build").code == 0
    assert {ending for formats in feeds(office).values() for ending in formats} == {".json"}
    listed = etree.parse(office.root / "feeds/feeds.opml").xpath("//@xmlUrl")
    assert {Path(str(address)).suffix for address in listed} == {".json"}
