import pytest

from newsletter.errors import IntakeError
from newsletter.intake import canonical, mint, read


def one(data, desk, name="page.txt"):
    (article,) = read(data, name, desk)
    return article


def kinds(article):
    return {kind: [p.text for p in article.parts if p.kind == kind] for kind in {p.kind for p in article.parts}}


def test_every_term_comes_with_its_label_and_address(desk, page):
    article = one(page("rencontre.txt"), desk)
    assert [(t.taxonomy, t.slug, t.label, t.iri.rpartition(".org/")[2]) for t in article.terms] == [
        ("type", "vie-du-reseau", "Vie du réseau", "taxonomy/term/812"),
        ("theme", "eau", "Eau", "taxonomy/term/31"),
        ("theme", "emploi-insertion-formation", "Emploi, Insertion, Formation", "taxonomy/term/33"),
        ("theme", "jardins-ecoles", "Jardins - écoles", "taxonomy/term/34"),
        ("territory", "vallee-de-l-orme", "Vallée de l'Orme", "vallee-de-lorme-1"),
    ]


def test_published_takes_the_time_of_dates_on_the_same_day_and_both_instants_have_their_offset(desk, page):
    article = one(page("rencontre.txt"), desk)
    assert article.published.isoformat() == "2024-03-14T09:30:00+01:00"
    assert article.modified.isoformat() == article.updated.isoformat() == "2024-03-18T17:05:00+01:00"
    assert article.dates == ()
    assert article.warnings == ()


def test_the_title_is_the_address_spelled_with_the_words_of_the_body(desk, page):
    article = one(page("rencontre.txt"), desk)
    assert article.title == "La Rencontre des Trois Rivières de trcr fait le bilan 2024"
    assert article.title_source == "address"


def test_identity_is_the_source_address(desk, page):
    article = one(page("rencontre.txt"), desk)
    assert article.identity == canonical(article.url) == article.url.replace("//www.", "//")
    assert article.identity.endswith("/actus-0/la-rencontre-des-trois-rivieres-de-trcr-fait-le-bilan-2024")
    assert article.id == mint(article.identity, desk.site)


def test_glued_cells_come_apart_and_bold_stays_bold(desk, page):
    html = one(page("rencontre.txt"), desk).html
    assert "chiffres<br>\n<strong>120 participants</strong>" in html
    assert (
        "12% Associations<br>\n<strong>6 péniches</strong><br>\n<strong>18 ateliers<br>\nde terrain</strong><br>"
        in html
    )
    assert "<strong>écoles au jardin</strong> et les échanges" in html
    assert "*" not in html


def test_the_words_of_the_author_are_not_corrected(desk, page):
    assert "Quelques un demandent une rédefinition" in one(page("rencontre.txt"), desk).text


def test_bullets_superscripts_and_links_become_html(desk, page):
    html = one(page("rencontre.txt"), desk).html
    assert "<li>La rencontre en quelques chiffres" in html
    assert "2<sup>ème</sup> étage" in html
    assert '<a href="https://www.troisrivieres.example.org/cartes/carte-des-gues">carte des gués</a>' in html
    assert "Favoris" not in html
    assert "javascript" not in html
    assert "[1]" not in html


def test_the_contact_block_is_kept_but_no_part_of_the_lead(desk, page):
    article = one(page("rencontre.txt"), desk)
    assert "Moulin Vert" in article.text
    assert [text.split()[0] for text in kinds(article)["contact"]] == ["TRCR", "Moulin"]
    assert article.lead.startswith("La Rencontre des Trois Rivières a réuni")
    assert article.lead.endswith(("mise à jour pour l'année 2024.", "avec les habitants."))
    only_contact = page("rencontre.txt").decode().split("TRCR - centre")[1]
    bare = one(f"Un mot.\n\n\nTRCR - centre{only_contact}".encode(), desk)
    assert bare.lead == "Un mot."


def test_the_file_block_becomes_an_attachment_named_by_the_sentence_before(desk, page):
    (file,) = one(page("rencontre.txt"), desk).attachments
    assert file.title == "Compte rendu illustré 2024"
    assert file.url.endswith("/atoms/files/cr_illustre_rencontre.pdf")
    assert (file.type, file.size, file.size_exact) == ("application/pdf", 1310720, False)


