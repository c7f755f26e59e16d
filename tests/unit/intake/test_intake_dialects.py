"""Feeds of every dialect that feedparser knows, whole and broken: as many articles as it finds entries."""

import io
import socket

import feedparser
import pytest

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.model import Article
from tests.unit.intake.clean_article import assert_clean

SITE = "https://www.troisrivieres.example.org"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
NETSCAPE = '\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://a.test/rss-0.91.dtd">'
USERLAND = '\n<!DOCTYPE rss SYSTEM "http://a.test/rss-0.91.dtd">'


def rss(version, items, doctype=""):
    head = f"<title>La gazette</title><link>{SITE}/</link><description>Les nouvelles</description>"
    return f'<?xml version="1.0"?>{doctype}<rss version="{version}"><channel>{head}{items}</channel></rss>'


def item(number, more=""):
    return f"<item><title>Gué n° {number}</title><link>{SITE}/gue/{number}</link>{more}</item>"


ITEMS = item(1) + item(2)
WORDS = "<description>Le gué rouvre lundi &amp;amp; mardi.</description>"
DIALECTS = {
    "rss090": f'<?xml version="1.0"?><rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    f"<channel><title>La gazette</title></channel>{ITEMS}</rdf:RDF>",
    "rss091n": rss("0.91", item(1, WORDS) + item(2, WORDS), NETSCAPE),
    "rss091u": rss("0.91", item(1, WORDS) + item(2, WORDS), USERLAND),
    "rss092": rss("0.92", item(1, WORDS) + f"<item>{WORDS}</item>"),
    "rss093": rss("0.93", item(1, "<pubDate>Tue, 26 Mar 2024 15:15:00 GMT</pubDate>") + item(2)),
    "rss094": rss("0.94", item(1, "<guid>12 at https://www.troisrivieres.example.org</guid>") + item(2)),
    "rss10": f'<?xml version="1.0"?><rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>La gazette</title></channel>'
    f'<item rdf:about="{SITE}/gue/1"><title>Gué n° 1</title><link>{SITE}/gue/1</link>'
    "<dc:date>2024-03-26T15:15:00+01:00</dc:date><dc:subject>Eau</dc:subject></item>"
    f'<item rdf:about="{SITE}/gue/2"><title>Gué n° 2</title><link>{SITE}/gue/2</link></item></rdf:RDF>',
    "rss20": rss("2.0", item(1, f"<guid>{SITE}/gue/1</guid>{WORDS}") + item(2)),
    "atom03": '<?xml version="1.0"?><feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>La gazette</title>'
    f'<entry><title>Gué n° 1</title><link rel="alternate" type="text/html" href="{SITE}/gue/1"/>'
    '<id>tag:a.test,2024:1</id>'
    '<issued>2024-03-26T15:15:00+01:00</issued><modified>2024-03-27T15:15:00+01:00</modified>'
    '<content type="text/html" mode="escaped">&lt;p&gt;Il rouvre.&lt;/p&gt;</content></entry>'
    f'<entry><title>Gué n° 2</title><link rel="alternate" type="text/html" href="{SITE}/gue/2"/></entry></feed>',
    "atom10": '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>La gazette</title>'
    f'<entry><title>Gué n° 1</title><link href="/gue/1" xml:base="{SITE}/x"/><id>{SITE}/gue/1</id>'
    '<updated>2024-03-26T15:15:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
    f'<p>Il rouvre.</p></div></content></entry><entry><title>Gué n° 2</title><id>{SITE}/gue/2</id></entry></feed>',
    "cdf": f'<?xml version="1.0"?><CHANNEL HREF="{SITE}/"><TITLE>La gazette</TITLE>'
    f'<ITEM HREF="{SITE}/gue/1" LASTMOD="2024-03-26T15:15"><TITLE>Gué n° 1</TITLE>'
    '<ABSTRACT>Il rouvre.</ABSTRACT></ITEM>'
    f'<ITEM HREF="{SITE}/gue/2"><TITLE>Gué n° 2</TITLE></ITEM></CHANNEL>',
}  # fmt: skip


def articles(desk, data, name="gazette.xml"):
    found = read(data if isinstance(data, bytes) else data.encode(), name, desk)
    good = [each for each in found if isinstance(each, Article)]
    for each in good:
        assert_clean(each)
    return good


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_as_many_articles_as_feedparser_finds_entries(desk, dialect):
    data = DIALECTS[dialect].encode()
    known = feedparser.parse(io.BytesIO(data))
    assert (known.version, len(known.entries)) == ("" if dialect == "cdf" else dialect, 2)
    first, second = articles(desk, data, "a file without ending")
    assert first.source.format == "feed"
    assert (first.title, first.identity) == ("Gué n° 1", "https://troisrivieres.example.org/gue/1")
    if dialect != "rss092":  # there an item may be nothing but words
        assert (second.title, second.identity) == ("Gué n° 2", "https://troisrivieres.example.org/gue/2")
    assert not [warning for warning in first.warnings if "no date" not in warning]


