"""Pictures and files on their way: from beside an article, or from elsewhere, to pages, feeds and letters."""

import email
import email.policy
from pathlib import Path

import pytest
from lxml import etree, html

from newsletter import pictures
from tests.flows.command import CONFIG, Desk, contents, tree
from tests.relay import Relay
from tests.unit.test_pictures import camera, drawing, png, written

BASE = "https://www.troisrivieres.example.org"
ROUTE = '\n[mail.routes.default]\nport = {port}\nsecurity = "none"\n'
BODY = """
Voici la carte : ![La carte du gué](images/carte.png)

![Un dessin](images/dessin.svg)

Le [plan](fichiers/plan.pdf), et une photo qui est ailleurs : ![Un quai](https://www.example.com/quai.jpg)
"""


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A publication with an article that has a photo from a camera beside it, a drawing, and what is not published."""
    desk.write("articles/images/Pont du Gué.JPG", camera())
    desk.write("articles/images/carte.png", written(drawing(900, 300), "PNG"))
    desk.write("articles/images/dessin.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    desk.write("articles/images/bombe.png", png(30_000, 30_000))
    desk.write("articles/fichiers/plan.pdf", b"%PDF-1.7 un plan")
    desk.write("articles/fichiers/faux.pdf", "<!doctype html><script>alert(1)</script>")
    image = "{file: images/Pont du Gué.JPG, alt: Le pont au matin}"
    desk.article("un", image=image, attachments="[fichiers/plan.pdf, fichiers/faux.pdf]", body=BODY)
    desk.article("deux", image="images/bombe.png")
    desk.article("trois", image="fichiers/plan.pdf")
    return desk


def page(desk: Desk, name: str) -> html.HtmlElement:
    return html.fromstring((desk.root / f"feeds/articles/{name}.html").read_bytes())


def test_what_stands_beside_an_article_is_seen_in_pages_feeds_and_letters(office):
    done = office("import", "articles")
    assert done.code == 0 and "3 new" in done.out
    assert office("build").code == 0

    lead, card = page(office, "un").findall(".//img")
    assert (lead.get("alt"), lead.get("width"), lead.get("height")) == ("Le pont au matin", "1000", "1600")
    assert (card.get("alt"), card.get("width"), card.get("height")) == ("La carte du gué", "900", "300")
    for picture in (lead, card):
        offered = [each.split()[0] for each in picture.get("srcset").split(",")]
        for address in {picture.get("src"), *offered}:
            assert (office.root / "feeds/articles" / address).resolve().is_file(), address
    [entry] = [
        each
        for each in etree.fromstring((office.root / "feeds/all.atom").read_bytes()).iterfind("{*}entry")
        if each.findtext("{*}title") == "L’article un"
    ]
    [link] = [each for each in entry.iterfind("{*}link") if each.get("rel") == "enclosure"]
    assert (link.get("type"), link.get("length")) == ("application/pdf", "16")
    [shown] = html.fromstring(entry.findtext("{*}content")).findall(".//img")
    assert {*shown.keys()} == {"src", "alt", "width", "height"}, "a validator knows no srcset"
    for address in (link.get("href"), shown.get("src")):
        assert (office.root / "feeds" / address.removeprefix(f"{BASE}/")).is_file()


def test_the_letter_shows_the_small_picture_and_nothing_of_anybody_else(office):
    with Relay() as relay:
        office.write("config.toml", CONFIG + ROUTE.format(port=relay.port))
        office("import", "articles")
        office("build")
        assert office("send", "lettre", "--test", "lea@example.org").code == 0
        relay.settle()
        [message] = relay.messages
    parsed = email.message_from_bytes(message.data, policy=email.policy.default)
    letter = html.fromstring(parsed.get_body(("html",)).get_content())
    [picture] = letter.findall(".//img")
    assert picture.get("src").startswith(f"{BASE}/media/") and picture.get("src").endswith("/pont-du-gue-600.jpg")
    assert (picture.get("alt"), picture.get("width"), picture.get("height")) == ("Le pont au matin", "139", "222")
    assert (office.root / "feeds" / picture.get("src").removeprefix(f"{BASE}/")).is_file()


def test_what_is_not_published_is_left_out_with_its_reason(office):
    done = office("import", "articles")
    told = [line.partition("(warning)")[2] or line for line in done.err.splitlines()]
    for what in (
        "'images/dessin.svg' a .svg may hold code",
        "'fichiers/faux.pdf' is no PDF",
        "'images/bombe.png' has 900 million pixels",
        "'fichiers/plan.pdf' is no picture",
    ):
        assert len([line for line in told if what in line]) == 1, what
    office("build")
    shown = page(office, "un")
    assert [img.get("alt") for img in shown.findall(".//img")] == ["Le pont au matin", "La carte du gué"]
    assert "https://www.example.com/quai.jpg" in shown.xpath("//a[text()='Un quai']/@href")
    assert page(office, "deux").findall(".//img") == page(office, "trois").findall(".//img") == []
    files = contents(office.root / "feeds")
    assert not [name for name in files if "svg" in name or "faux" in name or "bombe" in name]
    assert not [name for name, data in files.items() if b"SECRET" in data or b"Exif" in data or b"alert(1)" in data]


def test_a_second_import_decodes_and_writes_nothing(office, monkeypatch):
    office("import", "articles")
    office("build")
    before = tree(office.root / "media") | tree(office.root / "feeds")
    decoded: list[bytes] = []
    really = pictures.renditions
    monkeypatch.setattr(pictures, "renditions", lambda data: decoded.append(data) or really(data))
    done = office("import", "articles")
    assert done.code == 0 and "3 unchanged" in done.out
    office("build")
    assert tree(office.root / "media") | tree(office.root / "feeds") == before
    assert decoded == [png(30_000, 30_000)], "what was refused is looked at again"


def test_a_picture_waits_for_its_article_in_both_widths(office):
    office.article("demain", date="2024-04-03 10:00", body="![Le pont](images/seul.png)")
    office.write("articles/images/seul.png", written(drawing(1300, 300), "PNG"))
    office("import", "articles")
    office("build")
    assert not list((office.root / "feeds/media").rglob("seul*"))
    office("build", now="2024-04-03T10:00:00+02:00")
    assert {path.name for path in Path(office.root / "feeds/media").rglob("seul*")} == {"seul-1200.png", "seul-600.png"}
