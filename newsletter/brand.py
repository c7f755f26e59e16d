"""How a publication looks in its letters: two colours, fonts, a logo; and whether people can read those colours.

Every colour of a letter is one of ``palette``: neutrals, and what is derived from the two of the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from itertools import product

from newsletter.settings import Settings, Text

AA = 4.5
"""The contrast that text needs on what is behind it (WCAG 2.2, 1.4.3)."""

_NEUTRALS = {
    "ground": "#eceff1",
    "paper": "#ffffff",
    "ink": "#1c2529",
    "soft": "#4a5860",
    "line": "#d3dade",
    "dark-ground": "#11171a",
    "dark-paper": "#1a2226",
    "dark-ink": "#e6ecee",
    "dark-soft": "#aab7bd",
    "dark-line": "#36444b",
}
_TINT = 0.1
"""How much of the colour is in the surface that it tints."""

_COMFORT = 9.0
"""The contrast that a colour for dark screens is given when nobody chose one."""


class Logo(Settings, frozen=True):
    """A picture at the head of letters, published at the publication's own address; sizes in pixels, as shown."""

    url: str
    alt: str
    width: int = 160
    height: int = 0


class FootLink(Settings, frozen=True):
    """What else stands at the foot of letters, such as the legal notice."""

    title: Text
    url: str


class Brand(Settings, frozen=True):
    """The look of letters: colours as ``#rrggbb``, of which those for dark screens are derived where they are empty."""

    colour: str = "#0b4a5c"
    accent: str = "#9a4500"
    colour_dark: str = ""
    accent_dark: str = ""
    fonts: str = "-apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
    logo: Logo | None = None
    links: tuple[FootLink, ...] = ()


def palette(brand: Brand) -> dict[str, str]:
    """Return every value that a style sheet may name as ``var(--name)``."""
    found = {**_NEUTRALS, "fonts": brand.fonts}
    for name, light, dark in (("colour", brand.colour, brand.colour_dark), ("accent", brand.accent, brand.accent_dark)):
        on_dark = dark or _readable(light, _NEUTRALS["dark-paper"], _COMFORT, lighter=True)
        found[name], found[f"dark-{name}"] = light, on_dark
    found["tint"] = mixed(brand.colour, _NEUTRALS["paper"], _TINT)
    found["dark-tint"] = mixed(found["dark-colour"], _NEUTRALS["dark-paper"], _TINT)
    return found


def complaints(brand: Brand, base: str) -> Iterator[str]:
    """Yield what makes letters hard to read, or would tell somebody else who reads them: key's path, what to do."""
    keys = ("colour", "accent", "colour_dark", "accent_dark")
    wrong = [key for key in keys if getattr(brand, key) and not re.fullmatch("#[0-9a-fA-F]{6}", getattr(brand, key))]
    for key in wrong:
        yield f'brand.{key}: {getattr(brand, key)!r} is no colour; write one such as "#0b4a5c"'
    if not wrong:
        yield from _contrasts(palette(brand))
    if re.search("[;{}<>\"']", brand.fonts) or not brand.fonts.strip():
        yield 'brand.fonts: write names with commas between them, without quotes, such as "Georgia, serif"'
    if brand.logo and not brand.logo.url.startswith(f"{base}/"):
        yield f"brand.logo.url: {brand.logo.url!r} is not below {base}/, so opening a letter would tell another site"
    if brand.logo and not 1 <= brand.logo.width <= 552:
        yield "brand.logo.width: write the pixels in which it is shown, from 1 to 552"
    for number, link in enumerate(brand.links):
        if not link.url.startswith("https://"):
            yield f"brand.links[{number}].url: {link.url!r} is not https; write the whole address"


def _contrasts(colours: Mapping[str, str]) -> Iterator[str]:
    for scheme, key in product(("", "dark-"), ("colour", "accent")):
        chosen = colours[f"{scheme}{key}"]
        papers = [colours[f"{scheme}{name}"] for name in ("paper", "ground", "tint")]
        worst = min(papers, key=lambda paper: contrast(chosen, paper))
        if (ratio := contrast(chosen, worst)) < AA:
            name, screen, wish = (f"{key}_dark", "dark", "lighter") if scheme else (key, "light", "darker")
            better = _readable(chosen, worst, AA, lighter=bool(scheme))
            yield (
                f"brand.{name}: {chosen} on {worst}, behind it on {screen} screens, has a contrast of {ratio:.1f}:1, "
                f"and people need {AA}:1 (WCAG AA); write a {wish} one, such as {better}"
            )


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    dark, light = sorted((_luminance(one), _luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, two: str, share: float) -> str:
    """Return a colour that holds a share of one and for the rest another.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    return _written(share * mine + (1 - share) * yours for mine, yours in zip(_parts(one), _parts(two), strict=True))


def _readable(colour: str, paper: str, ratio: float, *, lighter: bool) -> str:
    """Return the nearest lighter or darker colour of the same hue that has a contrast on a paper."""
    hue, lightness, saturation = rgb_to_hls(*(part / 255 for part in _parts(colour)))
    end = 1.0 if lighter else 0.0
    steps = (lightness + (end - lightness) * step / 100 for step in range(101))
    shades = (_written(part * 255 for part in hls_to_rgb(hue, step, saturation)) for step in steps)
    return next((shade for shade in shades if contrast(shade, paper) >= ratio), "#ffffff" if lighter else "#000000")


def _luminance(colour: str) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _written(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
