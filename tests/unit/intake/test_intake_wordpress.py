import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.model import ArticleState
from tests.unit.intake.broken import broken

SITE = "https://www.troisrivieres.example.org"
BARE = "https://troisrivieres.example.org"
POST = {
    "id": 7,
    "date": "2024-03-26T15:15:00",
    "date_gmt": "2024-03-26T14:15:00",
    "guid": {"rendered": f"{SITE}/?p=7"},
    "modified": "2024-03-28T22:34:00",
    "modified_gmt": "2024-03-28T21:34:00",
    "status": "publish",
    "link": f"{SITE}/actus/eau/",
    "title": {"rendered": "L&#8217;eau &amp; le <em>gu&eacute;</em>"},
    "content": {"rendered": '<p>Le gué <a href="/carte">rouvre</a> lundi.</p><script>x()</script>', "protected": False},
    "excerpt": {"rendered": "<p>Un r&eacute;sum&eacute; &agrave; part.</p>", "protected": False},
    "categories": [3],
    "tags": [9],
    "_embedded": {
        "wp:featuredmedia": [
            {
                "source_url": f"{SITE}/files/gue.jpg",
                "alt_text": "Le gu&eacute;",
                "mime_type": "image/jpeg",
                "media_details": {"width": 600, "height": "400"},
            }
        ],
        "wp:term": [
            [{"id": 3, "link": f"{SITE}/theme/eau/", "name": "Eau &amp; air", "taxonomy": "category"}],
            [{"id": 9, "name": "gu&eacute;", "taxonomy": "post_tag"}],
            [
                {
                    "id": 11,
                    "link": f"{SITE}/lieu/orme/",
                    "name": "Vall&eacute;e de l&rsquo;Orme",
                    "taxonomy": "territory",
                }
            ],
        ],
    },
}


def posts(*changes):
    return json.dumps([{**POST, "link": f"{SITE}/{n}/", **change} for n, change in enumerate(changes)]).encode()


def one(desk, **changes):
    (article,) = read(json.dumps([{**POST, **changes}]).encode(), "posts.json", desk)
    return article


def test_a_post_is_an_article(desk):
    article = one(desk)
    assert article.source.format == "wordpress"
    assert article.title == "L’eau & le gué"
    assert article.lead == "Un résumé à part."
    assert article.html == f'<p>Le gué <a href="{SITE}/carte">rouvre</a> lundi.</p>'
    assert (article.identity, article.url) == (f"{BARE}/actus/eau/", f"{SITE}/actus/eau/")
    assert article.aliases == (f"{BARE}/?p=7",)
    assert article.state is ArticleState.READY


def test_the_dates_in_utc_count_and_name_no_zone(desk):
    article = one(desk)
    assert article.published.isoformat() == "2024-03-26T14:15:00+00:00"
    assert article.modified.isoformat() == "2024-03-28T21:34:00+00:00"


@pytest.mark.parametrize("absent", [None, "0000-00-00T00:00:00", ""])
def test_without_them_those_of_the_site_s_clocks(make_desk, absent):
    article = one(make_desk(timezone="Indian/Reunion"), date_gmt=absent, modified_gmt=absent)
    assert article.published.isoformat() == "2024-03-26T15:15:00+04:00"
    assert article.modified.isoformat() == "2024-03-28T22:34:00+04:00"


def test_terms_have_their_names_and_those_of_no_taxonomy_are_told(desk):
    article = one(desk)
    assert [(t.taxonomy, t.label, t.iri) for t in article.terms] == [
        ("theme", "Eau & air", f"{SITE}/theme/eau/"),
        ("territory", "Vallée de l’Orme", f"{SITE}/lieu/orme/"),
    ]
    assert article.warnings == ("'post_tag' is of no taxonomy; add it to taxonomies.….fields",)


def test_the_featured_picture_comes_with_its_words(desk):
    image = one(desk).image
    assert (image.url, image.alt, image.width, image.height) == (f"{SITE}/files/gue.jpg", "Le gué", 600, 400)


