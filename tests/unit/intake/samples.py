"""One valid input for every route, out of the tests of each, and what becomes of such inputs on their way."""

import json
from pathlib import Path

from hypothesis import strategies as st

from tests.unit.intake.test_intake_drupal import DOCUMENT
from tests.unit.intake.test_intake_ical import EVENT, calendar
from tests.unit.intake.test_intake_jsonfeed import ITEM, feed
from tests.unit.intake.test_intake_table import TABLE
from tests.unit.intake.test_intake_wordpress import POST

PAGES = Path(__file__).parent / "pages"
MARKDOWN = """---
title: Les berges rouvrent
date: 2024-03-26 15:15
thématiques: [Eau, "Cadre de vie"]
attachments:
  - file: plan.pdf
    title: Plan
dates: du 4 au 6 avril 2024
---

# Les berges rouvrent

Le *gué* est <b onclick="x()">praticable</b>, voir [la carte](/carte "Carte") et ![](images/gue.png).

| Lieu | Jour |
|------|------|
| Quai | Lundi |
"""

TOML = """+++
title = "Les berges rouvrent"
date = 2024-03-26T15:15:00
"thématiques" = ["Eau"]
+++
Le gué est praticable à pied, ou à vélo.
"""

SAMPLES = {
    "print": [(PAGES / name).read_bytes() for name in ("rencontre.txt", "workshops.txt", "traps.txt")],
    "markdown": [MARKDOWN.encode(), TOML.encode("cp1252")],
    "feed": [(PAGES / name).read_bytes() for name in ("gazette.rss", "gazette.atom")],
    "csv": [TABLE.encode("cp1252")],
    "jsonfeed": [feed(ITEM)],
    "ical": [calendar(EVENT, EVENT.replace("forum@", "bal@"))],
    "drupal": [json.dumps(DOCUMENT, ensure_ascii=False).encode()],
    "wordpress": [json.dumps([POST, {**POST, "link": POST["link"] + "2"}]).encode()],
    "print-html": [(PAGES / "valley.html").read_bytes()],
}


@st.composite
def damaged(draw, data):
    """The bytes with a few of them changed, and slices of them dropped, doubled or in each other's place."""
    for _ in range(draw(st.integers(1, 5))):
        start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        head, piece, tail = data[:start], data[start : start + length], data[start + length :]
        other = draw(st.integers(0, len(tail)))
        changed = {
            "flip": piece[:1] and head + bytes([piece[0] ^ 1 << draw(st.integers(0, 7))]) + piece[1:] + tail,
            "drop": head + tail,
            "double": head + piece * draw(st.integers(2, 40)) + tail,
            "move": head + tail[:other] + piece + tail[other:],
            "cut": head,
        }
        data = changed[draw(st.sampled_from(["flip", "flip", "drop", "double", "move", "move", "cut"]))] or data
    return data
