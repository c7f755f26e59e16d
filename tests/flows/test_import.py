"""Importing: what is good goes in, what is bad costs one line, and nothing is told twice."""

import os
import shutil
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsletter.pipeline.media import pixels
from newsletter.store import arrivals, articles
from newsletter.store.schema import arrival, article, counter, raw
from tests.flows.command import Desk

PRINTED = """
Le comité des habitants s'est réuni à la maison de quartier. Il a choisi trois projets pour le printemps.

Type d'actualites: [Actualité](#) [1]

Publié le 26 mars 2024

URL de la source (modifié le 28/03/2024 - 22:34): <https://www.troisrivieres.example.org/actualites/comite>

Liens

[1] <https://www.troisrivieres.example.org/taxonomy/term/12>
"""


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * (width + 1) * height)), (b"IEND", b""))
    )


def stored(desk: Desk) -> dict[str, str]:
    store = desk.store()
    with store.read() as connection:
        found = {each.title: each.state.value for each in articles.everything(connection)}
    store.close()
    return found


def rows(desk: Desk, query: sa.Select) -> list:
    store = desk.store()
    with store.read() as connection:
        found = connection.execute(query).all()
    store.close()
    return found


def test_bad_files_cost_a_line_each_and_the_rest_goes_in(desk):
    for number in range(12):
        desk.article(f"bon-{number}")
    desk.write("articles/vide.md", "")
    desk.write("articles/melange.txt", "é".encode() + b" puis \xe9t\xe9\n")
    desk.write("articles/coupee.txt", PRINTED[: PRINTED.index(" (modifié le")])
    desk.write("articles/binaire.txt", b"%PDF-1.7\0\1\2\3")
    desk.write("articles/flux.atom", "<feed xmlns='http://www.w3.org/2005/Atom'><entry>")
    done = desk("import", "articles")
    assert done.code == 1
    assert len(stored(desk)) == 12
    bad = [line for line in done.err.splitlines() if line.startswith("articles/") and "(warning)" not in line]
    names = ["binaire.txt", "coupee.txt", "flux.atom", "melange.txt", "vide.md"]
    assert sorted(line.partition(":")[0] for line in bad) == [f"articles/{name}" for name in names]
    assert "12 new" in done.out and "5 failed" in done.out


def test_a_bad_row_is_named_with_its_reason_and_the_rest_goes_in(desk):
    desk.write("table.csv", "Titre;Date\nUn;26/03/2024\nDeux;demain\nTrois;27/03/2024\n")
    done = desk("import", "table.csv")
    assert done.code == 1
    assert "table.csv: row 3: date: 'demain' is no date" in done.err
    assert sorted(stored(desk)) == ["Trois", "Un"]
    assert "2 new" in done.out and "1 failed" in done.out


def test_the_second_import_changes_nothing(desk):
    shutil.copytree(Path(__file__).parents[2] / "articles", desk.root / "articles")
    first = desk("import", "articles")
    assert first.code == 0, first.err
    before = rows(desk, sa.select(article)), rows(desk, sa.select(arrival)), rows(desk, sa.select(counter))
    second = desk("--json", "import", "articles", now="2024-04-03T09:00:00+02:00")
    assert second.code == 0
    assert second.data["new"] == second.data["updated"] == 0
    assert second.data["unchanged"] == len(before[0]) > 30
    assert (rows(desk, sa.select(article)), rows(desk, sa.select(arrival)), rows(desk, sa.select(counter))) == before


def test_changed_words_update_and_an_older_revision_does_not(desk):
    desk.write("page.txt", PRINTED)
    assert "1 new" in desk("import", "page.txt").out
    desk.write("page.txt", PRINTED.replace("trois projets", "quatre projets").replace("28/03", "29/03"))
    assert "1 updated" in desk("import", "page.txt").out
    desk.write("page.txt", PRINTED)
    assert "1 older" in desk("import", "page.txt").out
    [shown] = desk("articles", "list", "--json").data
    assert "quatre projets" in shown["lead"]
    assert shown["updated"] == "2024-03-29T22:34:00+01:00"


