"""The pages that the model user publishes, where they are at hand: their structure, never their words."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from newsletter.intake import read
from tests.unit.intake.told import lost

FOLDER = os.environ.get("NEWSLETTER_REAL_SEEDS", "")

pytestmark = pytest.mark.skipif(not FOLDER, reason="NEWSLETTER_REAL_SEEDS names no folder with real pages")


def articles(desk):
    paths = sorted(Path(FOLDER).glob("*.txt"))
    assert paths, f"no page in {FOLDER}"
    return [(path.read_bytes(), *read(path.read_bytes(), path.name, desk)) for path in paths]


def test_every_line_of_every_page_is_accounted_for(desk):
    for data, article in articles(desk):
        assert "".join(part.text for part in article.parts).encode() == data
        assert article.unparsed == ()
        assert article.warnings == ()
        assert not lost(article)


def test_terms_attachment_instants_and_title(desk):
    found = {article.source.sha256[:8]: article for _, article in articles(desk)}
    article = found["179e2879"]
    numbers = {t.taxonomy: [] for t in article.terms}
    for term in article.terms:
        numbers[term.taxonomy].append(term.iri.rpartition("/")[2])
    assert numbers == {
        "type": ["4314"],
        "theme": ["3680", "3682", "3681", "3692"],
        "territory": ["region-hauts-de-france-1"],
    }
    (file,) = article.attachments
    assert file.url.endswith("/atoms/files/annexe_rapport_dactivites_2024.pdf")
    assert (file.size, file.size_exact) == (3596616, False)
    assert article.published == datetime.fromisoformat("2024-03-26T15:15:00+01:00")
    assert article.modified.isoformat() == article.updated.isoformat() == "2024-03-28T22:34:00+01:00"
    assert article.dates == ()
    assert article.title_source == "address"
    assert len(article.title.split()) == 8
    assert article.title[0].isupper()
    assert not article.title.isascii()  # the address has no accents, the words of the page do
    assert article.html.count("<a href=") == 2
    assert "](" not in article.text
    assert "javascript" not in article.html
