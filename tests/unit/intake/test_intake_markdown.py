import pytest

from newsletter.errors import IntakeError
from newsletter.intake import mint, read
from newsletter.intake.wording import fold
from newsletter.model import ArticleState

FULL = """---
title: "La fête des gués : programme"
date: 2024-03-26
updated: 2024-03-28 22:34
lead: Trois jours au bord de l’eau.
lang: fr
image: {file: images/gue.png, alt: Un gué au matin}
attachments:
  - {file: plan.pdf, title: Plan d’accès}
  - url: https://www.troisrivieres.example.org/files/affiche_fete.pdf
  - absent.pdf
dates:
  - {start: 2024-05-04, end: 2024-05-05}
  - 2024-05-06 12:30
deadline: 2024-04-20
state: ready
aliases: [http://www.troisrivieres.example.org/node/9, ancienne-fete.md]
theme: Eau
Thématiques: [Jardins - écoles, "Non"]
territory:
  - Vallée de l'Orme
---
# La fête des gués : programme

Un [plan](plan.pdf) et une ![vue](images/gue.png), voir [l’autre page](autre-page.md).

## Samedi

| heure | quoi |
|---|---|
| 12:30 | repas |

<script>alert(1)</script>
"""


def one(text, desk, name="fete-des-gues.md"):
    (article,) = read(text if isinstance(text, bytes) else text.encode(), name, desk)
    return article


def test_every_key_is_understood(desk):
    article = one(FULL, desk)
    assert (article.title, article.title_source) == ("La fête des gués : programme", "given")
    assert article.lead == "Trois jours au bord de l’eau."
    assert article.published.isoformat() == "2024-03-26T00:00:00+01:00"
    assert article.updated.isoformat() == "2024-03-28T22:34:00+01:00"
    assert article.deadline.isoformat() == "2024-04-20T23:59:59+02:00"
    assert (article.image.url, article.image.alt, article.image.width) == (
        desk.load("images/gue.png").url,
        "Un gué au matin",
        600,
    )
    assert article.aliases == ("https://troisrivieres.example.org/node/9", "articles/ancienne-fete")
    assert [(t.taxonomy, t.label) for t in article.terms] == [
        ("theme", "Eau"),
        ("theme", "Jardins - écoles"),
        ("theme", "Non"),
        ("territory", "Vallée de l'Orme"),
    ]


def test_files_are_exact_and_missing_ones_are_named(desk):
    article = one(FULL, desk)
    assert [(f.title, f.size, f.size_exact) for f in article.attachments] == [
        ("Plan d’accès", 4321, True),
        ("affiche fete", None, False),
    ]
    assert article.warnings == ("attachments: no file 'absent.pdf' beside the article; left out",)


def test_dates_are_whole_days_or_instants(desk):
    days, noon = one(FULL, desk).dates
    assert (days.all_day, days.end.isoformat()) == (True, "2024-05-06T00:00:00+02:00")
    assert (noon.all_day, noon.start.isoformat(), noon.end) == (False, "2024-05-06T12:30:00+02:00", None)


def test_the_body_is_clean_absolute_and_does_not_repeat_the_title(desk):
    html = one(FULL, desk).html
    assert f'href="{desk.load("plan.pdf").url}"' in html
    assert f'src="{desk.load("images/gue.png").url}"' in html
    assert 'href="https://www.troisrivieres.example.org/articles/autre-page.html"' in html
    assert "<h2>Samedi</h2>" in html
    assert "<td>12:30</td>" in html
    assert "<h1>" not in html
    assert "La fête" not in html
    assert "script" not in html


def test_the_parts_are_the_file(desk):
    for text in (FULL, FULL.replace("\n", "\r\n"), "# Titre\n\nUn mot."):
        article = one(text, desk)
        assert "".join(part.text for part in article.parts) == text
    assert [part.kind for part in one(FULL, desk).parts] == ["field", "body"]


