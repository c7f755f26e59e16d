"""Whatever happens to a page on its way, the only error is our own, and no line of it is lost."""

import contextlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.intake.decoding import decode

PAGES = [path.read_bytes() for path in sorted((Path(__file__).parent / "pages").glob("*.txt"))]
LINES = [line for page in PAGES for line in page.splitlines(keepends=True)]
CRUMBS = [
    *(
        "**",
        "****",
        "^{",
        "}",
        "[",
        "](#)",
        " [3]",
        "<https://",
        "\r",
        "\u2028",
        "\x0b",
        "\u202e",
        "\x00",
        "e\u0301",
        "|",
        "- ",
        "#",
    ),
    *(
        "Poids : 3 Mo",
        "Téléchargement",
        "Publié le ",
        "31/02/0000",
        "Liens",
        "Bannière:",
        "---\n",
        "&#x202e;",
        "<b>",
        "`",
        "%5B",
        "//[",
    ),
]

fast = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def mutated(draw):
    lines = draw(st.sampled_from(PAGES)).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["drop", "double", "swap", "insert", "crumb", "cut", "join"]))
        if change == "drop" and len(lines) > 1:
            del lines[place]
        elif change == "double":
            lines.insert(place, lines[place])
        elif change == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
        elif change == "insert":
            lines.insert(place, draw(st.sampled_from(LINES)))
        elif change == "cut":
            lines[place] = lines[place][: draw(st.integers(0, 60))]
        elif change == "join":
            lines[place] = lines[place].rstrip(b"\n")
        else:
            at, crumb = draw(st.integers(0, len(lines[place]))), draw(st.sampled_from(CRUMBS)).encode()
            lines[place] = lines[place][:at] + crumb + lines[place][at:]
    return b"".join(lines)


def check(data, name, desk):
    with contextlib.suppress(IntakeError):
        for article in read(data, name, desk):
            assert "".join(part.text for part in article.parts) == (decode(data) if article.parts else "")
            assert article.title
            assert article.updated >= article.published
            assert article.published.tzinfo is not None
            assert not set("\u202e\x00\x0b") & set(article.title + article.html + article.text)


@fast
@given(data=mutated())
def test_mutated_pages_lose_nothing(desk, data):
    check(data, "page.txt", desk)


@fast
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.txt", "a.md", "a.xml"]))
def test_any_bytes_are_refused_or_read(desk, data, name):
    check(data, name, desk)


@fast
@given(front=st.text(max_size=200), body=st.text(max_size=300))
def test_any_markdown_is_refused_or_read(desk, front, body):
    check(f"---\ntitle: a\n{front}\n---\n{body}".encode("utf-8", "replace"), "a.md", desk)


@fast
@given(
    text=st.lists(
        st.sampled_from(
            [
                "<item>",
                "</item>",
                "<title>",
                "</title>",
                "<link>",
                "</link>",
                "https://a.example.org/",
                "&lt;p",
                "<![CDATA[",
                "]]>",
                "<pubDate>2024</pubDate>",
                "<category>",
                "é",
                "&bad;",
                "<guid>",
                "<enclosure url='x'/>",
            ]
        ),
        max_size=30,
    )
)
def test_any_feed_is_refused_or_read(desk, text):
    check(("<rss version='2.0'><channel>" + "".join(text)).encode(), "a.xml", desk)
