"""Building: every feed and page there is, the same for the same data, and no file touched without need."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree

from tests.flows.command import Desk, contents, tree

CHECKOUT = Path(__file__).parents[2]
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def titles(desk: Desk, path: str) -> list[str]:
    feed = etree.parse(desk.root / "feeds" / path)
    return [str(title) for title in feed.xpath("//a:entry/a:title/text()", namespaces=ATOM)]


def published(desk: Desk, name: str) -> set[str]:
    return {path.read_text(encoding="utf-8") for path in (desk.root / "feeds/media").rglob(name)}


@pytest.fixture
def sample(desk: Desk) -> Desk:
    """The sample publication of the repository, imported."""
    shutil.copytree(CHECKOUT / "articles", desk.root / "articles")
    shutil.copy(CHECKOUT / "config.toml", desk.root / "config.toml")
    assert desk("import", "articles").code == 0
    return desk


def test_an_article_stands_in_the_feed_of_each_of_its_terms_and_nowhere_else(desk):
    desk.article("un", theme="[Santé, Éducation]")
    desk.article("deux", theme="Santé", type="Agenda")
    desk("import", "articles")
    assert desk("build").code == 0
    both, first = ["L’article un", "L’article deux"], ["L’article un"]
    assert sorted(titles(desk, "all.atom")) == sorted(both)
    assert sorted(titles(desk, "theme.atom")) == sorted(titles(desk, "theme/sante.atom")) == sorted(both)
    assert titles(desk, "theme/education.atom") == titles(desk, "type/actualite.atom") == first
    assert titles(desk, "type/agenda.atom") == ["L’article deux"]


def test_the_second_build_touches_no_file(sample):
    first = sample("build", "--json").data
    before = tree(sample.root / "feeds")
    second = sample("--json", "build", now="2024-04-02T19:00:00+02:00").data
    assert tree(sample.root / "feeds") == before
    assert (second["written"], second["removed"]) == (0, 0)
    assert second["unchanged"] == first["written"] > 60


def test_two_builds_of_the_same_data_give_the_same_tree(sample):
    sample("build")
    once = contents(sample.root / "feeds")
    shutil.rmtree(sample.root / "feeds")
    sample("build", "--full", now="2024-04-02T21:00:00+02:00")
    assert contents(sample.root / "feeds") == once


def test_a_new_article_rewrites_only_what_shows_it(sample):
    sample("build")
    before = tree(sample.root / "feeds")
    sample.article("nouveau", theme="Santé", date="2024-04-02 08:00")
    sample("import", "articles/nouveau.md")
    sample("build")
    after = tree(sample.root / "feeds")
    changed = {path for path in after if after[path] != before.get(path)}
    feeds = {"all", "theme", "theme/sante", "type", "type/actualite"}
    documents = {f"{path}.{ending}" for path in feeds for ending in ("atom", "rss", "json", "html")}
    assert changed == {*documents, "articles/nouveau.html", "index.html", ".newsletter-files", ".newsletter-built"}


def test_an_empty_feed_has_the_date_of_the_beginning(desk):
    desk("build")
    feed = etree.parse(desk.root / "feeds/theme/sante.atom").getroot()
    assert feed.findtext("a:updated", namespaces=ATOM) == "2024-01-01T00:00:00+01:00"


def test_a_feed_holds_the_newest_entries_and_what_no_archive_has_yet(desk):
    desk.write("config.toml", (desk.root / "config.toml").read_text(encoding="utf-8") + "\n[feeds]\nentries = 3\n")
    for day in range(1, 8):
        desk.article(f"jour-{day}", date=f"2024-03-{day:02} 10:00")
    desk("import", "articles")
    desk("build")
    assert titles(desk, "type/actualite.atom") == [f"L’article jour-{day}" for day in (7, 6, 5)]
    assert titles(desk, "all.atom") == [f"L’article jour-{day}" for day in (7, 6, 5, 4, 3, 2, 1)]


def test_an_embargo_ends_at_the_first_build_after_it(desk):
    desk.article("demain", date="2024-04-03 10:00", attachments="dossier.pdf")
    desk.write("articles/dossier.pdf", "%PDF-1.7 dossier de presse")
    desk("import", "articles")
    desk("build")
    assert titles(desk, "all.atom") == []
    assert not (desk.root / "feeds/articles/demain.html").exists()
    assert not list((desk.root / "feeds").rglob("dossier.pdf")), "its files wait with it"
    desk("build", now="2024-04-03T10:00:00+02:00")
    assert titles(desk, "all.atom") == ["L’article demain"]
    assert list((desk.root / "feeds").rglob("dossier.pdf"))


def test_what_is_hidden_goes_and_other_peoples_files_stay(desk):
    desk.article("un")
    desk.article("deux")
    desk("import", "articles")
    desk("build")
    desk.write("feeds/articles/a-nous.html", "une page à nous")
    desk.article("un", state="hidden")
    desk("import", "articles")
    assert desk("build", "--json").data["removed"] == 1
    assert titles(desk, "all.atom") == ["L’article deux"]
    left = {path.name for path in (desk.root / "feeds/articles").iterdir()}
    assert left == {"deux.html", "a-nous.html"}


def test_only_addresses_of_our_own_pages_become_pages(desk):
    desk.article("ici", url="https://www.troisrivieres.example.org/articles/sous/dossier.html")
    desk.article("la", url="https://www.ailleurs.example.org/articles/la.html")
    desk.article("page")
    desk("import", "articles")
    desk("build")
    assert [path.name for path in (desk.root / "feeds/articles").iterdir()] == ["page.html"]
    assert len(titles(desk, "all.atom")) == 3


def test_files_are_published_once_and_stay_for_the_mails_that_link_them(desk):
    desk.write("articles/plan.pdf", "%PDF-1.7 premier plan")
    desk.article("un", attachments="plan.pdf")
    desk("import", "articles")
    desk("build")
    [first] = (desk.root / "feeds/media").rglob("plan.pdf")
    page = (desk.root / "feeds/articles/un.html").read_text(encoding="utf-8")
    assert f"../media/{first.parent.name}/plan.pdf" in page
    desk.write("articles/plan.pdf", "%PDF-1.7 second plan")
    desk("import", "articles")
    desk("build")
    assert published(desk, "plan.pdf") == {"%PDF-1.7 premier plan", "%PDF-1.7 second plan"}
    shutil.rmtree(desk.root / "feeds")
    desk("build")
    assert published(desk, "plan.pdf") == {"%PDF-1.7 premier plan", "%PDF-1.7 second plan"}


def test_the_index_names_every_topic_and_no_link_of_a_page_is_dead(sample):
    sample("build")
    root = sample.root / "feeds"
    index = (root / "index.html").read_text(encoding="utf-8")
    topics = {str(path.relative_to(root).with_suffix(".html")) for path in root.rglob("*.rss")}
    assert topics - set(re.findall(r'href="([^"]+)"', index)) == set()
    for page in root.rglob("*.html"):
        links = re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / unquote(link)).is_file()] == [], page


def test_the_index_shows_the_latest_five_articles(sample):
    for day in range(1, 8):
        sample.article(f"jour-{day}", date=f"2024-03-{day:02} 10:00")
    sample("import", "articles")
    sample("build")
    shown, everything = (
        re.findall(r"<h3[^>]*><a[^>]*>([^<]+)", (sample.root / "feeds" / page).read_text(encoding="utf-8"))
        for page in ("index.html", "all.html")
    )
    assert len(everything) > 7
    assert shown == everything[:5]


def test_a_folder_that_cannot_be_made_is_said_in_one_line(desk):
    desk.write("feeds", "un fichier")
    done = desk("build")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith(f"newsletter: {Path('feeds')}: cannot be made")


def test_import_subscribe_and_build_keep_their_books_in_either_database(sample, url, monkeypatch):
    sample("build")
    elsewhere = contents(sample.root / "feeds")
    monkeypatch.setenv("NEWSLETTER_DATABASE_URL", url)
    shutil.rmtree(sample.root / "feeds")
    assert sample("import", "articles", "--json").data["new"] > 30
    assert sample("import", "articles", "--json").data["updated"] == 0
    assert sample("build").code == 0
    assert contents(sample.root / "feeds") == elsewhere
    subscribers = CHECKOUT / "examples/subscribers.csv"
    assert sample("subscribers", "import", subscribers, "--json").data["new"] > 30
    assert sample("subscribers", "import", subscribers, "--json").data["updated"] == 0