def test_errors_in_place_of_what_is_embedded_are_told(desk):
    error = {"code": "rest_forbidden", "message": "Vous n&rsquo;y avez pas droit.", "data": {"status": 401}}
    article = one(desk, _embedded={"wp:featuredmedia": [error], "wp:term": [error, POST["_embedded"]["wp:term"][0]]})
    assert article.image is None
    assert [t.label for t in article.terms] == ["Eau & air"]
    assert len([w for w in article.warnings if "Vous n’y avez pas droit." in w]) == 2


def test_numbers_without_names_are_told(desk):
    assert "save the posts with ?_embed" in one(desk, _embedded=None).warnings[0]


@pytest.mark.parametrize("state", ["draft", "pending", "private", "auto-draft"])
def test_what_is_not_published_waits(desk, state):
    assert one(desk, status=state).state is ArticleState.DRAFT


def test_an_excerpt_that_was_cut_out_of_the_text_is_no_lead(desk):
    article = one(desk, excerpt={"rendered": "<p>Le gué rouvre [&hellip;]</p>\n"})
    assert article.lead == "Le gué rouvre lundi."


def test_a_post_behind_a_password_says_so(desk):
    article = one(desk, content={"rendered": "", "protected": True})
    assert any("password" in warning for warning in article.warnings)


def test_one_post_alone_is_read(desk):
    (article,) = read(json.dumps(POST).encode(), "post.json", desk)
    assert article.title == "L’eau & le gué"


def test_a_bad_post_does_not_take_the_others_with_it(desk):
    first, second, third, last = read(
        posts({}, {"link": "javascript:alert(1)"}, {"title": None, "content": None}, {}), "a.json", desk
    )
    assert (first.url, last.url) == (f"{SITE}/0/", f"{SITE}/3/")
    assert str(second).startswith("post 2: 'javascript:alert(1)' is no web address")
    assert str(third).startswith("post 3: there is neither a title nor a sentence")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b'{"code": "rest_no_route", "message": "Aucune route", "rendered": ""}', "Aucune route"),
        (json.dumps([POST]).encode()[:-40], "is no JSON"),
        (b'[{"rendered": ' + b"[" * 100_000, "nested"),
        (b'{"rendered": ' + b"9" * 5000 + b"}", "number"),
        (b'[{"rendered": 1}]', "post 1: '' is no web address"),
    ],
    ids=["error", "cut", "deep", "long", "empty"],
)
def test_what_holds_no_post_gets_one_line(desk, data, complaint):
    with pytest.raises(IntakeError, match=complaint) as caught:
        read(data, "posts.json", desk)
    assert "\n" not in str(caught.value)


def test_members_are_found_by_the_names_that_the_site_gives_them(make_desk):
    fields = {"lead": "acf.chapo", "text": "acf.texte", "theme": "post_tag"}
    article = one(make_desk(fields=fields), acf={"chapo": "Un chapô.", "texte": "<p>Un mot.</p>"})
    assert (article.lead, article.html) == ("Un chapô.", "<p>Un mot.</p>")
    assert ("theme", "gué") in [(t.taxonomy, t.label) for t in article.terms]


EVENTS = {
    "a day as it is kept": ("20240426", None, ("2024-04-26T00:00:00+02:00", "2024-04-27T00:00:00+02:00", True)),
    "a day as it is shown": ("26/04/2024", None, ("2024-04-26T00:00:00+02:00", "2024-04-27T00:00:00+02:00", True)),
    "days": ("20240426", "20240428", ("2024-04-26T00:00:00+02:00", "2024-04-29T00:00:00+02:00", True)),
    "hours": (
        "2024-04-26 14:00:00", "26 avril 2024 à 17h30",
        ("2024-04-26T14:00:00+02:00", "2024-04-26T17:30:00+02:00", False),
    ),
    "seconds": ("1714132800", None, ("2024-04-26T12:00:00+00:00", None, False)),
    "a span in words": ("du 26 au 28 avril 2024", "", ("2024-04-26T00:00:00+02:00", "2024-04-29T00:00:00+02:00", True)),
    "an end that is no date": ("2024-04-26 14:00", "à la nuit", ("2024-04-26T14:00:00+02:00", None, False)),
    "an end before the start": ("2024-04-26 14:00", "2024-04-25 14:00", None),
}  # fmt: skip


