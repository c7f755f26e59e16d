"""The examples of docs/howto are taken by the program as they stand."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from newsletter import config, intake
from newsletter.cli.books import as_lines
from newsletter.configfile import parse
from newsletter.digest.alone import alone
from newsletter.digest.assemble import assemble
from newsletter.digest.master import master
from newsletter.keys import KEYS
from newsletter.model import Article, Books
from newsletter.pipeline.sending import Sent
from newsletter.shipped import templates as shipped
from newsletter.store.issues import IssueRow
from tests.docs.pages import blocks, codes, read, sections
from tests.letters import CONTENTS, LINKS, NONCE, letter, templates, tree

SITE = {"name": "Centre de ressources", "url": "https://www.troisrivieres.example.org"}
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)


def taken_in(example: str, name: str, settings: config.Config) -> Article:
    source = next(iter(settings.sources.values()))
    desk = intake.Desk(settings.site, settings.base, settings.taxonomies, source, "howto", NOW, lambda path: None)
    (article,) = intake.read(example.encode(), name, desk)
    assert (article.warnings, article.unparsed) == ((), ())
    return article


def topics(article: Article) -> set[str]:
    return {f"{term.taxonomy}/{term.slug}" for term in article.terms}


def test_the_first_article_is_read() -> None:
    (example,) = blocks(read("docs/howto/first-publication.md"), "markdown")
    starter = (shipped() / "starter/config.toml").read_text(encoding="utf-8").replace("$year", "2024")
    article = taken_in(example, "jardin.md", parse(tomllib.loads(starter)))
    assert article.title == "Un jardin partagé au pied des tours"
    assert topics(article) == {"type/actualite", "theme/vie-de-la-publication", "territory/toute-la-region"}


def test_the_keys_of_front_matter_are_documented() -> None:
    rows = next(
        s.rows() for s in sections(read("docs/howto/first-publication.md")) if s.heading == "2. Write an article"
    )
    told = {key for row in rows for key in codes(row[0])} | {"title", "date"}
    assert told - {"type", "theme", "territory"} == set(KEYS) - {"draft"}  # an older way to write the state


def test_the_print_page_is_read_whole() -> None:
    page = read("docs/howto/print-pages.md")
    (example,), (settings,) = blocks(page, "text"), blocks(page, "toml")
    article = taken_in(example, "page.txt", parse({"site": SITE} | tomllib.loads(settings)))
    assert topics(article) == {"type/retour-sur", "theme/cadre-de-vie", "territory/vallee-de-l-orme"}
    assert article.title_source == "address"
    assert [file.url.rpartition("/")[2] for file in article.attachments] == ["plan.pdf"]
    assert article.url in page.partition("articles show ")[2]
    better = taken_in(f"# Un titre\n\n{example}", "page.txt", parse({"site": SITE} | tomllib.loads(settings)))
    assert (better.title, better.identity) == ("Un titre", article.identity)


@pytest.mark.parametrize(
    ("name", "language", "found"),
    [
        ("drupal", "json", {"theme/cadre-de-vie"}),
        ("wordpress", "json", {"theme/cadre-de-vie", "territory/vallee-de-l-orme"}),
        ("print-html", "html", {"theme/cadre-de-vie"}),
    ],
)
def test_what_other_sites_save_is_read(name: str, language: str, found: set[str]) -> None:
    page = read(f"docs/howto/import-{name}.md")
    (example,), (settings, *_) = blocks(page, language), blocks(page, "toml")
    article = taken_in(example, f"page.{language}", parse({"site": SITE} | tomllib.loads(settings)))
    assert article.source.format == name
    assert topics(article) == found
    assert article.title.startswith("Un verger ouvert au bord d")
    assert article.url in page.partition("articles show ")[2]


@pytest.mark.parametrize(
    ("route", "language"), [("csv", "csv"), ("jsonfeed", "json"), ("ical", "ics"), ("feed", "xml")]
)
def test_the_example_of_every_format_is_read(route: str, language: str) -> None:
    page = read(f"docs/howto/import-{route}.md")
    (example, *_), (settings, *_) = blocks(page, language), blocks(page, "toml")
    article = taken_in(
        example, "example", parse({"site": SITE, "sources": {"a": {"path": "a"}}} | tomllib.loads(settings))
    )
    assert article.source.format == route
    assert topics(article)


@pytest.mark.parametrize("route", ["csv", "drupal", "wordpress", "jsonfeed"])
def test_the_names_that_a_source_may_give_can_be_given(route: str) -> None:
    written = "\n".join(blocks(read(f"docs/howto/import-{route}.md"), "toml"))
    settings = parse({"site": SITE} | tomllib.loads(written))
    (source,) = settings.sources.values()
    assert source.fields


def test_a_table_with_names_of_its_own_is_read() -> None:
    page = read("docs/howto/import-csv.md")
    (_, example), (_, written) = blocks(page, "csv"), blocks(page, "toml")
    taxonomies = {"theme": {"label": "Thématique"}}
    article = taken_in(example, "export.csv", parse({"site": SITE, "taxonomies": taxonomies} | tomllib.loads(written)))
    assert (article.title, topics(article)) == ("Les berges rouvrent", {"theme/eau", "theme/cadre-de-vie"})


def test_the_piece_of_a_letter_can_be_replaced() -> None:
    page = read("docs/howto/letter-template.md")
    html, text = blocks(page, "jinja")
    mine = templates(line_html=html, line_txt=text)
    made = assemble(master(CONTENTS, "fr", NONCE, mine), letter(), LINKS)
    whole = alone(CONTENTS, letter(), LINKS, mine)
    assert (tree(made.html), made.text) == (tree(whole.html), whole.text)
    assert templates()["line.html"] != html
    assert 'class="tags"' in html and ".tags" in templates()["style.css"]


def test_the_books_of_the_example_are_shown_so() -> None:
    (shown,) = blocks(read("docs/howto/after-a-crash.md"), "text")
    books = Books(audience=40, planned=12, sent=27, uncertain=1)
    state = dict.fromkeys(IssueRow.__slots__, 0) | {
        "name": "lettre/2024-04-02",
        "list": "lettre",
        "audience": 40,
        "state": "open",
    }
    assert as_lines(Sent(IssueRow(**state), books), UTC) == shown.splitlines()
    assert books.balanced
