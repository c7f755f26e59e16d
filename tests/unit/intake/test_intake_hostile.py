"""What enemies write into an input, put into every field of every route: nothing of it may stand in an article."""

import json
from html import escape

import pytest

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.intake.draft import LIMITS
from newsletter.model import Article
from tests.unit.intake.broken import places, put
from tests.unit.intake.clean_article import assert_clean
from tests.unit.intake.test_intake_drupal import DOCUMENT
from tests.unit.intake.test_intake_wordpress import POST

SITE = "https://www.troisrivieres.example.org"

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a script as references": "&lt;script&gt;alert(1)&lt;/script&gt;&#60;script&#62;",
    "a handler": "\"><img src=x onerror=alert(1)>'><p onclick=alert(1)>",
    "a script address": "javascript:alert(1)",
    "one with a host": "javascript://www.example.org/%0aalert(1)",
    "one in disguise": " jAvA\tscRipt\n:alert(1)//https://www.example.org/",
    "one as references": "java&#115;cript&#58;alert(1)",
    "a data address": "data:text/html;base64,PHNjcmlwdD4=",
    "a data address with a host": "data://www.example.org/,<script>",
    "a file": "file:///etc/passwd",
    "another host": "//evil.example.com/x",
    "a host in disguise": "https://www.example.org@evil.example.com\\@www.example.org/",
    "an address with quotes": 'https://www.example.org/"onload=alert(1)><script>',
    "an address that runs backwards": "https://www.example.org/\u202egnp.exe",
    "a host that cannot be": "https://www.ex ample.org<script>/",
    "a long address": "https://www.example.org/" + "é" * 900,
    "a style": "<p style='position:fixed;inset:0'><style>*{display:none}</style>",
    "words that run backwards": "\u202eTitre\u202c \u2066x\u2069 \u200b",
    "the same as references": "&#x202e;&#8238;&#0;&#1;&#xD800;",
    "control characters": "a\x01b\x07c\x1bd\x7fe\x85f\u2028g",
    "a nul": "a\x00b",
    "no characters": "a\ufffe\uffffb",
    "half a character": "\ud800a",
    "the end of CDATA": "]]>",
    "more after the end of CDATA": "]]><script>alert(1)</script><![CDATA[",
    "comments": "<!-- x --><!DOCTYPE y><?php z ?><!--[if IE]>",
    "a path": "../../../etc/passwd",
    "a path of Windows": "..\\..\\con",
    "a path in disguise": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "year nought": "0000-00-00T00:00:00Z",
    "year one": "0001-01-01T00:00:00+14:00",
    "the last year": "9999-12-31T23:59:59-14:00",
    "the last day": "31/12/9999",
    "the day before all": "0001-01-01",
    "seconds beyond": "99999999999",
    "a negative number": "-1",
    "a number too large": "9" * 400 + " Mo",
    "infinity": "1e400",
    "a long word": "x" * 20_000,
    "deep nesting": "<div><blockquote>" * 2000,
    "brackets": "[" * 3000 + "](" * 3000,
    "a formula": "=cmd|' /C calc'!A0",
    "a template": "{{ 7*7 }}{% x %}${7*7}",
    "an entity": "&bomb;&xxe;",
    "a language": 'fr"><script>',
    "nothing": "",
}


def quoted(value):
    return json.dumps(value)


def markdown(fields):
    lines = [f"{name}: {quoted(value)}" for name, value in fields.items() if name != "body"]
    return "\n".join(["---", *lines, "---", fields["body"]])


def table(fields):
    cells = ['"' + value.replace('"', '""') + '"' for value in fields.values()]
    return ";".join(fields) + "\r\n" + ";".join(cells) + "\r\n"


def elements(fields):
    pieces = []
    for name, value in fields.items():
        tag, _, attribute = name.partition("/")
        shown = escape(value, quote=True)
        others = {"link": 'rel="alternate" ', "enclosure": 'type="application/pdf" '}.get(tag, "")
        pieces.append(f'<{tag} {others}{attribute}="{shown}"/>' if attribute else f"<{tag}>{shown}</{tag}>")
    return "".join(pieces)


def rss(fields):
    channel = f"<title>Gazette</title><language>{escape(fields['language'])}</language>"
    item = elements({name: value for name, value in fields.items() if name != "language"})
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}<item>{item}</item></channel></rss>'


def atom(fields):
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>{elements(fields)}</entry></feed>'


