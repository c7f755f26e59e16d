"""The letter that comes with the program, by the rules for HTML in mail (docs: H1 to H11) and for its text part."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from html import escape
from itertools import pairwise

import pytest
from lxml import html

from newsletter.brand import Brand, Logo
from newsletter.digest import stylesheet
from newsletter.digest.alone import alone
from newsletter.digest.letter import TITLES, Block, Form, Intro
from newsletter.errors import TemplateError
from newsletter.model import EventDate, Image
from newsletter.phrases import tied
from tests.letters import ARTICLES, BASE, CONTENTS, LINKS, SITE, article, at, letter, templates

FRENCH = alone(CONTENTS, letter(), LINKS, templates())
ENGLISH = alone(CONTENTS, letter("en"), LINKS, templates())
HOSTILE = [
    'Crèches & <b>haltes</b> : « l\'été » "2024" &amp; &nbsp;',
    "<script>alert(1)</script> ]]> <!-- --> <!DOCTYPE html>",
    "{{ 7 * 7 }} {{ x }} {% if %} {# #}",
    "🌳👩\u200d👩\u200d👧 Végétaliser 🇫🇷",
    "مراكز الموارد: دليل",
    "Long\u00a0: " + "mot " * 75,
    "<!--qzkvxwjpyhzzsections--> qzkvxwjpyhzzcountqzkvxwjpyhzz",
]


def parsed(body):
    return html.document_fromstring(body.html)


def pictures(page):
    """Return the pictures of articles."""
    return page.xpath("//img[contains(@class, 'picture')]")


def only(one, form=Form.FULL, language="fr"):
    """Make the letter of one article."""
    contents = replace(CONTENTS, articles=(one,), headings=(replace(CONTENTS.headings[0], order=(0,)),))
    return alone(contents, letter(language, blocks=(Block(0, ((0, form),)),), others=0), LINKS, templates())


def test_document():
    assert FRENCH.html.startswith("<!DOCTYPE html>\n<html")
    page = parsed(FRENCH)
    assert page.get("lang") == page.xpath("//body//div/@lang")[0] == "fr"
    assert page.xpath("//meta/@charset") == ["utf-8"]
    assert {"viewport", "color-scheme"} <= set(page.xpath("//meta/@name"))
    assert (
        page.xpath("string(//title)") == "La lettre des Trois Rivières, n°\u00a042, mardi\u00a02\u00a0avril\u00a02024"
    )
    assert set(page.xpath("//table/@role")) == {"presentation"} and len(page.xpath("//table[not(@role)]")) == 0


def test_headings_form_an_outline():
    levels = [int(heading.tag[1]) for heading in parsed(FRENCH).iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert levels.count(3) == 8


def test_one_style_that_no_client_needs_and_none_drops():
    (style,) = re.findall("<style>(.*?)</style>", FRENCH.html, re.DOTALL)
    assert len(style) < 8_000
    kept = (":root", "@media (max-width: 480px)", "@media (prefers-color-scheme: dark)")
    assert all(rule.startswith(kept) for rule in stylesheet.rules(style))
    assert 'style="' in FRENCH.html and "class=" in FRENCH.html


def test_nothing_is_fetched_or_run_but_the_pictures_of_the_publication():
    page = parsed(FRENCH)
    assert page.xpath("//@src") == [CONTENTS.brand.logo.url, ARTICLES[0].image.small]
    [offered] = page.xpath("//@srcset")
    assert offered == f"{ARTICLES[0].image.small} 600w, {ARTICLES[0].image.url} 1200w"
    assert not page.xpath("//script|//link|//form|//iframe|//svg|//@onclick|//video")
    assert "url(" not in FRENCH.html and "@import" not in FRENCH.html


def test_every_article_is_one_link_that_says_where_it_goes():
    links = [(link.get("href"), link.text_content()) for link in parsed(FRENCH).iter("a")]
    for one in ARTICLES:
        assert links.count((one.url, tied(one.title, one.lang))) == 1
    assert all(text.strip() and href.startswith(("https://", "mailto:", "#")) for href, text in links)
    texts = [link.get("aria-label") or link.text_content() for link in parsed(FRENCH).iter("a")]
    assert len(texts) == len(set(texts))


def test_the_frame_says_who_when_and_how_to_leave():
    hrefs = parsed(FRENCH).xpath("//a/@href")
    assert hrefs[0] == f"{BASE}/issues/lettre/2024-04-02.html"
    for url in (LINKS.unsubscribe, LINKS.preferences, f"{BASE}/index.html", f"mailto:{CONTENTS.contact}"):
        assert url in hrefs
    for body in (FRENCH, ENGLISH):
        for url in (LINKS.unsubscribe, LINKS.preferences, f"{BASE}/index.html", CONTENTS.contact):
            assert url in body.text
    assert "Vous recevez cette lettre parce que" in parsed(FRENCH).text_content()
    assert "You receive this letter because" in parsed(ENGLISH).text_content()


def test_preheader_is_there_and_not_seen():
    (preheader,) = parsed(FRENCH).xpath("//div[@class='preheader']")
    assert preheader.text_content() == letter().preheader
    assert "display:none" in preheader.get("style")


def test_events_deadlines_and_files_are_told_with_their_typography():
    text = parsed(FRENCH).text_content()
    for said in (
        "jeu.\u00a011\u00a0avril, 9\u00a0h\u00a030\u00a0–\u00a012\u00a0h\u00a030",
        "du mar.\u00a01er au jeu.\u00a03\u00a0juillet\u00a02025",
        "Date limite\u00a0: dim.\u00a015\u00a0décembre à 12\u00a0h",
        "Télécharger «\u00a0Rapport d’activité 2023\u00a0» (PDF,\u00a03,43\u00a0Mo)",
        "Télécharger «\u00a0Tableaux\u00a0» (ODS,\u00a0364\u00a0ko)",
        "12\u00a0autres articles en ligne",
        "20\u00a0nouveautés",
    ):
        assert said in text
        assert said in FRENCH.text
    assert "Deadline: Sun\u00a015\u00a0December at 12:00" in ENGLISH.text


def test_hours_are_those_of_the_list_s_zone():
    start = at(2024, 12, 3, 14).astimezone(UTC)
    assert "mar.\u00a03\u00a0décembre à 14\u00a0h\n" in only(article(1, "x", dates=(EventDate(start),))).text


def test_short_forms_leave_out_what_weighs():
    page = parsed(only(replace(ARTICLES[0], dates=ARTICLES[1].dates), Form.SHORT))
    assert not pictures(page) and ARTICLES[0].lead not in page.text_content()
    assert "9\u00a0h\u00a030" in page.text_content()


def test_pictures_have_width_and_words():
    (picture,) = pictures(parsed(FRENCH))
    assert (picture.get("width"), picture.get("height")) == ("552", "276")
    assert picture.get("alt") == ARTICLES[0].image.alt
    assert picture.get("sizes") == "(max-width: 600px) 100vw, 552px"
    (small,) = pictures(parsed(only(article(1, "Un titre", image=Image(f"{BASE}/media/1/a.png")))))
    assert (small.get("width"), small.get("height"), small.get("alt")) == ("552", None, "")
    assert small.get("srcset") is None


@pytest.mark.parametrize("where", ["https://www.example.com/a.png", f"{BASE}.example.com/a.png", "//x.test/a.png"])
def test_a_picture_that_is_not_published_here_is_not_shown(where):
    ours = f"{BASE}/media/1/a-1200.png"
    assert not pictures(parsed(only(article(1, "Un titre", image=Image(where, "Un quai")))))
    assert not pictures(parsed(only(article(1, "Un titre", image=Image(where, "Un quai", small=ours)))))
    [shown] = pictures(parsed(only(article(1, "Un titre", image=Image(ours, "Un quai", 1200, 600, small=where)))))
    assert (shown.get("src"), shown.get("srcset")) == (ours, None)


def test_an_article_in_another_language_says_so():
    page = parsed(FRENCH)
    assert page.xpath("//h3[@lang='en']//a/text()") == [ARTICLES[4].title]
    assert page.xpath("//p[@lang='en']/text()") == [ARTICLES[4].lead]
    assert len(parsed(ENGLISH).xpath("//h3[@lang='fr']")) == 7
    assert [each.get("lang") for each in pictures(page) + pictures(parsed(ENGLISH))] == [None, "fr"]
    arabic = parsed(only(article(1, HOSTILE[4], "دليل", lang="ar")))
    assert arabic.xpath("//h3/@dir") == arabic.xpath("//p/@dir") == ["rtl"]
    assert all("text-align:right" in element.get("style") for element in arabic.xpath("//*[@dir]"))
    assert not parsed(only(article(1, "Québec", lang="fr-CA"))).xpath("//h3/@lang")


def test_what_is_not_there_leaves_no_trace():
    bare = replace(
        CONTENTS, headings=(replace(CONTENTS.headings[0], order=(6,)),), description="", contact="", number=0
    )
    made = alone(
        bare, letter(blocks=(Block(0, ((6, Form.FULL),)),), others=0, preheader="", count=1), LINKS, templates()
    )
    for text in (parsed(made).text_content(), made.text):
        for leftover in ("None", "en ligne", "n°\u00a00", "Nous écrire", "{{", "Également"):
            assert leftover not in text
    assert not parsed(made).xpath("//p[not(normalize-space())] | //h2[not(normalize-space())]")
    assert "\n\n\n\n" not in made.text


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("form", list(Form))
def test_hostile_titles_come_through_as_they_are(title, form):
    made = only(article(1, title, title), form)
    page = parsed(made)
    assert page.xpath("//h3")[0].text_content() == tied(title.strip(), "fr")
    assert not page.xpath("//b|//script")
    assert tied(title.strip(), "fr") in made.text.replace("\n", " ")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_around_articles_come_through_as_they_are(words):
    heading = replace(CONTENTS.headings[2], title=words)
    some = replace(CONTENTS, title=words, site=words, description=words, headings=(*CONTENTS.headings[:2], heading))
    made = alone(some, letter(preheader=words), LINKS, templates())
    page = parsed(made)
    said = tied(words.strip(), "fr")
    assert page.xpath("//h1")[0].text_content() == page.xpath("//*[@role='article']/@aria-label")[0] == said
    assert said in [each.text_content() for each in page.xpath("//h2")]
    assert said in [each.text_content() for each in page.xpath("//li/a")]
    assert page.xpath("//p[@class='description']")[0].text_content() == said
    assert not page.xpath("//b[not(@class='leaf')]|//script")
    assert said in made.text.replace("\n", " ")


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_intro_comes_through_as_it_was_cleaned(words):
    intro = Intro(f"<p>{escape(words)}</p>", f"{words}\n\n{words}")
    made = alone(replace(CONTENTS, intro=intro), letter(), LINKS, templates())
    [shown] = parsed(made).xpath("//div[@class='intro']/p")
    assert shown.text_content() == words
    assert made.text.replace("\n", " ").count(words.strip()) == 2


def test_an_intro_stands_before_the_summary_and_keeps_its_paragraphs():
    for part in (FRENCH.html, FRENCH.text):
        assert part.index("Le printemps revient") < part.index("L’équipe") < part.lower().index("au sommaire")
    assert ".\n\nL’équipe\n\n" in FRENCH.text
    [link] = parsed(FRENCH).xpath("//div[@class='intro']//a")
    assert "color:#" in link.get("style")


def test_a_french_intro_is_tied_like_everything_else_and_its_addresses_are_not():
    words = f'<p>Qui vient ?</p><ul><li>Toutes ; <a href="{SITE}/?a=1">tous : oui</a></li></ul>'
    made = alone(replace(CONTENTS, intro=Intro(words, "Qui vient ?", "fr")), letter(), LINKS, templates())
    [shown] = parsed(made).xpath("//div[@class='intro']")
    assert shown.text_content() == "Qui vient\u00a0?Toutes\u00a0; tous\u00a0: oui"
    assert shown.xpath(".//a/@href") == [f"{SITE}/?a=1"] and "Qui vient\u00a0?" in made.text


@pytest.mark.parametrize(
    "tag", ["p", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "strong", "pre", "code", "small"]
)
def test_everything_that_an_intro_may_hold_is_styled_where_it_stands(tag):
    made = alone(replace(CONTENTS, intro=Intro(f"<{tag}>mot</{tag}>", "mot")), letter(), LINKS, templates())
    assert parsed(made).xpath(f"//div[@class='intro']//{tag}/@style")


def test_a_letter_of_one_article_comes_to_the_point():
    flash = alone(replace(CONTENTS, number=0, intro=Intro()), letter(count=1), LINKS, templates())
    for text in (parsed(flash).text_content(), flash.text):
        assert "nouveauté" not in text and CONTENTS.description["fr"] not in text


def test_the_name_of_a_file_keeps_its_quotation_marks_inside_ours():
    file = replace(ARTICLES[2].attachments[0], title="Cahier « Santé : jeunes »")
    made = only(replace(ARTICLES[2], attachments=(file,)))
    said = "Télécharger «\u00a0Cahier “Santé\u00a0: jeunes”\u00a0» (PDF,\u00a03,43\u00a0Mo)"
    assert parsed(made).xpath("//a[@class='file']/text()") == [said]


def test_only_the_leaf_of_a_deadline_has_its_colour():
    section = replace(CONTENTS.headings[1], order=(1, 3))
    contents = replace(CONTENTS, headings=(section,))
    made = alone(contents, letter(blocks=(Block(0, ((1, Form.SHORT), (3, Form.SHORT))),)), LINKS, templates())
    assert parsed(made).xpath("//p[starts-with(@class, 'leaf')]/@class") == ["leaf", "leaf due"]


def test_a_summary_tells_every_section_with_its_number_and_leads_there():
    page = parsed(FRENCH)
    entries = [each.text_content().strip().replace("\u00a0(", " (") for each in page.xpath("//ul/li")]
    assert entries[:2] == ["À la une (1)", "Agenda (2)"]
    assert entries[-2:] == ["Corrigé depuis notre dernière lettre (1)", "Également publiés (1)"]
    assert page.xpath("//li/a/@href") == [f"#{name}" for name in page.xpath("//h2/@id")]
    assert all(f"\n- {entry}\n" in FRENCH.text for entry in entries)
    short = alone(CONTENTS, letter(blocks=letter().blocks[:2]), LINKS, templates())
    assert not parsed(short).xpath("//ul") and "SOMMAIRE" not in short.text


def test_what_was_corrected_stands_under_its_own_heading():
    [heading] = parsed(FRENCH).xpath("//h2[@id='corrected']")
    assert heading.text_content() == "Corrigé depuis notre dernière lettre"
    assert "CORRECTED SINCE OUR LAST LETTER\n" in ENGLISH.text


def test_events_and_calls_show_a_day_and_can_be_put_into_a_calendar():
    page = parsed(FRENCH)
    assert [each.text_content() for each in page.xpath("//p[@class='leaf']")] == ["jeu.11avr.", "mar.1erjuil."]
    assert set(page.xpath("//p[@class='leaf']/@aria-hidden")) == {"true"}
    links = page.xpath("//a[text()='Ajouter à mon agenda']")
    assert [link.get("href") for link in links] == [f"{BASE}/articles/{number}.ics" for number in (2, 6, 4)]
    assert links[0].get("aria-label") == "Ajouter à mon agenda\u00a0: Rencontre des équipes de quartier"
    assert FRENCH.text.count("Ajouter à mon agenda\u00a0:\n  https://") == 3
    without = alone(replace(CONTENTS, calendars=False), letter(), LINKS, templates())
    assert ".ics" not in without.html + without.text


@pytest.mark.parametrize(
    ("deadline", "french", "english"),
    [
        (at(2024, 4, 2, 23, 59), "dernier jour", "last day"),
        (at(2024, 4, 3, 0, 1), "J-1", "1\u00a0day left"),
        (at(2024, 4, 14, 12), "J-12", "12\u00a0days left"),
        (at(2024, 4, 2, 8, 59), "", ""),
        (at(2024, 4, 1), "", ""),
    ],
)
def test_the_days_that_a_deadline_leaves(deadline, french, english):
    for language, left in (("fr", french), ("en", english)):
        made = only(article(1, "Un appel", deadline=deadline), language=language)
        assert parsed(made).xpath("string(//span[@class='left'])") == left
        assert (f"({left})\n" in made.text) is bool(left)
        assert (".ics" in made.text) is bool(left)


def test_an_article_of_another_site_says_where_it_is_read():
    other = article(1, "Ailleurs", url="https://www.partenaire.example.com/a", terms=())
    assert parsed(only(other)).xpath("string(//p[@class='tags'])") == "partenaire.example.com"
    assert "\npartenaire.example.com\n" in only(other).text
    assert "example.org" not in parsed(only(article(1, "Ici"))).xpath("string(//p[@class='tags'])")


def test_a_light_letter_has_no_picture_and_says_the_same():
    light = alone(CONTENTS, letter(light=True), LINKS, templates())
    page = parsed(light)
    assert not page.xpath("//img")
    assert light.text == FRENCH.text
    titles = [each.text_content() for each in parsed(FRENCH).xpath("//h3")]
    assert [each.text_content() for each in page.xpath("//h3")] == titles
    assert len(light.html) < len(FRENCH.html)
    own = templates(
        light_html="<tr><td>{% if article.picture %}<img src='{{ article.picture.url }}'>{% endif %}</td></tr>"
    )
    assert not parsed(alone(CONTENTS, letter(light=True), LINKS, own)).xpath("//img")
    for kept in (ARTICLES[0].lead, ARTICLES[2].attachments[0].url, "9\u00a0h\u00a030", "J-257"):
        assert tied(kept, "fr") in page.text_content() + " ".join(page.xpath("//@href"))


def test_a_publication_s_own_colours_fonts_logo_and_links():
    own = Brand(
        colour="#7a1f5c", accent="#005c29", fonts="Georgia, serif", logo=Logo(url=f"{BASE}/media/1/l.png", alt="Logo")
    )
    page = parsed(alone(replace(CONTENTS, brand=own), letter(), LINKS, templates()))
    assert "background-color:#7a1f5c" in page.xpath("//td[contains(@class, 'header')]/@style")[0]
    assert "font-family:Georgia, serif" in page.xpath("//td[@class='content']/@style")[0]
    assert "background-color:#005c29" in page.xpath("//span[@class='left']/@style")[0]
    assert [(each.get("src"), each.get("alt")) for each in page.xpath("//img[@class='logo']")] == [
        (f"{BASE}/media/1/l.png", "Logo")
    ]
    assert parsed(FRENCH).xpath("//a[text()='Mentions légales']/@href") == [f"{SITE}/mentions"]
    assert f"Mentions légales\u00a0:\n{SITE}/mentions\n" in FRENCH.text
    assert f"Legal notice:\n{SITE}/mentions\n" in ENGLISH.text


def test_a_colour_that_the_palette_has_not_is_told():
    with pytest.raises(TemplateError, match=r"style\.css: there is no --couleur; use one of --ground"):
        alone(CONTENTS, letter(), LINKS, templates(style_css=".a { color: var(--couleur) }"))


def test_line_breaks_and_controls_in_a_title_become_a_space():
    made = only(article(1, "Un titre\r\n\r\nFrom: x\x00\x07\u2028fin"))
    assert parsed(made).xpath("//h3")[0].text_content() == "Un titre From: x fin"
    assert "Un titre From: x fin\n" in made.text


def test_a_link_always_has_words():
    assert parsed(only(article(1, " \r\n"))).xpath("//h3/a/text()") == [article(1, "").url]


def test_text_part_says_the_same_and_fits_its_lines():
    said = re.sub("[ \\n]+", " ", FRENCH.text)
    for one in ARTICLES:
        assert tied(one.title, one.lang) in said and FRENCH.text.count(one.url + "\n") == 1
    for attachment in ARTICLES[2].attachments:
        assert attachment.url in said
    assert tied(ARTICLES[0].lead, "fr") in said
    assert all(len(line) <= 72 or "https://" in line for line in FRENCH.text.splitlines())
    assert not re.search(r"[<>]|&(amp|lt|quot|#)", FRENCH.text)
    assert "\n\n\n\n" not in FRENCH.text and not re.search(" $", FRENCH.text, re.MULTILINE)
    assert "\n\nÀ LA UNE\n--------\n\n" in FRENCH.text


def test_one_and_three_hundred_titles():
    many = tuple(article(number, f"Article numéro {number}") for number in range(300))
    contents = replace(CONTENTS, articles=many)
    blocks = (Block(TITLES, tuple((position, Form.TITLE) for position in range(300))),)
    made = alone(contents, letter(blocks=blocks, others=0), LINKS, templates())
    assert made.text.count("Article numéro") == len(parsed(made).xpath("//h3")) == 300


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("body", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_contrast(body, scheme):
    page = parsed(body)
    if scheme == "dark":
        darken(page)
    seen = 0
    for element in page.body.iter("p", "h1", "h2", "h3", "a", "td", "img"):
        text = element.get("alt") or "".join(element.xpath("./text()")).strip()
        if text:
            seen += 1
            ink, paper = inherited(element, "color"), inherited(element, "background-color")
            assert contrast(ink, paper) >= 4.5, (text, ink, paper)
    assert seen > 30


def darken(page):
    """Write the dark rules into the elements, as a browser would with that preference."""
    css = re.search(r"@media \(prefers-color-scheme: dark\) \{(.*)\}", page.xpath("string(//style)"), re.DOTALL)[1]
    for rule in stylesheet.rules(css):
        selector, declarations = re.fullmatch(r"(.*?)\s*\{(.*)\}", rule, re.DOTALL).groups()
        for element in page.cssselect(selector):
            element.set("style", f"{element.get('style', '')};{declarations.replace('!important', '')}")


def inherited(element, name):
    while element is not None:
        for declaration in reversed(element.get("style", "").split(";")):
            key, _, value = declaration.partition(":")
            if key.strip() == name:
                return value.strip()
        element = element.getparent()
    raise AssertionError(f"no {name}")


def contrast(one, two):
    """WCAG 2.1, 1.4.3."""

    def luminance(colour):
        digits = colour.removeprefix("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("piece", "source", "said"),
    [
        ("article.html", "{{ article.tittle }}", "article.html.*tittle"),
        ("page.txt", "{{ nobody }}", "page.txt.*nobody"),
        ("line.txt", "{% if %}", "line.txt line 1"),
        ("section.html", "{{ ''.__class__.__mro__ }}", "section.html"),
        ("article.html", "{{ article.picture }}", "None"),
        ("others.html", "{% include 'secret.html' %}", "secret.html"),
        ("article.txt", "{{ article.dates.append(1) }}", "article.txt"),
        ("page.html", "{{ 1 // 0 }}", "page.html"),
    ],
)
def test_a_template_that_fails_says_which(piece, source, said):
    with pytest.raises(TemplateError, match=said):
        alone(CONTENTS, letter(), LINKS, templates() | {piece: source})


def test_a_layout_of_the_publication_prints_its_section():
    contents = replace(CONTENTS, headings=(replace(CONTENTS.headings[0], layout="poster"),))
    own = {"poster.html": "<tr><td>AFFICHE {{ article.title }}</td></tr>", "poster.txt": "AFFICHE\n\n"}
    made = alone(contents, letter(blocks=(Block(0, ((0, Form.FULL),)),)), LINKS, templates() | own)
    assert "AFFICHE" in made.html and "AFFICHE" in made.text
    with pytest.raises(TemplateError, match=r"poster\.html"):
        alone(contents, letter(blocks=(Block(0, ((0, Form.FULL),)),)), LINKS, templates())
