"""Pages of the publication's own belong to whom wrote them: no other source can put its words there."""

from __future__ import annotations

import pytest

from newsletter.intake import Desk as Reading
from newsletter.intake.wording import slugify
from tests.flows.command import Desk
from tests.web_server import Reply, WebServer

LATER = "2024-04-03T09:00:00+02:00"
PAGE = "https://www.troisrivieres.example.org/articles/budget-2024.html"

FOREIGN = {
    "partenaire.xml": """<rss version="2.0"><channel><title>Ailleurs</title><link>https://a.example.com/</link><item>
        <title>Pris</title><guid isPermaLink="false">budget-2024</guid><description>Des mots d'ailleurs.</description>
        <pubDate>Tue, 02 Apr 2024 08:00:00 +0200</pubDate></item></channel></rss>""",
    "partenaire.json": """{"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "budget-2024", "title": "Pris", "date_modified": "2024-04-02T08:00:00+02:00"}]}""",
    "partenaire.ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:budget-2024\r\nSUMMARY:Pris\r\n"
    "DTSTART:20240426\r\nLAST-MODIFIED:20240402T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "partenaire.csv": "Titre;Date;Modifié le;Slug\nPris;2024-03-26;2024-04-02;budget-2024\n",
}


def titles(desk: Desk) -> list[str]:
    return sorted(each["title"] for each in desk("articles", "list", "--json").data)


@pytest.fixture
def former(monkeypatch: pytest.MonkeyPatch):
    """Import as versions did that named pages without their source."""

    def own(desk: Reading, key: str, document: str) -> tuple[str, str, tuple[str, ...]]:
        name = f"articles/{slugify(key)}"
        return name, f"{desk.base}/{name}.html", ()

    def importing(desk: Desk, path: str) -> None:
        with monkeypatch.context() as before:
            before.setattr(Reading, "own", own)
            assert "1 new" in desk("import", path).out

    return importing


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("local_first", [True, False])
def test_a_name_that_is_guessed_takes_no_article_of_another_source(desk: Desk, name: str, local_first: bool) -> None:
    desk.article("budget-2024", title="Le budget voté")
    desk.write(name, FOREIGN[name])
    for path in ("articles", name) if local_first else (name, "articles"):
        assert desk("import", path).out.startswith("1 new, 0 updated")
    assert titles(desk) == ["Le budget voté", "Pris"]
    assert desk("articles", "show", "articles/budget-2024", "--json").data["title"] == "Le budget voté"
    assert {desk("import", path).out[:26] for path in ("articles", name)} == {"0 new, 0 updated, 1 unchan"}


@pytest.mark.parametrize("link", [PAGE, PAGE.replace("https://www.", "http://"), f"{PAGE}?utm_source=a"])
def test_a_link_to_a_page_of_ours_takes_no_article(desk: Desk, link: str) -> None:
    desk.article("budget-2024", title="Le budget voté")
    desk("import", "articles")
    item = f"<item><title>Pris</title><link>{link}</link><pubDate>Tue, 02 Apr 2024 08:00:00 +0200</pubDate></item>"
    desk.write("partenaire.xml", f'<rss version="2.0"><channel><title>Ailleurs</title>{item}</channel></rss>')
    assert desk("import", "partenaire.xml").out == "0 new, 0 updated, 0 unchanged, 1 older, 0 failed\n"
    assert titles(desk) == ["Le budget voté"]


def test_a_link_to_a_page_that_we_do_not_have_makes_none(desk: Desk) -> None:
    item = f"<item><title>Pris</title><link>{PAGE}</link></item>"
    desk.write("partenaire.xml", f'<rss version="2.0"><channel><title>Ailleurs</title>{item}</channel></rss>')
    done = desk("import", "partenaire.xml")
    assert (done.code, titles(desk)) == (1, [])
    assert f"partenaire.xml: {PAGE} is a page of this publication, and none of its articles" in done.err
    desk.article("budget-2024", title="Le budget voté")
    assert "1 new" in desk("import", "articles").out


