"""Pictures in the text of an article as a page shows them: by relative links, narrow ones for narrow screens."""

from __future__ import annotations

import re

from newsletter.pictures import WIDTHS, smaller

COLUMN = 672
"""Pixels of the column in which a page shows its text (style.css)."""

_MARGINS = 40
_IMG = re.compile(r'<img src="(?P<url>[^"]+)"(?P<told>[^>]*)>')
_WIDTH = re.compile(r' width="([0-9]{1,5})"')


def figures(html: str, base: str, root: str) -> str:
    """Return clean HTML whose pictures from below ``base`` are linked from a page that stands ``root`` below it."""

    def figure(match: re.Match[str]) -> str:
        place = match["url"].removeprefix(f"{base}/media/")
        if place == match["url"]:
            return match[0]
        return f"<img {_sources(f'{root}media/{place}', match['told'])}{match['told']}>"

    return _IMG.sub(figure, html)


def _sources(url: str, told: str) -> str:
    """Return the attributes that say where a picture is found: in two widths where it is shown in more than one's."""
    small, width = smaller(url), _WIDTH.search(told)
    if not small or not width:
        return f'src="{url}"'
    wide = int(width[1])
    if wide <= WIDTHS[1]:
        return f'src="{small}"'
    shown = min(wide, COLUMN)
    sizes = f"(max-width: {shown + _MARGINS}px) 100vw, {shown}px"
    return f'src="{url}" srcset="{small} {WIDTHS[1]}w, {url} {wide}w" sizes="{sizes}"'
