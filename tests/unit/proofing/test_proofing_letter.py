"""Each rule of proofreading finds the fault that is planted for it, where it is; the shipped letter has none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from newsletter.digest.letter import CORRECTED, Contents, Form
from newsletter.digest.master import master
from newsletter.model import Attachment, Image
from newsletter.proofing import linking
from newsletter.proofing.finding import CHECKS, Finding, Severity
from newsletter.proofing.proof import Proof, proof, template_of
from newsletter.proofing.reading import RULES, read
from tests.letters import ARTICLES, BASE, CONTENTS, LINKS, NONCE, article, templates

PLAIN = {
    "page.html": """<!DOCTYPE html>
<html lang="{{ issue.language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{{ issue.title }}</title>
<style>{{ style }}</style>
</head>
<body class="paper"><div lang="{{ issue.language }}">
<div class="preheader">{{ preheader }}</div>
{{ header }}
<p>{{ count }}</p>
{% if intro %}
<div class="intro"{% if intro_lang %} lang="{{ intro_lang }}"{% endif %}>{{ intro }}</div>
{% endif %}
<p><a class="link" href="{{ issue.archive_url }}">{{ words.in_browser }}</a></p>
{{ summary }}
{{ sections }}
{{ others }}
<p class="why">{{ issue.why }}</p>
<p><a class="link" href="{{ preferences_url }}">{{ words.preferences }}</a></p>
<p><a class="link" href="{{ unsubscribe_url }}">{{ words.unsubscribe }}</a></p>
</div></body></html>
""",
    "page.txt": """{{ header }}
{{ count }}
{{ intro }}
{{ words.in_browser }} {{ issue.archive_url }}
{{ summary }}{{ sections }}{{ others }}
{{ issue.why }}
{{ words.preferences }} {{ preferences_url }}
{{ words.unsubscribe }} {{ unsubscribe_url }}
""",
    "header.html": """{% if logo %}
<p><img src="{{ logo.url }}" alt="{{ logo.alt }}" width="{{ logo.width }}"></p>
{% endif %}
<h1>{{ issue.title }}</h1>
<p class="site">{{ issue.site }}</p>
""",
    "header.txt": "{{ issue.title }}\n{{ issue.site }}\n",
    "summary.html": '<div><h2 class="summary">{{ words.summary }}</h2><ul>{{ entries }}</ul></div>',
    "summary.txt": "{{ words.summary }}\n{{ entries }}\n",
    "entry.html": '<li><a class="link" href="#{{ anchor }}">{{ title }}</a> ({{ count }})</li>',
    "entry.txt": "{{ title }} ({{ count }})\n",
    "section.html": """<div><h2 id="{{ anchor }}">{{ title }}</h2>
<table role="presentation">{{ articles }}</table></div>""",
    "section.txt": "{{ title | upper }}\n{{ articles }}\n",
    "article.html": """<tr><td>
{% if form == "full" and article.picture %}
<img src="{{ article.picture.url }}" alt="{{ article.picture.alt }}" width="{{ article.picture.width }}">
{% endif %}
<h3 lang="{{ article.lang }}"><a class="link" href="{{ article.url }}">{{ article.title }}</a></h3>
<p class="tags">{{ article.tags | join(" ") }}</p>
<p>{{ article.dates | join(" ") }}</p>
{% if article.calendar_url %}
<p><a class="link" href="{{ article.calendar_url }}" aria-label="{{ words.calendar_of.format(title=article.title) }}">
{{ words.calendar }}</a></p>
{% endif %}
{% if form == "full" %}
<p class="lead">{{ article.lead }}</p>
{% for file in article.files %}
<p><a class="link" href="{{ file.url }}">{{ file.label }}</a></p>
{% endfor %}
{% endif %}
</td></tr>
""",
    "article.txt": """{{ article.title }} {{ article.url }}
{{ article.tags | join(" ") }}
{{ article.dates | join(" ") }}
{% if article.calendar_url %}{{ words.calendar }} {{ article.calendar_url }}{% endif %}

{% if form == "full" %}
{{ article.lead }}
{% for file in article.files %}
{{ file.label }} {{ file.url }}
{% endfor %}
{% endif %}
""",
    "top.html": '{% include "article.html" %}',
    "top.txt": '{% include "article.txt" %}',
    "upcoming.html": """{% if article.leaf %}
<tr><td><p class="leaf" aria-hidden="true">{{ article.leaf.weekday }} {{ article.leaf.month }}</p></td></tr>
{% endif %}
{% include "article.html" %}
""",
    "upcoming.txt": '{% include "article.txt" %}',
    "light.html": """<tr><td>
