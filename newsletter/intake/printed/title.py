"""A title for a page that shows none: its address, spelled with the body's own words, else its first sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from newsletter.intake.identity import path
from newsletter.intake.wording import cut, fold

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def inferred(url: str, paragraphs: list[str]) -> tuple[str, str]:
    """Return a title and where it came from, ``address`` or ``sentence``; both empty if there are no words at all."""
    if title := from_address(url, paragraphs):
        return title, "address"
    if not paragraphs:
        return "", ""
    first = re.split(r"(?<=[.!?…])\s", paragraphs[0])[0].rstrip(".")
    return cut(first, 80), "sentence"


def from_address(url: str, paragraphs: list[str]) -> str:
    """Return the words of an address's last step as the paragraphs spell them; nothing where it has no words."""
    step = path(url).rstrip("/").rpartition("/")[2]
    words = fold(re.sub(r"\.(?:html?|php)$", "", step)).split("-")
    spelling = _Spelling(paragraphs)
    if len(words) > 2 and re.fullmatch(r"\d{1,2}", words[-1]) and words[-1] not in spelling.forms:
        words.pop()  # made the address unique
    words = [word for word in words if word]
    if len([word for word in words if re.search(r"[^\W\d]", word)]) < 2:
        return ""
    title = " ".join(spelling.of(word, before) for before, word in zip(["", *words], words, strict=False))
    return title[:1].upper() + title[1:]


class _Spelling:
    """How a text writes its words, by their folded forms."""

    def __init__(self, paragraphs: list[str]) -> None:
        self.forms: dict[str, Counter[str]] = {}
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.elided: dict[str, Counter[str]] = {}
        for paragraph in paragraphs:
            before = ""
            for word, starts in _words(paragraph):
                self._learn(word, before, starts)
                before = fold(word)

    def _learn(self, word: str, before: str, starts: bool) -> None:
        # The capital that begins a sentence is no spelling of the word.
        shown = word[:1].lower() + word[1:] if starts and not word[1:2].isupper() else word
        self.forms.setdefault(_bare(word), Counter())[shown] += 1
        self.pairs[before, fold(word)] += 1
        stem = re.split("['’]", shown)[-1]
        if stem != shown:
            self.forms.setdefault(_bare(stem), Counter())[stem] += 1
            self.elided.setdefault(_bare(stem), Counter())[shown] += 1

    def of(self, word: str, before: str) -> str:
        """Return the usual form of a word, with the elision that addresses lose, where the text has it."""
        if not self.pairs[before, word]:
            for form, _ in self.elided.get(word, Counter()).most_common():
                if before and self.pairs[before, fold(form)]:
                    return form
        known = self.forms.get(word)
        return known.most_common(1)[0][0] if known else word


def _words(paragraph: str) -> Iterator[tuple[str, bool]]:
    """Yield the words and whether each begins a sentence."""
    end = 0
    for match in _WORD.finditer(paragraph):
        gap = paragraph[end : match.start()]
        yield match.group(), end == 0 or re.search(r"[.!?…:»]\s", gap) is not None
        end = match.end()


def _bare(word: str) -> str:
    return re.sub("['’]", "", fold(word))