def calendar(fields):
    event = "\r\n".join(f"{name}:{value}" for name, value in fields.items())
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def text_page(fields):
    return (
        f"# {fields['title']}\n\n{fields['body']} Voir [{fields['label']}](#) [1].\n\n"
        f"[{fields['file']}](#) [3]\n\nPoids : {fields['size']}\n\nDates : {fields['dates']}\n\n"
        f"Thématiques : [{fields['term']}](#) [2]\n\nPublié le {fields['date']}\n\n"
        f"URL de la source (modifié le {fields['changed']}): {fields['url']}\n\nLiens\n\n"
        f"[1] {fields['link']}\n[2] {fields['iri']}\n[3] {fields['address']}\n"
    )


def saved_page(fields):
    return (
        f"<html lang=\"{fields['lang']}\"><body><h1 class='print-title'>{fields['title']}</h1>"
        "<div class='print-content'>"
        f'<div class=\'field-type-image\'><img src="{fields["image"]}" alt="{fields["alt"]}"></div>'
        f'<p>{fields["body"]} <a href="{fields["link"]}">{fields["label"]}</a></p>'
        f'<p>Thématiques : <a href="{fields["iri"]}">{fields["term"]}</a></p><p>Publié le {fields["date"]}</p></div>'
        f"<div class='print-source_url'>URL de la source: <a href=\"{fields['url']}\">x</a></div></body></html>"
    )


NODES = json.loads(json.dumps(DOCUMENT))
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "fr",
    "items": [
        {
            "id": "1",
            "url": f"{SITE}/actus/gue",
            "external_url": f"{SITE}/autre",
            "title": "Le gué",
            "content_html": "<p>Un mot.</p>",
            "summary": "Un résumé.",
            "image": f"{SITE}/a.png",
            "date_published": "2024-03-26T15:15:00+01:00",
            "date_modified": "2024-03-27T15:15:00+01:00",
            "tags": ["Eau"],
            "attachments": [
                {"url": f"{SITE}/a.pdf", "mime_type": "application/pdf", "title": "Plan", "size_in_bytes": 9}
            ],
        }
    ],
}
ROUTES = {
    "markdown": (
        markdown,
        {
            "title": "Le gué",
            "date": "2024-03-26",
            "updated": "2024-03-27",
            "lead": "Un mot.",
            "lang": "fr",
            "url": f"{SITE}/gue",
            "image": {"url": f"{SITE}/a.png", "alt": "Un gué"},
            "attachments": [{"url": f"{SITE}/a.pdf", "title": "Plan"}, {"file": "plan.pdf", "title": "Plan"}],
            "dates": [{"start": "2024-05-04", "end": "2024-05-05"}, "2024-05-06 12:30"],
            "deadline": "2024-04-20",
            "aliases": f"{SITE}/node/9",
            "slug": "gue",
            "theme": "Eau",
            "body": "Un mot.",
        },
    ),
    "csv": (
        table,
        {
            "title": "Le gué",
            "date": "2024-03-26",
            "updated": "2024-03-27",
            "lead": "Un mot.",
            "text": "Un mot.",
            "lang": "fr",
            "image": f"{SITE}/a.png",
            "attachments": f"{SITE}/a.pdf",
            "dates": "2024-05-04",
            "deadline": "2024-04-20",
            "slug": "gue",
            "theme": "Eau",
        },
    ),
    "rss": (
        rss,
        {
            "title": "Le gué",
            "link": f"{SITE}/gue",
            "guid": "12 at https://www.example.org",
            "category": "Eau",
            "description": "Un mot.",
            "pubDate": "Tue, 26 Mar 2024 15:15:00 +0100",
            "language": "fr",
            "enclosure/url": f"{SITE}/a.pdf",
        },
    ),
    "atom": (
        atom,
        {
            "id": "urn:x:1",
            "title": "Le gué",
            "link/href": f"{SITE}/gue",
            "published": "2024-03-26T15:15:00Z",
            "updated": "2024-03-27T15:15:00Z",
            "category/term": "Eau",
            "summary": "Un mot.",
            "content": "Un mot.",
        },
    ),
    "ical": (
        calendar,
        {
            "UID": "a@example.org",
            "SUMMARY": "Le gué",
            "DTSTART": "20240406T100000",
            "DTEND": "20240406T110000",
            "DESCRIPTION": "Un mot.",
            "LOCATION": "Halle",
            "URL": f"{SITE}/gue",
            "CATEGORIES": "Eau",
            "ATTACH": f"{SITE}/a.pdf",
            "CREATED": "20240326T141500Z",
            "LAST-MODIFIED": "20240327T141500Z",
        },
    ),
    "print": (
        text_page,
        {
            "title": "Le gué",
            "body": "Un mot.",
            "label": "carte",
            "term": "Eau",
            "file": "Plan",
            "size": "3 Mo",
            "dates": "4 mai 2024",
            "date": "26 mars 2024",
            "changed": "27/03/2024 - 10:00",
            "url": f"{SITE}/gue",
            "link": f"{SITE}/carte",
            "iri": f"{SITE}/taxonomy/term/1",
            "address": f"{SITE}/a.pdf",
        },
    ),
    "print-html": (
        saved_page,
        {
            "lang": "fr",
            "title": "Le gué",
            "image": f"{SITE}/a.png",
            "alt": "Un gué",
            "body": "Un mot.",
            "link": f"{SITE}/carte",
            "label": "carte",
            "iri": f"{SITE}/taxonomy/term/1",
            "term": "Eau",
            "date": "26 mars 2024",
            "url": f"{SITE}/gue",
        },
    ),
    "jsonfeed": (json.dumps, FEED),
    "drupal": (json.dumps, NODES),
    "wordpress": (json.dumps, [POST]),
}
FORMATS = {"rss": "feed", "atom": "feed"}