<h3 class="light" lang="{{ article.lang }}"><a class="link" href="{{ article.url }}">{{ article.title }}</a></h3>
<p class="tags">{{ article.tags | join(" ") }}</p>
<p>{{ article.dates | join(" ") }}</p>
{% if article.calendar_url %}
<p><a class="link" href="{{ article.calendar_url }}" aria-label="{{ words.calendar_of.format(title=article.title) }}">
{{ words.calendar }}</a></p>
{% endif %}
{% if form == "full" %}
<p>{{ article.lead }}</p>
{% for file in article.files %}
<p><a class="link" href="{{ file.url }}">{{ file.label }}</a></p>
{% endfor %}
{% endif %}
</td></tr>
""",
    "line.html": """<tr><td>
<h3 lang="{{ article.lang }}"><a class="link" href="{{ article.url }}">{{ article.title }}</a></h3>
</td></tr>
""",
    "line.txt": "{{ article.title }} {{ article.url }}\n",
    "others.html": '<p><a class="link" href="{{ issue.archive_url }}">{{ count }}</a></p>',
    "others.txt": "{{ count }} {{ issue.archive_url }}\n",
    "style.css": """.paper { background-color: #ffffff; color: #222222; font-size: 16px; line-height: 24px; }
.preheader { display: none; }
.link { color: #084a5e; }
.intro a { color: #084a5e; }
.tags { color: #4a5860; }
@media (prefers-color-scheme: dark) {
.paper { background-color: #11171a !important; color: #e6ecee !important; }
.link { color: #8fd2e4 !important; }
.intro a { color: #8fd2e4 !important; }
.tags { color: #aab7bd !important; }
}
""",
}
"""A letter without any beauty and without any fault."""

PAGE, ARTICLE, SHEET = "page.html", "article.html", "style.css"
Plant = tuple[str, str, str]
"""A template, a piece of it, and what stands in its place."""


def proofed(
    contents: Contents = CONTENTS, language: str = "fr", plant: Plant | None = None, *, light: bool = False
) -> Proof:
    files = dict(PLAIN)
    if plant:
        name, old, new = plant
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    return proof(contents, language, master(contents, language, NONCE, files), files, LINKS, light=light)


def found(
    contents: Contents = CONTENTS, plant: Plant | None = None, *, light: bool = False
) -> set[tuple[str, str, str, str]]:
    """Return severity, check, place and article of what is found."""
    return {(f.severity.value, f.check, f.where, f.article) for f in read(proofed(contents, plant=plant, light=light))}


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_shipped_letter_has_nothing_to_find(language: str, light: bool) -> None:
    files, pieces = templates(), master(CONTENTS, language, NONCE, templates())
    assert read(proof(CONTENTS, language, pieces, files, LINKS, light=light)) == set()


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_plain_letter_has_nothing_to_find(language: str, light: bool) -> None:
    assert read(proofed(language=language, light=light)) == set()


def test_the_ear_hears_the_label_of_a_link() -> None:
    """Links that look alike may say apart what they are for."""
    same = (ARTICLE, TITLE, f'{TITLE}<p><a class="link" href="{{{{ article.url }}}}#x">+</a></p>')
    labelled = (ARTICLE, TITLE, same[2].replace(">+<", ' aria-label="{{ article.title }}, +">+<'))
    assert ("warning", "links") in {each[:2] for each in found(plant=same)}
    assert {each[1] for each in found(plant=labelled)} == {"parts"}


LEAVE = '<a class="link" href="{{ unsubscribe_url }}">{{ words.unsubscribe }}</a>'
TITLE = ">{{ article.title }}</a></h3>"
FAULTS: list[tuple[str, str, Plant]] = [
    ("document", PAGE, (PAGE, "<!DOCTYPE html>\n", "")),
    ("document", PAGE, (PAGE, '<meta charset="utf-8">\n', "")),
    ("document", PAGE, (PAGE, "<title>{{ issue.title }}</title>", "<title></title>")),
    ("document", PAGE, (PAGE, "</head>", "<script>1</script></head>")),
    ("document", PAGE, (PAGE, "</head>", '<link rel="stylesheet" href="https://www.example.org/a.css"></head>')),
    ("document", ARTICLE, (ARTICLE, '<p class="tags">', '<p class="tags" onclick="1">')),
    ("document", PAGE, (PAGE, '<p class="why">', '<form></form><p class="why">')),
    ("lang", PAGE, (PAGE, '<html lang="{{ issue.language }}">', "<html>")),
    ("lang", PAGE, (PAGE, '<html lang="{{ issue.language }}">', '<html lang="en">')),
    ("lang", "line.html", ("line.html", ' lang="{{ article.lang }}"', "")),
    ("alt", ARTICLE, (ARTICLE, ' alt="{{ article.picture.alt }}"', "")),
    ("alt", ARTICLE, (ARTICLE, ' width="{{ article.picture.width }}"', ' width="50%"')),
    ("headings", PAGE, ("header.html", "h1", "p")),
    ("headings", PAGE, ("header.html", "</h1>", "</h1><h1>{{ issue.title }}</h1>")),
    ("headings", "section.html", ("section.html", "h2", "h4")),
    ("headings", "summary.html", ("summary.html", "{{ words.summary }}", "")),
    ("headings", ARTICLE, (ARTICLE, '<p class="tags">', '<h3></h3><p class="tags">')),
    ("links", ARTICLE, (ARTICLE, TITLE, ">Lire la suite…</a> {{ article.title }}</h3>")),
    ("links", ARTICLE, (ARTICLE, TITLE, "></a> {{ article.title }}</h3>")),
    ("links", PAGE, (PAGE, "{{ words.in_browser }}</a>", "<b>Ici</b></a>")),
    ("links", "entry.html", ("entry.html", "{{ title }}</a>", "Voir</a> {{ title }}")),
    ("links", ARTICLE, (ARTICLE, "{{ words.calendar_of.format(title=article.title) }}", "Agenda")),
    ("contrast", ARTICLE, (SHEET, "#4a5860", "#aaaaaa")),
    ("contrast", ARTICLE, (SHEET, "#aab7bd !important", "#444444 !important")),
    ("contrast", ARTICLE, (SHEET, "#aab7bd !important", "#aab7bd")),
    ("contrast", PAGE, (SHEET, ".link { color: #8fd2e4 !important; }", "")),
    ("contrast", PAGE, (SHEET, ".link { color: #084a5e; }\n", ".paper .link { color: hsl(200 20% 15%); }\n")),
    ("contrast", PAGE, (SHEET, "background-color: #11171a !important; ", "")),
    ("size", SHEET, (SHEET, "@media", "@media print {" + ".a { color: #000000; } " * 800 + "}\n@media")),
    ("https", ARTICLE, (ARTICLE, 'src="{{ article.picture.url }}"', 'src="http://www.example.org/a.png"')),
    ("https", PAGE, (PAGE, "{{ issue.archive_url }}", "/archive.html")),
    ("https", "entry.html", ("section.html", ' id="{{ anchor }}"', "")),
    ("unsubscribe", PAGE, (PAGE, f"<p>{LEAVE}</p>", f'<p style="display: none">{LEAVE}</p>')),
    ("unsubscribe", PAGE, (PAGE, f"<p>{LEAVE}</p>", "<!-- {{ unsubscribe_url }} -->")),
    ("parts", "article.txt", ("article.txt", "{{ article.lead }}", "")),
    ("parts", ARTICLE, (ARTICLE, '<p class="tags">{{ article.tags | join(" ") }}</p>', "")),
    ("parts", "article.txt", ("article.txt", "{{ file.url }}", "")),
    ("parts", "section.txt", ("section.txt", "{{ title | upper }}", "")),
    ("parts", "header.txt", ("header.txt", "{{ issue.site }}", "")),
    ("parts", "summary.txt", ("summary.txt", "{{ words.summary }}", "")),
    ("parts", "entry.html", ("entry.html", "({{ count }})", "")),
    ("parts", "upcoming.txt", ("upcoming.html", "{{ article.leaf.month }}", "{{ article.leaf.month }} Brumaire")),
    ("parts", "page.txt", ("page.txt", "{{ issue.archive_url }}", "")),
    ("parts", "others.html", ("others.txt", "{{ count }}", "{{ count }} https://www.example.org/ailleurs")),
    ("leftovers", "header.html", ("header.html", "{{ issue.site }}", "{{ '{{' }} issue.site {{ '}}' }}")),
    ("leftovers", "summary.txt", ("summary.txt", "{{ words.summary }}", "{{ words.summary }} None")),
    ("leftovers", "entry.html", ("entry.html", "{{ title }}", "TODO {{ title }}")),
    ("leftovers", ARTICLE, (ARTICLE, '<p class="tags">', '<p class="tags">TODO ')),
    ("leftovers", "line.txt", ("line.txt", "{{ article.url }}", "{{ article.url }} {{ article.picture | string }}")),
    ("styles", SHEET, (SHEET, ".tags { color: #4a5860; }", ".tags:first-child { color: #4a5860; }")),
    ("styles", SHEET, (SHEET, ".tags { color: #4a5860; }", "h3 + .tags { color: #4a5860; }")),
    ("styles", SHEET, (SHEET, ".tags {", "@font-face { font-family: X; src: local(x); }\n.tags {")),
    ("styles", SHEET, (SHEET, ".tags { color: #4a5860; }", ".tags { color: #4a5860; display: flex; }")),
    ("styles", SHEET, (SHEET, ".tags {", ".why { background-image: url(https://www.example.org/a.png); }\n.tags {")),
    ("styles", SHEET, (SHEET, ".tags {", ".why { --gap: 4px; }\n.tags {")),
    ("styles", SHEET, (SHEET, ".tags {", ".why { font-size: 1rem; }\n.tags {")),
    ("styles", SHEET, (SHEET, ".tags {", ".why { border-color: rgb(0 0 0 / 50%); }\n.tags {")),
    ("styles", SHEET, (SHEET, ".tags {", ".why[ { margin: 0; }\n.tags {")),
]


@pytest.mark.parametrize(("check", "where", "plant"), FAULTS)
def test_a_planted_fault_is_found_where_it_is(check: str, where: str, plant: Plant) -> None:
    told = found(plant=plant)
    assert ("error", check, where) in {each[:3] for each in told}
    assert {each[1] for each in told} <= {check, "parts", "contrast", "links"}, told


LIGHT = "light.html"
LIGHT_FAULTS: list[tuple[str, str, Plant]] = [
    ("document", LIGHT, (LIGHT, '<p class="tags">', '<p class="tags" onclick="1">')),
    ("lang", LIGHT, (LIGHT, ' lang="{{ article.lang }}"', "")),
    ("headings", LIGHT, (LIGHT, '<p class="tags">', '<h3></h3><p class="tags">')),
    ("links", LIGHT, (LIGHT, TITLE, ">Lire la suite…</a> {{ article.title }}</h3>")),
    ("contrast", LIGHT, (SHEET, ".tags {", ".light .link { color: #aaaaaa; }\n.tags {")),
    ("https", LIGHT, (LIGHT, '<p class="tags">', '<img src="/a.png" alt="" width="1"><p class="tags">')),
    ("parts", "article.txt", (LIGHT, '<p class="tags">', '<p>En plus</p><p class="tags">')),
    ("parts", LIGHT, (LIGHT, '<p class="tags">{{ article.tags | join(" ") }}</p>', "")),
    ("leftovers", LIGHT, (LIGHT, '<p class="tags">', '<p class="tags">TODO ')),
    ("size", PAGE, (PAGE, '<p class="why">', '<p class="why">' + "<b></b>" * 5000)),
]


@pytest.mark.parametrize(("check", "where", "plant"), LIGHT_FAULTS)
def test_light_letters_are_looked_at_by_themselves(check: str, where: str, plant: Plant) -> None:
    told = found(plant=plant, light=True)
    assert ("error", check, where) in {each[:3] for each in told}
    assert {each[1] for each in told} <= {check, "parts"}, told
    assert found(plant=plant) == set(), "others have none of it"


def test_an_intro_in_another_language_says_so() -> None:
    contents = replace(CONTENTS, intro=replace(CONTENTS.intro, lang="fr"))
    assert read(proofed(contents, "en")) == read(proofed(contents, "fr")) == set()
    mute: Plant = (PAGE, '{% if intro_lang %} lang="{{ intro_lang }}"{% endif %}', "")
    [told] = read(proofed(contents, "en", mute))
    assert (told.severity, told.check, told.where) == ("error", "lang", PAGE)
    assert read(proofed(contents, "fr", mute)) == set()


def test_the_words_of_an_intro_are_looked_at() -> None:
    wrote = {"html": "<p>None of us: TODO</p>", "text": "None of us: TODO"}
    told = found(replace(CONTENTS, intro=replace(CONTENTS.intro, **wrote)))
    assert told == {("error", "leftovers", "intro", "")}


def test_what_is_corrected_is_looked_at_where_it_stands() -> None:
    places = {template_of(CONTENTS, CORRECTED, Form.SHORT, light) for light in (False, True)}
    assert places == {ARTICLE, LIGHT}
    contents = replace(CONTENTS, headings=(), articles=tuple(replace(one, terms=()) for one in ARTICLES))
    told = found(contents, (ARTICLE, '<p class="tags">', '<p class="tags" onclick="1">'))
    assert told == {("error", "document", ARTICLE, ARTICLES[6].id)}


JUDGED: list[tuple[str, str, Plant]] = [
    ("document", PAGE, (PAGE, '<meta name="viewport" content="width=device-width">\n', "")),
    ("lang", PAGE, (PAGE, '<div lang="{{ issue.language }}">', "<div>")),
    ("type", ARTICLE, (SHEET, ".tags { color: #4a5860; }", ".tags { color: #4a5860; font-size: 11px; }")),
    ("type", ARTICLE, (SHEET, ".tags { color: #4a5860; }", ".tags { color: #4a5860; line-height: 1; }")),
]


@pytest.mark.parametrize(("check", "where", "plant"), JUDGED)
def test_what_a_person_should_judge_is_a_warning(check: str, where: str, plant: Plant) -> None:
    told = {each[:3] for each in found(plant=plant)}
    assert ("warning", check, where) in told
    assert {each[:2] for each in told} == {("warning", check)}


def with_article(**facts: object) -> Contents:
    return replace(CONTENTS, articles=(replace(ARTICLES[0], **facts), *ARTICLES[1:]))


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        ("alt", {"image": Image(f"{BASE}/media/1/a.png", "IMG_2034.jpg", 600, 300)}),
        ("links", {"title": ""}),
        ("links", {"title": ARTICLES[1].title}),
        ("https", {"url": "http://www.example.org/page"}),
        ("https", {"attachments": (Attachment("http://www.example.org/a.pdf", "Un plan", "application/pdf"),)}),
        ("leftovers", {"lead": "TODO : la date"}),
        ("leftovers", {"title": "Un titre {{ x }}"}),
    ],
)
def test_what_is_wrong_with_an_article_is_told_with_its_id(check: str, facts: dict[str, object]) -> None:
    told = found(with_article(**facts))
    assert {each[:2] for each in told} == {("warning", check)}
    assert {each[3] for each in told} <= {ARTICLES[0].id, ARTICLES[1].id}


def test_an_article_that_is_in_no_letter_is_not_looked_at() -> None:
    contents, some = with_article(title="TODO", url="http://www.example.org/"), frozenset(range(1, len(ARTICLES)))
    assert read(proof(contents, "fr", master(contents, "fr", NONCE, PLAIN), PLAIN, LINKS, some)) == set()


def test_words_of_the_list_are_looked_at() -> None:
    told = found(replace(CONTENTS, title="TODO : un titre"))
    assert told == {("error", "leftovers", "config.toml", "")}


@pytest.mark.parametrize(
    "title", ["{{ x }} et None", 'Crèches & <b>« été »</b> "2024" &amp;', "undefined 🌳 مراكز", "Straße ﬁn"]
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_odd_titles_stop_no_send(title: str, language: str) -> None:
    contents = replace(
        CONTENTS, articles=tuple(replace(one, title=f"{title} {at}", lead=title) for at, one in enumerate(ARTICLES))
    )
    assert {each.check for each in read(proofed(contents, language)) if each.severity is Severity.ERROR} == set()


def test_a_list_without_articles_or_sections_is_read() -> None:
    assert read(proofed(replace(CONTENTS, articles=(), headings=(), corrected=()))) == set()


def test_dead_links_are_told_with_their_article() -> None:
    asked = []

    def ask(url: str) -> str:
        asked.append(url)
        return f"{url}: is gone" if url == ARTICLES[1].url else ""

    told = set(linking.dead(proofed(), ask))
    places = (ARTICLE, "upcoming.html", "line.html")
    assert {(each.where, each.article) for each in told} == {(place, ARTICLES[1].id) for place in places}
    assert not {LINKS.unsubscribe, LINKS.preferences, CONTENTS.archive_url} & set(asked)


@cache
def faulty() -> list[Proof]:
    return [proofed(plant=plant) for _, _, plant in [*FAULTS, *JUDGED]]


def test_every_finding_names_a_known_check() -> None:
    told: set[Finding] = set().union(*map(read, faulty()))
    assert {each.check for each in told} <= set(CHECKS)
    assert all(each.what and "\n" not in each.what for each in told)


def test_each_rule_has_a_planted_fault() -> None:
    """A rule that finds nothing in any of them would be no rule."""
    idle = {rule for rule in RULES if not any(list(rule(letter)) for letter in faulty())}
    assert idle == set()


def test_an_article_named_twice_under_one_address_is_no_fault() -> None:
    assert found(replace(CONTENTS, articles=(*ARTICLES, article(9, ARTICLES[0].title, url=ARTICLES[0].url)))) == set()
