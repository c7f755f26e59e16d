"""Whatever happens to a page on its way, the only error is our own, and no word of it is lost."""

import contextlib
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.intake.decoding import decode
from tests.unit.intake.told import lost, shown

PAGES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "pages").glob("*.txt"))
}
LINES = [line for page in PAGES.values() for line in page.splitlines(keepends=True)]
LABELS = [line for line in LINES if re.match(r"\w[^\[:.]{2,30}:|Publi|Liens|Links|\[\d+\]", line)]
CRUMBS = [
    *("**", "****", "^{", "}", "[", "](#)", " [3]", "<https://", "\r", "\u2028", "\x0b", "\u202e", "\x1c", "\x85"),
    *("e\u0301", "\u200b", "\u00ad", "|", "- ", "+ ", "1. ", "#", "# ", "> ", "*", "_", "~~~", "`", "```", "\\", "!["),
    *("\x00", "---\n", "&#x202e;", "&amp;", "<b>", "</p>", "<!--", "]]>", "%5B", "//[", "(", ")", "![a](", ' "b")'),
    *("Poids : 3 Mo\n", "[Téléchargement](#) [3]", "[Favoris +](#) [4]", "Publié le ", "31/02/0000", "Bannière:"),
    *(" • ", "Accueil > ", "    ", "\t", "[x](javascript:alert(1))", "[y](data:text/html,z) [1]", "[9] <https://a."),
]
SPACES = ["\u00a0", "\u202f", "\u2009", "\u2003", "\u3000", "  ", "\t"]
ENDS = ["\n", "\r\n", "\r"]

fast = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
careful = settings(fast, max_examples=400)


@st.composite
def mutated(draw):
    lines = draw(st.sampled_from(list(PAGES.values()))).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 6))):
        lines = draw(st.sampled_from([_line, _between, _inside, _join]))(draw, lines) or ["\n"]
    text = "".join(lines)[: draw(st.one_of(st.none(), st.integers(200, 5000)))]
    return _coded(draw, _respaced(draw, text))


def _line(draw, lines):
    place, change = draw(st.integers(0, len(lines) - 1)), draw(st.sampled_from(["drop", "double", "swap", "cut"]))
    if change == "swap":
        other = draw(st.integers(0, len(lines) - 1))
        lines[place], lines[other] = lines[other], lines[place]
        return lines
    kept = {"drop": [], "double": [lines[place]] * 2, "cut": [lines[place][: draw(st.integers(0, 60))]]}[change]
    return [*lines[:place], *kept, *lines[place + 1 :]]


def _between(draw, lines):
    place = draw(st.integers(0, len(lines)))
    return [*lines[:place], draw(st.sampled_from(LABELS if draw(st.booleans()) else LINES)), *lines[place:]]


def _inside(draw, lines):
    place = draw(st.integers(0, len(lines) - 1))
    at = draw(st.integers(0, len(lines[place])))
    lines[place] = lines[place][:at] + draw(st.sampled_from(CRUMBS)) + lines[place][at:]
    return lines


def _join(draw, lines):
    place, glue = draw(st.integers(0, len(lines) - 1)), draw(st.sampled_from(["", " ", "**"]))
    lines[place] = lines[place].rstrip("\n") + glue
    return lines


def _respaced(draw, text):
    """Some of the spaces become odd ones, and line ends those of another system, or of several."""
    odd = draw(st.lists(st.tuples(st.integers(0, 300), st.sampled_from(SPACES)), max_size=5))
    words = text.split(" ")
    for place, space in odd:
        if place < len(words) - 1:
            words[place] += space + words.pop(place + 1)
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=3))
    lines = " ".join(words).split("\n")
    return "".join(line + (ends[n % len(ends)] if n < len(lines) - 1 else "") for n, line in enumerate(lines))


def _coded(draw, text):
    form, encoding = (
        draw(st.sampled_from(["NFC", "NFC", "NFD"])),
        draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"])),
    )
    return unicodedata.normalize(form, text).encode(encoding, "replace")


def check(data, name, desk):
    with contextlib.suppress(IntakeError):
        for article in (each for each in read(data, name, desk) if not isinstance(each, IntakeError)):
            assert "".join(part.text for part in article.parts) == (decode(data) if article.parts else "")
            assert article.title
            assert article.updated >= article.published
            assert article.published.tzinfo is not None
            assert not set("\u202e\x00\x0b") & set(article.title + article.html + article.text)
            if article.source.format == "print":
                assert not lost(article)


@careful
@given(data=mutated())
def test_mutated_pages_lose_nothing(desk, data):
    check(data, "page.txt", desk)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("end", ENDS, ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_no_way_of_saving_a_page_changes_what_it_says(desk, name, end, encoding, form):
    plain = PAGES[name].replace("►", "-")
    saved = unicodedata.normalize(form, plain).replace("\n", end)
    if encoding == "cp1252":
        saved = unicodedata.normalize("NFC", saved)  # it has no combining accents
    (article,) = read(saved.encode(encoding), "page.txt", desk)
    (before,) = read(plain.encode(), "page.txt", desk)
    assert "".join(part.text for part in article.parts) == saved
    assert [part.kind for part in article.parts] == [part.kind for part in before.parts]
    for each in (
        "title",
        "html",
        "text",
        "terms",
        "published",
        "modified",
        "dates",
        "attachments",
        "warnings",
        "unparsed",
    ):
        assert getattr(article, each) == getattr(before, each), each


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("space", SPACES[:5], ids=[f"U+{ord(space):04X}" for space in SPACES[:5]])
def test_odd_spaces_part_words_as_plain_ones_do(desk, name, space):
    (article,) = read(re.sub(r"(?<=\S) (?=\S)", space, PAGES[name]).encode(), "page.txt", desk)
    (before,) = read(PAGES[name].encode(), "page.txt", desk)
    assert shown(article.html) == shown(before.html)
    for each in ("published", "modified", "dates", "title_source"):
        assert getattr(article, each) == getattr(before, each), each
    assert [term.slug for term in article.terms] == [term.slug for term in before.terms]
    assert [(file.url, file.size) for file in article.attachments] == [(f.url, f.size) for f in before.attachments]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accounted_for(desk, name):
    (article,) = read(PAGES[name].encode(), "page.txt", desk)
    assert "".join(part.text for part in article.parts) == PAGES[name]
    assert not lost(article)


@fast
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.txt", "a.md", "a.xml"]))
def test_any_bytes_are_refused_or_read(desk, data, name):
    check(data, name, desk)


@fast
@given(front=st.text(max_size=200), body=st.text(max_size=300))
def test_any_markdown_is_refused_or_read(desk, front, body):
    check(f"---\ntitle: a\n{front}\n---\n{body}".encode("utf-8", "replace"), "a.md", desk)


FEED = [
    *("<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "https://a.example.org/", "&lt;p", "<![CDATA["),
    *("]]>", "<pubDate>2024</pubDate>", "<category>", "é", "&bad;", "<guid>", "<enclosure url='x'/>"),
]


@fast
@given(text=st.lists(st.sampled_from(FEED), max_size=30))
def test_any_feed_is_refused_or_read(desk, text):
    check(("<rss version='2.0'><channel>" + "".join(text)).encode(), "a.xml", desk)
