"""Nothing of other sites is played or framed: a link stands in its place, and a warning says so."""

import json

import pytest

from newsletter.intake import read
from newsletter.intake.clean import clean

BASE = "https://www.troisrivieres.example.org/actus/berges"
FILM = "https://films.example.com/embed/7?a=1&amp;b=2"
LINK = f'<a href="{FILM}">films.example.com</a>'


def cleaned(html):
    warnings = []
    return clean(html, BASE, None, warnings), warnings


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (f'<p>Voir <iframe src="{FILM}" allowfullscreen></iframe> ici</p>', f"<p>Voir {LINK} ici</p>"),
        (f"<iframe width=560 src='{FILM}'>Votre navigateur</iframe>", LINK),
        (f'<IFRAME data-src="{FILM}" src=""></IFRAME>', LINK),
        (f'<video controls src="{FILM}">x</video>', LINK),
        (f'<video controls>\n<source type="video/mp4" src="{FILM}"><source src="https://b.test/"></video>', LINK),
        (f"<audio src={FILM}></audio>", LINK),
        (f'<object data="{FILM}"><embed src="{FILM}"></object>', LINK),
        (
            '<video src="/films/gue.mp4"></video>',
            LINK.replace(FILM, f"{BASE[:-13]}/films/gue.mp4").replace("films.ex", "www.ex"),
        ),
        (f'<iframe title="Le film &lt;b&gt;" src="{FILM}"></iframe>', f'<a href="{FILM}">Le film &lt;b&gt;</a>'),
        (f'<a href="https://b.test/"><iframe src="{FILM}"></iframe>x</a>', None),
    ],
)
def test_what_plays_becomes_a_link(html, left):
    found, warnings = cleaned(html)
    if left is not None and "gue.mp4" not in left:
        assert found == left
    assert FILM in found or "/films/gue.mp4" in found
    assert found.count("<a ") == found.count("</a>") >= 1
    assert any("became a link" in warning for warning in warnings)


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="http://films.example.com/7"></iframe>',
        '<iframe src="javascript:alert(1)"></iframe>',
        '<iframe srcdoc="<p>x</p>"></iframe>',
        '<video src="data:video/mp4;base64,AAAA"></video>',
        '<iframe src="https://[">x</iframe>',
        "<audio></audio>",
    ],
)
def test_what_plays_from_no_safe_address_goes_with_a_warning(html):
    found, warnings = cleaned(f"<p>Un mot.</p>{html}")
    assert found == "<p>Un mot.</p>"
    assert "left out" in warnings[0]


@pytest.mark.parametrize(
    "how", ['width="0" height="0"', "height=1", 'style="display: none"', 'style="Visibility:hidden"']
)
def test_a_frame_that_only_counts_readers_goes_without_a_word(how):
    assert cleaned(f'<p>Un mot.</p><iframe {how} src="{FILM}"></iframe>') == ("<p>Un mot.</p>", [])


@pytest.mark.parametrize(
    "html",
    [
        f"<script>'<iframe src={FILM}>'</script>Un mot.",
        f"<!-- <iframe src={FILM}></iframe> -->Un mot.",
        f'<p title="<iframe src={FILM}>">Un mot.</p>',
        f'<img alt="<iframe src={FILM} onload=alert(1)>" src="/a.png">Un mot.',
        f'<iframe title="&quot;><script>alert(1)</script>" src="{FILM}"></iframe>Un mot.',
        f'<iframe src="{FILM}&quot; onclick=&quot;alert(1)"></iframe>Un mot.',
    ],
)
def test_no_player_leads_past_the_cleaner(html):
    found, _ = cleaned(html)
    assert "Un mot." in found
    assert "<iframe" not in found and "<script" not in found and " onclick" not in found
    assert clean(found, BASE) == found


ITEM = {
    "id": "7",
    "url": BASE,
    "title": "Un",
    "content_html": f'<iframe src="{FILM}"></iframe>',
    "date_published": "2024-03-26",
}
FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [ITEM]})
RSS = f"""<rss version="2.0"><channel><item><title>Un</title><link>{BASE}</link>
<pubDate>Tue, 26 Mar 2024 15:15:00 +0100</pubDate>
<description><![CDATA[{ITEM["content_html"]}]]></description></item></channel></rss>"""
POST = json.dumps(
    [
        {
            "link": BASE,
            "title": {"rendered": "Un"},
            "content": {"rendered": ITEM["content_html"]},
            "date": "2024-03-26T10:00:00",
        }
    ]
)
TEXT = f"---\ntitle: Un\ndate: 2024-03-26\n---\n\n{ITEM['content_html']}\n"
TABLE = f"titre\tdate\thtml\nUn\t2024-03-26\t<p></p><iframe src='{FILM}'></iframe>\n"


@pytest.mark.parametrize(
    ("name", "data"), [("a.json", FEED), ("a.xml", RSS), ("b.json", POST), ("a.md", TEXT), ("a.csv", TABLE)]
)
def test_every_route_tells_of_it(desk, name, data):
    (article,) = read(data.encode(), name, desk)
    assert LINK in article.html
    assert [warning for warning in article.warnings if "became a link" in warning]


def test_a_saved_page_keeps_the_link_too(desk, page):
    saved = page("valley.html").replace(b"<p>Plan de", f'<iframe src="{FILM}"></iframe><p>Plan de'.encode())
    (article,) = read(saved, "page.html", desk)
    assert LINK in article.html
