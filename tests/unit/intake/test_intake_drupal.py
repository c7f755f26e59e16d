import contextlib
import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.model import ArticleState
from tests.unit.intake.broken import broken

SITE = "https://www.troisrivieres.example.org"
BARE = "https://troisrivieres.example.org"


def related(kind, id, **meta):
    return {"type": kind, "id": id, "meta": meta}


NODE = {
    "type": "node--article",
    "id": "5a1c",
    "links": {"self": {"href": f"{SITE}/jsonapi/node/article/5a1c"}},
    "attributes": {
        "drupal_internal__nid": 12,
        "langcode": "fr",
        "status": True,
        "title": "L'eau & le gué",
        "created": "2024-03-26T15:15:00+01:00",
        "changed": "2024-03-28T22:34:00+01:00",
        "path": {"alias": "/actus/eau", "pid": 3, "langcode": "fr"},
        "body": {
            "value": "<p>brut</p>",
            "format": "full_html",
            "processed": '<p>Le gué <a href="/carte">rouvre</a> lundi.</p>',
            "summary": "<p>Un résumé à part.</p>",
        },
        "field_date": {"value": "2024-04-12T09:00:00+02:00", "end_value": "2024-04-12T17:00:00+02:00"},
        "field_date_limite": "2024-04-05",
    },
    "relationships": {
        "node_type": {"data": related("node_type--node_type", "t")},
        "uid": {"data": related("user--user", "missing")},
        "field_tags": {"data": [related("taxonomy_term--thematiques", "t1", drupal_internal__target_id=31)]},
        "field_lieu": {"data": related("taxonomy_term--territory", "t2", drupal_internal__target_id=40)},
        "field_empty": {"data": None},
        "field_none": {"data": []},
        "field_image": {"data": related("file--file", "f1", alt="Le gué", width=600, height=400)},
        "field_documents": {
            "data": [related("media--document", "m1"), related("file--file", "f2", description="Plan")]
        },
    },
}
INCLUDED = [
    {
        "type": "taxonomy_term--thematiques",
        "id": "t1",
        "attributes": {"name": "Eau & air", "drupal_internal__tid": 31, "path": {"alias": None}},
    },
    {
        "type": "taxonomy_term--territory",
        "id": "t2",
        "attributes": {"name": "Vallée de l'Orme", "path": {"alias": "/vallee-de-lorme"}},
        "relationships": {"parent": {"data": [related("taxonomy_term--territory", "virtual")]}},
    },
    {
        "type": "file--file",
        "id": "f1",
        "attributes": {
            "filename": "gue.jpg",
            "filemime": "image/jpeg",
            "filesize": 900,
            "uri": {"value": "public://gue.jpg", "url": "/files/gue.jpg"},
        },
    },
    {
        "type": "media--document",
        "id": "m1",
        "attributes": {"name": "Rapport annuel"},
        "relationships": {
            "field_media_document": {"data": related("file--file", "f3")},
            "thumbnail": {"data": related("file--file", "f1")},
        },
    },
    {
        "type": "file--file",
        "id": "f2",
        "attributes": {"filemime": "application/pdf", "filesize": "4321", "url": "/files/plan.pdf"},
    },
    {
        "type": "file--file",
        "id": "f3",
        "attributes": {"filemime": "application/pdf", "filesize": 98, "uri": {"url": "/files/rapport.pdf"}},
    },
]
DOCUMENT = {
    "jsonapi": {"version": "1.0"},
    "data": [NODE],
    "included": INCLUDED,
    "links": {"self": {"href": f"{SITE}/jsonapi/node/article?include=field_tags"}},
}


def one(desk, attributes=None, relationships=None, **changes):
    document = copy.deepcopy({**DOCUMENT, **changes})
    document["data"][0]["attributes"].update(attributes or {})
    document["data"][0]["relationships"].update(relationships or {})
    (article,) = read(json.dumps(document).encode(), "articles.json", desk)
    return article


def test_a_node_is_an_article(desk):
    article = one(desk)
    assert article.source.format == "drupal"
    assert article.title == "L'eau & le gué"
    assert article.lead == "Un résumé à part."
    assert article.html == f'<p>Le gué <a href="{SITE}/carte">rouvre</a> lundi.</p>'
    assert (article.url, article.identity) == (f"{SITE}/actus/eau", f"{BARE}/actus/eau")
    assert article.aliases == (f"{BARE}/node/12",)
    assert (article.lang, article.state) == ("fr", ArticleState.READY)
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert article.modified.isoformat() == "2024-03-28T22:34:00+01:00"
    assert article.warnings == ()


def test_terms_are_resolved_with_their_addresses(desk):
    assert [(t.taxonomy, t.label, t.iri) for t in one(desk).terms] == [
        ("theme", "Eau & air", f"{SITE}/taxonomy/term/31"),
        ("territory", "Vallée de l'Orme", f"{SITE}/vallee-de-lorme"),
    ]


