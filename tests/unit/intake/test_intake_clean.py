import pytest

from newsletter.intake.clean import clean, lead, text, words

BASE = "https://www.troisrivieres.example.org/actus/page"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        '<iframe src="http://evil.example.com">x</iframe>',
        '<p onclick="alert(1)">mot</p>',
        '<a href="javascript:alert(1)">mot</a>',
        '<a href="java&#10;script:alert(1)">mot</a>',
        '<a href="/javascript%3Aalert(1)">mot</a>',
        '<a href="data:text/html,alert(1)">mot</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<img src=x onerror="alert(1)">',
        '<p style="position:fixed">mot</p>',
        '<svg onload="alert(1)"><a href="javascript:alert(1)">x</a></svg>',
        '<math><mi href="javascript:alert(1)">x</mi></math>',
        '<form action="https://evil.example.com"><input name="alert"></form>',
        '<object data="alert.swf"></object><embed src="alert.swf">',
        '<template><img src=x onerror="alert(1)"></template>',
        '<base href="https://evil.example.com/"><a href="x">mot</a>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example.com">',
        "<p>a</p><!-- alert(1) --><![CDATA[alert(1)]]>",
        "<plaintext><script>alert(1)</script>",
    ],
)
def test_nothing_hostile_gets_through(hostile):
    cleaned = clean(hostile, BASE)
    for trace in (
        "<script",
        "<style",
        "<iframe",
        "onclick",
        "onerror",
        "onload",
        "javascript",
        "data:",
        "style=",
        "<svg",
        "<form",
    ):
        assert trace not in cleaned
    assert "evil.example.com" not in cleaned
    assert "alert(1)" not in cleaned or "&lt;script" in cleaned or cleaned == "<p>a</p>alert(1)]]&gt;"


def test_links_and_pictures_become_absolute():
    cleaned = clean(
        '<a href="../carte">a</a> <a href="?p=2">b</a> <img src="/i/gue.png" alt="Un gué" width="60">', BASE
    )
    assert 'href="https://www.troisrivieres.example.org/carte"' in cleaned
    assert 'href="https://www.troisrivieres.example.org/actus/page?p=2"' in cleaned
    assert 'src="https://www.troisrivieres.example.org/i/gue.png"' in cleaned
    assert 'alt="Un gué"' in cleaned
    assert 'href="mailto:contact@troisrivieres.example.org"' in clean(
        '<a href="mailto:contact@troisrivieres.example.org">c</a>', BASE
    )


def test_a_link_that_leads_nowhere_leaves_its_words_and_a_picture_goes():
    assert clean('<p><a href="http://[">mot</a><img alt="x"></p>', BASE) == "<p>mot</p>"


def test_files_beside_the_input_get_their_published_address():
    asked = []

    def local(path):
        asked.append(path)
        return "https://www.troisrivieres.example.org/media/aa/gue.png" if path == "images/gué.png" else ""

    cleaned = clean(
        '<img src="images/gu%C3%A9.png"><img src="../secret.png"><a href="/etc/passwd">x</a><a href="#a">y</a>',
        BASE,
        local,
    )
    assert "/media/aa/gue.png" in cleaned
    assert asked == ["images/gué.png"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<h1>a</h1><h2>b</h2><h5>c</h5>", "<h2>a</h2><h3>b</h3><h4>c</h4>"),
        ("<h3>a</h3><h4>b</h4>", "<h2>a</h2><h3>b</h3>"),
        ("<h2>a</h2><h3>b</h3>", "<h2>a</h2><h3>b</h3>"),
    ],
)
def test_headings_begin_at_the_second_level(written, shown):
    assert clean(written, BASE) == shown


def test_control_characters_and_overrides_go_even_when_written_as_references():
    assert clean("<p>a&#x202E;b&#1;c\u2066d</p>", BASE) == "<p>abcd</p>"


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "ul><li"])
def test_deep_nesting_is_flattened_and_its_words_stay(tag):
    cleaned = clean(f"<{tag}>" * 3000 + "mot", BASE)
    assert len(cleaned) < 2000
    assert text(cleaned) == "mot"


def test_text_parts_paragraphs_and_keeps_french_spaces():
    assert text("<p>Qui\u202f? Nous\u00a0: deux.</p><h2>Suite</h2><ul><li>un</li></ul>").splitlines() == [
        "Qui\u202f? Nous\u00a0: deux.",
        "",
        "Suite",
        "",
        "  * un",
    ]
    assert text("") == ""


def test_words_of_a_title_with_markup():
    assert words("L&#8217;eau <b>vive</b> &amp; le gu&eacute;") == "L’eau vive & le gué"


def test_a_lead_is_made_of_whole_sentences():
    first, second = "La rivière monte chaque année au printemps.", "Les villages s’y préparent ensemble, avec M. Untel."
    assert lead(f"<h2>Crue</h2><p>Un titre sans point</p><p>{first} {second}</p>") == f"{first} {second}"
    long = " ".join([first] * 10)
    assert lead(f"<p>{long}</p>") == " ".join([first] * 6)


def test_a_sentence_that_is_too_long_is_cut_at_a_word():
    cut = lead("<p>" + "goutte " * 60 + "fin.</p>")
    assert len(cut) <= 280
    assert cut.endswith("goutte…")


def test_without_prose_the_first_words_serve():
    assert lead("<p>Trois mots seuls</p>") == "Trois mots seuls"
    assert lead("") == ""
