"""The page of a topic and the page of all: what readers find there, and the ways they are offered to follow it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html as lxml_html

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds.forms import FORMS
from newsletter.feeds.tree import Feed, tree
from newsletter.model import Article, Attachment, EventDate, Image, Term
from newsletter.pages import Pages
from newsletter.pages.following import NAMES
from tests.letters import ARTICLES, at

BASE = "https://www.troisrivieres.example.org"
PROGRAMS = ("atom", "rss", "json", "ics")
TERMS = (
    Term("type", "agenda", "Agenda"),
    Term("theme", "sante", "Santé"),
    Term("theme", "education", "Éducation"),
    Term("place", "region", "Région"),
    Term("place", "montorlaine", "Montorlaine", parent="region"),
    Term("place", "les-tanneries", "Les Tanneries", parent="montorlaine"),
    Term("place", "belroche", "Belroche", parent="region"),
    Term("type", "sante", "Santé"),
)
ARTICLE = replace(
    ARTICLES[0],
    url=f"{BASE}/articles/forum.html",
    title="Le forum des métiers",
    lead="Quarante employeurs.",
    published=at(2024, 3, 22),
    dates=(EventDate(datetime.fromisoformat("2024-04-11T09:30:00+02:00")),),
    deadline=None,
    attachments=(),
    image=None,
    terms=(TERMS[0], TERMS[1], TERMS[5]),
)


def publication(formats: tuple[str, ...] = (*PROGRAMS, "html"), language: str = "fr", web: str = "") -> Config:
    sender = {"address": "lettre@example.org"}
    return parse(
        {
            "site": {"name": "Centre de ressources", "url": BASE, "language": language},
            "taxonomies": {name: {"label": name.title()} for name in ("type", "theme", "place")},
            "feeds": {
                "formats": list(formats),
                "filters": {
                    "jeunes": {
                        "title": "Pour les jeunes",
                        "description": "Ce qui concerne les jeunes de Montorlaine.",
                        "filter": {"theme": ["sante", "education"], "place": ["montorlaine"]},
                    },
                    "ou": {"title": "L’un ou l’autre", "filter": [{"theme": ["sante"]}, {"type": ["agenda"]}]},
                },
            },
            "lists": {
                "lettre": {"title": "La lettre", "description": "Chaque mois.", "sender": sender},
                "veille": {"title": "La veille", "sender": sender, "filter": {"place": ["montorlaine"]}},
            },
            "web": {"url": web},
        }
    )


class Site:
    """A publication's pages, read as HTML by what they are about."""

    def __init__(self, config: Config | None = None, terms: tuple[Term, ...] = TERMS) -> None:
        self.config = config or publication()
        self.feeds = {feed.path: feed for feed in tree(self.config, terms)}
        self.pages = Pages(self.config, [])

    def topic(self, path: str, *articles: Article) -> lxml_html.HtmlElement:
        return read(self.pages.topic(self.feeds[path], [*self.feeds.values()], articles))

    def index(self, *latest: Article) -> lxml_html.HtmlElement:
        return read(self.pages.index([*self.feeds.values()], [], latest))


def read(page: bytes) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page.decode())


