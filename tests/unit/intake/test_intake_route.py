import hashlib
from dataclasses import replace

import pytest

from newsletter.errors import IntakeError
from newsletter.intake import read

BAD = [
    (b"", "empty"),
    (b"\xef\xbb\xbf \r\n", "empty"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is"),
    (b"Liens\n\0\0", "binary"),
    ("Liens\n\n[1] <https://www.example.org>".encode("utf-16"), "no article"),
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


def test_the_origin_says_where_it_was_read(make_desk, page):
    (article,) = read(page("english.txt"), "page.txt", make_desk(priority=7))
    assert article.source.name == "centre"
    assert article.source.priority == 7
    assert article.source.sha256 == hashlib.sha256(page("english.txt")).hexdigest()
