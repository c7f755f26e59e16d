"""The few words of a letter that are not an article's: French and English, with the right spaces."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from newsletter.phrases import NBSP, spoken

FRENCH: Mapping[str, str] = {
    "in_browser": "Voir cette lettre dans le navigateur",
    "number": f"n°{NBSP}{{number}}",
    "summary": "Au sommaire",
    "titles": "Également publiés",
    "corrected": "Corrigé depuis notre dernière lettre",
    "news_one": f"{{count}}{NBSP}nouveauté",
    "news_many": f"{{count}}{NBSP}nouveautés",
    "others_one": f"{{count}}{NBSP}autre article en ligne",
    "others_many": f"{{count}}{NBSP}autres articles en ligne",
    "deadline": f"Date limite{NBSP}:",
    "left_none": "dernier jour",
    "left_one": "J-1",
    "left_many": "J-{count}",
    "calendar": "Ajouter à mon agenda",
    "calendar_of": f"Ajouter à mon agenda{NBSP}: {{title}}",
    "download": f"Télécharger «{NBSP}{{title}}{NBSP}»",
    "colon": f"{NBSP}:",
    "why": f"Vous recevez cette lettre parce que cette adresse est inscrite à «{NBSP}{{title}}{NBSP}» ({{site}}).",
    "preferences": "Choisir vos sujets et trouver leurs fils d’actualité",
    "unsubscribe": "Vous désinscrire",
    "contact": "Nous écrire",
    "feeds": "Lettres parues et tous nos fils d’actualité",
    "approve_subject": f"À approuver{NBSP}: {{subject}}",
    "approve_wait": f"«{NBSP}{{title}}{NBSP}» est prête. Elle partira le {{when}} si quelqu’un l’approuve.",
    "approve_send": f"«{NBSP}{{title}}{NBSP}» est prête. Elle partira le {{when}}, même si personne ne l’approuve.",
    "approve_link": "Relire, modifier, approuver ou reporter",
    "approve_below": "Voici tout ce que cette édition peut montrer. Chaque personne ne recevra que ses sujets.",
}

ENGLISH: Mapping[str, str] = {
    "in_browser": "View this letter in your browser",
    "number": f"No.{NBSP}{{number}}",
    "summary": "In this letter",
    "titles": "Also published",
    "corrected": "Corrected since our last letter",
    "news_one": f"{{count}}{NBSP}new item",
    "news_many": f"{{count}}{NBSP}new items",
    "others_one": f"{{count}}{NBSP}more article online",
    "others_many": f"{{count}}{NBSP}more articles online",
    "deadline": "Deadline:",
    "left_none": "last day",
    "left_one": f"1{NBSP}day left",
    "left_many": f"{{count}}{NBSP}days left",
    "calendar": "Add to my calendar",
    "calendar_of": "Add to my calendar: {title}",
    "download": "Download “{title}”",
    "colon": ":",
    "why": "You receive this letter because this address is subscribed to “{title}”, published by {site}.",
    "preferences": "Choose your topics and find their feeds",
    "unsubscribe": "Unsubscribe",
    "contact": "Write to us",
    "feeds": "Past letters and all our feeds",
    "approve_subject": "To approve: {subject}",
    "approve_wait": "“{title}” is ready. It leaves on {when} if somebody approves it.",
    "approve_send": "“{title}” is ready. It leaves on {when}, even if nobody approves it.",
    "approve_link": "Read, change, approve or postpone",
    "approve_below": "This is all that the issue can show. Each reader gets only their topics.",
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


def left(days: int, language: str) -> str:
    """Say how many days a deadline leaves; nothing when it has passed."""
    if days > 0:
        return _counted("left", days, language)
    return "" if days else words(language)["left_none"]


@lru_cache(maxsize=1024)
def _counted(key: str, count: int, language: str) -> str:
    # CLDR plural rules: French counts 0 and 1 as one, English only 1.
    one = count < 2 if spoken(language) == "fr" else count == 1
    return words(language)[f"{key}_{'one' if one else 'many'}"].format(count=count)
