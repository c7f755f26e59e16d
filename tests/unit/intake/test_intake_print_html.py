import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read

SITE = "https://www.troisrivieres.example.org"


@pytest.fixture
def saved(page):
    return page("valley.html")


@pytest.fixture
def article(desk, saved):
    (found,) = read(saved, "page.html", desk)
    return found


def test_the_title_is_the_one_that_the_page_shows(article):
    assert (article.title, article.title_source) == ("La fête des berges & du gué", "heading")
    assert article.source.format == "print-html"
    assert article.lang == "fr"


@pytest.mark.parametrize("code", [b"<script>var a = 'x';</script>", b"<style>h1 { color: red }</style>"])
@pytest.mark.parametrize("place", [b'print-title">', b'print-breadcrumb">', b"URL de la source ", b"Loisirs"])
def test_code_is_no_word_of_anything(desk, saved, article, code, place):
    assert place in saved
    (found,) = read(saved.replace(place, place + code), "page.html", desk)
    assert (found.title, found.url, found.terms) == (article.title, article.url, article.terms)
    bare = saved.replace(b'print-title"', b'other"')
    (found,) = read(bare.replace(place, place + code), "page.html", desk)
    assert found.title == "La fête des berges"


@pytest.mark.parametrize(
    ("gone", "title", "where"),
    [
        (["print-title"], "La fête des berges", "breadcrumb"),
        (["print-title", "print-breadcrumb"], "La fête des berges", "title"),
        (["print-title", "print-breadcrumb", "title>"], "La fete des berges", "address"),
    ],
)
def test_without_it_the_next_best_serves(desk, saved, gone, title, where):
    for name in gone:
        saved = saved.replace(name.encode(), b"x-y>" if name == "title>" else b"other")
    (found,) = read(saved, "page.html", desk)
    assert (found.title, found.title_source) == (title, where)


def test_the_links_are_true_and_absolute(article):
    assert f'<a href="{SITE}/promenades">plan des promenades</a>' in article.html
    assert "[1]" not in article.html


def test_fields_files_and_noise_are_no_part_of_the_body(article):
    for word in ("Poids", "Téléchargement", "Favoris", "Publié le", "Cadre de vie", "Agenda", "var a", "Liens"):
        assert word not in article.text
    assert "Les communes de la vallée ont ouvert" in article.text
    assert "<li>Thématiques: ce mot ouvre aussi une phrase.</li>" in article.html
    assert f'<img src="{SITE}/files/carte.png" alt="Carte">' in article.html


def test_the_fields_are_read_as_those_of_the_text(article):
    assert [(t.taxonomy, t.label, t.iri) for t in article.terms] == [
        ("type", "Agenda", f"{SITE}/taxonomy/term/811"),
        ("theme", "Cadre de vie, nature", f"{SITE}/taxonomy/term/32"),
        ("theme", "Eau", f"{SITE}/taxonomy/term/31"),
        ("theme", "Loisirs", f"{SITE}/taxonomy/term/40"),
    ]
    assert article.published.isoformat() == "2024-03-14T00:00:00+01:00"
    assert article.modified.isoformat() == "2024-03-18T17:05:00+01:00"
    assert [d.start.isoformat() for d in article.dates] == ["2024-04-06T10:00:00+02:00"]
    assert article.identity == "https://troisrivieres.example.org/actus/la-fete-des-berges"
    assert (article.warnings, article.unparsed) == ((), ())


def test_every_piece_of_the_saved_file_is_in_the_region_that_its_class_names(article, saved):
    assert "".join(part.text for part in article.parts).encode() == saved
    assert [part.kind for part in article.parts] == ["header", "header", "title", "body", "field", "field", "links"]
    regions = {part.kind: part.text for part in article.parts}
    assert regions["title"].startswith('<h1 class="print-title">La fête')
    assert "Les communes de la vallée" in regions["body"]
    assert "[1] https://www.troisrivieres.example.org/promenades" in regions["links"]


def test_the_picture_and_the_file_are_found(article):
    assert (article.image.url, article.image.alt) == (f"{SITE}/files/berges.jpg", "Les berges au printemps")
    assert "berges.jpg" not in article.html
    (file,) = article.attachments
    assert (file.url, file.title, file.size) == (f"{SITE}/files/plan_%282024%29.pdf", "Plan de la vallée", 1310720)


def test_the_day_of_publication_may_stand_at_the_head(desk, saved):
    head = (
        '<div class="print-submitted">Soumis par la rédaction le 14 mars 2024 - 09:30</div><div class="print-content">'
    )
    moved = saved.replace("<p>Publié le 14 mars 2024</p>".encode(), b"")
    moved = moved.replace(b'<div class="print-content">', head.encode(), 1)
    (found,) = read(moved, "page.html", desk)
    assert found.published.isoformat() == "2024-03-14T09:30:00+01:00"


@pytest.mark.parametrize(
    ("part", "complaint"), [(b"print-source_url", "no print page|cut off"), (b"print-content", "no print page")]
)
def test_what_is_no_whole_print_page_gets_one_line(make_desk, saved, part, complaint):
    with pytest.raises(IntakeError, match=complaint) as caught:
        read(saved.replace(part, b"other"), "page.html", make_desk(format="print-html"))
    assert "\n" not in str(caught.value)


CRUMBS = [
    *("<div>", "</div>", "<p>", "</p>", "<a href='//['>", "<a>", "</a>", "<table><tr><td>", "<br>", "<script>", "<!--"),
    *(
        "<a href='https://[x'>",
        "<img>",
        "<div class='field-type-image'><img src='//['>",
        "&#x202e;",
        "&#11;",
        "\x00",
        "](",
    ),
    *(
        "<div class='print-title'>",
        "Poids : 1 Mo",
        "<a href='javascript:x'>y</a>",
        "<body>",
        "<div>" * 300,
        "<base href=x>",
    ),
    *(
        "<svg><title>",
        "<div class='print-content'>",
        "<template>",
        "<?pi",
        "Publié le 31/02/2024",
        "\ud7ff",
        "[x](y) [1]",
    ),
]


@pytest.mark.parametrize("crumb", ["&#x&#x202e;e;", "&#&#&#0;0;0;", "&#02e;", "&#0;", "&#x0e", "&#x&#x&#x202e;202e;1;"])
def test_a_reference_that_comes_together_when_another_goes_is_none(desk, saved, crumb):
    (found,) = read(saved.replace(b"reste en ligne", crumb.encode() + b"reste en ligne"), "page.html", desk)
    assert "reste en ligne" in found.text
    assert not set("\x0e\x01\x00\u202e") & set(found.html)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 80), st.sampled_from(CRUMBS)), max_size=6))
def test_mutated_pages_are_refused_or_read(make_desk, saved, changes):
    text = saved.decode()
    for place, dropped, crumb in changes:
        at = int(place * len(text))
        text = text[:at] + crumb + text[at + dropped :]
    with contextlib.suppress(IntakeError):
        (found,) = read(text.encode(), "page.html", make_desk(format="print-html"))
        assert "".join(part.text for part in found.parts) == text
        assert found.title
        assert "<script" not in found.html
        assert not set("\u202e\x00\x0b") & set(found.title + found.html)