def test_folders_hide_what_is_hidden_or_not_ours_but_a_named_file_is_tried(desk):
    desk.article("visible")
    for path in ("articles/.brouillon.md", "articles/.cache/page.md", "articles/notes.docx"):
        desk.write(path, "# Un titre\n\nDu texte.")
    done = desk("import", "articles")
    assert (done.code, list(stored(desk))) == (0, ["L’article visible"])
    named = desk("import", "articles/.brouillon.md", "articles/notes.docx")
    assert named.code == 1
    assert "articles/notes.docx: " in named.err
    assert "1 new" in named.out


def test_a_whole_publication_is_imported_without_its_own_feeds(desk):
    desk.article("un")
    desk("import", "articles")
    desk("build")
    assert desk("import", ".").out == "0 new, 0 updated, 1 unchanged, 0 older, 0 failed\n"


def test_the_hours_of_the_nights_when_clocks_change_are_the_same_again(desk):
    desk.write("articles/mars.md", "---\ntitle: La nuit de mars\ndate: 2024-03-31 02:30\n---\nLa salle est ouverte.\n")
    keys = "title: La nuit d’octobre\ndate: 2023-10-29 02:30\ndates: 2024-10-27 02:30\ndeadline: 2024-10-27 02:30\n"
    desk.write("articles/octobre.md", f"---\n{keys}---\nLa salle est ouverte.\n")
    assert "2 new" in desk("import", "articles").out
    assert "0 updated, 2 unchanged" in desk("import", "articles").out


def test_a_missing_path_is_said_and_the_others_are_read(desk):
    desk.article("un")
    done = desk("import", "absent", "articles")
    assert done.code == 1
    assert "absent: cannot be read (No such file or directory); correct the name" in done.err
    assert "1 new" in done.out


def test_an_unknown_format_is_wrong_usage(desk):
    desk.article("un")
    done = desk("import", "--format", "papier", "articles")
    assert done.code == 2
    assert "print, markdown, feed" in done.err


def test_the_format_that_is_set_is_not_guessed(desk):
    desk.write("note.txt", "Une note simple, sans rien autour.")
    assert desk("import", "note.txt").code == 1
    assert desk("import", "--format", "markdown", "note.txt").code == 0


@pytest.mark.parametrize(("options", "archive"), [((), True), (("--news",), False), (("--archive",), True)])
def test_old_articles_are_archive_unless_staff_say_otherwise(desk, options, archive):
    desk.article("ancien", date="2023-01-10")
    desk("import", *options, "articles")
    assert {row.archive for row in rows(desk, sa.select(arrival))} == {archive}


def test_archive_may_be_said_of_new_articles(desk):
    desk.article("recent")
    desk("import", "--archive", "articles")
    assert {row.archive for row in rows(desk, sa.select(arrival))} == {True}


def test_the_input_is_kept_byte_for_byte_and_once(desk):
    path = desk.write("page.txt", PRINTED)
    desk("import", "page.txt")
    desk("import", "page.txt")
    [kept] = rows(desk, sa.select(raw))
    assert (kept.name, kept.body) == ("page.txt", path.read_bytes())


def test_the_source_that_holds_a_file_gives_its_habits(desk):
    config = desk.root / "config.toml"
    sources = '\n[sources.tout]\npath = "."\n[sources.anglais]\npath = "articles/en"\nlanguage = "en"\n'
    config.write_text(config.read_text(encoding="utf-8") + sources, encoding="utf-8")
    desk.article("ici")
    desk.article("en/there")
    desk("import", "articles")
    found = {each["title"]: (each["source"]["name"], each["lang"]) for each in desk("articles", "list", "--json").data}
    assert found == {"L’article ici": ("tout", "fr"), "L’article en/there": ("anglais", "en")}


