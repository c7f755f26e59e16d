"""Inputs that would keep a parser busy for ever, or have it fall: they end, with an article or with our own error."""

import re

import pytest

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.intake.clean import clean, words
from newsletter.intake.markup import render_print
from newsletter.intake.plain import text
from newsletter.intake.tangle import LONGEST, untangled
from newsletter.model import Article

BASE = "https://www.troisrivieres.example.org/actus/page"
MANY = 100_000
SOME = 40_000

MARKDOWN = {
    **{
        f"{mark} and again": mark * MANY for mark in (">", "[", "*", "_", "`", "![", "[a](", "<", "<!--", "|", "&", "#")
    },
    **{f"{mark!r} and again": mark * MANY for mark in ("- ", "1. ", "> ", "*a_ ", "a*", "~~a", "^{", "a\n", "\\", "{")},
    "a list in a list": "- " * (MANY * 5),
    "lists below lists": "".join(f"{'  ' * depth}- a\n" for depth in range(1000)),
    "closed brackets": "[" * MANY + "]" * MANY,
    "a wide table": "a|" * 20_000 + "\n" + "-|" * 20_000 + "\n" + "a\n" * 5_000,
    "many references": "".join(f"[a{number}]: b\n" for number in range(20_000)) + "[a1]" * 20_000,
    "code marks of all lengths": "".join("e" + "`" * length for length in range(800)),
    "a long word": "x" * 1_000_000,
    "blanks": " " * 1_000_000 + "x" + "\n" * 1_000_000 + "x",
    "stops": ". " * 500_000,
}
HTML = {
    **{f"open {tag}": f"<{tag}>" * SOME for tag in ("div", "blockquote", "b", "p", "a", "ul><li", "h2", "span", "q")},
    **{f"open {tag}": f"<{tag}>" * SOME for tag in ("object", "svg", "template", "script", "select", "table><tr><td")},
    **{f"open {tag}": f"<{tag}>" * SOME for tag in ("button", "ruby", "option", "form", "dl><dd", "a href=x")},
    "closed at the end": "<blockquote>" * SOME + "mot" + "</blockquote>" * SOME,
    "closed in a comment": "<div><!--</div>-->" * SOME,
    "closed in an attribute": "<div title='</div>'>" * SOME,
    "closed in an attribute with a >": "<div title='></div>'>" * SOME,
    "closed in a script": "<div><script></div></script>" * SOME,
    "closed by another": "<div><table></div></table>" * SOME,
    "tags in tags": "<di<b>v>" * SOME,
    "bold that never ends": "<p>" + "".join(f"<b id={n}>" for n in range(500)) + "</p>" + "<p>a</p>" * SOME,
    "attributes": "<p " + "a='b' " * SOME + ">x",
    "blanks in a tag": "<p" + " " * 1_000_000 + "x",
    "many rows": "<table>" + "<tr><td>a<td>b" * 20_000,
    "a wide row": "<table><tr>" + "<td>a" * 20_000 + "<tr><td>b" * 20_000,
    "a wide cell": "<table><tr><td>" + "x" * 500_000 + "<tr><td>a<td>b" * 20_000,
    "blanks in lines": "<pre>" + " " * 1_000_000 + "x",
    "breaks": "<p>" + "<br>" * SOME,
    "lists in which lines end": "<ul><li>" * 29 + "a<br>" * SOME,
}


@pytest.mark.parametrize("body", [*MARKDOWN.values(), *HTML.values()], ids=[*MARKDOWN, *HTML])
def test_markdown_comes_to_an_end(desk, body):
    try:
        (article,) = read(f"---\ntitle: a\ndate: 2024-01-01\n---\nmot\n\n{body}".encode(), "a.md", desk)
    except IntakeError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(article, Article)
        assert article.text.startswith("mot")
        assert len(article.lead) <= 281


@pytest.mark.parametrize("body", MARKDOWN.values(), ids=MARKDOWN)
def test_the_text_of_a_page_comes_to_an_end(body):
    assert isinstance(text(clean(render_print(body), BASE)), str)


@pytest.mark.parametrize("html", HTML.values(), ids=HTML)
def test_a_title_with_markup_comes_to_an_end(html):
    assert isinstance(words(html), str)


@pytest.mark.parametrize("html", HTML.values(), ids=HTML)
def test_of_a_tangle_only_tags_stay_that_cannot_stand_inside_each_other(html):
    simple = untangled(html)
    assert simple == html or not re.search(r"<(?!/?(?:p|br|a|img)\b)", simple)


@pytest.mark.parametrize("name", [name for name in HTML if name.startswith("closed")])
def test_what_only_looks_closed_is_open(name):
    assert untangled(HTML[name]) != HTML[name]


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "ul><li", "form", "table><tr><td"])
def test_the_words_of_a_tangle_stay(tag):
    html = f"<p>un</p>{f'<{tag}>' * SOME}deux<br>trois <a href='/b'>quatre</a>"
    html += "<script>alert(1)</script><p>cinq<div>six</div>sept"
    cleaned = clean(html, BASE)
    assert text(cleaned).split() == ["un", "deux", "trois", "quatre", "cinq", "six", "sept"]
    assert 'href="https://www.troisrivieres.example.org/b"' in cleaned


def test_a_long_article_keeps_its_elements():
    row = "<tr><td>a</td><td><b>b</b></td></tr>"
    part = f"<div><h2>a</h2><table><tbody>{row * 20}</tbody></table><ul><li>c<ul><li>d</li></ul></li></ul></div>"
    whole = f"<div>{part * 300}</div>"
    assert untangled(whole) == whole
    assert clean(whole, BASE) == whole


def test_what_is_longer_than_an_article_is_refused_but_for_the_pictures_written_into_it():
    with pytest.raises(IntakeError, match="4,000,007 characters of HTML; split it"):
        clean(f"<p>{'a' * LONGEST}</p>", BASE)
    assert clean(f'<p>a<img src="data:image/png;base64,{"A" * LONGEST}"></p>', BASE) == "<p>a</p>"


@pytest.mark.parametrize("sign", ["&", "&a ", "&#", "&amp", "x & "])
def test_a_text_of_character_references_alone_is_refused(sign: str) -> None:
    with pytest.raises(IntakeError, match="signs written with &"):
        clean(sign * 500_000, BASE)


def test_references_in_paragraphs_are_no_trouble_however_many() -> None:
    html = "<p>L&#8217;&eacute;t&eacute; &agrave; l&#8217;&eacute;cole&nbsp;!</p>" * 30_000
    assert clean(html, BASE).startswith("<p>L’été à l’école\N{NO-BREAK SPACE}!</p>")