def test_a_vocabulary_of_no_taxonomy_or_a_term_without_name_is_told(desk):
    named = {"type": "taxonomy_term--humeur", "id": "h", "attributes": {"name": "Gaie"}}
    article = one(
        desk,
        relationships={"field_h": {"data": [related("taxonomy_term--humeur", "h"), related("taxonomy_term--x", "?")]}},
        included=[*INCLUDED, named],
    )
    assert article.warnings == (
        "vocabulary 'humeur' is of no taxonomy; add it to its fields",
        "field_h: the document includes no name for a term; save it with include=field_h",
    )


@pytest.mark.parametrize("field", ["field_section", "section", "field_type", "type"])
def test_a_field_s_name_serves_where_the_vocabulary_means_nothing(desk, field):
    named = {"type": "taxonomy_term--tags", "id": "h", "attributes": {"name": "Agenda"}}
    data = {"data": [related("taxonomy_term--tags", "h")]}
    terms = one(desk, relationships={field: data}, included=[*INCLUDED, named]).terms
    assert [t.label for t in terms if t.taxonomy == "type"] == ["Agenda"]


@pytest.mark.parametrize("id", ["missing", "virtual"])
def test_what_cannot_be_reached_is_ignored_with_a_warning(desk, id):
    article = one(desk, relationships={"field_tags": {"data": [related("taxonomy_term--thematiques", id)]}})
    assert [t.taxonomy for t in article.terms] == ["territory"]
    assert article.warnings == (f"field_tags: what it refers to is '{id}' at the site; ignored",)


def test_files_are_found_in_one_hop_and_in_two(desk):
    article = one(desk)
    assert [(f.url, f.title, f.type, f.size, f.size_exact) for f in article.attachments] == [
        (f"{SITE}/files/rapport.pdf", "Rapport annuel", "application/pdf", 98, True),
        (f"{SITE}/files/plan.pdf", "Plan", "application/pdf", 4321, True),
    ]
    image = article.image
    assert (image.url, image.alt, image.width, image.height) == (f"{SITE}/files/gue.jpg", "Le gué", 600, 400)


def test_a_medium_that_was_not_included_is_told(desk):
    article = one(desk, included=[each for each in INCLUDED if each["id"] != "m1"])
    assert article.warnings == (
        "field_documents: the document does not include its media; save it with include=field_documents",
    )


def test_field_dates_are_dates_and_a_limit_is_the_deadline(desk):
    article = one(desk)
    assert [(d.start.isoformat(), d.end.isoformat()) for d in article.dates] == [
        ("2024-04-12T09:00:00+02:00", "2024-04-12T17:00:00+02:00")
    ]
    assert article.deadline.isoformat() == "2024-04-05T23:59:59+02:00"


def test_dates_with_or_without_prefix_as_days_or_as_seconds(desk):
    several = [{"value": "2024-05-02", "end_value": "2024-05-03"}, {"value": 1714982400, "end_value": 1714986000}]
    days, hours = one(desk, attributes={"field_date": None, "dates": several}).dates
    assert days.all_day and days.end.isoformat() == "2024-05-04T00:00:00+02:00"
    assert hours.start.isoformat() == "2024-05-06T08:00:00+00:00"


def test_seconds_as_sites_of_2016_write_them(desk):
    article = one(desk, attributes={"created": "1711462500", "changed": 1711661640})
    assert article.published.isoformat() == "2024-03-26T14:15:00+00:00"
    assert article.modified.isoformat() == "2024-03-28T21:34:00+00:00"


def test_without_alias_the_number_is_the_address(desk):
    article = one(desk, attributes={"path": {"alias": None}})
    assert (article.url, article.aliases) == (f"{SITE}/node/12", ())


@pytest.mark.parametrize("status", [False, 0, "0"])
def test_what_is_not_published_waits(desk, status):
    assert one(desk, attributes={"status": status}).state is ArticleState.DRAFT


def test_a_text_without_processed_form_is_cleaned_as_it_was_written(desk):
    assert one(desk, attributes={"body": {"value": "<p>Brut<script>x</script></p>"}}).html == "<p>Brut</p>"
    assert one(desk, attributes={"body": {"value": "a < b", "format": "plain_text"}}).html == "<p>a &lt; b</p>"
    assert one(desk, attributes={"body": None, "field_text": {"processed": "<p>x</p>", "format": "f"}}).text == "x"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (f"{SITE}/fr/jsonapi/node/article", f"{SITE}/fr/actus/eau"),
        (f"{SITE}/EcmsApi/node/article", f"{SITE}/actus/eau"),
        (f"{SITE}/api/v1/node/article", f"{SITE}/actus/eau"),
    ],
)
def test_the_site_is_what_stands_before_the_api(desk, link, url):
    assert one(desk, links={"self": link}).url == url