def test_what_the_books_refuse_does_not_take_others_along(desk, monkeypatch):
    for name in ("un", "deux", "trois"):
        desk.article(name)
    begin = arrivals.begin

    def refusing(connection, given, *rest):
        begin(connection, given, *rest)
        titles = [articles.get(connection, key).title for key, *_ in given]
        if any("deux" in title for title in titles):
            raise sa.exc.IntegrityError("INSERT", {}, Exception("no"))

    monkeypatch.setattr(arrivals, "begin", refusing)
    done = desk("import", "articles")
    assert done.code == 1
    assert "articles/deux.md: the database refuses" in done.err
    assert set(stored(desk)) == {"L’article un", "L’article trois"}
    assert rows(desk, sa.select(counter.c.value).where(counter.c.name == "arrival")) == [(2,)], (
        "the number of what was refused is not lost"
    )


def test_an_event_is_told_by_its_term_in_the_store(desk):
    config = desk.root / "config.toml"
    written = '\n[taxonomies.type.terms]\nagenda = { label = "Rendez-vous" }\n'
    config.write_text(config.read_text(encoding="utf-8") + written, encoding="utf-8")
    desk.article("visite", type="Rendez-vous", dates="2024-03-20 14:00")
    desk("import", "articles")
    assert rows(desk, sa.select(article.c.ends)) == [(datetime(2024, 3, 20, 13, tzinfo=UTC),)]


def test_two_files_of_one_name_are_told_apart_by_a_warning(desk):
    desk.article("2023/voeux")
    desk.article("2024/voeux")
    done = desk("import", "articles")
    assert "articles/2024/voeux.md: is the same article as articles/2023/voeux.md" in done.err


LINK = "https://www.troisrivieres.example.org/actualites/marche"
SAID_ELSEWHERE = {
    "fil.xml": f"""<rss version="2.0"><channel><title>Actualités</title><item><title>Du fil</title>
        <link>{LINK}</link><description>Un mot.</description></item></channel></rss>""",
    "table.csv": f"Titre;Adresse;Texte\nDe la table;{LINK};Un mot.\n",
}


@pytest.mark.parametrize("name", SAID_ELSEWHERE)
def test_a_text_with_the_address_of_another_file_s_article_is_no_double(desk, name):
    desk.write(f"in/{name}", SAID_ELSEWHERE[name])
    desk.write("in/marche.md", f"---\ntitle: Du texte\nurl: {LINK}\n---\n\nUn texte.\n")
    first, again, last = (desk("import", "in", now=f"2024-04-0{day}T09:00:00+02:00") for day in (2, 3, 4))
    assert (first.code, again.code, last.code) == (0, 0, 0), again.err
    assert len(stored(desk)) == 1


def test_between_a_text_and_a_feed_priority_decides(desk):
    config = desk.root / "config.toml"
    sources = '\n[sources.fil]\npath = "fil"\n\n[sources.textes]\npath = "textes"\npriority = 2\n'
    config.write_text(config.read_text(encoding="utf-8") + sources, encoding="utf-8")
    desk.write("fil/fil.xml", SAID_ELSEWHERE["fil.xml"])
    desk("collect")
    desk.write("textes/marche.md", f"---\ntitle: Du texte\nurl: {LINK}\n---\n\nUn texte.\n")
    assert "1 updated" in desk("collect").out
    assert set(stored(desk)) == {"Du texte"}
    desk.write("fil/fil.xml", SAID_ELSEWHERE["fil.xml"].replace("Un mot.", "Un autre mot."))
    done = desk("collect")
    assert (done.code, set(stored(desk))) == (0, {"Du texte"})


def test_two_texts_with_one_address_are_doubles_though_a_feed_has_it_too(desk):
    desk.write("in/fil.xml", SAID_ELSEWHERE["fil.xml"])
    for each in ("un", "deux"):
        desk.write(f"in/{each}.md", f"---\ntitle: {each}\nurl: {LINK}\n---\n\nUn texte.\n")
    done = desk("import", "in")
    assert (done.code, "in/un.md: is the same article as in/deux.md by its name" in done.err) == (1, True)


