"""Colours as style sheets write them, and how well one can be read on another."""

from __future__ import annotations

import re

NAMED = {
    "black": "000000", "silver": "c0c0c0", "gray": "808080", "grey": "808080", "white": "ffffff", "maroon": "800000",
    "red": "ff0000", "purple": "800080", "fuchsia": "ff00ff", "green": "008000", "lime": "00ff00", "olive": "808000",
    "yellow": "ffff00", "navy": "000080", "blue": "0000ff", "teal": "008080", "aqua": "00ffff", "orange": "ffa500",
}  # fmt: skip
"""The names that every mail program knows (CSS 2.1 §4.3.6), as hexadecimal digits."""

Colour = tuple[int, int, int]

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", re.IGNORECASE)


def colour(written: str) -> Colour | None:
    """Return a colour by its red, green and blue, None where it is not written as mail programs understand.

    >>> colour("#08f"), colour("white"), colour("hsl(1 2% 3%)")
    ((0, 136, 255), (255, 255, 255), None)
    """
    if match := _RGB.fullmatch(written.strip()):
        red, green, blue = (min(int(part), 255) for part in match.groups())
        return red, green, blue
    match = _HEX.fullmatch(written.strip())
    digits = match[1] if match else NAMED.get(written.strip().lower(), "")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)) if digits else None


def contrast(one: Colour, two: Colour) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.1, 1.4.3).

    >>> contrast((0, 0, 0), (255, 255, 255))
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