def taken(make_desk, route, document):
    """The articles of a document, each looked at; none where it was refused in one line."""
    write, _ = ROUTES[route]
    data = write(document).encode("utf-8", "surrogatepass")
    try:
        found = read(data, "input", make_desk(format=FORMATS.get(route, route)))
    except IntakeError as error:
        found = [error]
    for each in found:
        if isinstance(each, Article):
            assert_clean(each)
        else:
            assert "\n" not in str(each)
    return [each for each in found if isinstance(each, Article)]


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_harmless_is_read_whole(make_desk, route):
    (article,) = taken(make_desk, route, ROUTES[route][1])
    assert article.terms
    assert article.text


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("route", ROUTES)
def test_nothing_hostile_stands_in_an_article(make_desk, route, name):
    document = ROUTES[route][1]
    fields = [at for at in places(document) if at and isinstance(put_at(document, at), str | int)]
    assert len(fields) >= 8
    for at in fields:
        taken(make_desk, route, put(document, at, HOSTILE[name]))


def put_at(document, at):
    for key in at:
        document = document[key]
    return document


@pytest.mark.parametrize("route", ROUTES)
def test_everything_hostile_at_once(make_desk, route):
    document = ROUTES[route][1]
    for value in (" ".join(HOSTILE.values()), "".join(reversed(list(HOSTILE.values())))):
        body = [
            at for at in places(document) if at and at[-1] in ("body", "text", "description", "content", "rendered")
        ]
        for at in [*body, *(at for at in places(document) if at and at[-1] in ("title", "SUMMARY", "name"))]:
            taken(make_desk, route, put(document, at, value))


MANY = {
    "terms": ("theme", [f"T{n}" for n in range(10_000)]),
    "attachments": ("attachments", [f"https://a.example.org/{n}.pdf" for n in range(3000)]),
    "dates": ("dates", [f"{1 + n % 28}/05/2024 {n % 24}:00" for n in range(5000)]),
    "aliases": ("aliases", [f"https://a.example.org/{n}" for n in range(3000)]),
}


@pytest.mark.parametrize("what", MANY)
def test_of_too_many_the_first_are_taken_with_one_warning(make_desk, what):
    key, values = MANY[what]
    (article,) = read(f"title;date;{key}\na;2024-01-01;{'|'.join(values)}".encode(), "a.csv", make_desk(day_first=True))
    assert_clean(article)
    assert len(getattr(article, what)) == LIMITS[what]
    told = f"row 2: it has {len(values)} {what}, the first {LIMITS[what]} were taken; leave out the others"
    assert article.warnings == (told,)


def test_of_too_many_warnings_the_first_are_shown(make_desk):
    keys = "\n".join(f"humeur{n}: gaie" for n in range(500))
    (article,) = read(f"---\ntitle: a\ndate: 2024-01-01\n{keys}\n---\nUn mot.".encode(), "a.md", make_desk())
    assert len(article.warnings) == LIMITS["warnings"] + 1
    assert article.warnings[-1] == "… and 450 more"
