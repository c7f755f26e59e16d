"""The few words of a letter that are not an article's: French and English, with the right spaces."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from newsletter.phrases import NBSP, spoken

FRENCH: Mapping[str, str] = {
    "in_browser": "Voir cette lettre dans le navigateur",
    "number": f"n°{NBSP}{{number}}",
    "titles": "Également publiés",
    "news_one": f"{{count}}{NBSP}nouveauté",
    "news_many": f"{{count}}{NBSP}nouveautés",
    "others_one": f"{{count}}{NBSP}autre article en ligne",
    "others_many": f"{{count}}{NBSP}autres articles en ligne",
    "deadline": f"Date limite{NBSP}:",
    "download": f"Télécharger «{NBSP}{{title}}{NBSP}»",
    "colon": f"{NBSP}:",
    "why": f"Vous recevez cette lettre parce que cette adresse est inscrite à «{NBSP}{{title}}{NBSP}» ({{site}}).",
    "preferences": "Modifier vos choix",
    "unsubscribe": "Vous désinscrire",
    "contact": "Nous écrire",
    "feeds": "Tous nos fils d’actualité",
}

ENGLISH: Mapping[str, str] = {
    "in_browser": "View this letter in your browser",
    "number": f"No.{NBSP}{{number}}",
    "titles": "Also published",
    "news_one": f"{{count}}{NBSP}new item",
    "news_many": f"{{count}}{NBSP}new items",
    "others_one": f"{{count}}{NBSP}more article online",
    "others_many": f"{{count}}{NBSP}more articles online",
    "deadline": "Deadline:",
    "download": "Download “{title}”",
    "colon": ":",
    "why": "You receive this letter because this address is subscribed to “{title}”, published by {site}.",
    "preferences": "Change your choices",
    "unsubscribe": "Unsubscribe",
    "contact": "Write to us",
    "feeds": "All our feeds",
}

WORDS: Mapping[str, Mapping[str, str]] = {"fr": FRENCH, "en": ENGLISH}


def words(language: str) -> Mapping[str, str]:
    """Return the words of a letter in the reader's language."""
    return WORDS[spoken(language)]


def news(count: int, language: str) -> str:
    """Say how many news a letter has."""
    return _counted("news", count, language)


def others(count: int, language: str) -> str:
    """Say how many news stand online only."""
    return _counted("others", count, language)


@lru_cache(maxsize=1024)
def _counted(key: str, count: int, language: str) -> str:
    # CLDR plural rules: French counts 0 and 1 as one, English only 1.
    one = count < 2 if spoken(language) == "fr" else count == 1
    return words(language)[f"{key}_{'one' if one else 'many'}"].format(count=count)
