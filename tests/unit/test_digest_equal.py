"""Assembled from pieces and printed alone, a letter is the same letter; a template that cannot keep that is caught."""

from __future__ import annotations

import quopri
from dataclasses import replace
from functools import cache
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from msgspec import structs
from premailer import Premailer

from newsletter.delivery.quoted import encode, finish
from newsletter.digest.alone import alone
from newsletter.digest.assemble import assemble, bind, fill
from newsletter.digest.letter import CORRECTED, TITLES, Block, Contents, Form, Intro, Letter, Links
from newsletter.digest.master import fragments, master
from newsletter.digest.pieces import Pieces, dump, load, sizes
from newsletter.digest.plan import plan
from newsletter.digest.stylesheet import structural
from newsletter.errors import TemplateError
from newsletter.phrases import tied
from tests.letters import AGENDA, ARTICLES, CONTENTS, LINKS, NONCE, article, letter, templates, tree

HOSTILE = (
    article(20, 'Crèches & <b>haltes</b> : « l\'été » "2024"', "<script>alert(1)</script> & {% raw %}"),
    article(21, "{{ 7 * 7 }} {{ x }} {% if %} {#", lang="en"),
    article(22, "Un titre\r\nBcc: tout-le-monde@example.org\r\n\r\n<!DOCTYPE html>"),
    article(23, "🌳👩\u200d👩\u200d👧 Végétaliser 🇫🇷", lang="fr-FR"),
    article(24, "مراكز الموارد: دليل", "دليل قصير", lang="ar"),
    article(25, "Long " * 60),
    article(
        26, "<!--zzzzzzzzzzzzsections--> zzzzzzzzzzzzcountzzzzzzzzzzzz <!--[if mso]> =\r\n.\r\nFrom moi", "a\x00b\x0bc"
    ),
    article(27, "", "", terms=(AGENDA,), url="https://www.troisrivieres.example.org/à?a=1&b=%22é"),
)
MARKERS = "<!--zzzzzzzzzzzzsummary--> zzzzzzzzzzzzentrieszzzzzzzzzzzz {{ x }} « ] & <b>"
CROWD = replace(
    CONTENTS,
    articles=ARTICLES + HOSTILE,
    intro=Intro(f"<p>{escape(MARKERS)} 🌳</p><h3>مراكز</h3>", f"{MARKERS}\n\n.\nFrom nous"),
    corrected=(6, *range(len(ARTICLES), len(ARTICLES + HOSTILE))),
)
CROWD = replace(
    CROWD, headings=(*CROWD.headings[:2], replace(CROWD.headings[2], order=tuple(range(len(CROWD.articles)))))
)


@cache
def pieces(language: str) -> Pieces[str]:
    return master(CROWD, language, NONCE, templates())


@st.composite
def letters(draw: st.DrawFn) -> Letter:
    """Draw any letter that the pieces allow: sections in order, each with some of its articles in some form."""
    blocks = []
    for heading in draw(st.sets(st.sampled_from([0, 1, 2, CORRECTED, TITLES]), min_size=1)):
        names = draw(st.lists(st.sampled_from(list(fragments(CROWD, heading))), min_size=1, unique_by=lambda n: n[1]))
        blocks.append(Block(heading, tuple((position, form) for _, position, form in names)))
    return letter(
        draw(st.sampled_from(["fr", "en"])),
        light=draw(st.booleans()),
        blocks=tuple(sorted(blocks, key=lambda block: block.heading % 9)),
        count=draw(st.integers(1, 300)),
        others=draw(st.sampled_from([0, 1, 250])),
        preheader=draw(st.sampled_from(["", HOSTILE[0].title, "« L’été » · 🌳"])),
    )


def same(one: object, two: object) -> bool:
    return tree(one.html) == tree(two.html) and one.text == two.text


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(letters())
def test_a_letter_is_the_same_assembled_or_alone(drawn):
    assert same(assemble(pieces(drawn.language), drawn, LINKS), alone(CROWD, drawn, LINKS, templates()))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(letters())
def test_encoded_pieces_join_to_the_same_letter(drawn):
    plain = assemble(pieces(drawn.language), drawn, LINKS)
    wire = fill(bind(encoded(drawn.language), drawn, encode), LINKS, encode)
    for part, text in ((wire.html, plain.html), (wire.text, plain.text)):
        body = b"".join(finish(part))
        assert quopri.decodestring(body).decode().replace("\r\n", "\n") == text
        assert max(map(len, body.split(b"\r\n"))) <= 76


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(letters())
def test_no_letter_is_heavier_than_its_sizes_say(drawn):
    weights = sizes(pieces(drawn.language).light if drawn.light else pieces(drawn.language).html)
    said = weights.page + sum(
        weights.headings[block.heading] + sum(weights.articles[block.heading][item] for item in block.items)
        for block in drawn.blocks
    )
    heavy = len(assemble(pieces(drawn.language), drawn, LINKS).html.encode())
    assert said - 5000 < heavy <= said


