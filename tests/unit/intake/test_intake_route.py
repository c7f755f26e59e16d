import hashlib
from dataclasses import replace

import pytest

from newsletter.errors import IntakeError
from newsletter.intake import attachments, read
from newsletter.intake.decoding import decode
from newsletter.intake.route import ROUTES
from newsletter.keys import FORMATS

BAD = [
    (b"", "empty"),
    (b"\xef\xbb\xbf \r\n", "empty"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is"),
    (b"Liens\n\0\0", "binary"),
    ("Liens\n\n[1] <https://www.example.org>".encode("utf-16"), "cut off"),
    (b"Un simple mot sans rien autour.", "no article"),
    (b"<!DOCTYPE html><html><body>Bonjour</body></html>", "HTML"),
    (b'{"title": "a"}', "no article"),
    ("Un mot.\n\nThématiques: [Eau](#) [1]\n\nPublié le 2 mai 2024\n".encode(), "cut off"),
    ("Un mot.\n\nPublié le 2 mai 2024\n\nURL de la source (modifié le 03/05/".encode(), "cut off"),
    ("Publié le 2 mai 2024\n\nURL de la source: https://www.example.org/\xe9t\xe9".encode()[:-1] + b"\n", "encoding"),
    (b"Publi\x81 le 2 mai 2024\n\nPoids : \x81", "Windows-1252"),
    (b"URL de la source: <https://[>", "no web address"),
    (b"URL de la source: <https://www.example.org/node/1>", "neither a title"),
]


@pytest.mark.parametrize(("data", "complaint"), BAD, ids=range(len(BAD)))
def test_what_is_no_article_gets_one_line(desk, data, complaint):
    with pytest.raises(IntakeError) as caught:
        read(data, "page.txt", desk)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_half_page_of_any_length_is_refused_or_read_to_its_source_line(desk, page):
    whole = page("rencontre.txt")
    source = whole.index(b"URL de la source")
    for end in range(100, source + 60, 97):
        with pytest.raises(IntakeError):
            read(whole[:end], "page.txt", replace(desk, source=desk.source))


def test_content_decides_over_the_name(desk, page):
    assert read(page("files.txt"), "page.md", desk)[0].source.format == "print"
    assert read(b"---\ntitle: a\ndate: 2024-01-01\n---\nUn mot.", "note.txt", desk)[0].source.format == "markdown"
    assert read(page("english.txt"), "page.xml", desk)[0].source.format == "print"


def test_a_set_format_is_obeyed_and_an_unknown_one_told(make_desk, page):
    assert read(page("english.txt"), "page.md", make_desk(format="print"))[0].source.format == "print"
    with pytest.raises(IntakeError, match="print, markdown, feed"):
        read(page("english.txt"), "page.txt", make_desk(format="pdf"))


PAGE = """---
title: Le gué
date: 2024-01-01
url: http://old.example.org/gue
aliases: [https://old.example.org/node/4]
---
Un mot."""


def test_one_host_is_kept_of_all_names_and_the_others_stay_known(make_desk):
    (article,) = read(PAGE.encode(), "gue.md", make_desk(hosts=("www.example.org", "old.example.org")))
    assert (article.identity, article.url) == ("https://example.org/gue", "http://www.example.org/gue")
    assert article.aliases == (
        "https://old.example.org/gue",
        "https://old.example.org/node/4",
        "https://example.org/node/4",
    )
    (local,) = read(PAGE.replace("url:", "note:").encode(), "gue.md", make_desk(hosts=("www.example.org",)))
    assert local.identity == "articles/gue"


def test_every_format_that_can_be_read_can_be_configured():
    assert set(ROUTES) == set(FORMATS)


def test_the_transport_tells_the_encoding_that_the_bytes_do_not(make_desk):
    russian = "---\ntitle: Река\ndate: 2024-01-01\n---\nВода."
    told = replace(make_desk(), charset="KOI8-R")
    assert read(russian.encode("koi8-r"), "a.md", told)[0].title == "Река"
    assert read(russian.encode("utf-8-sig"), "a.md", told)[0].title == "Река"
    wide = replace(make_desk(), charset="utf-16")
    assert read(russian.encode("utf-16-le"), "a.md", replace(wide, charset="utf-16le"))[0].title == "Река"
    assert read(russian.encode(), "a.md", wide)[0].title == "Река"
    assert read(russian.encode("utf-16"), "a.md", make_desk())[0].title == "Река"


@pytest.mark.parametrize("charset", ["", "klingon", "utf-7", "unicode_escape", "base64", "\0", "utf-8"])
def test_an_encoding_that_nobody_knows_or_that_cannot_be_is_as_none(make_desk, charset):
    french = "---\ntitle: Gué\ndate: 2024-01-01\n---\nUn mot."
    desk = replace(make_desk(), charset=charset)
    assert [read(french.encode(name), "a.md", desk)[0].title for name in ("utf-8", "cp1252")] == ["Gué", "Gué"]


def test_latin_1_is_what_windows_calls_so(make_desk):
    french = "---\ntitle: L’œuvre\ndate: 2024-01-01\n---\nUn mot."
    desk = replace(make_desk(), charset="ISO-8859-1")
    assert read(french.encode("cp1252"), "a.md", desk)[0].title == "L’œuvre"


def test_a_saved_page_may_declare_its_encoding():
    page = '<html><head><meta charset="iso-8859-15"></head><body>12 € à l’œuvre'.replace("’", "'")
    assert decode(page.encode("iso-8859-15")) == page
    assert decode(page.encode()) == page


def test_the_origin_says_where_it_was_read(make_desk, page):
    (article,) = read(page("english.txt"), "page.txt", make_desk(priority=7))
    assert article.source.name == "centre"
    assert article.source.priority == 7
    assert article.source.sha256 == hashlib.sha256(page("english.txt")).hexdigest()


def test_a_size_that_no_file_has_is_none():
    assert attachments.size("9" * 400 + " Mo") is None
    assert attachments.size("2,5 Mo") == 2621440
