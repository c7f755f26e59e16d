import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read

ITEM = {
    "id": "https://www.troisrivieres.example.org/actus/berges",
    "url": "https://www.troisrivieres.example.org/actus/berges",
    "title": "Les berges <rouvrent>",
    "content_html": "<p onclick='a'>Voir <a href='/carte'>la carte</a> du gué.</p><script>x</script>",
    "content_text": "Moins.",
    "summary": "Un résumé à part.",
    "date_published": "2024-03-26T15:15:00+01:00",
    "date_modified": "2024-03-28T22:34:00Z",
    "tags": ["Eau", "Divers"],
    "image": "https://www.troisrivieres.example.org/files/gue.jpg",
    "author": {"name": "x"},
    "attachments": [
        {"url": "https://www.troisrivieres.example.org/p.pdf", "mime_type": "application/pdf", "size_in_bytes": 4321}
    ],
}


def feed(*items, version="https://jsonfeed.org/version/1.1", **more):
    return json.dumps({"version": version, "title": "La gazette", "items": items, **more}).encode()


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"])
def test_an_item_is_an_article(desk, version):
    (article,) = read(feed(ITEM, version=version, language="fr-FR"), "export", desk)
    assert article.title == "Les berges <rouvrent>"
    assert article.identity == ITEM["url"].replace("www.", "")
    assert article.html == '<p>Voir <a href="https://www.troisrivieres.example.org/carte">la carte</a> du gué.</p>'
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert article.updated.isoformat() == "2024-03-28T22:34:00+00:00"
    assert (article.lead, article.lang) == ("Un résumé à part.", "fr-fr")
    assert [(t.taxonomy, t.slug) for t in article.terms] == [("theme", "eau"), ("theme", "divers")]
    (file,) = article.attachments
    assert (file.type, file.size, file.size_exact) == ("application/pdf", 4321, True)
    assert article.image.url == ITEM["image"]
    assert (article.source.format, article.warnings) == ("jsonfeed", ())


def test_plain_text_is_never_markup(desk):
    (article,) = read(feed({"id": 7, "content_text": "Un <b>mot</b> & deux.\n\nFin.", "title": "a"}), "a.json", desk)
    assert article.html == "<p>Un &lt;b&gt;mot&lt;/b&gt; &amp; deux.</p><p>Fin.</p>"
    assert article.identity.startswith("articles/7-")
    assert article.published == desk.now


@pytest.mark.parametrize("size", [True, -1, 0, 1.5, "4321", 10**40, None])
def test_a_size_that_cannot_be_is_none(desk, size):
    file = {"url": "https://www.troisrivieres.example.org/p.pdf", "size_in_bytes": size}
    (article,) = read(feed({**ITEM, "attachments": [file, 3, {"url": "javascript:a"}]}), "a.json", desk)
    assert [(f.size, f.size_exact) for f in article.attachments] == [(None, False)]
    assert "no web address" in article.warnings[0]


def test_a_bad_item_costs_itself_alone_and_is_named(desk):
    found = read(feed(ITEM, 3, {}, {"id": "a"}, {"id": "b", "title": "Bon"}), "a.json", desk)
    assert [str(each).partition(":")[0] for each in found if isinstance(each, IntakeError)] == [
        "item 2",
        "item 3",
        "item 4",
    ]
    assert found[-1].title == "Bon"


def test_long_ids_that_differ_at_their_end_are_two_articles(desk):
    one, two = read(feed(*({"id": "a" * 120 + end, "title": "a"} for end in "xy")), "a.json", desk)
    assert one.identity != two.identity


def test_absurd_dates_are_left_out_with_a_warning(desk):
    (article,) = read(feed({**ITEM, "date_published": "0000-01-01T00:00:00Z"}), "a.json", desk)
    assert article.published == article.modified
    assert article.warnings[0].startswith("date_published: ")


@pytest.mark.parametrize(
    "data",
    [feed(), feed()[:-1], feed(items={}), b'{"version": "https://jsonfeed.org/version/1", "a": ' + b"[" * 200_000],
)
def test_what_is_no_feed_gets_one_line(make_desk, data):
    with pytest.raises(IntakeError) as caught:
        read(data, "a.json", make_desk(format="jsonfeed"))
    assert "\n" not in str(caught.value)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["//[", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "title"]), inner),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from([*ITEM, "language", "external_url"]), ANY), cut=st.integers(0, 3))
def test_mutated_feeds_are_refused_or_read(make_desk, changes, cut):
    data = feed({**ITEM, **changes}, language=changes.get("language"))
    with contextlib.suppress(IntakeError):
        for each in read(data[: len(data) - cut * 9], "a.json", make_desk(format="jsonfeed")):
            assert isinstance(each, IntakeError) or each.title


def test_members_are_found_by_the_names_that_the_source_gives_them(make_desk):
    fields = {"lead": "_centre.chapo", "theme": "_centre.rubriques"}
    own = {**ITEM, "_centre": {"chapo": "Un chapô.", "rubriques": ["Eau", "Air"]}}
    (article,) = read(feed(own), "export", make_desk(fields=fields))
    assert article.lead == "Un chapô."
    assert {"Eau", "Air"} <= {t.label for t in article.terms if t.taxonomy == "theme"}


def test_tags_that_are_no_words_make_no_terms(desk, make_desk):
    written = ["", "Eau", None, 5, {"a": 1}, " ", ["Air"], True]
    (article,) = read(feed(ITEM | {"tags": written}), "export", desk)
    assert [term.label for term in article.terms] == ["Eau"]
    chosen = make_desk(fields={"theme": "_centre.rubriques"})
    own = ITEM | {"tags": [], "_centre": {"rubriques": written}}
    (article,) = read(feed(own), "export", chosen)
    assert [term.label for term in article.terms] == ["Eau"]
