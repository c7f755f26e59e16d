"""What is said of feeds: nothing where the makers wrote them, and one line with the place of each fault."""

from __future__ import annotations

import pytest

from tests.unit.validation.folder_sample import BASE, DOCUMENTS, said, told

ATOM, RSS, JSON, OPML = "theme/sante.atom", "theme/sante.rss", "theme/sante.json", "feeds.opml"
ARCHIVE = "archive/theme/sante/1.atom"
JARDIN, ECOLE, GUE = (f"tag:www.troisrivieres.example.org,2024:{name}" for name in ("jardin", "ecole", "gue"))
CATEGORY = f'<category term="sante" scheme="{BASE}/theme/" label="Santé"/>'


def test_nothing_is_said_of_what_the_makers_wrote() -> None:
    assert said({}) == []


@pytest.mark.parametrize("path", [ATOM, RSS, JSON, OPML, "theme/sante.ics", "theme/sante.html"])
@pytest.mark.parametrize(
    ("place", "what"),
    [(b"\xff", "UTF-8"), (b"\xc2\x85", "control character"), (b"\x01", "control character")],
)
def test_characters_that_nobody_can_read(path: str, place: bytes, what: str) -> None:
    data = DOCUMENTS[path].replace(b"jardin", b"jar" + place + b"din").replace(b"publications", b"publi" + place)
    assert any(what in each and each.startswith(path) for each in said({path: data}))


