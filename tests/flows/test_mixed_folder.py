"""A folder holds articles in any format, and files that articles offer: each is taken for what it is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.flows.command import Desk

LATER = "2024-04-03T09:00:00+02:00"
SITE = "https://www.troisrivieres.example.org"


def text(n: int) -> str:
    return f"---\ntitle: Mot {n}\ndate: 2024-03-26\n---\n\nUn texte pour les habitants.\n"


def object_on_top(n: int) -> str:
    return f'{{"title": "Objet {n}", "date": "2024-03-26"}}\n\nUn texte pour les habitants.\n'


def page(n: int) -> str:
    return (
        "\nLe comité des habitants s'est réuni à la maison de quartier.\n\nPublié le 26 mars 2024\n\n"
        f"URL de la source (modifié le 28/03/2024 - 22:34): <{SITE}/actualites/comite-{n}>\n"
    )


def rss(n: int) -> str:
    entry = f"<item><title>Brève {n}</title><link>https://blog.example.org/{n}</link></item>"
    return f'<rss version="2.0"><channel><title>Brèves</title>{entry}</channel></rss>'


def atom(n: int) -> str:
    entry = f"<entry><title>Note {n}</title><id>urn:note:{n}</id><link href='https://notes.example.org/{n}'/></entry>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Notes</title>{entry}</feed>"


def table(n: int) -> bytes:
    return f"Titre;Publié le;Lien\nLigne {n};26/03/2024;{SITE}/lignes/{n}\n".encode("cp1252")


def jsonfeed(n: int) -> str:
    item = {"id": f"{n}", "url": f"https://carnet.example.org/{n}", "title": f"Carnet {n}"}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]})


def calendar(n: int) -> str:
    event = f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nSUMMARY:Fête {n}\r\nDTSTART:20240426\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Fêtes\r\n{event}END:VCALENDAR\r\n"


def drupal(n: int) -> str:
    node = {
        "type": "node--article",
        "id": f"u-{n}",
        "attributes": {"title": f"Nœud {n}", "drupal_internal__nid": n + 1},
    }
    return json.dumps({"jsonapi": {"version": "1.0"}, "links": {"self": f"{SITE}/jsonapi/node"}, "data": [node]})


def wordpress(n: int) -> str:
    return json.dumps(
        [{"link": f"https://presse.example.org/{n}", "title": {"rendered": f"Billet {n}"}, "content": {}}]
    )


def saved(n: int) -> str:
    title, url = f"Page {n}", f"{SITE}/pages/{n}"
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>{title}</title></head><body><h1 class="print-title">{title}</h1>'
        '<div class="print-content"><p>Les berges ont rouvert lundi.</p><p>Publié le 14 mars 2024</p></div>'
        f'<div class="print-source_url">URL de la source: <a href="{url}">{url}</a></div></body></html>'
    )


GOOD: list[tuple[str, Callable[[int], str | bytes]]] = [
    ("md", text),
    ("md", object_on_top),
    ("txt", page),
    ("xml", rss),
    ("atom", atom),
    ("csv", table),
    ("json", jsonfeed),
    ("ics", calendar),
    ("json", drupal),
    ("json", wordpress),
    ("html", saved),
    ("", text),
]
BROKEN: list[tuple[str, str | bytes]] = [
    ("md", ""),
    ("md", "---\ntitle: [\n---\n"),
    ("md", '{"title": "Un",\n\nUn texte.'),
    ("txt", "\0\0\0"),
    ("xml", "<rss version='2.0'><channel></channel></rss>"),
    ("csv", "Titre;Date\nUn;demain\n"),
    ("json", jsonfeed(1)[:-9]),
    ("json", wordpress(1)[:-9]),
    ("ics", calendar(1).replace("DTSTART:20240426\r\n", "")),
    ("html", saved(1).replace("URL de la source", "Adresse")),
]


def test_a_thousand_mixed_files_of_which_fifty_are_broken(desk: Desk) -> None:
    for number in range(950):
        suffix, make = GOOD[number % len(GOOD)]
        desk.write(f"articles/{number % 7}/bon-{number}" + (f".{suffix}" if suffix else ""), make(number))
    for number in range(50):
        suffix, content = BROKEN[number % len(BROKEN)]
        desk.write(f"articles/{number % 7}/casse-{number}.{suffix}", content)
    done = desk("import", "articles")
    named = sorted({line.partition(":")[0] for line in done.err.splitlines() if "/casse-" in line})
    assert (done.code, done.out.splitlines()[0], done.err if len(named) != 50 else "") == (
        1,
        "950 new, 0 updated, 0 unchanged, 0 older, 50 failed",
        "",
    )
    assert "not read" not in done.out
    second = desk("import", "articles", now=LATER)
    assert (second.code, second.out.splitlines()[0]) == (1, "0 new, 0 updated, 950 unchanged, 0 older, 50 failed")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fichiers/table.csv", table(1)),
        ("fichiers/agenda.ics", calendar(1)),
        ("fichiers/liste.txt", "Une liste, rien de plus."),
        ("page.html", saved(1)),
        ("donnees.json", jsonfeed(1)),
        ("flux.xml", rss(1)),
    ],
)
@pytest.mark.parametrize("how", ["attachments: [{}]\n---\n", "---\nVoir [ceci]({}).\n"])
def test_a_file_that_an_article_names_is_no_article(desk: Desk, name: str, content: str | bytes, how: str) -> None:
    desk.write(f"articles/zone/{name}", content)
    desk.write("articles/zone/un.md", "---\ntitle: Un\ndate: 2024-03-26\n" + how.format(name))
    done = desk("import", "articles")
    assert (done.code, done.out) == (0, "1 new, 0 updated, 0 unchanged, 0 older, 0 failed\n")
    named = desk("import", f"articles/zone/{name}")
    assert ("1 new" in named.out) is (named.code == 0) is ("liste" not in name), "what is named to the command is tried"


def test_what_is_neither_is_counted_in_one_line(desk: Desk) -> None:
    desk.article("un")
    desk.write("articles/budget.csv", "poste;montant\nEau;3\n")
    desk.write("articles/carte.json", '{"type": "FeatureCollection"}')
    desk.write("articles/accueil.html", "<!doctype html><p>Bonjour.</p>")
    desk.write("articles/photo.jpg", b"\xff\xd8\xff")
    desk.write("articles/notes.docx", b"PK\3\4")
    done = desk("import", "articles")
    names = ["articles/accueil.html", "articles/budget.csv", "articles/carte.json"]
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "1 new, 0 updated, 0 unchanged, 0 older, 0 failed",
            f"3 files were not read, being no article and named by none: {', '.join(names)}",
        ],
    )
    assert desk("import", "articles", "--json").data["skipped"] == names


def test_where_a_format_is_set_other_formats_are_not_guessed(desk: Desk) -> None:
    desk.write("export/un.csv", table(1))
    desk.write("export/deux.json", jsonfeed(2))
    desk.write("export/casse.csv", "poste;montant\nEau;3\n")
    done = desk("import", "export", "--format", "csv", "--json")
    assert (done.data["new"], done.data["failed"], done.data["skipped"]) == (1, 1, ["export/deux.json"])