@cache
def encoded(language: str) -> Pieces[bytes]:
    return pieces(language).encode(encode)


def test_a_heading_of_titles_prints_them_as_lines():
    contents = replace(CONTENTS, headings=(replace(CONTENTS.headings[0], form=Form.TITLE),))
    only = letter(blocks=(Block(0, ((0, Form.TITLE),)),))
    made = assemble(master(contents, "fr", NONCE, templates()), only, LINKS)
    assert same(made, alone(contents, only, LINKS, templates()))
    assert tied(ARTICLES[0].title, "fr") in made.text and ARTICLES[0].lead[:40] not in made.text


@cache
def many() -> tuple[Contents, Pieces[str]]:
    """Return an issue of 300 articles with everything that weighs."""
    some = tuple(replace(ARTICLES[number % 5], title=f"Article numéro {number}") for number in range(300))
    headings = (
        replace(CONTENTS.headings[0], order=tuple(range(300))),
        replace(CONTENTS.headings[1], order=tuple(range(1, 300, 5))),
        replace(CONTENTS.headings[2], order=tuple(range(300))),
    )
    contents = replace(CONTENTS, articles=some, headings=headings, corrected=())
    return contents, master(contents, "fr", NONCE, templates())


@pytest.mark.parametrize("number", [1, 30, 300])
@pytest.mark.parametrize(("light", "budget"), [(False, 100_000), (True, 30_000)])
def test_one_thirty_and_three_hundred_articles_end_under_the_budget_and_one_can_always_leave(number, light, budget):
    contents, printed = many()
    weights = sizes(printed.light if light else printed.html)
    drawn = plan(contents, (1 << number) - 1, 0, weights, lambda some, _: ("", some[0].title), "fr", light)
    made = assemble(printed, drawn, LINKS)
    assert len(made.html.encode()) <= budget
    assert escape(LINKS.unsubscribe) in made.html and LINKS.unsubscribe in made.text
    assert made.html.count("<h3") + drawn.others == number
    assert bool(drawn.shortened) is (number == 300 or (number == 30 and light))
    if drawn.others:
        [way] = html.document_fromstring(made.html).xpath("//a[@class='others']")
        assert way.get("href") == contents.archive_url
        assert way.text_content() == f"{drawn.others}\u00a0autres articles en ligne"
    assert made.html.count("Article numéro") >= min(number, 30 if light else 150)


def test_stored_pieces_give_the_same_bytes():
    stored = load(dump(pieces("fr")))
    assert stored == pieces("fr")
    assert assemble(stored, letter(), LINKS) == assemble(pieces("fr"), letter(), LINKS)


def test_one_inlining_an_issue_and_language(monkeypatch):
    runs = []
    transform = Premailer.transform
    monkeypatch.setattr(Premailer, "transform", lambda self, **words: (runs.append(self), transform(self, **words))[1])
    for language in ("fr", "en"):
        made = master(CONTENTS, language, NONCE, templates())
        for count in range(1, 50):
            assemble(made, letter(language, count=count), LINKS)
    assert len(runs) == 2


def test_readers_of_a_letter_share_all_but_their_links():
    bound = bind(pieces("fr"), letter(), str)
    for part in (bound.html, bound.text):
        assert set(part.page.slots) - set(part.values) == {"unsubscribe_url", "preferences_url"}
    others = structs.replace(LINKS, unsubscribe="https://www.troisrivieres.example.org/unsubscribe/other")
    mine, yours = (fill(bound, links, str) for links in (LINKS, others))
    for my, your in ((mine.html, yours.html), (mine.text, yours.text)):
        assert [one for one, other in zip(my, your, strict=True) if one != other] == [LINKS.unsubscribe]


def test_what_is_filled_in_is_escaped_in_html_alone():
    odd = Links('https://www.example.org/u?a=1&b="2"', "https://www.example.org/p")
    made = assemble(pieces("fr"), letter(preheader="L'été & <b>"), odd)
    assert "https://www.example.org/u?a=1&amp;b=&quot;2&quot;" in made.html
    assert "L&#x27;été &amp; &lt;b&gt;" in made.html
    assert 'https://www.example.org/u?a=1&b="2"\n' in made.text


NEIGHBOURS = [".section tr + tr + tr td.article { padding: 40px }", ".section ~ .section { margin: 9px }"]
"""Rules of which the second article and the second section of a letter are to look unlike the first."""


@pytest.mark.parametrize("rule", [*NEIGHBOURS, "tr:first-child .title { color: #ff0000 }"])
def test_planted_fault_structural_css_is_caught(rule):
    assert structural(templates()["style.css"] + rule) == [rule.partition(" {")[0]]
    assert structural(templates()["style.css"]) == []


