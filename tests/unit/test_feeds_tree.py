"""Which feeds there are and what stands in each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds.tree import Feed, tree
from newsletter.model import Article, Term, matches

DAY = datetime(2024, 3, 1, 9, tzinfo=UTC)
SANTE = Term("theme", "sante", "Santé")
MENTALE = Term("theme", "sante-mentale", "Santé mentale", parent="sante")
EMPLOI = Term("theme", "emploi", "Emploi")
NORD = Term("territoire", "nord", "Nord")
TERMS = (SANTE, NORD, MENTALE, EMPLOI)


def publication(language: str = "fr", **theme: object) -> Config:
    return parse(
        {
            "site": {
                "name": "Trois Rivières",
                "url": "https://www.troisrivieres.example.org/",
                "language": language,
            },
            "taxonomies": {
                "theme": {"label": {"fr": "Thème", "en": "Theme"}, **theme},
                "territoire": {"label": {"fr": "Territoire", "en": "Area"}},
                "type": {"label": "Type"},
            },
        }
    )


def article(name: str, *terms: Term, published: datetime = DAY) -> Article:
    return Article(
        id=f"tag:www.troisrivieres.example.org,2024:{name}",
        identity=f"articles/{name}",
        url=f"https://www.troisrivieres.example.org/articles/{name}.html",
        title=name,
        title_source="given",
        lead="",
        html="",
        text="",
        lang="fr",
        published=published,
        updated=published,
        terms=terms,
    )


def feed(path: str, config: Config | None = None, terms: tuple[Term, ...] = TERMS) -> Feed:
    return next(feed for feed in tree(config or publication(), terms) if feed.path == path)


def select(feed: Feed, articles: list[Article]) -> list[Article]:
    return [article for article in articles if matches(article, feed.filters)]


def test_there_is_a_feed_for_everything_each_taxonomy_and_each_term():
    assert [feed.path for feed in tree(publication(), TERMS)] == [
        "all",
        "theme",
        "theme/emploi",
        "theme/sante",
        "theme/sante-mentale",
        "territoire",
        "territoire/nord",
        "type",
    ]


def test_order_of_terms_changes_nothing():
    assert tree(publication(), TERMS) == tree(publication(), (*reversed(TERMS), SANTE))


def test_terms_of_a_taxonomy_that_is_not_configured_have_no_feed():
    assert "lieu/lille" not in {feed.path for feed in tree(publication(), [Term("lieu", "lille", "Lille")])}


def test_titles_say_what_the_feed_is_about_in_the_site_s_language():
    assert feed("all").title == "Toutes les publications"
    assert feed("theme").title == "Thème\xa0: toutes les publications"
    assert (feed("theme/sante").title, feed("theme/sante").subtitle) == ("Santé", "Thème\xa0: Santé")
    english = publication("en-GB")
    assert feed("all", english).title == "All publications"
    assert feed("territoire/nord", english).subtitle == "Area: Nord"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("all", {"sante", "mentale", "emploi", "nord", "rien"}),
        ("theme", {"sante", "mentale", "emploi"}),
        ("theme/sante", {"sante", "mentale"}),
        ("theme/sante-mentale", {"mentale"}),
        ("territoire", {"nord"}),
        ("type", set()),
    ],
)
def test_a_feed_holds_its_terms_with_their_descendants(path, expected):
    articles = [
        article("sante", SANTE),
        article("mentale", MENTALE),
        article("emploi", EMPLOI),
        article("nord", NORD),
        article("rien"),
    ]
    assert {found.title for found in select(feed(path), articles)} == expected


def test_a_taxonomy_that_inherits_also_shows_what_its_ancestors_have():
    upwards = feed("theme/sante-mentale", publication(inherit=True))
    assert [found.title for found in select(upwards, [article("sante", SANTE), article("emploi", EMPLOI)])] == ["sante"]


def test_terms_that_are_each_other_s_parent_do_not_hang():
    knot = (replace(SANTE, parent="emploi"), replace(EMPLOI, parent="sante"))
    assert len(select(feed("theme/sante", terms=knot), [article("a", SANTE), article("b", EMPLOI)])) == 2
