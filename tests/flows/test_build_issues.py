"""Issues on the web: the page of each, the feed of each list, and how the index leads to both."""

import re
from datetime import datetime

from lxml import etree

from newsletter.configfile import load
from newsletter.pipeline import opening
from newsletter.pipeline.publication import Publication
from tests.flows.command import CONFIG, NOW, Desk
from tests.flows.test_build_incremental import send

ATOM = "{http://www.w3.org/2005/Atom}"


def headings(page: str) -> list[str]:
    return re.findall(r"<h[23][^>]*>(?:<a[^>]*>)?([^<]+)", page)


def test_the_page_of_an_issue_shows_what_its_readers_could_get(desk: Desk) -> None:
    desk.article("passe", date="2024-03-01 10:00", type="Publication")
    desk.article("rendez-vous", type="Agenda", date="2024-03-02 10:00", dates="2024-05-10 14:00")
    desk("import", "articles")
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "papier").code == 0
    send(desk, "2024-03-05T09:00:00+01:00")
    desk.article("nouvelle", date="2024-03-20 10:00")
    desk.article("etude", date="2024-03-21 10:00", type="Publication")
    desk("import", "articles")
    send(desk, "2024-04-02T09:00:00+02:00")
    desk("build")
    first = (desk.root / "feeds/issues/lettre/2024-03-05.html").read_text(encoding="utf-8")
    second = (desk.root / "feeds/issues/lettre/2024-04-02.html").read_text(encoding="utf-8")
    assert "L’article passe" in headings(first)
    assert headings(second)[1:] == [
        "Agenda", "L’article rendez-vous", "Actualités", "L’article nouvelle", "Également publiés", "L’article etude",
    ]  # fmt: skip
    entries = etree.fromstring((desk.root / "feeds/issues/lettre.atom").read_bytes()).findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}title").replace("\xa0", " ") for each in entries] == [
        "La lettre des Trois Rivières, 2 avril 2024", "La lettre des Trois Rivières, 5 mars 2024",
    ]  # fmt: skip
    assert entries[0].find(f"{ATOM}link").get("href").endswith("/issues/lettre/2024-04-02.html")
    assert entries[0].findtext(f"{ATOM}id") == "tag:www.troisrivieres.example.org,2024:issue/lettre/2024-04-02"
    assert "L’article nouvelle</a>" in entries[0].findtext(f"{ATOM}content")
    assert entries[0].findtext(f"{ATOM}updated").startswith("2024-04-02T09:00:00")
    link = '<link rel="alternate" type="application/atom+xml" title="La lettre des Trois Rivières – Centre'
    assert link in second
    index = (desk.root / "feeds/index.html").read_text(encoding="utf-8")
    assert link in index
    assert "issues/lettre.atom" in (desk.root / "feeds/feeds.opml").read_text(encoding="utf-8")
    assert index.index("issues/lettre/2024-04-02.html") < index.index("issues/lettre/2024-03-05.html")
    desk.article("etude", type="Publication", state="hidden")
    desk("import", "articles")
    desk("build")
    shown = headings((desk.root / "feeds/issues/lettre/2024-04-02.html").read_text(encoding="utf-8"))
    assert shown[-2:] == ["Actualités", "L’article nouvelle"]
    assert "etude" not in (desk.root / "feeds/issues/lettre.atom").read_text(encoding="utf-8")
    assert desk("check", "--feeds").code == 0


def test_the_feed_of_a_list_that_is_gone_is_gone(desk: Desk) -> None:
    desk.article("un")
    desk("import", "articles")
    assert desk("subscribers", "add", "lea@example.org", "--list", "veille", "--consent", "papier").code == 0
    publication = Publication(load(desk.root / "config.toml"), desk.store(), datetime.fromisoformat(NOW))
    assert opening.open_run(publication, "veille").issue
    publication.store.close()
    desk("build")
    assert (desk.root / "feeds/issues/veille.atom").is_file()
    desk.write("config.toml", CONFIG.partition("[lists.veille]")[0])
    desk("build")
    assert not (desk.root / "feeds/issues/veille.atom").exists()
    assert "/issues/veille.atom gone" in (desk.root / "feeds/redirects.txt").read_text(encoding="utf-8").splitlines()
    assert (desk.root / "feeds/issues/veille/2024-04-02.html").is_file()


def test_the_page_of_an_issue_has_one_article_in_front(desk: Desk) -> None:
    top = '[[lists.lettre.sections]]\ntitle = "À la une"\nselect = "top"\n'
    desk.write("config.toml", CONFIG.replace("[[lists.lettre.sections]]", f"{top}[[lists.lettre.sections]]", 1))
    desk.article("un", date="2024-03-20 10:00")
    desk.article("deux", date="2024-03-21 10:00")
    desk("import", "articles")
    assert [desk("articles", "pin", f"articles/{name}").code for name in ("un", "deux")] == [0, 0]
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "papier").code == 0
    send(desk, "2024-04-02T09:00:00+02:00")
    desk("build")
    shown = headings((desk.root / "feeds/issues/lettre/2024-04-02.html").read_text(encoding="utf-8"))
    assert shown[1:] == ["À la une", "L’article deux", "Actualités", "L’article un"]