def test_an_item_may_be_nothing_but_words(desk):
    _, words = articles(desk, DIALECTS["rss092"])
    assert (words.title, words.title_source) == ("Le gué rouvre lundi & mardi.", "sentence")
    assert words.identity.startswith("articles/le-gue-rouvre-lundi-mardi-")


def test_dates_of_old_dialects_are_read(desk):
    for dialect in ("rss093", "rss10", "atom03", "atom10", "cdf"):
        first = articles(desk, DIALECTS[dialect])[0]
        assert first.published.date().isoformat() == "2024-03-26", dialect


@pytest.mark.parametrize(
    ("guid", "alias"),
    [
        ("12 at https://www.troisrivieres.example.org", "https://troisrivieres.example.org/node/12"),
        ("12 at https://www.troisrivieres.example.org/", "https://troisrivieres.example.org/node/12"),
        ("https://www.troisrivieres.example.org/?p=12", "https://troisrivieres.example.org/?p=12"),
        ("https://www.troisrivieres.example.org/node/12", "https://troisrivieres.example.org/node/12"),
        ("https://www.troisrivieres.example.org/", ""),
        ("12 at javascript:alert(1)", ""),
        ("12 at https://[", ""),
    ],
)
def test_a_guid_may_tell_of_another_address(desk, guid, alias):
    (article,) = articles(desk, rss("2.0", item(1, f'<guid isPermaLink="false">{guid}</guid>')))
    assert [each for each in article.aliases if "#" not in each] == ([alias] if alias else [])


def test_without_link_the_number_of_the_guid_is_the_address(desk):
    nameless = "<item><title>Gué</title><guid isPermaLink='false'>12 at http://a.example.org</guid></item>"
    (article,) = articles(desk, rss("2.0", nameless))
    assert (article.identity, article.url) == ("https://a.example.org/node/12", "http://a.example.org/node/12")


def test_entries_without_anything_are_named(desk):
    found = read(rss("2.0", item(1) + "<item><category>Eau</category></item>" + item(3)).encode(), "a.xml", desk)
    assert [str(each) for each in found if isinstance(each, IntakeError)] == [
        "entry 2: has neither link, guid nor words; give it a link"
    ]
    assert len(found) == 3


