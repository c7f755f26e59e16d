"""The look of letters: colours that people can read in light and dark, and nothing that another site would learn."""

from __future__ import annotations

import re

import pytest

from newsletter.brand import AA, Brand, FootLink, Logo, complaints, contrast, mixed, palette

BASE = "https://www.troisrivieres.example.org"
LOGO = f"{BASE}/media/1/logo.png"


def told(**keys: object) -> list[str]:
    return list(complaints(Brand(**keys), BASE))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#0b4a5c") == contrast("#0b4a5c", "#ffffff")
    assert mixed("#ff0000", "#0000ff", 0.25) == "#4000bf"


def test_what_nobody_changed_is_right() -> None:
    assert told() == []
    assert told(logo=Logo(url=LOGO, alt="Trois Rivières"), links=(FootLink(title="Mentions", url=f"{BASE}/m"),)) == []


@pytest.mark.parametrize("colour", ["#0b4a5c", "#7a1f5c", "#1d4f91", "#005c29", "#5c4400", "#000000", "#c0001a"])
def test_dark_screens_get_a_lighter_colour_of_the_same_hue_by_themselves(colour: str) -> None:
    found = palette(Brand(colour=colour, accent=colour))
    assert told(colour=colour, accent=colour) == []
    for name in ("dark-colour", "dark-accent"):
        assert contrast(found[name], found["dark-paper"]) >= 9
        assert contrast(found[name], found["dark-tint"]) >= AA
    assert contrast(found["ink"], found["tint"]) >= 7
    assert contrast(found["dark-ink"], found["dark-tint"]) >= 7


@pytest.mark.parametrize(
    ("key", "colour", "screens"),
    [
        ("colour", "#2aa5c4", "light"),
        ("accent", "#f39200", "light"),
        ("colour_dark", "#0b4a5c", "dark"),
        ("accent_dark", "#9a4500", "dark"),
    ],
)
def test_a_colour_that_cannot_be_read_is_told_with_its_ratio_and_one_that_can(
    key: str, colour: str, screens: str
) -> None:
    [line] = told(**{key: colour})
    said = re.fullmatch(
        rf"brand\.{key}: {colour} on (#\w+), behind it on {screens} screens, has a contrast of ([\d.]+):1, "
        r"and people need 4\.5:1 \(WCAG AA\); write a \w+ one, such as (#\w+)",
        line,
    )
    assert said
    assert float(said[2]) == pytest.approx(contrast(colour, said[1]), abs=0.05)
    assert float(said[2]) < AA
    assert contrast(said[3], said[1]) >= AA
    assert told(**{key: said[3]}) == [] or "tint" not in said[3]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({"colour": "blue"}, r'brand\.colour: .blue. is no colour; write one such as "#0b4a5c"'),
        ({"accent_dark": "#fff"}, r"brand\.accent_dark: .#fff. is no colour"),
        ({"fonts": 'Arial; } td { "'}, r"brand\.fonts: write names"),
        ({"fonts": " "}, r"brand\.fonts: write names"),
        ({"logo": Logo(url="https://cdn.example.com/logo.png", alt="x")}, r"brand\.logo\.url: .*another site"),
        ({"logo": Logo(url=LOGO, alt="x", width=900)}, r"brand\.logo\.width: .* 552"),
        ({"links": (FootLink(title="x", url="http://example.org"),)}, r"brand\.links\[0\]\.url: .* not https"),
    ],
)
def test_what_cannot_be_meant_is_one_line(keys: dict[str, object], line: str) -> None:
    [said] = told(**keys)
    assert re.match(line, said)