@pytest.mark.parametrize("rule", NEIGHBOURS)
def test_structural_css_would_make_an_assembled_letter_another(rule):
    # What has a pseudo-class is not written into elements, so it lies in the browser only, where nothing is compared.
    def equal(files: dict[str, str]) -> bool:
        # In the master this section is the third, and the second of these articles its first.
        only = letter(blocks=(Block(2, ((4, Form.FULL), (2, Form.FULL))),))
        return same(assemble(master(CONTENTS, "fr", NONCE, files), only, LINKS), alone(CONTENTS, only, LINKS, files))

    assert equal(templates())
    assert not equal(templates(style_css=templates()["style.css"] + rule))


@pytest.mark.parametrize(
    ("piece", "use", "slot"),
    [
        ("page.html", "{% if count %}x{% endif %}", "count"),
        ("page.txt", "{% if others %}x{% endif %}", "others"),
        ("page.html", "{{ sections | length }}", "sections"),
        ("page.html", "{{ unsubscribe_url == 'x' }}", "unsubscribe_url"),
        ("page.txt", "{{ preheader[:9] }}", "preheader"),
        ("page.txt", "{{ preheader.upper() }}", "preheader"),
        ("page.txt", "{% for one in count %}{{ one }}{% endfor %}", "count"),
        ("page.html", "{{ count + 1 }}", "count"),
        ("page.html", "{{ 'x' in preferences_url }}", "preferences_url"),
        ("section.html", "{% if articles %}x{% endif %}", "articles"),
        ("others.txt", "{{ count > 3 }}", "count"),
        ("others.html", "{{ count * 2 }}", "count"),
    ],
)
def test_planted_fault_a_template_that_looks_at_a_slot_is_caught(piece, use, slot):
    planted = templates() | {piece: templates()[piece] + use}
    with pytest.raises(TemplateError, match=rf"{piece}.*{slot}.*print it, do not test or change it"):
        master(CONTENTS, "fr", NONCE, planted)


@pytest.mark.parametrize("use", ["{{ count | upper }}", "{{ count | wordcount }}", "{{ count | default('x', true) }}"])
@pytest.mark.parametrize("piece", ["page.html", "page.txt", "others.html", "others.txt"])
def test_planted_fault_a_filter_over_a_slot_is_caught(piece, use):
    planted = templates() | {piece: templates()[piece] + use}
    with pytest.raises(TemplateError, match=rf"{piece}.*count.*print it"):
        master(CONTENTS, "fr", NONCE, planted)


@pytest.mark.parametrize("piece", ["page.html", "page.txt", "others.html", "others.txt"])
def test_planted_fault_a_changed_marker_is_caught(piece):
    changed = templates()[piece].replace("{{ count }}", "{{ (count ~ '') | upper }}")
    with pytest.raises(TemplateError, match=rf"{piece}.*slot is changed"):
        master(CONTENTS, "fr", NONCE, templates() | {piece: changed})


@pytest.mark.parametrize(
    ("piece", "slot"),
    [
        ("page.html", "sections"),
        ("page.html", "others"),
        ("page.html", "unsubscribe_url"),
        ("page.html", "preferences_url"),
        ("page.txt", "sections"),
        ("page.txt", "unsubscribe_url"),
        ("section.html", "articles"),
        ("section.txt", "articles"),
    ],
)
def test_a_template_without_a_needed_slot_is_refused(piece, slot):
    source = templates()[piece]
    broken = source.replace(f"{{{{ {slot} }}}}", "").replace(f"{{{{ {slot} -}}}}", "")
    assert broken != source
    with pytest.raises(TemplateError, match=rf"{piece}.*{slot}"):
        master(CONTENTS, "fr", NONCE, templates() | {piece: broken})


def test_a_block_printed_twice_is_refused():
    for piece in ("page.html", "page.txt"):
        with pytest.raises(TemplateError, match=rf"{piece}.*sections"):
            master(CONTENTS, "fr", NONCE, templates() | {piece: templates()[piece] + "{{ sections }}"})


@pytest.mark.parametrize(("piece", "slot"), [("page.html", "sections"), ("section.html", "articles")])
def test_a_block_where_no_tag_can_stand_is_refused(piece, slot):
    broken = templates()[piece].replace(f"{{{{ {slot} }}}}", f"<textarea>{{{{ {slot} }}}}</textarea>")
    with pytest.raises(TemplateError, match=rf"{piece}.*tags are"):
        master(CONTENTS, "fr", NONCE, templates() | {piece: broken})


@pytest.mark.parametrize("nonce", ["short", "with-a-dash-in-it", "UPPERCASES", "programme"])
def test_a_nonce_that_could_be_taken_for_words_is_refused(nonce):
    contents = replace(CONTENTS, articles=(article(1, "Le Programme d’avril"), *ARTICLES[1:]))
    with pytest.raises(TemplateError, match="another random word"):
        master(contents, "fr", nonce, templates())
