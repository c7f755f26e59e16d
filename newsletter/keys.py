"""What staff may say of an article: the keys, the names that people and spreadsheets have for them, and the formats."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

KEYS = (
    *("title", "date", "updated", "lead", "url", "lang", "image", "attachments", "dates", "deadline"),
    *("state", "draft", "aliases", "slug"),
)
"""The keys of front matter."""

BODY = ("text", "html")
"""The keys of what front matter stands above: its text, in the column of a table or the field of a document."""

FORMATS: dict[str, tuple[str, ...]] = {
    "print": (),
    "markdown": KEYS,
    "feed": (),
    "csv": (*KEYS, *BODY, "id"),
    "jsonfeed": ("title", "text", "lead", "date", "updated", "url", "lang", "image"),
    "ical": (),
    "drupal": ("title", "text", "lead", "date", "updated", "lang", "image", "attachments", "dates", "deadline"),
    "wordpress": ("title", "text", "lead", "date", "updated", "lang", "dates", "deadline"),
    "print-html": (),
}
"""The formats by name, and what ``sources.….fields`` may name in each besides taxonomies."""

_NAMES = {
    "title": "title|titre",
    "date": "date|publie le|date de publication|published",
    "updated": "updated|modifie le|mis a jour le|date de modification",
    "lead": "lead|chapo|chapeau|resume|summary",
    "html": "html",
    "text": "text|texte|corps|contenu|body",
    "url": "url|lien|link|adresse",
    "image": "image|photo",
    "attachments": "attachments|pieces jointes|fichiers",
    "dates": "dates|dates de l'evenement",
    "deadline": "deadline|date limite",
    "state": "state|etat|statut",
    "lang": "lang|langue|language",
    "slug": "slug",
}
NAMES = {name: key for key, names in _NAMES.items() for name in names.split("|")}
"""The key that a folded name means."""

STATES = {"brouillon": "draft", "pret": "ready", "publie": "ready", "masque": "hidden"}
"""The states in French, folded."""


def near(folded: str, names: Iterable[str]) -> str:
    """Return the key or the taxonomy's name that was probably meant, nothing if none is near."""
    found = next(iter(difflib.get_close_matches(folded, [*NAMES, *names], 1, 0.75)), "")
    return NAMES.get(found, found)