@pytest.mark.parametrize("shape", EVENTS)
@pytest.mark.parametrize("fields", ["acf.debut, acf.fin", "meta.debut,meta.fin"])
def test_dates_of_an_event_stand_in_fields_of_the_site(make_desk, shape, fields):
    begins, ends, found = EVENTS[shape]
    values = {"debut": begins, "fin": ends}
    if fields.startswith("meta"):
        values = {name: [value] if value else [] for name, value in values.items()}
    article = one(make_desk(fields={"dates": fields}, format="wordpress"), **{fields.partition(".")[0]: values})
    told = [(d.start.isoformat(), d.end and d.end.isoformat(), d.all_day) for d in article.dates]
    assert told == ([found] if found else [])
    warned = [each for each in article.warnings if "dates" in each]
    assert len(warned) == ("an end" in shape)


def test_several_dates_of_one_field_are_several_dates(make_desk):
    article = one(make_desk(fields={"dates": "acf.jours"}), acf={"jours": ["20240426", "20240503"]})
    assert [d.start.date().isoformat() for d in article.dates] == ["2024-04-26", "2024-05-03"]


@pytest.mark.parametrize("empty", [None, "", [], {}, False])
def test_a_post_that_is_no_event_has_no_dates(make_desk, empty):
    article = one(make_desk(fields={"dates": "acf.debut, acf.fin", "deadline": "acf.limite"}), acf={"debut": empty})
    assert (article.dates, article.deadline) == ((), None)
    assert not [each for each in article.warnings if "acf" in each]


def test_dates_before_publication_are_those_of_configured_events_alone(make_desk):
    desk = make_desk(fields={"dates": "acf.debut", "type": "sorte"})
    sorts = [[{"name": "Agenda", "taxonomy": "sorte"}]]
    assert one(desk, acf={"debut": "20240101"}).dates == ()
    assert len(one(desk, acf={"debut": "20240101"}, _embedded={"wp:term": sorts}).dates) == 1


def test_a_deadline_is_the_end_of_its_day_unless_it_names_an_hour(make_desk):
    desk = make_desk(fields={"deadline": "meta.limite"})
    assert one(desk, meta={"limite": "20240426"}).deadline.isoformat() == "2024-04-26T23:59:59+02:00"
    assert one(desk, meta={"limite": "26/04/2024 12:00"}).deadline.isoformat() == "2024-04-26T12:00:00+02:00"
    article = one(desk, meta={"limite": "bientôt"})
    assert article.deadline is None
    assert "deadline: 'bientôt' is no date that can be; left out" in article.warnings


def test_the_day_of_publication_may_stand_in_a_field_of_the_site(make_desk):
    fields = {"date": "acf.paru", "updated": "acf.revu"}
    article = one(make_desk(fields=fields), acf={"paru": "20240310", "revu": "11/03/2024 10:00"})
    assert article.published.isoformat() == "2024-03-10T00:00:00+01:00"
    assert article.modified.isoformat() == "2024-03-11T10:00:00+01:00"
    article = one(make_desk(fields=fields), acf={"paru": ""})
    assert article.published.isoformat() == "2024-03-26T14:15:00+00:00"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=broken([POST, POST]))
def test_broken_posts_are_refused_or_read(make_desk, document):
    with contextlib.suppress(IntakeError):
        for article in read(json.dumps(document).encode(), "a.json", make_desk(format="wordpress")):
            if isinstance(article, IntakeError):
                continue
            assert article.title
            assert article.updated >= article.published
            assert not set("\u202e\x00\ud800") & set(article.title + article.html + article.lead)


@pytest.mark.parametrize(
    ("error", "reason"), [({"code": "rest", "message": ""}, "rest"), ({"code": "", "message": ""}, "")]
)
def test_an_error_without_words_is_told_by_its_code(make_desk, error, reason):
    with pytest.raises(IntakeError, match=rf"answered with an error \({reason or 'without a reason'}\)"):
        read(json.dumps(error).encode(), "a.json", make_desk(format="wordpress"))