def test_identity_is_the_slug_without_the_site(desk):
    article = one(FULL, desk)
    assert article.identity == "articles/fete-des-gues"
    assert article.id == mint("articles/fete-des-gues", desk.site)
    assert article.url == "https://www.troisrivieres.example.org/articles/fete-des-gues.html"
    chosen = one(FULL.replace("lang: fr", "slug: ../Été"), desk)
    assert chosen.identity == "articles/ete"
    away = one(FULL.replace("lang: fr", "url: http://Autre.example.com/a#b"), desk)
    assert (away.identity, away.url) == ("https://autre.example.com/a", "http://Autre.example.com/a")


@pytest.mark.parametrize(
    ("value", "label"),
    [("no", "no"), ("12:30", "12:30"), ("2024", "2024"), ("2024-03-26", "2024-03-26"), ("0755", "0755")],
)
def test_yaml_does_not_guess_at_values(desk, value, label):
    article = one(f"---\ntitle: {value}\ndate: 2024-01-01\ntheme: [{value}]\n---\nUn mot.", desk)
    assert article.title == label
    assert article.terms[0].label == label


def test_toml_front_matter(desk):
    toml = (
        '+++\ntitle = "Gué"\ndate = 2024-03-26T15:15:00\ntheme = ["Eau"]\n'
        '[image]\nfile = "images/gue.png"\nalt = "x"\n+++\nUn mot.'
    )
    article = one(toml, desk)
    assert article.published.isoformat() == "2024-03-26T15:15:00+01:00"
    assert article.image.alt == "x"
    dated = one(toml.replace("T15:15:00", ""), desk)
    assert dated.published.isoformat() == "2024-03-26T00:00:00+01:00"


def test_the_source_may_live_in_another_zone(make_desk):
    article = one("---\ntitle: a\ndate: 2024-03-26 15:15\n---\nUn mot.", make_desk(timezone="Indian/Reunion"))
    assert article.published.isoformat() == "2024-03-26T15:15:00+04:00"


def test_state_and_draft(desk):
    for written, state in (
        ("state: draft", ArticleState.DRAFT),
        ("draft: true", ArticleState.DRAFT),
        ("state: Hidden", ArticleState.HIDDEN),
    ):
        assert one(f"---\ntitle: a\ndate: 2024-01-01\n{written}\n---\nUn mot.", desk).state is state


def test_a_file_without_settings_takes_its_heading_and_now(desk):
    article = one("# Un gué rouvert\n\nOn y passe de nouveau à pied sec, dit la mairie.\n", desk)
    assert (article.title, article.title_source) == ("Un gué rouvert", "heading")
    assert article.published == desk.now
    assert any("no date" in warning for warning in article.warnings)
    assert article.lead.startswith("On y passe")


def test_unknown_keys_are_told(desk):
    assert any(
        "'titel'" in warning
        for warning in one("---\ntitel: a\ntitle: b\ndate: 2024-01-01\n---\nUn mot.", desk).warnings
    )


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("titel", "title"),
        ("themes", "themes"),
        ("territoirs", "territoires"),
        ("territoire", "territoires"),
        ("thème", "theme"),
        ("attachements", "attachments"),
    ],
)
def test_a_key_that_is_nearly_one_is_understood_or_asked_about(desk, key, meant):
    article = one(f"---\n{key}: Eau\ntitle: b\ndate: 2024-01-01\n---\nUn mot.", desk)
    assert article.terms or article.warnings == (
        f"{fold(key)!r} is no key of an article and no field of a taxonomy; did you mean {meant!r}?",
    )
    assert bool(article.terms) == (fold(key) in ("theme", "themes", "territoire"))


def test_a_key_that_is_near_nothing_is_ignored(desk):
    assert "ignored" in one("---\nauteur: b\ntitle: b\ndate: 2024-01-01\n---\nUn mot.", desk).warnings[0]