def words(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def shown(element: lxml_html.HtmlElement) -> list[tuple[str, str]]:
    return [(words(link), link.get("href")) for link in element.findall(".//a")]


def only(page: lxml_html.HtmlElement, path: str) -> lxml_html.HtmlElement:
    [found] = page.xpath(path)
    return found


@pytest.mark.parametrize("path", Site().feeds)
def test_no_two_topics_have_the_same_title_and_each_says_where_it_is(path: str) -> None:
    site = Site()
    titles = [site.topic(each).findtext(".//title") for each in site.feeds]
    assert len(set(titles)) == len(titles)
    page = site.topic(path, ARTICLE)
    address = f"{BASE}/{path}.html"
    assert page.xpath("//link[@rel='canonical']/@href") == [address]
    assert page.xpath("//meta[@property='og:url']/@content") == [address]
    assert "Le forum des métiers" in only(page, "//meta[@name='description']").get("content")


def test_the_way_to_a_topic_leads_through_all_that_holds_it() -> None:
    trail = only(Site().topic("place/les-tanneries"), "//nav[@aria-label='Vous êtes ici']")
    assert shown(trail) == [
        ("Tous les sujets", "../index.html"),
        ("Place", "../place.html"),
        ("Région", "../place/region.html"),
        ("Montorlaine", "../place/montorlaine.html"),
    ]
    assert shown(only(Site().topic("filters/ou"), "//nav")) == [("Tous les sujets", "../index.html")]


def test_a_topic_leads_to_the_narrower_ones() -> None:
    narrower = only(Site().topic("place/region"), "//nav[@aria-labelledby='narrower']")
    assert shown(narrower) == [("Belroche", "../place/belroche.html"), ("Montorlaine", "../place/montorlaine.html")]
    assert Site().topic("place/belroche").xpath("//nav[@aria-labelledby='narrower']") == []


def test_terms_that_hold_each_other_are_neither_lost_nor_endless() -> None:
    site = Site(terms=(Term("theme", "a", "A", parent="b"), Term("theme", "b", "B", parent="a")))
    assert shown(only(site.topic("theme/a"), "//nav[@class='trail']"))[1:] == [("B", "../theme/b.html")]
    assert {"theme/a.html", "theme/b.html"} <= {address for _, address in shown(site.index())}


def test_articles_are_told_with_what_a_reader_decides_by() -> None:
    files = (Attachment(f"{BASE}/media/1f/budget.ods", "Budget", "application/vnd.oasis.opendocument.spreadsheet"),)
    call = replace(ARTICLE, title="Un appel", dates=(), deadline=at(2024, 5, 3), attachments=files * 2)
    first, second = Site().topic("theme/sante", ARTICLE, call).xpath("//article")
    assert words(first) == (
        "Agenda · 22 mars 2024 Le forum des métiers Date : jeudi 11 avril 2024 à 9 h 30 Quarante employeurs."
    )
    assert shown(first) == [("Le forum des métiers", "../articles/forum.html")]
    assert "Date limite : vendredi 3 mai 2024" in words(second)
    assert "Documents à télécharger : 2" in words(second)


def test_what_an_article_is_goes_without_saying_on_a_page_about_that() -> None:
    assert words(Site().topic("type/agenda", ARTICLE).find(".//article")).startswith("Santé · 22 mars 2024")


def test_many_dates_are_counted_after_the_third() -> None:
    first = ARTICLE.dates[0].start
    many = replace(ARTICLE, dates=tuple(EventDate(first + timedelta(days=day)) for day in range(5)))
    card = Site().topic("all", many).find(".//article")
    assert len(card.findall(".//time")) == 4
    assert "Autres dates : 2" in words(card)


def test_a_picture_is_the_small_one_with_its_words_and_waits_until_it_is_seen() -> None:
    image = Image(f"{BASE}/media/1f/pont-1200.jpg", "Le pont", 1200, 800, f"{BASE}/media/1f/pont-600.jpg")
    page = Site().topic("theme/sante", replace(ARTICLE, image=image))
    picture = only(page, "//article//img")
    assert (picture.get("src"), picture.get("alt")) == ("../media/1f/pont-600.jpg", "Le pont")
    assert (picture.get("width"), picture.get("height"), picture.get("loading")) == ("1200", "800", "lazy")
    assert page.xpath("//meta[@property='og:image']/@content") == [image.url]


def test_an_article_in_another_language_says_so() -> None:
    card = Site().topic("all", replace(ARTICLE, lang="ar")).find(".//article")
    assert [element.tag for element in card.xpath(".//*[@lang='ar'][@dir='auto']")] == ["h3", "p"]


def test_french_words_of_an_article_break_where_a_printer_would() -> None:
    loose = replace(ARTICLE, title="Qui vient ?", lead="Dix places : vite !")
    shown_as = {"fr": ("Qui vient\u00a0?", "Dix places\u00a0: vite\u00a0!"), "en": (loose.title, loose.lead)}
    for language, (title, lead) in shown_as.items():
        article = replace(loose, lang=language)
        card = Site().topic("all", article).find(".//article")
        assert (card.findtext(".//h3/a"), card.findall(".//p")[-1].text) == (title, lead)
        page = read(Site().pages.article(article))
        assert (page.findtext(".//h1"), page.findtext(".//p[@class='lead']")) == (title, lead)


def test_a_topic_without_articles_says_so() -> None:
    page = Site().topic("theme/education")
    assert page.xpath("//article") == []
    assert "Rien n’a encore paru" in words(only(page, "//p[@class='nothing']"))


@pytest.mark.parametrize("formats", [("atom", "html"), ("html", "ics", "json"), ("atom", "rss", "json", "ics", "html")])
def test_only_published_formats_are_offered_and_readers_find_them(formats: tuple[str, ...]) -> None:
    page = Site(publication(formats)).topic("theme/sante")
    read_by_programs = [ending for ending in formats if ending != "html"]
    links = page.xpath("//link[@rel='alternate']")
    assert [link.get("href") for link in links] == [f"../theme/sante.{ending}" for ending in read_by_programs]
    assert [link.get("type") for link in links] == [NAMES[ending][1] for ending in read_by_programs]
    assert all("Santé – Centre de ressources" in link.get("title") for link in links)
    box = only(page, "//section[@id='follow']")
    assert {words(code) for code in box.findall(".//code")} == {
        f"{BASE}/theme/sante.{ending}" for ending in read_by_programs
    }
    told = [words(element) for element in box.xpath(".//h3 | .//a")]
    calendar = told.index("Dans un agenda") if "ics" in formats else len(told)
    assert told[calendar + 1 :] == ["iCalendar"] * ("ics" in formats)
    assert told[:calendar] == [
        "Dans un lecteur de flux",
        *(NAMES[each][0] for each in read_by_programs if each != "ics"),
    ]


def test_media_types_are_those_of_the_documents() -> None:
    for ending, form in FORMS.items():
        assert form.media_type.partition(";")[0] == NAMES[ending][1]


def test_mail_is_offered_only_where_somebody_answers() -> None:
    for path in ("all", "theme/sante"):
        assert "Par courriel" not in words(Site().topic(path))
    assert "Par courriel" not in words(Site().index())


LETTERS = "https://lettres.example.org"


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("all", [("lettre", []), ("veille", [])]),
        ("theme", [("lettre", []), ("veille", [])]),
        ("theme/sante", [("lettre", ["theme/sante"]), ("veille", ["theme/sante"])]),
        # What the list's place holds, and what holds it; not its neighbour.
        ("place/les-tanneries", [("lettre", ["place/les-tanneries"]), ("veille", ["place/les-tanneries"])]),
        ("place/region", [("lettre", ["place/region"]), ("veille", ["place/region"])]),
        ("place/belroche", [("lettre", ["place/belroche"])]),
        (
            "filters/jeunes",
            [(name, ["theme/education", "theme/sante", "place/montorlaine"]) for name in ("lettre", "veille")],
        ),
        # No choice of terms says "one or the other" over two taxonomies.
        ("filters/ou", [("lettre", []), ("veille", [])]),
    ],
)
def test_every_letter_that_takes_the_topic_is_offered_for_just_that(
    path: str, offered: list[tuple[str, list[str]]]
) -> None:
    page = Site(publication(web=f"{LETTERS}/")).topic(path)
    links = [urlsplit(href) for _, href in shown(only(page, "//section[@id='follow']")) if href.startswith(LETTERS)]
    assert {link.path for link in links} == {"/subscribe"}
    asked = [parse_qs(link.query) for link in links]
    assert [(query["list"][0], query.get("term", [])) for query in asked] == offered


