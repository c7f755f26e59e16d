"""What was cleaned is clean for every parser: cleaned again it is the same. Most cases here were found by fuzzing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.intake.clean import clean
from tests.unit.intake.clean_article import assert_html

BASE = "https://www.troisrivieres.example.org/actus/berges"
SITE = "https://www.troisrivieres.example.org"


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<img alt="a src=" width=" onerror=alert(1) x=">', ""),
        ('<a title="x href=" lang=" onclick=alert(1) ">y</a>', "y"),
        ('<a href="/b" title=" href=">y</a>', f'<a href="{SITE}/b" title=" href=">y</a>'),
        ('<a title="1>2" href="/b">y</a>', f'<a title="1&gt;2" href="{SITE}/b">y</a>'),
        ('<a>b<a href="/b">y</a></a>', f'b<a href="{SITE}/b">y</a>'),
        ('<a href="/b">x<object><a href="/c">y</a></object></a>', f'<a href="{SITE}/b">x</a>'),
        ("<div><div><p> </p></div></div><p>x</p>", "<p>x</p>"),
        ("<h2>x<object><h2>y</h2></object></h2>", "<h2>x</h2>"),
        ("<h2>x<section><h2>y</h2></section></h2>", "<h2>x</h2><h2>y</h2>"),
        ('<a href="//evil).example.com/">y</a>', "y"),
        ('<a href="https://reader:secret@www.example.org/b">y</a>', '<a href="https://www.example.org/b">y</a>'),
        ('<a href="https://rivière.example.org/é">y</a>', '<a href="https://xn--rivire-6ua.example.org/%C3%A9">y</a>'),
    ],
)
def test_no_words_and_no_order_of_elements_lead_past_the_cleaner(html, cleaned):
    assert clean(html, BASE) == cleaned
    assert clean(cleaned, BASE) == cleaned


TOKENS = [
    *(
        "<p>",
        "</p>",
        "<a>",
        "<a href='/b'>",
        "</a>",
        "<div>",
        "</div>",
        "<h1>",
        "<h5>",
        "</h1>",
        "<ul>",
        "<li>",
        "</ul>",
    ),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<section>",
        "</section>",
        "<object>",
        "</object>",
        "<svg>",
        "</svg>",
    ),
    *("<img src='x' alt='", "<a title='", " src=", " href=", " onload=x", "'", '"', ">", "<", "&lt;", "&quot;", "&gt;"),
    *("<math>", "<mtext>", "</math>", "<style>", "</style>", "<title>", "</title>", "<b>", "</b>", "<i>", "</i>"),
    *("mot", " ", "\n", "<br>", "<hr>", "&nbsp;", "\u0338", "\u202e", "<!--", "-->", "<script>", "</script>", "<span>"),
    *(
        "<select>",
        "<option>",
        "<form>",
        "<font>",
        "<pre>",
        "<dl>",
        "<dt>",
        "<dd>",
        "<caption>",
        "<ol start='3'>",
        "é",
        "=x ",
    ),
]


@settings(max_examples=400, deadline=None)
@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=25))
def test_cleaned_again_it_is_the_same(tokens):
    cleaned = clean("".join(tokens), BASE)
    assert clean(cleaned, BASE).split() == cleaned.split()  # the first line end in <pre> is none
    assert_html(cleaned)
