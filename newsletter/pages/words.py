"""The words around the articles, by language."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.phrases import NBSP, spoken

_FRENCH = {
    "skip": "Aller au contenu",
    "home": "Tous les flux",
    "everything": "Toutes les publications",
    "updated": "mis à jour le",
    "when": "Date",
    "when_many": "Dates",
    "deadline": "Date limite",
    "files": "Documents à télécharger",
    "source": "Lire la page d’origine",
    "issue_of": "Édition du",
    "feeds": "Flux",
    "feeds_lead": "Chaque flux annonce les nouvelles publications d’un sujet. "
    "Copiez son adresse dans votre lecteur de flux pour le suivre.",
    "issues": "Lettres parues",
    "others": "Sélections",
    "colon": f"{NBSP}:",
}
_ENGLISH = {
    "skip": "Skip to content",
    "home": "All feeds",
    "everything": "All publications",
    "updated": "updated on",
    "when": "Date",
    "when_many": "Dates",
    "deadline": "Deadline",
    "files": "Files to download",
    "source": "Read the original page",
    "issue_of": "Issue of",
    "feeds": "Feeds",
    "feeds_lead": "Each feed announces what is new on one subject. "
    "Copy its address into your feed reader to follow it.",
    "issues": "Past issues",
    "others": "Selections",
    "colon": ":",
}
WORDS: Mapping[str, Mapping[str, str]] = {"fr": _FRENCH, "en": _ENGLISH}


def words(language: str) -> Mapping[str, str]:
    """Return the words of a language, English where there are none."""
    return WORDS[spoken(language)]