def test_the_keys_may_be_french(desk):
    article = one(
        "---\nTitre: Le gué\nDate de publication: 26/03/2024\nchapô: Il rouvre.\nlangue: fr\nétat: brouillon\n"
        "date limite: 20/04/2024\nPièces jointes: [plan.pdf]\nlien: https://www.example.org/gue\n---\nUn mot.",
        desk,
    )
    assert (article.title, article.lead, article.lang) == ("Le gué", "Il rouvre.", "fr")
    assert (article.published.day, article.deadline.day, article.state) == (26, 20, ArticleState.DRAFT)
    assert (article.url, article.attachments[0].title) == ("https://www.example.org/gue", "plan")
    assert article.warnings == ()


def test_a_source_may_name_its_keys(make_desk):
    desk = make_desk(fields={"title": "Intitulé", "theme": "rubrique"})
    article = one("---\nintitulé: Le gué\ndate: 2024-01-01\nRubrique: Eau\ntitre: autre\n---\nUn mot.", desk)
    assert (article.title, [t.label for t in article.terms]) == ("Le gué", ["Eau"])
    assert "'titre' is no key" in article.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "title: Le gué\ndate: 2024-03-26\n\nUn mot.",
        "\ufeff\r\nTitre : Le gué\r\nDate : 26/03/2024\r\nThématiques :\r\n  - Eau\r\n---\r\nUn mot.",
        "title: Le gué\n---\nUn mot.",
    ],
)
def test_keys_without_their_first_fence_are_told(desk, text):
    with pytest.raises(IntakeError, match="write --- on a line above and below them"):
        one(text, desk)


@pytest.mark.parametrize("text", ["Titre: un mot\n\nUn mot.", "Date: hier\nlien: ici\n", "Un mot : deux.\n\n---\n"])
def test_words_with_colons_are_words(desk, text):
    assert one(text, desk).title


def test_an_article_without_date_is_marked(desk):
    undated, dated = one("---\ntitle: a\n---\nUn mot.", desk), one("---\ntitle: a\ndate: 2024-01-01\n---\nb", desk)
    assert (undated.dated, undated.published, dated.dated) == (False, desk.now, True)
    assert undated.warnings == ("no date is given; the moment of intake was taken, write one such as 2024-03-26",)


def test_a_picture_that_is_not_there_leaves_its_words(desk):
    body = 'Un mot ![vue <b> & "gué"](images/perdue.png) et ![](/ailleurs.png).'
    article = one(f"---\ntitle: a\ndate: 2024-01-01\n---\n{body}", desk)
    assert article.html.startswith('<p>Un mot vue &lt;b&gt; &amp; "gué" et <img src=')
    assert "perdue" not in article.html
    assert 'src="https://www.troisrivieres.example.org/ailleurs.png"' in article.html
    assert article.warnings == ("body: no file 'images/perdue.png' beside the article; left out",)


@pytest.mark.parametrize("name", ["perdu.html", "liste.txt", "dossier/plan.pdf", "www.example.org", "contact"])
def test_a_link_to_a_file_that_is_not_published_leads_nowhere_and_leaves_its_words(desk, name):
    front = "---\ntitle: a\ndate: 2024-01-01\n"
    article = one(f"{front}---\nVoir [la suite]({name}).", desk)
    assert article.html.strip() == "<p>Voir la suite.</p>"
    assert f"no file '{name}' beside the article" in article.warnings[0]
    elsewhere = one(f"{front}url: https://www.example.org/actus/un\n---\nVoir [la suite]({name}).", desk)
    assert f'<a href="https://www.example.org/actus/{name}">' in elsewhere.html