@pytest.mark.parametrize("name", FOREIGN)
def test_an_article_of_an_earlier_version_keeps_its_id_and_its_page(desk: Desk, former, name: str) -> None:
    desk.write(name, FOREIGN[name])
    former(desk, name)
    [before] = desk("articles", "list", "--json").data
    assert desk("import", name, now=LATER).out.startswith("0 new, 1 updated"), "by which it is known from now on"
    assert desk("import", name, now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")
    desk.write(name, FOREIGN[name].replace("Pris", "Repris").replace("2024-04-02", "2024-04-03"))
    assert desk("import", name, now=LATER).out.startswith("0 new, 1 updated")
    [after] = desk("articles", "list", "--json").data
    assert (after["id"], after["url"], after["title"]) == (before["id"], PAGE, "Repris")
    assert desk("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")


def test_what_an_earlier_version_took_is_not_taken_by_another_format_or_source(desk: Desk, former) -> None:
    desk.write("partenaire.csv", FOREIGN["partenaire.csv"].replace("Pris", "D’avant"))
    former(desk, "partenaire.csv")
    for name in ("partenaire.xml", "partenaire.json", "partenaire.ics"):
        desk.write(name, FOREIGN[name])
        assert "1 new" in desk("import", name).out
    assert titles(desk) == ["D’avant", "Pris", "Pris", "Pris"]


def test_a_file_whose_name_is_taken_since_an_earlier_version_is_told(desk: Desk, former) -> None:
    desk.write("partenaire.csv", FOREIGN["partenaire.csv"])
    former(desk, "partenaire.csv")
    (desk.root / "partenaire.csv").unlink()
    desk.article("budget-2024", title="Le budget voté")
    desk.article("autre")
    done = desk("import", "articles")
    assert (done.code, titles(desk)) == (1, ["L’article autre", "Pris"])
    assert "budget-2024 is the name of an article of source 'import'; give it another slug" in done.err


def test_pages_of_other_sites_are_told_apart_whatever_they_end_with(desk: Desk) -> None:
    item = "<item><title>{0}</title><link>https://a.example.com/{0}</link></item>"
    items = "".join(item.format(name) for name in ("un", "un.html", "deux.html", "deux"))
    desk.write("partenaire.xml", f'<rss version="2.0"><channel><title>Ailleurs</title>{items}</channel></rss>')
    assert "4 new" in desk("import", "partenaire.xml").out
    desk.write(
        "autre.xml", f'<rss version="2.0"><channel><title>Ailleurs</title>{item.format("trois")}</channel></rss>'
    )
    desk("import", "autre.xml")
    desk.write("autre.xml", f'<rss version="2.0"><channel>{item.format("trois.html")}</channel></rss>')
    assert "1 new" in desk("import", "autre.xml").out


def rss(site: str, name: str) -> str:
    item = '<item><guid isPermaLink="false">{0}</guid><title>{1} {0}</title></item>'
    items = "".join(item.format(number, name) for number in (12, 13))
    return f'<rss version="2.0"><channel><title>Ailleurs</title><link>{site}</link>{items}</channel></rss>'


def test_what_the_files_of_one_source_number_alike_is_told_apart(desk: Desk) -> None:
    config = desk.root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[sources.in]\npath = "in"\n', encoding="utf-8")
    desk.write("in/a.xml", rss("https://a.example.com/", "A"))
    desk.write("in/b.xml", rss("https://b.example.com/", "B"))
    desk.write("in/c.json", FOREIGN["partenaire.json"].replace("budget-2024", "12"))
    desk.write("in/d.ics", FOREIGN["partenaire.ics"].replace("budget-2024", "12"))
    for table in ("in/t.csv", "in/2023/t.csv"):
        desk.write(table, f"Titre;n°;Date\nUn de {table};12;2024-03-26\nDeux de {table};13;2024-03-26\n")
    assert desk("collect").out.startswith("10 new, 0 updated")
    assert desk("collect", now=LATER).out.startswith("0 new, 0 updated, 10 unchanged")
    assert len(set(titles(desk))) == 9, "of ten articles two are called alike"
    assert desk("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 10 unchanged")


def test_what_an_earlier_version_took_for_one_article_of_several_files_stays_one(desk: Desk, former) -> None:
    config = desk.root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[sources.in]\npath = "in"\n', encoding="utf-8")
    for name in "ab":
        desk.write(f"in/{name}.xml", FOREIGN["partenaire.xml"].replace("a.example.com", f"{name}.example.com"))
    former(desk, "in")
    [before] = desk("articles", "list", "--json").data
    assert desk("collect", now=LATER).out.startswith("0 new, 2 updated")
    assert desk("collect", now=LATER).out.startswith("0 new, 0 updated, 2 unchanged")
    [after] = desk("articles", "list", "--json").data
    assert (after["id"], after["url"]) == (before["id"], PAGE)


def name(desk: Desk, *sources: str) -> None:
    """Write these sources into config.toml, in the place of those that a test named before."""
    config = desk.root / "config.toml"
    bare = config.read_text(encoding="utf-8").partition("\n# named")[0]
    config.write_text("\n".join((bare, "# named", *sources)), encoding="utf-8")


def known(desk: Desk) -> set[tuple[str, str]]:
    return {(each["id"], each["url"]) for each in desk("articles", "list", "--json").data}


@pytest.mark.parametrize("file", FOREIGN)
def test_an_entry_stays_the_same_when_its_source_gets_a_name_or_another(desk: Desk, file: str) -> None:
    desk.write(f"in/{file}", FOREIGN[file])
    desk.write("in/autre.csv", "Titre;n°;Date\nUn;1;2024-03-26\n")
    desk("import", "in")
    before = known(desk)
    assert len(before) == 2
    for source in ("[sources.partenaire]", "[sources.ailleurs]", "[sources.ailleurs]\ntimezone = 'Europe/Lisbon'"):
        name(desk, f'{source}\npath = "in"')
        assert desk("collect", now=LATER).out.startswith("0 new"), source
        assert known(desk) == before
        assert desk("collect", now=LATER).out.startswith("0 new, 0 updated, 2 unchanged")
        assert desk("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 2 unchanged")
    desk.write(f"in/{file}", FOREIGN[file].replace("Pris", "Repris").replace("2024-04-02", "2024-04-03"))
    assert desk("collect", now=LATER).out.startswith("0 new, 1 updated, 1 unchanged")
    assert (known(desk), titles(desk)) == (before, ["Repris", "Un"])
    (in_a_year := desk.root / "in" / "2024").mkdir()
    (desk.root / "in" / "autre.csv").replace(in_a_year / "autre.csv")
    name(desk, '[sources.ailleurs]\npath = "in/2024"')
    assert desk("collect", now=LATER).out.startswith("0 new"), "by its source, where that now has another folder"


def test_an_entry_of_a_site_stays_the_same_when_its_source_gets_another_name(desk: Desk, web: WebServer) -> None:
    web.pages["/flux"] = Reply(FOREIGN["partenaire.json"].encode(), type="application/feed+json")
    name(desk, f'[sources.un]\nurl = "{web.url("/flux")}"\nprivate = true')
    desk("collect")
    before = known(desk)
    name(desk, f'[sources.deux]\nurl = "{web.url("/flux")}"\nprivate = true')
    desk("collect", now=LATER)
    web.pages["/autre"] = web.pages["/flux"]
    name(desk, f'[sources.deux]\nurl = "{web.url("/autre")}"\nprivate = true')
    desk("collect", now=LATER)
    assert known(desk) == before
    assert desk("articles", "show", before.pop()[0], "--json").data["aliases"] == []


def test_another_document_in_a_file_of_the_same_name_is_another_one(desk: Desk) -> None:
    for site in "ab":
        desk.write("export.xml", rss(f"https://{site}.example.com/", site.upper()))
        assert desk("import", "export.xml", now=LATER).out.startswith("2 new")
    assert titles(desk) == ["A 12", "A 13", "B 12", "B 13"]
