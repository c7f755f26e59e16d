"""The fixed words of letters, pages, feeds and calendars, from the gettext catalogues in ``locale``, one a language.

A word has the part of the program in which it is read as its context, and a short name as its msgid.
"""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Literal, NoReturn

Part = Literal["letter", "page", "feed", "calendar", "refusal", "phrase", "operators"]

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "newsletter"
DEFAULT = "en"
"""The language of who reads none of ours, and of what a catalogue lacks."""

LANGUAGES = tuple(sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))
"""The languages in which we have words."""


class Words:
    """The words of one part in one language by their names, as templates ask for them: ``words.colon``."""

    def __init__(self, part: Part, language: str) -> None:
        self._part = part
        self._catalogue = _catalogue(language)

    def __getitem__(self, name: str) -> str:
        return self._catalogue.pgettext(self._part, name)

    def __contains__(self, name: str) -> bool:
        try:
            return bool(self[name])
        except KeyError:
            return False


def primary(tag: str) -> str:
    """Return the language of a language tag (RFC 5646 §2.2.1): ``fr`` of ``fr-CA``."""
    return tag.replace("_", "-").partition("-")[0].lower()


def spoken(language: str) -> str:
    """Return the language in which we speak to a reader: the reader's where we have it, else English."""
    return primary(language) if primary(language) in LANGUAGES else DEFAULT


@lru_cache(maxsize=256)
def words(part: Part, language: str) -> Words:
    """Return the words of a part in the reader's language."""
    return Words(part, spoken(language))


@lru_cache(maxsize=1024)
def counted(part: Part, name: str, count: int, language: str) -> str:
    """Say how many there are of something, in the form that the language has for this number.

    >>> counted("letter", "news", 2, "en").split()
    ['2', 'new', 'items']
    """
    return _catalogue(spoken(language)).npgettext(part, name, name, count).format(count=count)


def everywhere(part: Part, name: str) -> dict[str, str]:
    """Return a word in every language, as a text of config.toml that is said in several."""
    return {language: words(part, language)[name] for language in LANGUAGES}


class _Nothing(gettext.NullTranslations):
    """Stands behind all catalogues: gettext would print the name of what none of them has."""

    def pgettext(self, context: str, message: str) -> NoReturn:
        raise KeyError(f"{context}.{message}")

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> NoReturn:
        raise KeyError(f"{context}.{msgid1}")


@lru_cache(maxsize=64)
def _catalogue(language: str) -> gettext.NullTranslations:
    found = gettext.translation(DOMAIN, LOCALE, [language, DEFAULT])
    found.add_fallback(_Nothing())
    return found