def test_every_line_is_accounted_for(desk, page):
    for name in ("rencontre.txt", "breadcrumb.txt", "labels.txt", "files.txt", "english.txt"):
        article = one(page(name), desk)
        assert "".join(part.text for part in article.parts) == page(name).decode(), name
        assert article.unparsed == (), name
    parts = kinds(one(page("rencontre.txt"), desk))
    assert len(parts["field"]) == 9
    assert len(parts["links"]) == 10
    assert len(parts["file"]) == 2


def test_what_stands_below_the_links_and_is_none_is_shown_as_unparsed(desk, page):
    article = one(page("english.txt") + b"\nA stray remark.\n", desk)
    assert article.unparsed == ("A stray remark.",)
    assert kinds(article)["unparsed"] == ["A stray remark.\n"]


def test_windows_1252_with_crlf_reads_the_same(desk, page):
    plain = one(page("rencontre.txt"), desk)
    encoded = page("rencontre.txt").decode().replace("\n", "\r\n").replace("►", "-").encode("cp1252")
    article = one(encoded, desk)
    assert (article.title, article.lead, article.terms) == (plain.title, plain.lead, plain.terms)
    assert article.text == plain.text
    assert "".join(part.text for part in article.parts) == encoded.decode("cp1252")


def test_a_byte_order_mark_and_decomposed_accents_make_no_difference(desk, page):
    import unicodedata

    decomposed = unicodedata.normalize("NFD", page("rencontre.txt").decode())
    article = one(b"\xef\xbb\xbf" + decomposed.encode(), desk)
    plain = one(page("rencontre.txt"), desk)
    assert (article.title, article.html, article.terms) == (plain.title, plain.html, plain.terms)
    assert "".join(part.text for part in article.parts) == decomposed


def test_odd_spaces_before_colons_and_between_words_still_match(desk, page):
    spaced = page("rencontre.txt").decode()
    spaced = spaced.replace("Thématiques:", "Thématiques\u00a0:").replace("Publié le ", "Publié\u00a0le\u202f")
    spaced = spaced.replace("Poids :", "Poids\u202f:")
    article = one(spaced.encode(), desk)
    assert len(article.terms) == 5
    assert len(article.attachments) == 1
    assert article.published.isoformat() == "2024-03-14T09:30:00+01:00"


def test_header_and_breadcrumb_give_the_title_and_leave_the_body(desk, page):
    article = one(page("breadcrumb.txt"), desk)
    assert (article.title, article.title_source) == ("Journée des pontons", "breadcrumb")
    assert article.text.startswith("La journée des pontons ouvre")
    assert len(kinds(article)["header"]) == 3
    assert article.url == "https://www.troisrivieres.example.org/node/77"
    assert article.identity == "https://troisrivieres.example.org/node/77"


def test_dates_of_an_event_type_are_event_dates_with_spans(desk, page):
    first, second = one(page("breadcrumb.txt"), desk).dates
    assert first.all_day
    assert first.start.isoformat() == "2024-03-26T00:00:00+01:00"
    assert first.end.isoformat() == "2024-03-29T00:00:00+01:00"
    assert not second.all_day
    assert second.start.isoformat() == "2024-04-04T14:00:00+02:00"
    assert second.end.isoformat() == "2024-04-04T17:00:00+02:00"


def test_dates_of_other_types_are_events_only_after_publication(desk, page):
    earlier = page("breadcrumb.txt").replace(b"[Agenda](#) [3]", b"[Bilan](#) [3]")
    assert len(one(earlier, desk).dates) == 2
    later = earlier.replace("Publié le 14 mars".encode(), "Publié le 27 mars".encode())
    assert [d.start.day for d in one(later, desk).dates] == [4]
    before = page("breadcrumb.txt").replace("Publié le 14 mars".encode(), "Publié le 27 mars".encode())
    assert len(one(before, desk).dates) == 2