@pytest.mark.parametrize("path", [ATOM, RSS, JSON, OPML, "theme/sante.ics", "theme/sante.html"])
def test_half_a_document_is_told(path: str) -> None:
    data = DOCUMENTS[path]
    assert [each for each in said({path: data[: len(data) // 2]}) if each.startswith(f"{path}:")]
    assert [each for each in said({path: b""}) if each.startswith(f"{path}:")]


@pytest.mark.parametrize("path", [ATOM, RSS, OPML])
@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<?xml version='1.0' encoding='UTF-8'?>\n", "", "1: does not begin by saying that it is XML 1.0 in UTF-8"),
        ("<?xml version='1.0' encoding='UTF-8'?>", "<?xml version='1.0' encoding='latin-1'?>", "XML 1.0 in UTF-8"),
        ("'UTF-8'?>\n", "'UTF-8'?>\n<!DOCTYPE feed>\n", "2: has a DOCTYPE, which readers refuse"),
        ("<title>", "<title>&#x85;", "holds a character that no reader shows"),
        ("<title>", "<titel/><title>", "knows no <titel>"),
        ("<title>", "&nbsp;<title>", "is no XML"),
        ("<title>", "<b xmlns='https://x.example.org/'/><title>", "knows no <{https://x.example.org/}b>"),
        ("<title>", "Bonjour<title>", "has words between its elements, 'Bonjour'"),
    ],
)
def test_what_no_xml_of_ours_may_be(path: str, old: str, new: str, what: str) -> None:
    found = told(path, old, new, 1)
    assert any(what in each for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        # The schema
        (f"<id>{JARDIN}</id>", "", ":3: <entry> has no <id>"),
        (f"<id>{JARDIN}</id>", f"<id>{JARDIN}</id><id>x:y</id>", "<entry> has 2 <id> where one is allowed"),
        (JARDIN, "jardin", "<id> 'jardin' is no absolute address"),
        (JARDIN, "http://", "<id> 'http://' is no absolute address"),
        (JARDIN, "javascript:x", "<id> 'javascript:x' is no absolute address"),
        (' title="Le plan"', ' title=""', "<link> title '' says nothing"),
        (f'href="{BASE}/media/1f/plan.pdf"', 'href="javascript:x"', "<link> href 'javascript:x' is no absolute web"),
        (JARDIN, "x: y", "<id> 'x: y' is no absolute address"),
        (f"<id>{JARDIN}", f"<id colour='red'>{JARDIN}", "<id> knows no colour"),
        ("L’article jardin", " ", "<title> ' ' says nothing"),
        (' xml:lang="fr"', "", "<feed> has no xml:lang"),
        (' xml:lang="fr"', ' xml:lang="fr_FR"', "<feed> xml:lang 'fr_FR' is no language"),
        (' xml:lang="en"', ' xml:lang="fr"', "says again in which language the feed is"),
        ("2024-03-26T15:00:00+01:00", "2024-03-26", "<published> '2024-03-26' is no instant"),
        ("2024-03-26T15:00:00+01:00", "2024-03-26T15:00:00", "is no instant"),
        ("2024-03-26T15:00:00+01:00", "2024-03-32T15:00:00+01:00", "is no instant"),
        ('type="html">', 'type="xhtml">', "<content> type 'xhtml' must be text or html"),
        ('rel="self"', 'rel="elsewhere"', "<link> rel 'elsewhere' must be self or alternate"),
        (' length="4321"', ' length="0"', "<link> length '0' is no number above zero"),
        ('type="application/pdf"', 'type="pdf"', "<link> type 'pdf' is no media type"),
        (f'href="{BASE}/media/1f/plan.pdf"', 'href="plan.pdf"', "<link> href 'plan.pdf' is no absolute web"),
        ('width="1200"', 'width="big"', "<media:thumbnail> width 'big' is no number"),
        (CATEGORY, CATEGORY.replace(f' scheme="{BASE}/theme/"', ""), "<category> has no scheme"),
        (CATEGORY, CATEGORY.replace('term="sante"', 'term=""'), "<category> term '' says nothing"),
        # What it cannot say
        (ECOLE, JARDIN, f"the id '{JARDIN}' stands on line 3 already"),
        ("T15:00:00+01:00</published>", "T23:00:00+01:00</published>", "was changed before it was published"),
        (
            "<published>2024-03-26T15:00:00+01:00",
            "<published>2024-04-02T10:00:00+02:00",
            "has a date to come, 2024-04-02T10:00:00+02:00",
        ),
        (
            f'{BASE}/theme/sante.atom" rel="self"',
            f'{BASE}/sante.atom" rel="self"',
            "does not say once that it stands at",
        ),
        ("<author><name>Centre de ressources des Trois Rivières</name></author>", "", "names no author"),
        (CATEGORY, CATEGORY * 2, "has <category> 'sante' 2 times"),
        (
            f'<link href="{BASE}/articles/jardin.html"/>',
            f'<link href="{BASE}/a"/><link href="{BASE}/b"/>',
            "two alternates",
        ),
        (
            f'<link href="{BASE}/articles/jardin.html"/>',
            f'<link href="{BASE}/articles/x.html"/>',
            "leads to articles/x.html",
        ),
        ("retire", "jardin", f"{JARDIN} is withdrawn here, and stands in "),
        ('when="2024-03-28', 'when="2025-03-28', "is withdrawn in the future"),
        ('when="2024-03-28T', 'when="hier T', "<at:deleted-entry> when"),
        ('theme/sante.html" rel', 'theme/x.html" rel', "2: <link> leads to theme/x.html, which is not there"),
        ("media/1f/plan.pdf", "media/1f/autre.pdf", "leads to media/1f/autre.pdf, which is not there"),
    ],
)
def test_what_is_wrong_in_atom_is_told(old: str, new: str, what: str) -> None:
    found = told(ATOM, old, new)
    assert any(what in each for each in found), found
    assert all("; " in each for each in found), "and what to do"


def test_an_entry_that_says_nothing_is_told() -> None:
    data = DOCUMENTS[ATOM].decode()
    start, end = data.index("<content"), data.index("</content>") + len("</content>")
    without = data[:start] + data[end:]
    assert not any("entry" in each for each in said({ATOM: without.encode()}))
    assert any(":3: the entry has neither a content nor a link" in each for each in said(
        {ATOM: without.replace(f'<link href="{BASE}/articles/jardin.html"/>', "").encode()}
    ))  # fmt: skip
    lead = "<summary>Le chapô de jardin.</summary>"
    assert any("says nothing of its article" in each for each in said({ATOM: without.replace(lead, "").encode()}))


def test_a_feed_is_as_new_as_its_newest_entry() -> None:
    data = DOCUMENTS[ATOM].decode()
    head, _, rest = data.partition("<updated>2024-03-26")
    assert any(
        "is newer than the feed says" in each for each in said({ATOM: f"{head}<updated>2024-03-25{rest}".encode()})
    )
    assert any(
        "the feed has a date to come" in each for each in said({ATOM: f"{head}<updated>2025-03-26{rest}".encode()})
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('version="2.0"', 'version="0.91"', "<rss> version '0.91' must be 2.0"),
        ("<language>fr</language>", "", "<channel> has no <language>"),
        ("<title>L’article jardin</title>", "", ":3: <item> has no <title>"),
        ('isPermaLink="false"', "", "<guid> has no isPermaLink"),
        ('isPermaLink="false"', 'isPermaLink="true"', "must be false"),
        ("Tue, 26 Mar 2024", "mar., 26 mars 2024", "is no date of RSS"),
        ("Tue, 26 Mar 2024", "Mon, 26 Mar 2024", "is no date of RSS"),
        ("Tue, 26 Mar 2024", "Tue, 26 Mar 24", "is no date of RSS"),
        ("26 Mar 2024 15:00", "26 Mar 2024 25:00", "is no date of RSS"),
        (f"{BASE}/articles/jardin.html</link>", "http://[</link>", "<link> 'http://[' is no address"),
        ("Tue, 26 Mar 2024 15:00:00 +0100</pubDate>", "2024-03-26T15:00:00+01:00</pubDate>", "<pubDate> '2024"),
        ("dc:creator>", "author>", "<item> knows no <author>"),
        (' length="4321"', "", "<enclosure> has no length"),
        (f'{BASE}/media/1f/plan.pdf"', f'{BASE}/média/plan.pdf"', "has letters that a URI must escape"),
        ("logo.png</url><title>", "logo.png</url><title>Ah ! ", "2: <image> has another title than the channel"),
        (f"{BASE}/articles/jardin.html</link>", "articles/jardin.html</link>", "is no absolute web address"),
        (f"{BASE}/articles/jardin.html</link>", f"{BASE}/articles/x.html</link>", "leads to articles/x.html"),
        ("theme/sante.html</link>", "theme/x.html</link>", "<link> leads to theme/x.html"),
        (f'{BASE}/theme/sante.rss"', f'{BASE}/sante.rss"', "does not say once that it stands at"),
        (f' domain="{BASE}/theme/"', "", "<category> has no domain"),
        (">Sport</category>", ">Santé</category>", "has <category> 'Santé' 2 times"),
        (ECOLE, JARDIN, f"the id '{JARDIN}' stands on line 3 already"),
        ("<description>Le chapô de jardin.", "<description>&lt;script&gt;x&lt;/script&gt;", "HTML has <script>"),
        ("content:encoded>", "content:text>", "knows no <content:text>"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_rss_is_told(old: str, new: str, what: str) -> None:
    found = told(RSS, old, new)
    assert any(what in each for each in found), found
    assert all("; " in each for each in found), "and what to do"


def test_a_whole_text_before_its_description_is_told() -> None:
    data = DOCUMENTS[RSS].decode()
    lead = "<description>Le chapô de jardin.</description>"
    moved = data.replace(lead, "").replace("</content:encoded>", f"</content:encoded>{lead}", 1)
    assert any(":3: the item has its whole text before its description" in each for each in said({RSS: moved.encode()}))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"version":"https://jsonfeed.org/version/1.1"', '"version":"1.1"', "1: version '1.1' must be https://jsonfeed"),
        ('"language":"fr"', '"language":null', "1: language must be a text"),
        ('"language":"fr"', '"langue":"fr"', "1: has no language"),
        (f'"feed_url":"{BASE}/theme/sante.json"', f'"feed_url":"{BASE}/x.json"', "1: does not say that it stands at"),
        (f'"home_page_url":"{BASE}/theme/sante.html"', f'"home_page_url":"{BASE}/theme/x.html"', "leads to theme/x"),
        ('"hubs":[', '"hubs":[{"type":"WebSub"},', "1: hubs has no url"),
        ('"items":[', '"items":{}, "x":[', "1: items must be a list"),
        ('"title":"L’article jardin",', "", "2: the item has no title"),
        ('"title":"L’article jardin"', '"title":""', "2: the item title '' says nothing"),
        ('"title":"L’article ecole"', '"title":7', "3: the item title must be a text"),
        ('"title":"L’article jardin"', '"title":"a","title":"b"', "the member 'title' stands twice"),
        ('"title":"L’article jardin"', '"title":"a","author":{}', "2: the item knows no author"),
        ('"title":"L’article jardin"', r'"title":"a\u0007"', "holds a character that no reader shows"),
        ('"2024-03-26T15:00:00+01:00"', '"26 mars"', "2: the item date_published '26 mars' is no instant"),
        ('"mime_type":"application/pdf"', '"mime_type":"pdf"', "2: the item attachments mime_type 'pdf' is no media"),
        ('"size_in_bytes":4321', '"size_in_bytes":0', "size_in_bytes is no size"),
        ('"size_in_bytes":4321', '"size_in_bytes":"4321"', "size_in_bytes '4321' is no size"),
        ('"tags":["Santé","Sport"]', '"tags":["Santé","Santé"]', "2: the item has a tag twice"),
        ('"tags":["Santé","Sport"]', '"tags":[]', "tags must be a list that is not empty"),
        ('"tags":["Santé","Sport"]', '"tags":["Santé",3]', "tags must be a text"),
        ("articles/jardin.html\"", "articles/x.html\"", "2: the item leads to articles/x.html"),
        (ECOLE, JARDIN, f"3: the id '{JARDIN}' stands on line 2 already"),
        ('"slug":"sante"', r'"slug":"sante\u0007"', "2: the item holds a character that no reader shows"),
        ('"content_html":', '"_html":', "2: the item has no content"),
        ("<p>Voir", "<p onclick=1>Voir", "2: HTML has onclick of <p>"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_json_feed_is_told(old: str, new: str, what: str) -> None:
    found = told(JSON, old, new)
    assert any(f"{JSON}:{what}" in each or (not what[0].isdigit() and what in each) for each in found), found
    assert all("; " in each for each in found), "and what to do"


def test_an_article_that_is_withdrawn_twice_is_told() -> None:
    data = DOCUMENTS[ATOM].decode()
    start, end = data.index("<at:deleted-entry"), data.index("<entry>")
    mark = data[start : data.index("/>", start) + 2]
    assert end > start
    assert any("retire is withdrawn twice" in each for each in said({ATOM: data.replace(mark, mark * 2).encode()}))


def test_what_is_no_feed_at_all_is_told() -> None:
    for path, data in (
        (ATOM, b"<a/>"),
        (RSS, b"<a/>"),
        (JSON, b"[]"),
        (JSON, b'{"items":7}'),
        (OPML, b"<a/>"),
        (JSON, b'{"items":[7,{}]}'),
    ):
        assert any(each.startswith(f"{path}:") for each in said({path: data})), path


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<script>x()</script>", "HTML has <script>"),
        ("<style>p {}</style>", "HTML has <style>"),
        ("<iframe src='https://x.example.org/'></iframe>", "HTML has <iframe>"),
        ("<form><input></form>", "HTML has <form>"),
        ('<p style="color:red">a</p>', "HTML has style of <p>"),
        ('<img src="https://x.example.org/a.jpg" onerror="x()">', "HTML has onerror of <img>"),
        ('<a href="javascript:x()">a</a>', "HTML links to 'javascript:x()', which is no address of the web"),
        ('<a href="java&#10;script:x()">a</a>', "which is no address of the web"),
        ('<img src="data:image/png;base64,AA">', "which is no address of the web"),
        ('<a href="/articles/a.html">a</a>', "HTML links to '/articles/a.html', which leads elsewhere in every reader"),
        ('<a href="#note">a</a>', "leads elsewhere in every reader"),
        ('<a href="//x.example.org/">a</a>', "leads elsewhere in every reader"),
        ('<a href="http://[">a</a>', "which is no address"),
        (f'<a href="{BASE}/articles/x.html">a</a>', "links to articles/x.html, which is not there"),
        (f'<a href="{BASE}/theme/x.atom?a=1#b">a</a>', "links to theme/x.atom, which is not there"),
    ],
)
@pytest.mark.parametrize("path", [ATOM, RSS, JSON])
def test_html_that_does_harm_or_leads_nowhere_is_told(path: str, html: str, what: str) -> None:
    written = html.replace('"', '\\"') if path == JSON else html.replace("&", "&amp;").replace("<", "&lt;")
    paragraph = "<p>Voir" if path == JSON else "&lt;p&gt;Voir"
    found = told(path, paragraph, f"{written}{paragraph}", 1)
    assert any(f"{path}:{2 if path == JSON else 3}: " in each and what in each for each in found), found


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example.org/", "mailto:lea@example.org", "tel:+33100000000", f"{BASE}/comite",
             f"{BASE}/", f"{BASE}/articles/jardin.html#plan", f"{BASE}/articles/l%27autre.html",
             f"{BASE}/articles/vieux.html"],
)  # fmt: skip
def test_links_that_lead_somewhere_are_right(link: str) -> None:
    data = DOCUMENTS[JSON].replace(b"<p>Voir", f'<p><a href=\\"{link}\\">a</a>Voir'.encode())
    others = {"articles/l'autre.html": DOCUMENTS["articles/jardin.html"].replace(b"jardin.html", b"l'autre.html")}
    assert said({JSON: data} | others, moved=("articles/vieux.html",)) == []