WHOLE = DIALECTS["rss20"]
BROKEN = {
    "unclosed elements": (WHOLE.replace("</description></item>", "</item>").encode(), 1),
    "unclosed items": (WHOLE.replace("</item>", "").encode(), 2),
    "an unknown entity": (WHOLE.replace("Gué", "Gu&eacute;&nbsp;&inconnue;").encode(), 2),
    "a bare ampersand": (WHOLE.replace("Gué", "Gué & pont").encode(), 2),
    "text above the declaration": (f"Attention : cache\n{WHOLE}".encode(), 2),
    "empty lines above the declaration": (f"\n \n{WHOLE}".encode(), 2),
    "cut off in a title": (WHOLE.encode()[: WHOLE.encode().index(b"n\xc2\xb0 2") + 2], 1),
    "cut off in an item": (WHOLE.encode()[: WHOLE.encode().index(b"/gue/2")], 2),
    "cut off in a tag": (WHOLE.encode()[: WHOLE.encode().index(b"</channel>") + 4], 2),
    "not the encoding that it declares": (
        WHOLE.replace('"1.0"?', '"1.0" encoding="utf-8"?').encode("cp1252"), 2
    ),
    "one broken letter": (WHOLE.replace("rouvre", "rouvr@").encode().replace(b"@", b"\xe9"), 2),
    "control characters": (WHOLE.replace("Gué", "\x01\x0bGué").encode(), 2),
    "a nul": (WHOLE.replace("Gué", "\x00Gué").encode(), 2),
    "the end of CDATA alone": (WHOLE.replace("rouvre", "]]>").encode(), 2),
    "CDATA that does not end": (WHOLE.replace(WORDS, "<description><![CDATA[Le gué").encode(), 1),
    "a prefix that nobody declared": (WHOLE.replace("<item>", "<item><media:x>y</media:x>").encode(), 2),
    "an attribute without quotes": (WHOLE.replace("<item>", "<item a=b>").encode(), 2),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_feed_gives_what_can_be_had_and_says_so(desk, fault):
    data, count = BROKEN[fault]
    found = articles(desk, data)
    assert len(found) == count
    assert len(read(data, "a.xml", desk)) == len(feedparser.parse(io.BytesIO(data)).entries)
    assert found[0].identity == "https://troisrivieres.example.org/gue/1"
    assert any("not well-formed" in w or "encoding" in w for w in found[0].warnings)


@pytest.mark.parametrize("name", ["iso-8859-1", "windows-1252", "utf-16", "utf-8-sig"])
def test_a_feed_is_read_in_the_encoding_that_it_declares(desk, name):
    declared = WHOLE.replace('"1.0"?', f'"1.0" encoding="{name.removesuffix("-sig")}"?')
    found = articles(desk, declared.encode(name))
    assert [each.title for each in found] == ["Gué n° 1", "Gué n° 2"]
    assert not [w for w in found[0].warnings if "no date" not in w]


def test_the_transport_counts_more_than_the_declaration(desk):
    from dataclasses import replace

    greek = WHOLE.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?').replace("Gué n°", "Πόρος n").replace("é", "e")
    found = articles(replace(desk, charset="iso-8859-7"), greek.encode("iso-8859-7"))
    assert found[0].title == "Πόρος n 1"


def bomb(declarations, words, doctype="rss"):
    head = f'<?xml version="1.0"?><!DOCTYPE {doctype} [{declarations}]>'
    return head + WHOLE.removeprefix('<?xml version="1.0"?>').replace("rouvre", words)


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BLOWUP = f'<!ENTITY b "{"x" * 100_000}">'
SMALL = f'<!ENTITY c "{"x" * 1000}">'
BOMBS = {
    "a billion laughs": bomb(LAUGHS, "&a11;"),
    "on lines of their own": bomb(LAUGHS.replace("<!", "\n<!"), "&a11;"),
    "quadratic": bomb(BLOWUP, "&b;" * 20_000),
    "quadratic on a line of its own": bomb(f"\n{BLOWUP}\n", "&b;" * 20_000),
    "as feedparser lets it through": bomb(f"\n{BLOWUP}\n", "&b;" * 20_000).replace("<!DOCTYPE", "\n<!DOCTYPE"),
    "many small ones": bomb(f"\n{SMALL}\n", "&c;" * 30_000).replace("<!DOCTYPE", "\n<!DOCTYPE"),
    "in single quotes": bomb(BLOWUP.replace('"', "'"), "&b;" * 20_000),
    "behind an element in a value": bomb('<!ENTITY z "<a>">\n' + BLOWUP, "&b;" * 20_000),
    "parameters": bomb('<!ENTITY % p "' + "x" * 100_000 + '"><!ENTITY c "%p;%p;">', "&c;" * 20_000),
    "attributes by default": bomb(f'<!ATTLIST item x CDATA "{"x" * 1_000_000}">', "mot"),
}


def exploded(article):
    return "x" * 100 in article.html or "haha" in article.html or len(article.html) > 300_000


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_bomb_goes_off(make_desk, name, encoding):
    for article in articles(make_desk(format="feed"), BOMBS[name].encode(encoding)):
        assert not exploded(article)


@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "cp037", "utf-32", "punycode", "hz"])
def test_no_bomb_goes_off_that_hides_in_an_odd_encoding(make_desk, encoding):
    desk = make_desk(format="feed")
    data = BOMBS["quadratic"].replace('"1.0"?', f'"1.0" encoding="{encoding}"?')
    hidden = data[: data.index("?>") + 2].encode() + data[data.index("?>") + 2 :].replace("°", "").replace(
        "é", "e"
    ).encode(encoding)
    for written in (hidden, data.replace("°", "").replace("é", "e").encode(encoding)):
        try:
            assert not any(exploded(article) for article in articles(desk, written))
        except IntakeError as error:
            assert "\n" not in str(error)


def test_short_entities_of_its_own_are_read(desk):
    found = articles(desk, bomb('\n<!ENTITY nbsp "&#160;">\n<!ENTITY deg "°">\n', "rouvre&nbsp;!&deg;"))
    assert "rouvre\u00a0!°" in found[0].text


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_nothing_is_fetched_for_a_feed(desk, listener, tmp_path):
    (tmp_path / "secret").write_text("motdepasse")
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    for where in (url, (tmp_path / "secret").as_uri()):
        declarations = f'<!ENTITY xxe SYSTEM "{where}"><!ENTITY % dtd SYSTEM "{where}">%dtd;'
        for data in (
            bomb(declarations, "&xxe;"),
            WHOLE.replace("<rss", f'<!DOCTYPE rss SYSTEM "{where}"><rss'),
            WHOLE.replace("<item>", f'<item xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{where}"/>'),
            WHOLE.replace("?>", f'?><?xml-stylesheet href="{where}"?>', 1),
            where,
        ):
            try:
                assert all("motdepasse" not in article.html for article in articles(desk, data))
            except IntakeError:
                continue
    with pytest.raises(BlockingIOError):  # nobody called
        listener.accept()


@pytest.mark.parametrize("tag", ["item", "a", "description"])
def test_deep_nesting_is_read_or_refused(desk, tag):
    deep = WHOLE.replace("rouvre", f"</description><x>{f'<{tag}>' * 30_000}")
    try:
        articles(desk, deep)
    except IntakeError as error:
        assert "\n" not in str(error)