def test_a_day_without_time_begins_at_midnight_with_its_own_offset(desk, page):
    assert one(page("breadcrumb.txt"), desk).published.isoformat() == "2024-03-14T00:00:00+01:00"
    assert one(page("files.txt"), desk).published.isoformat() == "2024-05-02T00:00:00+02:00"


def test_updated_never_precedes_published(desk, page):
    early = page("rencontre.txt").replace("modifié le 18/03/2024".encode(), "modifié le 13/03/2024".encode())
    article = one(early, desk)
    assert article.modified < article.published == article.updated


def test_labels_in_the_body_stay_in_the_body(desk, page):
    article = one(page("labels.txt"), desk)
    assert article.url.endswith("/aide/mode-emploi-des-pages")
    assert [(t.taxonomy, t.label) for t in article.terms] == [("theme", "Lecture"), ("territory", "Vallée de l'Orme")]
    for words in (
        "Dates: Lundi 4 mars 2024",
        "Publié le 1er mars 2024",
        "Thématiques: Exemple",
        "Bannière:",
        "ancienne-page",
    ):
        assert words in article.text
    assert article.attachments == ()
    assert any("Public visé" in warning for warning in article.warnings)


def test_files_in_the_middle_of_the_body_are_attachments_with_rough_sizes(desk, page):
    article = one(page("files.txt"), desk)
    assert [(f.title, f.type, f.size) for f in article.attachments] == [
        ("Carte des berges", "application/pdf", 372695),
        ("Carnet de terrain", "application/vnd.oasis.opendocument.spreadsheet", 812),
        ("film des berges 2024", "video/mp4", 2147483648),
    ]
    assert (article.title, article.title_source) == ("Trois fichiers pour les berges", "heading")
    assert "Téléchargement" not in article.text
    assert "Le dernier fichier est lourd" in article.text


def test_english_pages_put_the_month_first(desk, make_desk, page):
    article = one(page("english.txt"), desk)
    assert article.lang == "en"
    assert article.published.isoformat() == "2024-03-05T00:00:00+01:00"
    assert article.modified.isoformat() == "2024-03-07T16:45:00+01:00"
    # 3 July would do as well, it is not before the publication: who reads the books is told
    assert any("may be 2024-03-07 or 2024-07-03" in warning for warning in article.warnings)
    swapped = one(page("english.txt"), make_desk(day_first=True, language="fr"))
    assert swapped.modified.isoformat() == "2024-07-03T16:45:00+02:00"
    assert swapped.warnings == ()
    assert swapped.lang == "fr"


def test_the_publication_settles_which_number_is_the_month(make_desk, page):
    # read with the month first, 05/04/2024 would be 4 May; read with the day first, 5 April precedes 20 April
    settled = page("english.txt").replace(b"March 5", b"April 20").replace(b"03/07/2024", b"05/04/2024")
    article = one(settled, make_desk(day_first=True))
    assert article.modified.isoformat() == "2024-05-04T16:45:00+02:00"
    assert article.warnings == ()


def test_a_page_with_a_number_for_address_takes_its_first_sentence(desk, page):
    article = one(page("english.txt"), desk)
    assert article.title_source == "sentence"
    assert article.title == "The mill opens its doors again after a long winter of repairs"


def test_a_page_without_links_table_keeps_its_words_and_warns(desk, page):
    cut = page("rencontre.txt").split(b"Liens")[0]
    article = one(cut, desk)
    assert [t.label for t in article.terms][:2] == ["Vie du réseau", "Eau"]
    assert {t.iri for t in article.terms} == {""}
    assert "carte des gués" in article.text
    assert article.attachments == ()
    assert any("cut off" in warning for warning in article.warnings)


def test_fields_without_blank_lines_between_them_come_apart(desk, page):
    head, tail = page("rencontre.txt").decode().split("Type d'actualites")
    fields, rest = tail.split("URL de la source")
    article = one(f"{head}Type d'actualites{fields.replace(chr(10) * 2, chr(10))}URL de la source{rest}".encode(), desk)
    assert len(article.terms) == 5
    assert article.published.isoformat() == "2024-03-14T09:30:00+01:00"


