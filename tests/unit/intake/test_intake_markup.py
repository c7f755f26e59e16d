import pytest

from newsletter.intake.clean import clean
from newsletter.intake.markup import marked, paragraphs, render, render_print

BASE = "https://www.troisrivieres.example.org/actus/page"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# a\n\nb\nc", "<h2>a</h2>\n<p>b\nc</p>"),
        ("a\n===", "<h2>a</h2>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("    a\n     b\n", "<pre><code>a\n b\n</code></pre>"),
        ("un <b>mot</b>\n\n<div>deux</div>", "<p>un <b>mot</b></p>\n<div>deux</div>"),
        ("[a]\n\n[a]: https://www.example.org", '<p><a href="https://www.example.org">a</a></p>'),
        ("<https://www.example.org>", '<p><a href="https://www.example.org">https://www.example.org</a></p>'),
        ("« a » : l’été...", "<p>« a » : l’été...</p>"),
    ],
)
def test_staff_write_common_mark(markdown, html):
    assert clean(render(markdown), BASE) == html


def test_staff_write_tables():
    html = clean(render("| a | b |\n|---|--:|\n| c | **d** |"), BASE).replace("\n", "")
    assert html == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>c</td><td><strong>d</strong></td></tr></tbody></table>"
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "<p>a<br>\nb</p>"),
        ("a\\\nb\r\nc\rd", "<p>a<br>\nb<br>\nc<br>\nd</p>"),
        ("# a\nb", "<h2>a</h2>\n<p>b</p>"),
        ("2^{ème} étage, \\^{non}", "<p>2<sup>ème</sup> étage, ^{non}</p>"),
        ("^{ème}", "<p><sup>ème</sup></p>"),
        ("1^{<b>}", "<p>1<sup>&lt;b&gt;</sup></p>"),
        ("un <b>mot</b>, 1 < 2 &lt; 3", "<p>un &lt;b&gt;mot&lt;/b&gt;, 1 &lt; 2 &lt; 3</p>"),
        ("<div>\n<!-- a -->", "<p>&lt;div&gt;<br>\n&lt;!-- a --&gt;</p>"),
        ("     a\n      b", "<p>a<br>\nb</p>"),
        ("-      a", "<ul>\n<li>a</li>\n</ul>"),
        ("a\n===\nb\n-", "<p>a<br>\n===<br>\nb<br>\n-</p>"),
        ("a\n---\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("> a\n> ===\n> ---", "<blockquote>\n<p>a<br>\n===</p>\n<hr>\n</blockquote>"),
        ("[a]: https://www.example.org\n[a]", "<p>[a]: https://www.example.org<br>\n[a]</p>"),
        ("[a](<https://www.example.org/b c>)", '<p><a href="https://www.example.org/b%20c">a</a></p>'),
        ("<https://www.example.org>", '<p><a href="https://www.example.org">https://www.example.org</a></p>'),
        ("<a@example.org>", '<p><a href="mailto:a@example.org">a@example.org</a></p>'),
        ("a\\*b\\*", "<p>a*b*</p>"),
    ],
)
def test_a_page_s_text_knows_one_way_to_write_each_thing(text, html):
    assert clean(render_print(text), BASE) == html


def test_text_without_any_tag_is_made_paragraphs():
    assert marked("un\r\ndeux\n \n 1 < 2 & 3") == "<p>un<br>deux</p><p>1 &lt; 2 &amp; 3</p>"
    assert marked("un <b>mot</b>\n\ndeux") == "un <b>mot</b>\n\ndeux"
    assert paragraphs("<b>\n\n\n\nb") == "<p>&lt;b&gt;</p><p>b</p>"
