import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.intake.clean import clean, lead, words
from newsletter.intake.plain import text

BASE = "https://www.troisrivieres.example.org/actus/page"


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>un</p><p>deux<br>trois</p>quatre", ["un", "", "deux", "trois", "", "quatre"]),
        ("a<br><br><br>b", ["a", "", "b"]),
        ("<div>a<div>b</div>c</div>d", ["a", "b", "c", "d"]),
        ("<h2>a</h2><hr><blockquote><p>b</p></blockquote>", ["a", "", "b"]),
        ("<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>", ["a", "b", "c"]),
        ("<figure><img src='/a.png' alt='x'><figcaption>a</figcaption></figure><p>b</p>", ["a", "", "b"]),
        ("<p> un  <b>deux</b>\n\ttrois <i> quatre</i> </p>", ["un deux trois quatre"]),
        ("<p>Qui\u202f? Nous\u00a0: <q>deux</q>, H<sub>2</sub>O</p>", ['Qui\u202f? Nous\u00a0: "deux", H2O']),
        ("<p>1 &lt; 2 &amp;amp; &amp;lt;b&gt;</p>", ["1 < 2 &amp; &lt;b>"]),
        ("<pre>\na\n  b  c\n\n d</pre><p>e</p>", ["a", "  b  c", "", " d", "", "e"]),
        ("", []),
    ],
)
def test_paragraphs_are_parted_and_lines_are_not_run_together(html, lines):
    assert text(clean(html, BASE)).split("\n") == (lines or [""])


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("a<ul><li>b</li><li>c<br>d</li></ul>e", ["a", "", "  * b", "  * c", "    d", "", "e"]),
        ("<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>", ["  * a", "      + b", "          o c"]),
        ("<ol start='9'><li>a</li><li>b<ol><li>c</li></ol></li></ol>", [" 9. a", "10. b", "     1. c"]),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", ["  * a", "", "    b", "", "  * c"]),
        ("<ul><li></li><li><pre>a\nb</pre></li></ul>", ["  * a", "    b"]),
    ],
)
def test_items_of_lists_have_their_mark_and_their_lines_stand_below_each_other(html, lines):
    assert text(clean(html, BASE)).split("\n") == lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (
            "<table><caption>Samedi</caption><tr><th>heure</th><th>quoi</th></tr>"
            "<tr><td>9 h</td><td>un <b>repas</b></td></tr></table>fin",
            ["Samedi", "heure   quoi", "9 h     un repas", "", "fin"],
        ),
        ("<table><tr><td>a<td>b<td>c<tr><td></td><td>d</table>", ["a  b  c", "   d"]),
        (
            "<table><tr><td>9 h<td>repas<br>au gué<tr><td>12 h<td>fin</table>",
            ["9 h", "repas", "au gué", "", "12 h", "fin"],
        ),
        ("<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", ["a  b  c"]),
        ("<table><tr><td>" + "x" * 200 + "<td>a<tr><td>b<td>c</table>", ["x" * 200 + "  a", "b" + " " * 31 + "c"]),
    ],
)
def test_tables_stand_in_columns_unless_their_cells_hold_more_than_a_line(html, lines):
    assert text(clean(html, BASE)).split("\n") == lines


TAGS = [
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "pre",
    "h2",
    "table",
    "caption",
    "tr",
    "td",
    "th",
    "b",
    "a",
    "q",
    "sup",
    "figure",
    "span",
    "object",
    "br",
    "hr",
]


@settings(max_examples=400, deadline=None)
@given(
    tokens=st.lists(
        st.one_of(
            st.integers(0, 99).map(lambda number: f"mot{number}"),
            st.sampled_from([form.format(tag) for tag in TAGS for form in ("<{}>", "</{}>")]),
            st.sampled_from([" ", "\n", "&amp;", "&lt;"]),
        ),
        max_size=40,
    )
)
def test_all_words_are_there_in_their_order(tokens):
    html = clean(" ".join(tokens), BASE)
    assert re.findall(r"mot\d+", text(html)) == re.findall(r"mot\d+", words(html))
    assert "<pre>" in html or not re.search(r"[ \t]$|\n{3,}|\A\n|\n\Z", text(html), re.MULTILINE)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(st.sampled_from([*"<>/ &x", *TAGS, *(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS)]))
)
def test_what_is_no_clean_html_is_no_reason_to_fail(pieces):
    text("".join(pieces))
    lead("".join(pieces))


def test_words_beside_the_cells_of_a_table_are_not_lost():
    assert text("<td>a</td><table>b<td>c</td></table>") == "a\n\nb\nc"
