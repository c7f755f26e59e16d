"""Whatever an article holds, nothing is to be said of the documents that show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.feeds import atom, jsonfeed, rss
from newsletter.feeds.head import Head, newest
from newsletter.intake.clean import clean
from newsletter.model import Article, Attachment, Image, Term
from tests.unit.validation.folder_sample import BASE, CONFIG, FEEDS, JARDIN, calendar, said

TEXT = st.text(st.characters(codec=None), max_size=40)
TAGS = ["<p>", "</p>", "<a href='/x'>", "<a href='https://x.example.org/é'>", "</a>", "<script>", "<b>", "<style>"]
TAGS += ["<img src='a.png' onerror='x()'>", "<div style='x'>", "<!--", "<a href='data:x'>"]
MARKUP = st.lists(st.one_of(TEXT, st.sampled_from(TAGS)), max_size=8).map("".join)
PATHS = st.text("abcé/?&=[]%20 <>\"'|", max_size=20)
TYPES = st.one_of(TEXT, st.sampled_from(["application/pdf", "pdf", ""]))
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1994, 1, 2), datetime(2024, 4, 1), timezones=OFFSETS)
FILES = st.builds(
    lambda path, title, type, size, exact: Attachment(f"https://x.example.org/{path}", title, type, size, exact),
    PATHS, TEXT, TYPES, st.one_of(st.none(), st.integers(0, 10**12)), st.booleans(),
)  # fmt: skip
TERMS = st.builds(Term, st.just("theme"), st.sampled_from(["sante", "sport", "école"]), TEXT)
ARTICLES = st.lists(
    st.builds(
        lambda number, path, published, changed, **more: replace(
            JARDIN,
            id=f"tag:www.troisrivieres.example.org,2024:{number}",
            url=f"https://x.example.org/{path}",
            published=published,
            updated=changed,
            **more,
        ),
        st.integers(0, 10**6),
        PATHS,
        INSTANTS,
        INSTANTS,
        title=TEXT,
        lead=TEXT,
        html=MARKUP.map(lambda html: clean(html, BASE)),
        lang=st.sampled_from(["fr", "en", "FR", "pt_BR", ""]),
        terms=st.lists(TERMS, max_size=3).map(tuple),
        attachments=st.lists(FILES, max_size=3).map(tuple),
        image=st.one_of(st.none(), st.builds(Image, PATHS.map(lambda path: f"https://x.example.org/{path}"))),
    ),
    max_size=3,
    unique_by=lambda article: article.id,
)


@settings(deadline=None, max_examples=200)
@given(ARTICLES)
def test_nothing_is_said_of_feeds_of_any_articles(articles: list[Article]) -> None:
    [feed] = [each for each in FEEDS if each.path == "all"]
    moment = newest(CONFIG, [datetime(2024, 1, 1, tzinfo=UTC), *map(atom.updated, articles)])
    head = Head(feed, moment)
    made = {
        "all.atom": atom.document(head, [atom.entry(each, CONFIG) for each in articles], CONFIG),
        "all.rss": rss.document(head, [rss.item(each, CONFIG) for each in articles], CONFIG),
        "all.json": jsonfeed.document(head, [jsonfeed.item(each, CONFIG) for each in articles], CONFIG),
        "all.ics": calendar("all", *articles),
    }
    assert [each for each in said(made) if each.partition(":")[0] in made] == []