# The tree, and what only several documents show


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('version="2.0"', 'version="1.0"', "<opml> version '1.0' must be 2.0"),
        ('text="Santé"', 'text=""', "<outline> text '' says nothing"),
        (' title="Santé – Centre de ressources des Trois Rivières"', "", "<outline> of a feed has no title"),
        (' type="rss"', "", "<outline> needs xmlUrl where its type is rss"),
        (f'xmlUrl="{BASE}/theme/sante.atom"', 'xmlUrl="theme/sante.atom"', "is no absolute web address"),
        (f'xmlUrl="{BASE}/theme/sante.atom"', f'xmlUrl="{BASE}/theme/x.atom"', "xmlUrl leads to theme/x.atom"),
        (f'xmlUrl="{BASE}/theme/sante.atom"', f'xmlUrl="{BASE}/theme/x.atom"', "0: does not name the feed theme/sante"),
        (f'xmlUrl="{BASE}/theme/sante.atom"', f'xmlUrl="{BASE}/all.rss"', "names the feed all twice"),
        ("<ownerName>", "<ownerNom>", "is no XML"),
        ("ownerName>", "ownerNom>", "<head> knows no <ownerNom>"),
        ("<body>", "<body><outline text='Vide'/>", "is neither a feed nor a folder of feeds"),
    ],
)
def test_what_is_wrong_in_the_tree_of_feeds_is_told(old: str, new: str, what: str) -> None:
    found = told(OPML, old, new)
    assert any(each.startswith(f"{OPML}:") and what in each for each in found), found