@pytest.mark.parametrize(
    ("front", "complaint"),
    [
        ("date: demain", "date: 'demain' is no date"),
        ("date: 0000-01-01", "no date"),
        ("date: 9999-12-31", "no date"),
        ("date: [2024-01-01]", "write one value"),
        ("state: perdu", "draft, ready, hidden"),
        ("url: page", "no web address"),
        ("title: [unclosed", "line 3"),
        ("title: a: b", "line 2"),
        ("- title", "holds no keys"),
        ("theme: {a: b}", "write labels"),
        ("attachments: [[a]]", "file or url"),
        ("dates: [{start: 2024-05-05, end: 2024-05-04}]", "ends before it begins"),
        ("title: " + "[" * 5000 + "]" * 5000, "nested"),
        ("title: " + "- " * 5000, "nested"),
        ("image: {file: [a], alt: b}", "image"),
    ],
)
def test_bad_settings_are_one_line(desk, front, complaint):
    with pytest.raises(IntakeError) as caught:
        one(f"---\n{front}\n---\nUn mot.", desk)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_front_matter_that_never_closes(desk):
    with pytest.raises(IntakeError, match="never closed"):
        one("---\ntitle: a\n\nUn mot.", desk)


def test_paths_that_lead_out_are_not_asked_for(desk):
    from dataclasses import replace

    def load(path):
        raise AssertionError(path)

    guarded = replace(desk, load=load)
    front = (
        "---\ntitle: a\ndate: 2024-01-01\nimage: ../../etc/passwd\nattachments: [/etc/passwd, 'a\\\\..\\\\b']\n---\n"
    )
    article = one(front + "![x](../secret.png) [y](/etc/passwd)", guarded)
    assert article.image is None
    assert article.attachments == ()


JSON = """{
  "title": "La fête des gués",
  "date": "2024-03-26",
  "theme": ["Eau", "Non"],
  "image": {"file": "images/gue.png", "alt": "Un gué"},
  "draft": true,
  "lead": null
}

Un *texte* avec { "title": "rien" }.
"""


@pytest.mark.parametrize("name", ["fete.md", "fete.txt", "fete"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_may_be_json(desk, name, end):
    article = one(JSON.replace("\n", end), desk, name)
    assert (article.title, article.published.isoformat()) == ("La fête des gués", "2024-03-26T00:00:00+01:00")
    assert [term.label for term in article.terms] == ["Eau", "Non"]
    assert (article.image.alt, article.state) == ("Un gué", ArticleState.DRAFT)
    assert article.html.strip() == "<p>Un <em>texte</em> avec { &quot;title&quot;: &quot;rien&quot; }.</p>".replace(
        "&quot;", '"'
    )
    assert "".join(part.text for part in article.parts) == JSON.replace("\n", end)
    assert [part.kind for part in article.parts] == ["field", "body"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{\n"title": "Un",\n"date": 2024-03-26\n}\nDu texte.', "line 3: the front matter is no JSON"),
        ('{"title": "Un"\n\nDu texte.', "line 3: the front matter is no JSON"),
        ('{"title": ' + "[" * 100_000 + "\nDu texte.", "too deeply nested"),
        ('{"a": ' + "[" * 250 + "1" + "]" * 250 + ', "title": "Un"}\nDu texte.', "too deeply nested"),
        ('{"title": "Un", "rang": ' + "9" * 5000 + "}\nDu texte.", "too deeply nested"),
    ],
)
def test_a_json_block_that_cannot_be_read_is_told_with_its_line(desk, text, complaint):
    with pytest.raises(IntakeError, match=complaint) as caught:
        one(text, desk)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{% note %}\n\nDu texte.", "{.classe} Du texte.", "{}\n\nDu texte."])
def test_a_brace_is_no_front_matter_by_itself(desk, text):
    assert "Du texte." in one("# Un titre\n\n" + text, desk).text
    assert "Du texte." in one(text, desk).text


def test_a_key_that_is_no_word_is_told_with_its_line(desk):
    with pytest.raises(IntakeError, match="line 3: the front matter is no YAML"):
        one("---\ntitle: Un\ntheme: {{theme}}\n---\nDu texte.", desk)


def test_names_for_names_for_names_do_not_fill_the_memory(desk):
    laughs = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    article = one(f"---\ntitle: Un\na0: &a0 [ha]\n{laughs}---\nDu texte.", desk)
    assert article.title == "Un"
