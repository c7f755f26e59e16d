from pathlib import Path

import pytest

from newsletter.errors import IntakeError
from newsletter.intake import read

PAGES = Path(__file__).parent / "pages"
RSS = (PAGES / "gazette.rss").read_text(encoding="utf-8")
ATOM = (PAGES / "gazette.atom").read_text(encoding="utf-8")


def test_an_rss_item_is_an_article(desk):
    article, _ = read(RSS.encode(), "gazette.xml", desk)
    assert article.title == "L’eau & le gué"
    assert article.identity == "https://troisrivieres.example.org/actus/eau"
    assert article.url == "http://www.troisrivieres.example.org/actus/eau"
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert article.lead == "Un résumé à part."
    assert article.html == (
        '<h2>Bonjour</h2><p>Le gué <a href="http://www.troisrivieres.example.org/carte">rouvre</a> dès lundi matin.</p>'
    )
    assert article.lang == "fr-fr"
    assert article.source.format == "feed"


def test_categories_find_their_taxonomy_by_address_field_or_default(desk):
    article, _ = read(RSS.encode(), "gazette.xml", desk)
    assert [(t.taxonomy, t.label) for t in article.terms] == [
        ("theme", "Eau"),
        ("territory", "Vallée de l'Orme"),
        ("theme", "Divers"),
    ]


def test_categories_of_no_taxonomy_are_told(desk):
    from dataclasses import replace

    few = replace(desk, taxonomies={"territory": desk.taxonomies["territory"]})
    article, _ = read(RSS.encode(), "gazette.xml", few)
    assert [t.label for t in article.terms] == ["Vallée de l'Orme"]
    scheme = desk.taxonomies["theme"].iri
    assert article.warnings == (
        f"category 'Eau' is of no taxonomy; add {scheme!r} to taxonomies.….fields",
        "category 'Divers' is of no taxonomy; add 'category' to taxonomies.….fields",
    )


def test_enclosures_are_attachments_and_pictures(desk):
    article, _ = read(RSS.encode(), "gazette.xml", desk)
    (file,) = article.attachments
    assert (file.title, file.type, file.size) == ("plan du gue", "application/pdf", 4321)
    assert article.image.url.endswith("/files/gue.jpg")


def test_an_item_without_date_takes_now_with_a_warning(desk):
    _, article = read(RSS.encode(), "gazette.xml", desk)
    assert article.published == desk.now
    assert not article.dated
    (warning,) = article.warnings
    assert warning.startswith("entry 2: no date is given; the moment of intake was taken")


def test_the_fields_that_drupal_puts_into_descriptions_go(desk):
    _, article = read(RSS.encode(), "gazette.xml", desk)
    assert article.html == "<p>Le texte entier se trouve dans la description.</p>"


def test_an_atom_entry_is_an_article(desk):
    (article,) = read(ATOM.encode(), "gazette.atom", desk)
    assert article.title == "Un <b> de trop"
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    # the date of change names no zone: it is one of the source
    assert article.updated.isoformat() == "2024-03-28T22:34:00+01:00"
    assert article.terms[0].iri == "https://www.troisrivieres.example.org/taxonomy/term/31"
    assert article.lead == "Bref, mais clair et complet."
    assert article.warnings == ()


@pytest.mark.parametrize(
    "year",
    [
        "Tue, 26 Mar 0001 15:15:00 +0100",
        "Tue, 26 Mar 0000 15:15:00 GMT",
        "0001-03-26T15:15:00Z",
        "0000-03-26",
        "00010326",
    ],
)
@pytest.mark.parametrize("key", ["pubDate", "dc:date"])
def test_a_year_that_no_calendar_has_is_no_year_of_ours(desk, year, key):
    item = f"<item><title>Un</title><link>https://a.test/</link><{key}>{year}</{key}></item>"
    rss = f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{item}</channel></rss>'
    (article,) = read(rss.encode(), "a.xml", desk)
    assert (article.published, article.dated, article.modified) == (desk.now, False, None)
    assert "is no date that can be" in " ".join(article.warnings)


@pytest.mark.parametrize("written", ["Tue, 26 Mar 2001 00:01:00 -0030", "26 Mar 01 00:01:00 -0030", "20010326"])
def test_zeros_elsewhere_in_a_date_are_no_year(desk, written):
    item = f"<item><title>Un</title><link>https://a.test/</link><pubDate>{written}</pubDate></item>"
    (article,) = read(f'<rss version="2.0"><channel>{item}</channel></rss>'.encode(), "a.xml", desk)
    assert (article.dated, article.published.year, article.published.day) == (True, 2001, 26)


def test_absurd_dates_are_dropped_with_a_warning(desk):
    (article,) = read(ATOM.replace("2024-03-26T15:15:00+01:00", "9999-12-31T23:59:59Z").encode(), "a.atom", desk)
    assert article.published == article.modified
    assert any(warning.startswith("published: ") for warning in article.warnings)