def test_an_absurd_date_is_dropped_with_a_warning(desk, page):
    absurd = page("rencontre.txt").replace("Publié le 14 mars 2024".encode(), "Publié le 14 mars 0024".encode())
    article = one(absurd, desk)
    assert article.published == article.modified
    assert len(article.terms) == 5
    assert any("0024" in warning for warning in article.warnings)


def test_hostile_words_do_not_get_through(desk, page):
    hostile = page("files.txt").decode().replace("# Trois fichiers", "# Trois\u202e <script>alert(1)</script> fichiers")
    hostile = hostile.replace(
        "Les berges changent", '<img src=x onerror="x()"> [clic](javascript:alert(1)) Les berges changent'
    )
    article = one(hostile.encode(), desk)
    assert "\u202e" not in article.title
    assert "<img" not in article.html
    assert "<script" not in article.html
    assert 'href="javascript' not in article.html


def test_french_spaces_of_titles_and_labels_stay(desk, page):
    spaced = page("files.txt").decode().replace("# Trois fichiers pour les berges", "# Où vont les berges\u202f?")
    article = one(spaced.replace("[Eau](#) [5]", "[Eau\u00a0: crues](#) [5]").encode(), desk)
    assert article.title == "Où vont les berges\u202f?"
    assert article.terms[0].label == "Eau\u00a0: crues"


def test_labels_right_above_the_fields_are_of_the_body_if_unknown_or_met_twice(desk, page):
    above = page("labels.txt").replace("Voilà tout le mode d'emploi.".encode(), b"En savoir plus : [Exemple](#) [1]")
    article = one(above, desk)
    assert [(t.taxonomy, t.label) for t in article.terms] == [("theme", "Lecture"), ("territory", "Vallée de l'Orme")]
    assert "En savoir plus : Exemple" in article.text
    assert "Thématiques: Exemple" in article.text


def test_bookmark_buttons_go_wherever_they_are_and_whatever_they_lead_to(desk, page):
    buttons = page("files.txt").replace(b"Les berges", b"[Favoris +](#) [5]\n\n[Vu](#) [2]\n\nLes berges", 1)
    article = one(buttons, desk)
    assert article.html == one(page("files.txt"), desk).html
    assert kinds(article)["ui"] == ["[Favoris +](#) [5]\n", "[Vu](#) [2]\n"]


def test_an_english_page_with_everything_on_it(desk, page):
    article = one(page("workshops.txt"), desk)
    assert (article.title, article.title_source) == ("Two spring workshops on the weir", "breadcrumb")
    assert [(t.taxonomy, t.label) for t in article.terms] == [
        ("type", "Workshop"),
        ("theme", "Water"),
        ("theme", "Tools, boats"),
    ]
    assert [(d.start.isoformat(), d.end and d.end.isoformat(), d.all_day) for d in article.dates] == [
        ("2024-04-02T09:00:00+02:00", "2024-04-02T17:00:00+02:00", False),
        ("2024-04-09T00:00:00+02:00", "2024-04-12T00:00:00+02:00", True),
        ("2024-04-18T15:15:00+02:00", None, False),
        ("2024-05-02T00:00:00+02:00", "2024-05-03T00:00:00+02:00", True),
    ]
    assert [(f.title, f.size) for f in article.attachments] == [("Plan of the weir", 1572864), ("tools", 655360)]
    assert 'en/boots_(waterproof)?f%5B0%5D=size">Bring boots</a>' in article.html
    assert "Dates: the first of two workshops begins at nine sharp." in article.text
    assert "<br>\n<strong>4 barrows</strong><br>\n<strong>1 boat</strong> for 2<sup>nd</sup> timers" in article.html
    assert (article.warnings, article.unparsed) == ((), ())
    assert len(kinds(article)["header"]) == 4  # site, breadcrumb, and the rule in two spellings
    assert [text[:13] for text in kinds(article)["contact"]] == ["Three Rivers "]


def test_a_line_of_several_links_keeps_those_that_are_no_file(desk, page):
    html = one(page("workshops.txt"), desk).html
    assert 'en/view">See it online</a>' in html
    together = page("workshops.txt").replace(b"[See it online](#) [6]", b"[Download as text](#) [6]")
    files = one(together, desk).attachments
    assert [(f.title, f.size) for f in files][1:] == [("view", 655360), ("Download", None)]


