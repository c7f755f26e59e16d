import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.model import Article, ArticleState

HEADER = "Titre;Publié le;Chapô;Texte;Lien;Thématiques;Pièces jointes;Territoires\r\n"
ROW = (
    "Les berges rouvrent;26/03/2024 15:15;Le gué est praticable.;"
    '"Lundi ; les berges ""du gué"".\r\n\r\nSamedi, le marché.";https://www.troisrivieres.example.org/actus/berges;'
    "Eau|Cadre de vie;plan.pdf|https://www.troisrivieres.example.org/a.odt;Vallée de l'Orme\r\n"
)
TABLE = HEADER + ROW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_row_is_an_article_in_every_encoding_of_a_spreadsheet(desk, encoding):
    (article,) = read(TABLE.encode(encoding), "export", desk)
    assert article.title == "Les berges rouvrent"
    assert article.identity == "https://troisrivieres.example.org/actus/berges"
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert article.lead == "Le gué est praticable."
    assert article.html == '<p>Lundi ; les berges "du gué".</p><p>Samedi, le marché.</p>'
    assert [(t.taxonomy, t.slug) for t in article.terms] == [
        ("theme", "eau"),
        ("theme", "cadre-de-vie"),
        ("territory", "vallee-de-l-orme"),
    ]
    assert [(f.title, f.size) for f in article.attachments] == [("plan", 4321), ("a", None)]
    assert (article.source.format, article.warnings) == ("csv", ())


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_header_alone_decides_on_the_delimiter(desk, delimiter):
    rows = [["title", "date", "text"], ["Un", "2024-03-26", '"a;;;b,,,c\t\t\td"']]
    (article,) = read("\n".join(delimiter.join(row) for row in rows).encode(), "t.csv", desk)
    assert "a;;;b,,,c" in article.text


def test_the_line_that_excel_writes_for_itself_is_no_header(desk):
    assert read(b"sep=;\r\nTitre;Date\r\nUn;26/03/2024\r\n", "t.csv", desk)[0].title == "Un"


def test_the_dates_of_a_table_tell_which_of_its_numbers_is_the_day(desk):
    table = "Titre;Date\nUn;03/04/2024\nDeux;{}\n"
    french, _ = read(table.format("26/03/2024").encode(), "t.csv", desk)
    english, _ = read(table.format("03/26/2024").encode(), "t.csv", desk)
    unknown, _ = read(table.format("04/03/2024").encode(), "t.csv", desk)
    assert (french.published.month, english.published.month, unknown.published.month) == (4, 3, 4)
    assert (french.warnings, english.warnings) == ((), ())
    assert "row 2: date: '03/04/2024' was read as 2024-04-03" in unknown.warnings[0]


def test_the_source_decides_on_the_order_of_day_and_month(make_desk):
    table = b"Titre;Date\nUn;03/04/2024\nDeux;26/03/2024\n"
    assert read(table, "t.csv", make_desk(day_first=False))[0].published.month == 3


def test_a_bad_row_costs_itself_alone_and_is_named(desk):
    rows = ["Bon;26/03/2024", "Mauvais;26/13/2024", '"Cassé"x;26/03/2024', "", ";26/03/2024", "Bon;27/03/2024", "A;;b"]
    found = read("\n".join(["Titre;Date", *rows, "Autre;27/03/2024"]).encode(), "t.csv", desk)
    assert [each.title for each in found if isinstance(each, Article)] == ["Bon", "Autre"]
    failures = [str(each) for each in found if isinstance(each, IntakeError)]
    assert [line.partition(":")[0] for line in failures] == ["row 3", "row 4", "row 6", "row 7", "row 8"]
    assert "is no date" in failures[0]
    assert "close every quote" in failures[1]
    assert "neither title nor url" in failures[2]
    assert "same article as row 2" in failures[3]
    assert "has 3 cells and the header 2" in failures[4]


def test_a_quote_that_is_never_closed_loses_no_earlier_row(desk):
    good, bad = read(b'Titre;Date\nUn;26/03/2024\n"Deux;26/03/2024\nTrois;26/03/2024\n', "t.csv", desk)
    assert good.title == "Un"
    assert str(bad).startswith("row 3: ")


def test_states_and_slugs_are_read_in_french(desk):
    shown, draft = read(
        "Titre;Date;État;Slug\nUn;2024-03-26;Publié;premier\nDeux;2024-03-26;Brouillon;".encode(), "t", desk
    )
    assert (shown.state, draft.state) == (ArticleState.READY, ArticleState.DRAFT)
    assert (shown.identity, draft.identity) == (desk.own("premier", "t")[0], desk.own("Deux", "t")[0])


def test_columns_without_meaning_are_told_once(desk):
    first, second = read(b"Titre;Date;Poids\nUn;2024-03-26;3\nDeux;2024-03-26;4\n", "t.csv", desk)
    assert first.warnings == ("column 'Poids' is no field of an article; ignored",)
    assert second.warnings == ()


OWN = "Intitulé de l'actu;Titre;Jour;Sujet;Thématiques\nLe gué;n° 7;26/03/2024;Eau|Air;Divers\n"


def test_columns_are_found_by_the_names_that_the_source_gives_them(make_desk):
    fields = {"title": "Intitulé de l’actu", "date": "jour", "theme": "Sujet"}
    (article,) = read(OWN.encode(), "export.txt", make_desk(fields=fields))
    assert (article.source.format, article.title, article.published.day) == ("csv", "Le gué", 26)
    assert [(t.taxonomy, t.label) for t in article.terms] == [("theme", "Eau"), ("theme", "Air")]
    # what is named is that column, and no other
    assert [w.split("'")[1] for w in article.warnings] == ["Titre", "Thématiques"]


def test_a_column_that_is_named_and_is_not_there_is_told(make_desk):
    (article,) = read(b"Titre;Date\nUn;2024-03-26\n", "t.csv", make_desk(fields={"lead": "Accroche"}))
    assert article.warnings == ("sources.centre.fields.lead: there is no column 'Accroche'",)


def test_aliases_may_have_a_column(desk):
    (article,) = read(b"Titre;Date;aliases\nUn;2024-03-26;https://example.org/1|un-autre.md\n", "t.csv", desk)
    assert article.aliases == ("https://example.org/1", desk.own("un-autre", "t.csv")[0])


def test_html_is_cleaned(desk):
    (article,) = read(b"title,date,html\nUn,2024-03-26,<p onclick=a>Bon</p><script>x</script>\n", "t.csv", desk)
    assert article.html == "<p>Bon</p>"


@pytest.mark.parametrize(("table", "complaint"), [("a;b\n1;2\n", "no column"), ("Titre;Date\n", "no row")])
def test_what_is_no_table_of_articles_gets_one_line(desk, table, complaint):
    with pytest.raises(IntakeError, match=complaint):
        read(table.encode(), "t.csv", desk)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 40),
            st.one_of(
                st.sampled_from(['"', ";", "\r", "\0", "\ud800", "//[", "31/02/0000", "|", "\u202e"]),
                st.text(max_size=8),
            ),
        ),
        max_size=6,
    )
)
def test_mutated_tables_are_refused_or_read(make_desk, changes):
    text = TABLE
    for place, length, crumb in changes:
        at = int(place * len(text))
        text = text[:at] + crumb + text[at + length :]
    with contextlib.suppress(IntakeError):
        for each in read(text.encode("utf-8", "surrogatepass"), "t.csv", make_desk(format="csv")):
            assert isinstance(each, IntakeError) or (each.title and "\u202e" not in each.title + each.html)