@pytest.mark.parametrize(
    ("path", "old", "new", "what"),
    [
        (ARCHIVE, "<fh:archive/>", "", f"{ARCHIVE}:0: does not say that it is an archive"),
        (ARCHIVE, 'rel="current"', 'rel="related"', f"{ARCHIVE}:0: does not lead to {BASE}/theme/sante.atom"),
        (ARCHIVE, 'rel="current"', 'rel="hub"', f"{ARCHIVE}:0: names a hub, and never changes"),
        (ARCHIVE, "2024:puits", "2024:gue", f"{ARCHIVE}:3: {GUE} stands in archive/theme/sante/2.atom too"),
        (ATOM, 'rel="prev-archive"', 'rel="related"', f"{ARCHIVE}:0: is an archive to which no feed leads"),
        (ATOM, "sante/2.atom", "sante/3.atom", f"{ATOM}:0: leads to {BASE}/archive/theme/sante/3.atom as the archive"),
        (
            ATOM,
            'rel="alternate" type="text/html"',
            'rel="current"',
            f"{ATOM}:0: says that it is an archive, and is the",
        ),
        (
            ARCHIVE,
            'rel="current"',
            'rel="prev-archive"',
            f"{ARCHIVE}:0: leads to {BASE}/theme/sante.atom as the archive",
        ),
        ("theme.atom", "2024:ecole", "2024:mairie", "theme.rss:0: shows other articles than theme.atom"),
        (RSS, "2024-03-25T", "2024-03-24T", f"{ECOLE} has another date of change than in "),
        (JSON, "2024-03-26T15:00:00.", "2024-03-26T15:00:01.", f"{JARDIN} has another date of change than in "),
    ],
)
def test_what_only_several_documents_show_is_told(path: str, old: str, new: str, what: str) -> None:
    found = told(path, old, new)
    assert any(what in each for each in found), found


def test_an_article_that_stands_in_a_feed_and_in_an_archive_of_it_too_is_told() -> None:
    entry = b"<entry>" + DOCUMENTS[ATOM].partition(b"<entry>")[2].partition(b"</entry>")[0] + b"</entry>"
    both = DOCUMENTS[ARCHIVE].replace(b"<entry>", entry + b"<entry>")
    both = both.replace(b"<updated>2024-03-04", b"<updated>2024-03-27", 1)
    [found] = said({ARCHIVE: both})
    assert "stands in theme/sante.atom too" in found


def test_a_feed_that_is_listed_and_gone_is_told_wherever_it_is_named() -> None:
    found = said({}, without=(ATOM,))
    assert any(
        each.startswith(f"{OPML}:") and "leads to theme/sante.atom, which is not there" in each for each in found
    )
    assert any(each.startswith(ARCHIVE) for each in found)
