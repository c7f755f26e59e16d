"""What must be true of every article, whoever wrote the input."""

import re
from html.parser import HTMLParser

from newsletter.intake.clean import _ANYWHERE, _ATTRIBUTES, _TAGS
from newsletter.intake.draft import LIMITS

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]")
URL = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#][!-~]*)?", re.ASCII)
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
IDENTITY = re.compile(rf"https://\S+|articles/{SLUG.pattern}")


class Markup(HTMLParser):
    """The elements, attributes and addresses of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.urls = set(), set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.urls += [value for name, value in attrs if name in ("href", "src")]

    def handle_comment(self, data):
        raise AssertionError(data)

    unknown_decl = handle_decl = handle_pi = handle_comment


def assert_line(text, longest=300):
    assert not UNSEEN.search(text), ascii(text)
    assert not re.search("[\r\n\t\u2028\u2029]", text), ascii(text)
    assert len(text) <= longest


def assert_url(url):
    assert URL.fullmatch(url), url
    assert not re.search(r"[<>\"\\\\^`{|}]", url), url
    assert len(url) <= 6000


def assert_html(html):
    found = Markup(html)
    assert found.tags <= _TAGS
    allowed = {(tag, name) for tag, names in _ATTRIBUTES.items() for name in names}
    assert {(tag, name) for tag, name in found.attributes if name not in _ANYWHERE} <= allowed
    for url in found.urls:
        assert re.match(r"(?:https?://[^/]|mailto:|tel:)", url), url
        assert not re.search(r"[\s<>\"]", url), url
    assert "]]>" not in html


def assert_clean(article):
    """Assert that nothing of an article could harm who is shown it, or where it is written."""
    for text in (article.html, article.text, article.lead):
        assert not UNSEEN.search(text), ascii(text)
    assert_html(article.html)
    assert article.title
    labels = [term.label for term in article.terms] + [file.title for file in article.attachments]
    for line in (article.title, article.lang, *labels, *([article.image.alt] if article.image else [])):
        assert_line(line)
    for line in article.warnings:
        assert_line(line, 301)
    assert re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", article.lang)
    assert all(re.fullmatch(r"[\w.+-]+/[\w.+-]+", file.type) for file in article.attachments)
    assert all(SLUG.fullmatch(term.slug) and len(term.slug) <= 100 for term in article.terms)
    assert all(IDENTITY.fullmatch(name) for name in (article.identity, *article.aliases))
    files = [file.url for file in article.attachments] + ([article.image.url] if article.image else [])
    for url in (article.url, *files, *(term.iri for term in article.terms if term.iri)):
        assert_url(url)
    ends = [date.end for date in article.dates] + [article.modified, article.deadline]
    for moment in (article.published, article.updated, *(date.start for date in article.dates), *filter(None, ends)):
        assert moment.tzinfo is not None
        assert moment.year in range(1900, 2201)
    assert article.updated >= article.published
    for what, limit in LIMITS.items():
        assert len(getattr(article, what)) <= limit + (what == "warnings")