def test_without_any_link_the_publication_s_site_is_taken_and_told(desk):
    node = {key: value for key, value in NODE.items() if key != "links"}
    article = one(desk, links=None, data=[node])
    assert article.url == f"{SITE}/actus/eau"
    assert article.warnings == (f"the document names no site (links.self); {SITE} was taken",)


def test_a_bad_node_does_not_take_the_others_with_it(desk):
    empty = {"type": "node--article", "attributes": {}}
    term = INCLUDED[0]
    failure, article = read(json.dumps({**DOCUMENT, "data": [empty, term, NODE]}).encode(), "a.json", desk)
    assert str(failure) == "node 1: it has neither path, number nor id; save the document whole"
    assert (article.title, article.warnings) == ("L'eau & le gué", ())


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (
            {"jsonapi": {}, "errors": [{"title": "Forbidden", "detail": "Pas de droit.", "status": "403"}]},
            "Pas de droit",
        ),
        ({"jsonapi": {}, "data": []}, "there is no node"),
        ({"jsonapi": {}, "data": INCLUDED}, "there is no node"),
        ({"jsonapi": {}, "data": [{"type": "node--a"}]}, "node 1: it has neither"),
    ],
)
def test_what_holds_no_node_gets_one_line(desk, document, complaint):
    with pytest.raises(IntakeError, match=complaint) as caught:
        read(json.dumps(document).encode(), "a.json", desk)
    assert "\n" not in str(caught.value)


OWN = {
    "field_titre": "Un autre titre",
    "texte_long": [{"value": "<p>Le gué.</p>", "format": "x"}, {"processed": "<p>Et la suite.</p>"}],
    "field_chapo": {"processed": "<p>Un chapô.</p>"},
    "publication": "2024-03-20T10:00:00+01:00",
    "quand": "2024-05-02T10:00:00+02:00",
    "field_fin_inscription": "2024-04-30",
}


def test_fields_are_found_by_the_names_that_the_site_gives_them(make_desk):
    fields = {
        "title": "field_titre",
        "text": "texte_long",
        "lead": "chapo",
        "date": "publication",
        "dates": "quand",
        "deadline": "fin_inscription",
        "image": "vignette",
        "attachments": "field_image",
        "type": "lieu",
    }
    picture = {"data": related("file--file", "f4", alt="Vignette")}
    file = {"type": "file--file", "id": "f4", "attributes": {"filemime": "image/png", "url": "/files/v.png"}}
    article = one(make_desk(fields=fields, format="drupal"), OWN, {"vignette": picture}, included=[*INCLUDED, file])
    assert (article.title, article.lead) == ("Un autre titre", "Un chapô.")
    assert article.html == "<p>Le gué.</p><p>Et la suite.</p>"
    assert article.published.day == 20
    assert [d.start.isoformat() for d in article.dates] == ["2024-05-02T10:00:00+02:00"]
    assert article.deadline.isoformat() == "2024-04-30T23:59:59+02:00"
    assert (article.image.url, article.image.alt) == (f"{SITE}/files/v.png", "Vignette")
    assert [f.url for f in article.attachments] == [f"{SITE}/files/gue.jpg"]
    assert [(t.taxonomy, t.label) for t in article.terms] == [("theme", "Eau & air"), ("type", "Vallée de l'Orme")]


def test_a_field_that_is_named_and_empty_leaves_what_drupal_itself_has(make_desk):
    assert one(make_desk(fields={"title": "field_titre"}), {"field_titre": None}).title == "L'eau & le gué"


def test_the_number_is_an_alias_with_the_language_and_without(desk):
    article = one(desk, links={"self": f"{SITE}/fr/jsonapi/node/article"})
    assert article.aliases == (f"{BARE}/fr/node/12", f"{BARE}/node/12")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=broken(DOCUMENT))
def test_broken_documents_are_refused_or_read(make_desk, document):
    with contextlib.suppress(IntakeError):
        for article in read(json.dumps(document).encode(), "a.json", make_desk(format="drupal")):
            if isinstance(article, IntakeError):
                continue
            assert article.title
            assert article.updated >= article.published
            assert not set("\u202e\x00\ud800") & set(article.title + article.html + article.lead)


@pytest.mark.parametrize(
    ("error", "reason"),
    [({"detail": "", "title": " ", "status": "403"}, "403"), ({"code": 7}, "7"), ({}, "without a reason")],
)
def test_an_error_says_as_much_as_the_site_did(make_desk, error, reason):
    with pytest.raises(IntakeError, match=rf"answered with an error \({reason}\)"):
        read(json.dumps({"errors": [error], "x": {}}).encode(), "a.json", make_desk(format="drupal"))