def test_a_letter_is_offered_by_its_name() -> None:
    box = only(Site(publication(web=LETTERS)).topic("theme/sante"), "//section[@id='follow']")
    assert "S’abonner à « La lettre » Chaque mois." in words(box)


def test_the_index_leads_to_every_topic() -> None:
    site = Site()
    page = site.index(ARTICLE)
    found = {address for _, address in shown(page)}
    assert {f"{path}.html" for path in site.feeds} | {"feeds.opml"} <= found
    places = only(page, "//section[h2='Place']")
    assert [words(link) for link in places.xpath("./ul/li/ul/li/ul/li/a")] == ["Les Tanneries"]
    assert page.xpath("//h2/a/@href") == ["type.html", "theme.html", "place.html"]
    assert [words(link) for link in page.xpath("//article//a")] == ["Le forum des métiers"]


@pytest.mark.parametrize("many", [60, 61])
def test_many_topics_are_folded_away(many: int) -> None:
    site = Site(terms=tuple(Term("theme", f"t{number}", f"Terme {number}") for number in range(many)))
    page = site.index()
    folded = page.xpath("//div[@id='topics']//details")
    assert len(folded) == (many > 60)
    assert [words(summary) for summary in page.xpath("//div[@id='topics']//summary")] == [
        f"Afficher tous les sujets ({many})"
    ] * len(folded)
    assert len(page.xpath("//div[@id='topics']//li")) == many + 2
    assert len(site.topic("theme").xpath("//nav//details//li")) == many


def test_without_pages_topics_link_to_the_first_format() -> None:
    site = Site(publication(("rss", "atom")))
    assert "theme/sante.rss" in {address for _, address in shown(site.index())}
    article = read(site.pages.article(ARTICLE))
    assert "../theme/sante.rss" in {address for _, address in shown(article)}


def test_pages_speak_english_too() -> None:
    site = Site(publication(language="en", web=LETTERS))
    page = site.topic("theme/sante", ARTICLE)
    for expected in ("Latest publications", "Follow this topic", "Subscribe to “La lettre”", "In a calendar"):
        assert expected in words(page)
    assert "Deadline" not in words(page)


def test_a_feed_is_a_topic() -> None:
    page = read(Site().pages.topic(Feed("all", "Tout"), [], []))
    assert page.findtext(".//h1") == "Tout"