def test_signs_that_markdown_would_take_stay_the_words_that_they_are(desk, page):
    text = one(page("traps.txt"), desk).text
    for said in (
        "2024. Une année de crues, et 3. une suite.",
        "7) Le septième point",
        "+ 12 % de visiteurs",
        "Les habitant*e*s et les élu·e·s du quai, tou·te·s, l`eau et d`autres choses",
        "~~~ une vague ~~~",
        "``` trois accents",
        '[la note](https://www.troisrivieres.example.org/note "un titre caché")',
        '[une note]: https://www.troisrivieres.example.org "perdue ?"',
        "un <b>mot</b> gras, *une étoile*, C:\\dossier\\plan",
        "| Quai | Lundi |",
        "Un titre\n========",
    ):
        assert said in text, said


def test_an_exclamation_before_a_link_makes_no_picture_of_it(desk, page):
    html = one(page("traps.txt"), desk).html
    assert 'Bravo!<a href="https://www.troisrivieres.example.org/suite">Lire la suite</a>' in html
    assert '<img src="https://www.troisrivieres.example.org/dessin.png" alt="un dessin">' in html


def test_inclusive_spelling_with_an_address_is_no_contact_block(desk, page):
    article = one(page("traps.txt"), desk)
    assert "contact" not in kinds(article)
    assert "élu·e·s du quai" in article.html.split("<ul>")[0] + article.html.split("</ul>")[1].split("une vague")[0]


def test_a_button_in_a_sentence_is_a_part_of_its_own_and_a_link_that_sounds_like_one_stays(desk, page):
    article = one(page("traps.txt"), desk)
    assert kinds(article)["ui"] == ["[Favoris +](#) [2] "]
    assert "Un bouton au milieu d'une phrase" in article.text
    assert ">Favoris de la rédaction</a>" in article.html


def test_a_field_whose_value_nobody_understands_does_not_hide_those_above_it(desk, page):
    article = one(page("traps.txt"), desk)
    assert article.unparsed == ("Dates: tous les jeudis de l'été",)
    assert [term.label for term in article.terms] == ["Eau", "Vallée de l'Orme"]
    assert article.text.endswith("Date : tous les mardis")  # above the fields it is the author's sentence
    assert "Bannière" not in article.text


def test_a_whole_day_a_span_of_hours_and_a_span_over_the_year_are_all_dates_of_one_page(desk, page):
    article = one(page("bare.txt"), desk)
    assert [(d.start.isoformat(), d.end.isoformat(), d.all_day) for d in article.dates] == [
        ("2024-04-02T00:00:00+02:00", "2024-04-03T00:00:00+02:00", True),
        ("2024-04-05T14:00:00+02:00", "2024-04-05T17:00:00+02:00", False),
        ("2024-12-28T00:00:00+01:00", "2025-01-03T00:00:00+01:00", True),
    ]


def test_dates_that_may_be_read_in_two_ways_are_told_until_the_source_or_the_page_settles_them(make_desk, page):
    def doubts(data, **settings):
        return [w.split(" may be")[0] for w in one(data, make_desk(**settings)).warnings if " may be 2" in w]

    data = page("bare.txt")
    assert doubts(data) == ["'05/04/2024 - 14:00 à 17:00'", "'04/03/2024 - 08:15'"]
    assert doubts(data, day_first=True) == []
    assert doubts(data.replace(b"04/03/2024", b"14/03/2024")) == []  # the fourteenth month is none
    american = data.replace(b"04/03/2024", b"03/14/2024")
    assert doubts(american) == []
    assert one(american, make_desk()).dates[1].start.isoformat() == "2024-05-04T14:00:00+02:00"
    same_day = data.replace(b"1er mars", b"5 avril")
    assert doubts(same_day) == ["'04/03/2024 - 08:15'"]  # the span is that of the day of publication


