"""Films, sounds and frames of other sites are never shown: a link to each stands in its place.

They are looked for in HTML that was sifted once, so that each attribute stands in quotes; what is written here is as
foreign as all around it, and sifted again with that.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from newsletter.intake.wording import cut, tidy

PLAYERS = frozenset({"iframe", "video", "audio", "embed", "object"})
"""What plays or frames something; a source inside it says what."""

ATTRIBUTES = frozenset({"src", "data-src", "data", "title", "width", "height", "style"})
"""What is read of a player."""

_PLAYER = re.compile(rf'<({"|".join(PLAYERS)})((?: [a-z-]+="[^"]*")*)>')
_SOURCE = re.compile(r'\s*<source((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def linked(html: str, base: str, warn: Callable[[str], None]) -> str:
    """Return sifted HTML with a link before whatever plays or frames an https address; ``warn`` is told of each."""

    def link(match: re.Match[str]) -> str:
        given = _read(match[2])
        if _is_unseen(given):
            return match[0]
        url = _address(base, given) or _address(base, _read(source[1] if (source := _first(match)) else ""))
        if not url:
            warn(f"{match[1]}: what it shows has no address that begins with https; left out")
            return match[0]
        warn(f"{match[1]}: {cut(url, 200)} became a link, as nothing of other sites is played here")
        words = tidy(given.get("title", "")) or urlsplit(url).netloc
        return f'<a href="{entities.escape(url)}">{entities.escape(words)}</a>{match[0]}'

    return _PLAYER.sub(link, html)


def _first(match: re.Match[str]) -> re.Match[str] | None:
    return _SOURCE.match(match.string, match.end())


def _read(attributes: str) -> dict[str, str]:
    return {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}


def _address(base: str, given: dict[str, str]) -> str:
    """Return where a player's film is; many sites write the address aside, for a script to put it in its place."""
    written = next((given[name] for name in ("src", "data-src", "data") if given.get(name)), "")
    try:
        whole = urljoin(base, written.strip()) if written else ""
        return whole if urlsplit(whole).scheme == "https" and urlsplit(whole).netloc else ""
    except ValueError:
        return ""


def _is_unseen(given: dict[str, str]) -> bool:
    """Tell whether a frame only counts readers."""
    sizes = (given.get("width", ""), given.get("height", ""))
    return any(re.fullmatch(r"[01](?:px)?", each) for each in sizes) or bool(_UNSEEN.search(given.get("style", "")))
