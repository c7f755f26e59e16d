"""The two lines that a reader sees first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.digest.subject import preheader, subject
from newsletter.errors import TemplateError
from newsletter.model import Term
from tests.letters import ARTICLES, CONTENTS, article, templates


def written(pattern="", articles=ARTICLES, count=5, language="fr", **facts):
    return subject(replace(CONTENTS, subject=pattern, **facts), articles, count, language, templates())


def test_the_default_names_the_list_the_number_and_the_month():
    assert written() == "La lettre des Trois Rivières, n°\u00a042 – avril 2024"
    assert written(language="en") == "The Three Rivers letter, No.\u00a042 – April 2024"


def test_a_flash_letter_has_no_number_but_its_article():
    assert written(articles=ARTICLES[1:2], number=0) == (
        "La lettre des Trois Rivières – Rencontre des équipes de quartier"
    )


def test_every_placeholder():
    assert written("{{ org }}|{{ list }}|{{ number }}|{{ month }}|{{ year }}|{{ count }}") == (
        "Centre de ressources des Trois Rivières|La lettre des Trois Rivières|42|avril|2024|5"
    )
    assert written("{{ themes }} : {{ first }}") == f"Éducation, Habitat et cadre de vie : {ARTICLES[0].title}"


def test_at_most_three_themes_each_once():
    themes = [article(n, "x", terms=(Term("theme", f"t{n % 4}", f"Thème {n % 4}"),)) for n in range(8)]
    assert written("{{ themes }}", themes) == "Thème 0, Thème 1, Thème 2"


def test_a_pattern_a_language():
    both = {"fr": "Numéro {{ number }}", "en": "Issue {{ number }}"}
    assert (written(both), written(both, language="en")) == ("Numéro 42", "Issue 42")


@pytest.mark.parametrize(
    "title",
    ['Crèches & <b>haltes</b> : « l\'été » "2024" &amp;', "{{ number }} {% if %}", "🌳👩\u200d👩\u200d👧 🇫🇷", "مراكز"],
)
def test_titles_are_neither_escaped_nor_run(title):
    assert written("{{ first }}", [article(1, title)]) == title


def test_no_header_can_be_smuggled_in():
    made = written("{{ first }}\n", [article(1, "Un titre\r\nBcc: tous@example.org\x00\u2028fin")])
    assert made == "Un titre Bcc: tous@example.org fin"


def test_a_subject_has_an_end():
    made = written("{{ first }}", [article(1, "Élèves et parents " * 30)])
    assert 100 < len(made) <= 150 and made.endswith(("Élèves…", "et…", "parents…"))


@pytest.mark.parametrize("pattern", ["{{ titles }}", "{{ first", "{{ count.x.y }}"])
def test_a_wrong_pattern_is_one_line(pattern):
    with pytest.raises(TemplateError, match=r"^template subject\.txt.*docs/reference/templates\.md$"):
        written(pattern)


def test_readers_with_other_articles_get_another_line():
    assert written("{{ first }} ({{ count }})", ARTICLES[:1], 1) == f"{ARTICLES[0].title} (1)"
    assert written("{{ first }} ({{ count }})", ARTICLES[1:], 7) == f"{ARTICLES[1].title} (7)"


def test_the_preheader_is_the_next_two_titles():
    assert preheader(ARTICLES) == f"{ARTICLES[1].title} · {ARTICLES[2].title}"
    assert preheader(ARTICLES[:2]) == ARTICLES[1].title
    assert preheader(ARTICLES[1:2]) == ARTICLES[1].lead
    assert preheader(()) == ""
    assert preheader([ARTICLES[0], article(1, "a\r\nb"), article(2, "mot " * 80)]).startswith("a b · mot mot")
    assert len(preheader([article(n, "mot " * 80) for n in range(3)])) <= 150