def test_pictures_and_files_beside_an_article_are_kept_and_measured(desk):
    desk.write("articles/images/Pont du Gué.PNG", png(12, 7))
    desk.write("articles/fichiers/bilan.pdf", b"%PDF-1.7 un bilan")
    desk.article("un", image="images/Pont du Gué.PNG", attachments="fichiers/bilan.pdf")
    desk("import", "articles")
    [found] = desk("articles", "list", "--json").data
    [file] = found["attachments"]
    base = "https://www.troisrivieres.example.org/media/"
    assert found["image"]["url"].startswith(base) and found["image"]["url"].endswith("/pont-du-gue-600.png")
    assert (file["type"], file["size"], file["size_exact"]) == ("application/pdf", 17, True)
    assert (desk.root / "media" / file["url"].removeprefix(base)).read_bytes() == b"%PDF-1.7 un bilan"
    store = desk.store()
    with store.read() as connection:
        [record] = articles.everything(connection)
    store.close()
    assert (record.image.width, record.image.height) == (12, 7)


OUTSIDE = ["../secret.pdf", "/etc/hostname", ".cache/secret.pdf", "lien.pdf", "ailleurs/secret.pdf"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_file_outside_the_folder_of_the_article_is_published(desk, path):
    desk.write("secret.pdf", "un secret")
    desk.write("dehors/secret.pdf", "un secret")
    desk.write("articles/.cache/secret.pdf", "un secret")
    (desk.root / "articles/lien.pdf").symlink_to(desk.root / "secret.pdf")
    (desk.root / "articles/ailleurs").symlink_to(desk.root / "dehors")
    desk.article("un", attachments=path, body=f"[Lire]({path})")
    done = desk("import", "articles")
    assert done.code == 0
    assert f"no file {path!r} beside the article" in done.err
    assert not (desk.root / "media").exists()


HEADS = {
    "png": png(12, 7),
    # an application segment, a table of codes, then a progressive frame
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 10 + b"\xff\xc4\0\3\0\xff\xc2\0\x11\x08\0\7\0\x0c\3" + b"\0" * 9,
}


@pytest.mark.parametrize("kind", HEADS)
def test_the_size_of_a_picture_is_read_from_its_head_and_never_fails(kind):
    assert pixels(HEADS[kind]) == (12, 7)
    for length in range(8):
        pixels(HEADS[kind][:length])
    assert pixels(b"un texte") == (0, 0)


def test_a_name_from_an_old_disk_is_read_and_said(desk):
    desk.article("bon")
    folder = os.fsencode(desk.root / "articles")
    for name, text in ((b"\xe9t\xe9.md", b"---\ntitle: En juillet\n---\nDu soleil."), (b"p\xe9ri.md", b"")):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(text)
    done = desk("import", "articles", "--json")
    assert done.code == 1
    assert done.data["new"] == 2
    assert done.data["failures"][0].startswith("articles/p\ufffdri.md: the file is empty")


def test_a_pipe_in_a_folder_is_left_alone(desk):
    desk.article("bon")
    os.mkfifo(desk.root / "articles/tuyau.txt")
    assert desk("import", "articles").out.startswith("1 new")


def test_warnings_are_limited_for_people_and_whole_for_machines(desk):
    for number in range(30):
        desk.article(f"sans-date-{number:02}", date="")
    told = [line for line in desk("import", "articles").err.splitlines() if "(warning)" in line]
    assert len(told) == 20
    assert len(desk("import", "--json", "articles").data["warnings"]) == 30


def test_with_json_standard_output_holds_nothing_else(desk):
    desk.article("un")
    desk.write("articles/vide.md", "")
    done = desk("import", "articles", "--json")
    assert (done.code, done.data["new"], done.data["failed"]) == (1, 1, 1)
    assert done.err.splitlines() == done.data["failures"]


def test_a_file_that_may_not_be_read_is_said(desk, monkeypatch):
    desk.article("un")
    desk.article("deux")
    opened = Path.open

    def refusing(path, *mode, **options):
        if path.name == "un.md":
            raise PermissionError(13, "Permission denied")
        return opened(path, *mode, **options)

    monkeypatch.setattr(Path, "open", refusing)
    done = desk("import", "articles")
    assert done.code == 1
    assert "articles/un.md: cannot be read (Permission denied)" in done.err
    assert "1 new" in done.out


def test_a_file_that_is_too_large_is_said(desk, monkeypatch):
    monkeypatch.setattr("newsletter.pipeline.importing.LARGEST", 64)
    desk.article("grand")
    done = desk("import", "articles")
    assert done.code == 1
    assert "articles/grand.md: is larger than" in done.err


def test_an_article_is_shown_by_id_address_or_the_beginning_of_one(desk):
    desk.article("un", theme="Santé")
    desk.article("deux")
    desk("import", "articles")
    whole = desk("articles", "show", "articles/un", "--json").data
    assert whole["url"] == "https://www.troisrivieres.example.org/articles/un.html"
    for name in (whole["id"], whole["url"], whole["id"][:-20]):
        assert desk("articles", "show", "--json", name).data == whole
    assert " ".join(whole) == (
        "id url aliases title title_source lead html text lang published updated arrival state terms dates deadline"
        " attachments image source parts unparsed warnings withdrawn"
    )
    assert whole["published"] == "2024-03-26T10:00:00+01:00"
    assert whole["terms"][1] == {"taxonomy": "theme", "slug": "sante", "label": "Santé", "iri": ""}
    listed = desk("articles", "list", "--json").data
    assert all(set(whole) - set(each) == {"html", "text"} for each in listed)
    assert "articles/un.html" in desk("articles", "show", "articles/un").out
    ambiguous = desk("articles", "show", "tag:")
    assert (ambiguous.code, ambiguous.out) == (1, "")
    assert desk("articles", "show", "absent").code == 1


def test_a_folder_with_an_index_is_an_article_of_its_name(desk):
    for name in ("gué", "pont"):
        desk.write(f"articles/2024/{name}/index.md", f"---\ntitle: {name}\ndate: 2024-03-26\nimage: p.png\n---\nTexte.")
        desk.write(f"articles/2024/{name}/p.png", png(30, 20))
    desk.write("articles/index.md", "---\ntitle: Tout\ndate: 2024-03-26\n---\nVoir [le pont](2024/pont/index.md).")
    done = desk("import", "articles")
    assert (done.code, done.err.count("warning")) == (0, 0), done.err
    assert "3 new" in done.out
    pages = "https://www.troisrivieres.example.org/articles"
    found = {each["title"]: each["url"] for each in desk("articles", "list", "--json").data}
    assert found == {"gué": f"{pages}/gue.html", "pont": f"{pages}/pont.html", "Tout": f"{pages}/index.html"}
    assert f"{pages}/pont.html" in desk("articles", "show", "articles/index", "--json").data["html"]
    assert "1 unchanged" in desk("import", "articles/2024/pont").out
    assert "3 unchanged" in desk("articles", "reparse").out


def test_what_is_wrong_with_a_document_is_told_once(desk):
    item = "<item><title>a & {0}</title><link>https://a.test/{0}</link><category>Eau</category></item>"
    items = "".join(item.format(number) for number in range(5))
    desk.write("gazette.xml", f"<rss version='2.0'><channel><pubDate/>{items}</channel></rss>")
    desk.write(
        "brèves.xml", f"<rss version='2.0'><channel><pubDate/>{items.replace('a.test', 'b.test')}</channel></rss>"
    )
    done = desk("import", "gazette.xml", "brèves.xml", "--json")
    for name in ("gazette.xml", "brèves.xml"):
        told = [line for line in done.data["warnings"] if line.startswith(f"{name}: ") and "no date" not in line]
        assert len(told) == 2, told
        assert [what for what in ("not well-formed", "of no taxonomy") if any(what in line for line in told)]
