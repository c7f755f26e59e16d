"""Pages that a real centre published, from import to the right readers; they stay outside the project."""

from __future__ import annotations

import os
import re
from pathlib import Path

import feedparser
import pytest

from tests.flows.command import Desk
from tests.relay import Relay

SEEDS = os.environ.get("NEWSLETTER_REAL_SEEDS", "")
TOPICS = {
    "theme": ("discrimination", "education", "emploi-insertion-formation", "politique-de-la-ville-dsu"),
    "type": ("actu-de-l-irev",),
    "territory": ("region-hauts-de-france",),
}
READERS = {
    "tout": [],
    "deux": ["theme/discrimination", "theme/education"],
    "ici": ["theme/education", "territory/region-hauts-de-france"],
    "sante": ["theme/sante"],
    "ailleurs": ["theme/education", "territory/vallee"],
}
WANTED = {"tout", "deux", "ici"}


@pytest.mark.skipif(not SEEDS, reason="NEWSLETTER_REAL_SEEDS names no folder with real pages")
def test_a_real_page_reaches_its_feeds_and_exactly_its_readers(desk: Desk, tmp_path: Path) -> None:
    with Relay() as relay:
        desk.write("config.toml", CONFIG.format(port=relay.port))
        desk.write("articles/sante.md", "---\ntitle: Un atelier\ntheme: Santé\nterritory: Vallée\n---\nUn atelier.\n")
        assert desk("import", SEEDS, "articles").code == 0
        assert desk("build").code == 0
        for reader, terms in READERS.items():
            chosen = [part for term in terms for part in ("--term", term)]
            address = f"{reader}@example.org"
            assert desk("subscribers", "add", address, "--list", "lettre", "--consent", "essai", *chosen).code == 0
        assert desk("send", "lettre", "--yes").code == 0
        relay.settle()
        got = {m.recipient.partition("@")[0] for m in relay.messages if b"https://www.irev.fr/" in unfolded(m.data)}
    assert got == WANTED
    paths = ["all", *TOPICS, *(f"{taxonomy}/{slug}" for taxonomy, slugs in TOPICS.items() for slug in slugs)]
    for path in paths:
        feed = feedparser.parse((desk.root / "feeds" / f"{path}.atom").read_bytes())
        (entry,) = [one for one in feed.entries if one.link.startswith("https://www.irev.fr/")]
        (enclosure,) = entry.enclosures
        assert enclosure.type == "application/pdf"
        assert entry.published.startswith("2024-03-26T15:15:00")


def unfolded(data: bytes) -> bytes:
    """Join the soft line breaks of quoted-printable."""
    return re.sub(rb"=\r?\n", b"", data)


CONFIG = """
[site]
name = "Centre de ressources des Trois Rivières"
url = "https://www.troisrivieres.example.org"
[taxonomies.type]
label = "Type"
fields = ["Type d'actualités"]
[taxonomies.theme]
label = "Thématique"
fields = ["Thématiques"]
[taxonomies.territory]
label = "Territoire"
fields = ["Territoires"]
[lists.lettre]
title = "La lettre"
sender = {{ address = "lettre@troisrivieres.example.org" }}
[[lists.lettre.sections]]
title = "Actualités"
[mail.routes.default]
port = {port}
security = "none"
"""