def dated(desk, **dates):
    written = "".join(f"<{key}>{date}</{key}>" for key, date in dates.items())
    entry = f"<entry><title>Le gué</title><id>urn:gue</id>{written}</entry>"
    (article,) = read(f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>".encode(), "flux.xml", desk)
    return article


@pytest.mark.parametrize("written", ["2024-13-45", "2024-02-30", "2004년 05월 28일 오후 01:31:15", "2004-july-13"])
def test_a_date_that_is_none_names_itself_and_what_was_taken(desk, written):
    article = dated(desk, published=written)
    assert (article.published, article.dated) == (desk.now, False)
    assert f"published: {written!r} is no date that can be; left out" in article.warnings
    assert any("the moment of intake was taken" in warning for warning in article.warnings)
    article = dated(desk, published=written, updated="2024-03-27T10:00:00Z")
    assert article.published.date().isoformat() == "2024-03-27"
    assert "2024-03-27, when it was changed last, was taken for its date" in article.warnings


@pytest.mark.parametrize(
    ("written", "taken"),
    [("2003", "2003-01-01"), ("2003-12", "2003-12-01"), ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15")],
)
@pytest.mark.parametrize("key", ["published", "updated"])
def test_a_date_that_few_can_read_is_told_with_what_was_taken(desk, key, written, taken):
    article = dated(desk, **{key: written})
    assert article.published.date().isoformat() == taken
    assert f"{key}: {written!r} is no usual date; {taken} was taken" in article.warnings


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-26",
        "20240326",
        "Tue, 26 Mar 2024 10:00:00 GMT",
        "26 Mar 24 10:00 EST",
        "26/03/2024",
        "26 mars 2024 - 10:00",
    ],
)
def test_a_usual_date_is_no_matter_for_a_warning(desk, written):
    item = f"<item><title>Le gué</title><link>https://example.org/gue</link><pubDate>{written}</pubDate></item>"
    (article,) = read(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), "flux.xml", desk)
    assert (f"{article.published:%Y-%m-%d}", article.warnings) == ("2024-03-26", ())


def test_a_broken_feed_gives_what_can_be_had_and_says_so(desk):
    cut = RSS.encode()[: RSS.encode().index(b"<item>", 900)]
    (article,) = read(cut, "gazette.xml", desk)
    assert article.title == "L’eau & le gué"
    assert any("not well-formed" in warning for warning in article.warnings)


def test_an_entry_without_address_gets_one_of_ours(desk):
    without = ATOM.replace('<link rel="alternate" href="https://www.troisrivieres.example.org/actus/atom"/>', "")
    (article,) = read(without.encode(), "a.atom", desk)
    assert article.identity.startswith("articles/urn-uuid-60a76c80")
    assert article.url == f"{desk.base}/{article.identity}.html"


@pytest.mark.parametrize(
    "empty", ["<rss version='2.0'><channel/></rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<rss>"]
)
def test_a_feed_without_entries_is_refused(desk, empty):
    with pytest.raises(IntakeError, match="no entry"):
        read(empty.encode(), "vide.xml", desk)


def test_entities_are_not_expanded_from_outside(desk):
    bomb = ATOM.replace(
        "<feed",
        '<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]><feed',
        1,
    ).replace("Bref", "&b;&f;")
    (article,) = read(bomb.encode(), "a.atom", desk)
    assert "aaaaaaaaaa" not in article.text


def test_a_broken_feed_is_called_by_its_file(desk):
    (article,) = read(
        b"<rss><channel><item><title>a & b</title><link>https://a.test/</link></item>", "gazette.xml", desk
    )
    told = " ".join(article.warnings)
    assert "(gazette.xml:" in told
    assert "unknown>" not in told


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Un <script>voler()</script> <style>p {}</style>titre <b>gras</b>", "Un titre gras"),
        ("Un titre <script>voler()", "Un titre"),
        ("Le <main class='a'>gu&eacute;</main> <B>rouvert</B>", "Le gué rouvert"),
        ("Le gué <br/><blink>rouvert</blink>", "Le gué rouvert"),
        ("Si a<b et c>d, le <champ> reste &eacute;crit", "Si a<b et c>d, le <champ> reste &eacute;crit"),
    ],
)
def test_titles_of_rss_are_words_whatever_tags_they_have(desk, written, title):
    item = f"<item><title><![CDATA[{written}]]></title><link>https://a.test/</link></item>"
    (article,) = read(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), "gazette.xml", desk)
    assert article.title == title


def test_a_title_of_atom_that_is_text_stays_as_it_was_written(desk):
    entry = """<entry><title type="text">Le &lt;b&gt;gras&lt;/b&gt; n’en est pas, ni &lt;script&gt;</title>
        <link href="https://a.test/"/></entry>"""
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Une gazette</title>{entry}</feed>'
    (article,) = read(feed.encode(), "gazette.atom", desk)
    assert article.title == "Le <b>gras</b> n’en est pas, ni <script>"