@pytest.mark.parametrize(
    "written",
    [
        "Mardi 26 mars 2024 - 15:15",
        "26 mars 2024 à 15h15",
        "26/03/2024 - 15:15",
        "Mardi, 26 mars, 2024 - 15:15",
        "mar, 26/03/2024 - 15:15",
        "Tuesday, March 26, 2024 - 15:15",
        "Tue, 03/26/2024 - 15:15",
        "2024-03-26 15:15",
        "26 March 2024, 3:15 pm",
        "26.03.2024 15h15",
        "Mardi\u00a026\u202fmars\u00a02024 - 15:15",
        "Mardi 26 mars 2024 - 15:15 à 17:00",
        "26 mars 2024 de 15h15 à 17h",
        "du 26/03/2024 - 15:15 au 28/03/2024 - 16:00",
    ],
)
def test_every_shape_of_a_date_in_the_field_gives_its_time_to_the_day_of_publication(desk, page, written):
    dated = (
        page("rencontre.txt")
        .decode()
        .replace("Jeudi 14 mars 2024 - 09:30", written)
        .replace("le 14 mars", "le 26 mars")
    )
    article = one(dated.replace("modifié le 18/03", "modifié le 27/03").encode(), desk)
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert len(article.terms) == 5
    assert article.unparsed == article.warnings == ()


@pytest.mark.parametrize(
    "table", ["Liens\n\n[1] <{}>\n[2] <{}>", "[1] {} [2] {}", "Liens :\n[1] {}\n\n[2] <{}>", "Links\n[1]<{}>[2]<{}>"]
)
def test_a_table_of_links_is_read_with_or_without_brackets_heading_and_lines(desk, table):
    urls = "https://www.troisrivieres.example.org/suite", "https://www.troisrivieres.example.org/taxonomy/term/31"
    source = "URL de la source: https://www.troisrivieres.example.org/node/5"
    words = f"Une [suite](#) [1].\n\nThématiques: [Eau](#) [2]\n\nPublié le 2 mai 2024\n\n{source}\n\n"
    article = one((words + table.format(*urls)).encode(), desk)
    assert f'<a href="{urls[0]}">suite</a>' in article.html
    assert article.terms[0].iri == urls[1]
    assert article.unparsed == article.warnings == ()


@pytest.mark.parametrize("gone", range(1, 70, 7))
def test_an_address_in_open_brackets_was_cut_off(desk, page, gone):
    whole = page("rencontre.txt").split("\n\nBannière".encode())[0]
    article = one(whole[:-gone], desk)
    assert article.unparsed or gone > 60
    assert any("9: the end of the page may be cut off" in warning for warning in article.warnings)
    with pytest.raises(IntakeError, match="cut off"):
        one(whole.split(b"\n\nLiens")[0][:-gone], desk)


def test_topics_of_no_taxonomy_are_named_in_the_warning(desk, page):
    (warning,) = one(page("labels.txt"), desk).warnings
    assert warning.startswith("'Public visé' is a field of no taxonomy (Familles)")


def test_a_heading_too_long_for_a_title_stays_in_the_text(desk, page):
    long = "mot " * 100
    article = one(page("files.txt").replace(b"Trois fichiers pour les berges", long.encode()), desk)
    assert article.title_source == "address"
    assert article.text.count("mot") == 100


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 200_000,
        "[\\[" * 100_000,
        "[a](" * 100_000,
        "a • b • " + "x" * 200_000,
        "Poids : " + "1" * 100_000 + "!",
        "# " + "#" * 100_000 + "x",
        "URL source" + "\u00a0" * 100_000 + "x",
        "\u00a0" * 100_000 + "x",
        "".join(f"A{n}: [x](#)\n\n" for n in range(5_000)),
        "[Favoris +](#)" * 20_000,
        "**" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_no_page_takes_the_square_of_its_length_to_read(desk, page, hostile):
    article = one(page("english.txt").replace(b"Themes:", hostile.encode() + b"\n\nThemes:"), desk)
    assert article.published.isoformat() == "2024-03-05T00:00:00+01:00"


def test_a_button_in_a_heading_is_no_part_of_the_title(desk, page):
    article = one(page("files.txt").replace(b"pour les berges", b"pour les berges [Favoris +](#) [2]", 1), desk)
    assert article.title == "Trois fichiers pour les berges"
    assert "[Favoris +](#) [2]" in "".join(kinds(article)["ui"])
