import contextlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter import config
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
    assert unknown.warnings == (
        "dates such as '03/04/2024' were read day first; if that is wrong, set day_first in the source",
    )


def test_what_is_doubtful_in_many_rows_is_asked_about_once(desk):
    rows = "".join(f"Le {day};{day:02}/04/2024\n" for day in range(1, 13))
    found = read(f"Titre;Date\n{rows}".encode(), "t.csv", desk)
    assert [article.published.day for article in found] == list(range(1, 13))
    assert sum(len(article.warnings) for article in found) == 1
    same = read(b"Titre;Date\nUn;04/04/2024\nDeux;05/05/2024\n", "t.csv", desk)
    assert not any(article.warnings for article in same), "no date that could be another one"


@pytest.mark.parametrize("column", ["id", "N°", "Identifiant", "numéro", "slug"])
def test_a_row_with_a_number_is_the_same_article_under_another_title(desk, column):
    table = f"Titre;Date;{column}\n{{}};26/03/2024;12\nAutre;26/03/2024;13\n"
    before, other = read(table.format("Le marchee").encode(), "t.csv", desk)
    after, same = read(table.format("Le marché").encode(), "t.csv", desk)
    assert (before.id, other.id) == (after.id, same.id)
    assert before.id != other.id
    assert not before.warnings


def test_the_number_of_a_row_may_have_a_name_of_the_source_s_own(make_desk):
    desk = make_desk(fields={"id": "Réf."})
    first, second = (
        read(f"Titre;Date;Réf.;n°\n{title};26/03/2024;R-7;{n}\n".encode(), "t.csv", desk)[0]
        for title, n in (("Un", 1), ("Deux", 2))
    )
    assert first.id == second.id
    assert first.warnings == ("column 'n°' is no field of an article; ignored",)


def test_a_taxonomy_is_known_by_its_label(make_desk):
    desk = make_desk()
    label = config.Taxonomy(label={"fr": "Thématique", "en": "Topic"})
    desk = replace(desk, taxonomies={"sujet": label, "ailleurs": config.Taxonomy(label="Lien")})
    for column in ("Thématique", "thematique", "TOPIC"):
        (article,) = read(f"Titre;Date;{column};Lien\nUn;26/03/2024;Eau;https://a.test/\n".encode(), "t.csv", desk)
        assert [(term.taxonomy, term.label) for term in article.terms] == [("sujet", "Eau")]
        assert article.url == "https://a.test/", "what is a field of an article already stays one"
    (article,) = read("---\ntitle: Un\nThématique: Eau\n---\nTexte.".encode(), "un.md", desk)
    assert [(term.taxonomy, term.label) for term in article.terms] == [("sujet", "Eau")]


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


def test_states_and_slugs_are_read_in_french(make_desk):
    desk = make_desk(format="csv")
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


def test_aliases_may_have_a_column(make_desk):
    desk = make_desk(format="csv")
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
