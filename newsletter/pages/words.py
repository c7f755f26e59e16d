"""The words around the articles, by language."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.phrases import NBSP, spoken

_FRENCH = {
    "skip": "Aller au contenu",
    "here": "Vous êtes ici",
    "home": "Tous les sujets",
    "everything": "Toutes les publications",
    "updated": "mis à jour le",
    "when": "Date",
    "when_many": "Dates",
    "more_dates": "Autres dates",
    "deadline": "Date limite",
    "files": "Documents à télécharger",
    "source": "Lire la page d’origine",
    "issue_of": "Édition du",
    "contents": "Dans cette édition",
    "topics": "Nos publications",
    "topics_lead": "Lisez ce qui vient de paraître, ou choisissez un sujet pour ne suivre que lui.",
    "by_topic": "Choisir un sujet",
    "latest": "Dernières publications",
    "narrower": "Plus précisément",
    "all_topics": "Afficher tous les sujets",
    "nothing": "Rien n’a encore paru sur ce sujet. Suivez-le pour lire la première publication dès qu’elle paraîtra.",
    "follow": "Suivre ce sujet",
    "follow_all": "Tout suivre",
    "by_mail": "Par courriel",
    "subscribe": f"S’abonner à «{NBSP}{{title}}{NBSP}»",
    "by_reader": "Dans un lecteur de flux",
    "by_calendar": "Dans un agenda",
    "to_reader": "Copiez une adresse dans votre lecteur.",
    "to_calendar": f"Copiez l’adresse dans votre agenda{NBSP}: les rendez-vous y viendront d’eux-mêmes.",
    "opml": "Tous les flux dans un seul fichier (OPML)",
    "issues": "Lettres parues",
    "older": "Plus anciennes",
    "others": "Sélections",
    "colon": f"{NBSP}:",
}
_ENGLISH = {
    "skip": "Skip to content",
    "here": "You are here",
    "home": "All topics",
    "everything": "All publications",
    "updated": "updated on",
    "when": "Date",
    "when_many": "Dates",
    "more_dates": "More dates",
    "deadline": "Deadline",
    "files": "Files to download",
    "source": "Read the original page",
    "issue_of": "Issue of",
    "contents": "In this issue",
    "topics": "Our publications",
    "topics_lead": "Read what has just been published, or choose a topic to follow only that.",
    "by_topic": "Choose a topic",
    "latest": "Latest publications",
    "narrower": "Narrower topics",
    "all_topics": "Show all topics",
    "nothing": "Nothing has been published on this topic yet. Follow it to read the first article when it appears.",
    "follow": "Follow this topic",
    "follow_all": "Follow everything",
    "by_mail": "By mail",
    "subscribe": "Subscribe to “{title}”",
    "by_reader": "In a feed reader",
    "by_calendar": "In a calendar",
    "to_reader": "Copy an address into your feed reader.",
    "to_calendar": "Copy the address into your calendar: events will come by themselves.",
    "opml": "All feeds in one file (OPML)",
    "issues": "Past issues",
    "older": "Older ones",
    "others": "Selections",
    "colon": ":",
}
WORDS: Mapping[str, Mapping[str, str]] = {"fr": _FRENCH, "en": _ENGLISH}


def words(language: str) -> Mapping[str, str]:
    """Return the words of a language, English where there are none."""
    return WORDS[spoken(language)]
