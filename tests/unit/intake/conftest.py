from datetime import datetime
from pathlib import Path

import pytest

from newsletter import config
from newsletter.intake import Desk
from newsletter.model import Media

SITE = config.Site(name="Centre de ressources des Trois Rivières", url="https://www.troisrivieres.example.org")
TAXONOMIES = {
    "type": config.Taxonomy(label="Type", fields=("Type d’actualités", "section"), events=("Agenda",)),
    "theme": config.Taxonomy(
        label="Thème",
        fields=("Thématiques", "Themes", "category"),
        iri="https://www.troisrivieres.example.org/themes",
    ),
    "territory": config.Taxonomy(label="Territoire", fields=("Territoires",)),
}
FILES = {
    "images/gue.png": Media("https://www.troisrivieres.example.org/media/aa/gue.png", "image/png", 900, 600, 400),
    "plan.pdf": Media("https://www.troisrivieres.example.org/media/bb/plan.pdf", "application/pdf", 4321),
}


@pytest.fixture
def make_desk():
    """Give a desk whose source has the settings that the test names."""

    def make(**settings):
        source = config.Source(**{"path": "articles", **settings})
        now = datetime.fromisoformat("2024-04-02T09:00:00+02:00")
        return Desk(SITE, SITE.url, TAXONOMIES, source, "centre", now, FILES.get)

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk()


@pytest.fixture
def page():
    """Give the bytes of a page written for these tests."""
    return lambda name: (Path(__file__).parent / "pages" / name).read_bytes()
