"""Pages as browsers and people without a mouse meet them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, product
from pathlib import Path

import pytest
from lxml import html as lxml_html

from newsletter import shipped
from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.errors import TemplateError
from newsletter.feeds.tree import Feed
from newsletter.model import Article, Attachment, EventDate, Image, Term
from newsletter.pages import Pages

BASE = "https://www.troisrivieres.example.org"
WEB = shipped.templates() / "web"
ARTICLE = Article(
    id="tag:www.troisrivieres.example.org,2024:3f9a",
    identity="articles/maison-de-sante",
    url=f"{BASE}/articles/maison-de-sante.html",
    title="Une maison de santé <ouvre> & accueille",
    title_source="given",
    lead="Sept médecins s’installent.",
    html="<p>Quatre communes <strong>ouvrent</strong> une maison.</p>",
    text="Quatre communes ouvrent une maison.",
    lang="fr",
    published=datetime(2024, 3, 26, 14, 15, tzinfo=UTC),
    updated=datetime(2024, 3, 26, 14, 15, tzinfo=UTC),
    terms=(Term("theme", "sante", "Santé"), Term("lieu", "x", "Ailleurs")),
    dates=(EventDate(datetime(2024, 4, 9, 7, tzinfo=UTC)),),
    deadline=datetime(2024, 4, 5, 21, 59, tzinfo=UTC),
    attachments=(Attachment(f"{BASE}/media/1f/bilan.pdf", "Bilan", "application/pdf", 3_596_616, True),),
    image=Image(f"{BASE}/media/2a/facade.png", "La façade", 1200, 500),
)
ELSEWHERE = replace(ARTICLE, identity="x", url="https://www.ailleurs.example.org/actualites/a?b=1&c=2")


SANTE = Feed(
    "theme/sante",
    "Santé & soins",
    "Thème\N{NO-BREAK SPACE}: Santé & soins",
    ({"theme": frozenset(["sante"])},),
    "theme",
)
FEEDS = (
    Feed("all", "Tout"),
    Feed("theme", "Thème\N{NO-BREAK SPACE}: tout", filters=({"theme": frozenset(["sante"])},)),
    SANTE,
    Feed("filters/a", "Choix", "Un choix de textes", ({"theme": frozenset(["sante"])},)),
)


def publication(**site: object) -> Config:
    return parse(
        {
            "site": {"name": "Trois Rivières", "url": BASE, "rights": "Licence ouverte", **site},
            "taxonomies": {"theme": {"label": {"fr": "Thème", "en": "Theme"}}},
        }
    )


def pages(folders: Sequence[Path] = (), **site: object) -> Pages:
    return Pages(publication(**site), folders)


ISSUES = [("hebdo/2024-04-02", "La lettre du 2 avril")]


def every_page(made: Pages) -> dict[str, bytes]:
    return {
        "articles/a.html": made.article(ARTICLE),
        "index.html": made.index(FEEDS, ISSUES, [ARTICLE, ELSEWHERE]),
        "theme/sante.html": made.topic(SANTE, FEEDS, [ARTICLE, ELSEWHERE]),
        "issues/hebdo/2024-04-02.html": made.issue(
            "La lettre", "hebdo/2024-04-02", ARTICLE.published, [("À lire", [ARTICLE, ELSEWHERE]), ("Vide", [])]
        ),
    }


def read(data: bytes) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(data.decode())


def words(page: lxml_html.HtmlElement) -> str:
    return " ".join(page.find(".//main").text_content().split())


@pytest.mark.parametrize("name", every_page(pages()))
def test_every_page_is_whole_and_easy_to_find_one_s_way_in(name):
    data = every_page(pages())[name]
    page = read(data)
    assert data.startswith(b'<!doctype html>\n<html lang="fr">')
    assert len(page.findall(".//h1")) == 1
    assert page.findtext(".//title").endswith("Trois Rivières")
    assert [page.findall(f".//{tag}") != [] for tag in ("main", "header", "footer")] == [True] * 3
    assert page.find(".//a").get("href") == "#" + page.find(".//main").get("id")
    assert page.xpath("//meta[@charset='utf-8']")
    assert page.xpath("//script | //iframe | //form | //*[@style] | //link[@rel='stylesheet']") == []
    followed = "theme/sante.atom" if name == "theme/sante.html" else "all.atom"
    assert page.xpath("//link[@type='application/atom+xml']/@href") == ["../" * name.count("/") + followed]
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", every_page(pages()))
def test_no_page_asks_anything_of_another_host(name):
    page = read(every_page(pages())[name])
    for address in page.xpath("//@src | //@srcset | //link/@href[not(../@rel='canonical')]"):
        assert "//" not in address
    assert "url(" not in page.findtext(".//style")
    assert "@import" not in page.findtext(".//style")


@pytest.mark.parametrize("name", every_page(pages()))
def test_same_input_same_bytes(name):
    assert every_page(pages())[name] == every_page(pages())[name]


def test_the_article_page_shows_the_article():
    page = read(pages().article(ARTICLE))
    assert page.findtext(".//h1") == ARTICLE.title
    shown = words(page)
    for expected in (
        "26 mars 2024",
        ARTICLE.lead,
        "Quatre communes ouvrent une maison.",
        "mardi 9 avril 2024 à 9 h",
        "Date limite vendredi 5 avril 2024 Thème",
        "PDF, 3,43 Mo",
        "Thème Santé",
    ):
        assert expected in shown
    assert page.xpath("//strong/text()") == ["ouvrent"]
    assert [(i.get("src"), i.get("alt"), i.get("width"), i.get("height")) for i in page.findall(".//img")] == [
        ("../media/2a/facade.png", "La façade", "1200", "500")
    ]
    assert page.xpath("//link[@rel='canonical']/@href") == [ARTICLE.url]
    assert page.xpath("//dl//a/@href") == ["../theme/sante.html"]
    assert page.xpath("//section//a/@href") == ["../media/1f/bilan.pdf"]
    assert page.xpath("//time/@datetime")[0] == "2024-03-26T15:15:00+01:00"


def test_a_bare_article_shows_no_empty_heading_or_box():
    bare = replace(ARTICLE, lead="", terms=(), dates=(), deadline=None, attachments=(), image=None)
    page = read(pages().article(bare))
    assert page.xpath("//dl | //h2 | //figure | //section | //p[@class='lead'] | //p[@class='source']") == []


def test_only_an_article_from_elsewhere_links_to_its_source():
    assert read(pages().article(ARTICLE)).xpath("//p[@class='source']") == []
    [link] = read(pages().article(ELSEWHERE)).xpath("//p[@class='source']/a")
    assert link.get("href") == ELSEWHERE.url
    assert "www.ailleurs.example.org" in link.text_content()


def test_an_article_of_the_same_host_that_we_do_not_keep_is_from_elsewhere():
    url = f"{BASE}/actualites/maison-de-sante"
    assert read(pages().article(replace(ARTICLE, url=url))).xpath("//p[@class='source']/a/@href") == [url]


def test_a_later_change_is_dated():
    assert "mis à jour" not in words(read(pages().article(ARTICLE)))
    changed = replace(ARTICLE, updated=datetime(2024, 4, 2, 22, 30, tzinfo=UTC))
    assert "26 mars 2024, mis à jour le 3 avril 2024" in words(read(pages().article(changed)))


@pytest.mark.parametrize(("lead", "shown"), [("Quatre communes ouvrent…", 1), ("Sept médecins.", 2)])
def test_a_lead_that_only_repeats_the_beginning_is_not_shown_twice(lead, shown):
    page = read(pages().article(replace(ARTICLE, lead=lead)))
    assert len(page.xpath("//p[@class='lead'] | //div[@class='body']")) == shown


def test_a_picture_that_the_text_shows_is_not_shown_twice():
    image = ARTICLE.image
    inside = replace(ARTICLE, html=f'<p><img src="{image.url}" alt=""></p>')
    assert len(read(pages().article(inside)).findall(".//img")) == 1


def test_a_wide_picture_is_offered_in_two_widths():
    wide, narrow = (f"{BASE}/media/0123456789abcdef/pont-{width}.jpg" for width in (1200, 600))
    html = "".join(f'<p><img src="{wide}" alt="x" width="{width}" height="9"></p>' for width in (1000, 640, 600, 90))
    html += f'<img src="{wide}" alt=""><img src="https://www.example.com/media/pont-1200.jpg" alt="" width="700">'
    page = read(pages().article(replace(ARTICLE, image=Image(wide, "", 1000, 500, narrow), html=html)))
    near = ["../media/0123456789abcdef/pont-1200.jpg", "../media/0123456789abcdef/pont-600.jpg"]
    found = [(img.get("src"), img.get("srcset"), img.get("sizes")) for img in page.findall(".//img")]
    assert found == [
        (near[0], f"{near[1]} 600w, {near[0]} 1000w", "(max-width: 712px) 100vw, 672px"),
        (near[0], f"{near[1]} 600w, {near[0]} 640w", "(max-width: 680px) 100vw, 640px"),
        (near[1], None, None),
        (near[1], None, None),
        (near[0], None, None),
        ("https://www.example.com/media/pont-1200.jpg", None, None),
    ]
    lead = read(pages().article(replace(ARTICLE, image=Image(wide, "x", 1000, 500, narrow)))).find(".//img")
    assert (lead.get("src"), lead.get("srcset")) == (near[0], f"{near[1]} 600w, {near[0]} 1000w")
    assert (lead.get("alt"), lead.get("width"), lead.get("height")) == ("x", "1000", "500")


def test_words_in_another_language_say_so():
    page = read(pages().article(replace(ARTICLE, lang="ar")))
    assert page.get("lang") == "fr"
    assert [e.tag for e in page.xpath("//*[@lang='ar'][@dir='auto']")] == ["h1", "p", "div"]
    assert read(pages().article(replace(ARTICLE, lang="fr-FR"))).xpath("//body//@lang") == []


def test_the_words_around_are_in_the_site_s_language():
    page = read(pages(language="en").article(ARTICLE))
    assert page.get("lang") == "en"
    assert "Files to download" in words(page)
    assert "Theme Santé" in words(page)


HOSTILE = '"><script>alert(1)</script>&<img src=x onerror=alert(1)>'


def test_hostile_words_stay_words_on_every_page():
    bad = replace(
        ARTICLE,
        title=HOSTILE,
        lead=HOSTILE,
        url=f"{BASE}/{HOSTILE}",
        terms=(Term("theme", HOSTILE, HOSTILE),),
        attachments=(Attachment(HOSTILE, HOSTILE, HOSTILE),),
        image=Image(HOSTILE, HOSTILE),
        lang=HOSTILE,
    )
    feed = Feed(f"theme/{HOSTILE}", HOSTILE, HOSTILE, ({"theme": frozenset([HOSTILE])},), "theme")
    made = pages(name=HOSTILE, rights=HOSTILE)
    when = ARTICLE.published
    for data in (
        made.article(bad),
        made.index([Feed("all", HOSTILE), feed], [(HOSTILE, HOSTILE)], [bad]),
        made.issue(HOSTILE, HOSTILE, when, [(HOSTILE, [bad])]),
        made.topic(feed, [feed, replace(feed, path=f"theme/{HOSTILE}/x", parent=feed.path)], [bad]),
    ):
        page = read(data)
        assert page.xpath("//script | //*[@onerror]") == []
        assert HOSTILE in page.findtext(".//title")


def test_only_one_place_trusts_the_html_of_an_article():
    trusting = [path.name for path in sorted(WEB.iterdir()) for _ in re.findall(r"\bsafe\b", path.read_text())]
    assert trusting == ["article.html"]


def test_an_article_says_what_it_is_to_who_links_to_it():
    page = read(pages().article(ARTICLE))
    told = {meta.get("property"): meta.get("content") for meta in page.xpath("//meta[@property]")}
    assert told == {
        "og:site_name": "Trois Rivières",
        "og:type": "article",
        "og:title": ARTICLE.title,
        "og:url": ARTICLE.url,
        "og:description": ARTICLE.lead,
        "og:image": ARTICLE.image.url,
    }
    assert page.xpath("//meta[@name='description']/@content") == [ARTICLE.lead]


def test_the_issue_page_groups_its_articles():
    made = pages().issue(
        "La lettre", "hebdo/2024-04-02", ARTICLE.published, [("À lire", [ARTICLE, ELSEWHERE]), ("Vide", [])]
    )
    page = read(made)
    assert page.xpath("//h2/text()") == ["À lire"]
    assert page.xpath("//h3/a/@href") == ["../../articles/maison-de-sante.html", ELSEWHERE.url]
    assert "Édition du 26 mars 2024" in words(page)
    assert "Date limite : vendredi 5 avril 2024 Sept" in words(page)


def test_a_publication_s_own_template_wins_and_the_others_stay(tmp_path):
    for name, text in (("first", "mine {{ article.title }}"), ("second", "other")):
        (tmp_path / name / "web").mkdir(parents=True)
        (tmp_path / name / "web/article.html").write_text(text)
    made = pages([tmp_path / "first", tmp_path / "second"])
    assert made.article(replace(ARTICLE, title="a<b")) == b"mine a&lt;b"
    assert b"<!doctype html>" in made.index([], [])


def test_a_publication_s_own_rules_come_last(tmp_path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web/own.css").write_text("a { color: teal; }")
    for data in every_page(pages([tmp_path])).values():
        style = read(data).findtext(".//style")
        assert style.strip().startswith(":root")
        assert style.strip().endswith("a { color: teal; }")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{{ articel }}", r"templates/web/article\.html: 'articel' is undefined; mend it or remove your copy"),
        ("\n{% if %}", r"web/article\.html, line 2: .*"),
        ("{% extends 'web/gone.html' %}", r"templates/web/article\.html: .*gone\.html.*"),
        ("{{ 1 // 0 }}", r"templates/web/article\.html: .*zero.*"),
        ("{{ article.__class__.__mro__ }}", r"templates/web/article\.html: .*unsafe.*"),
    ],
)
def test_a_broken_template_is_one_clear_line(tmp_path, text, line):
    (tmp_path / "web").mkdir()
    (tmp_path / "web/article.html").write_text(text)
    with pytest.raises(TemplateError) as caught:
        pages([tmp_path]).article(ARTICLE)
    assert re.fullmatch(f"(.*/)?{line}", str(caught.value))


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    channels = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_text_stands_out_in_light_and_dark():
    # WCAG 2.1, 1.4.3: 4.5 to 1.
    blocks = re.findall(r":root \{([^}]*--ground[^}]*)\}", (WEB / "style.css").read_text())
    assert len(blocks) == 3, "light, dark, paper"
    for block in blocks:
        colours = dict(re.findall(r"--(\w+): #(\w+);", block))
        for front, back in product(("ink", "soft", "link", "warm"), ("ground", "tint")):
            light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)
