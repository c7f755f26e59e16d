"""Draw the pictures of the sample articles: flat landscapes of an invented region, with the standard library only.

Run ``python examples/pictures.py`` from anywhere; the same bytes come out each time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import landscapes
import towns
from canvas import Canvas

FOLDER = Path(__file__).parent.parent / "articles" / "images"

SCENES: dict[str, Callable[[], Canvas]] = {
    "trois-rivieres": landscapes.three_rivers,
    "ecole": towns.school,
    "pont": landscapes.bridge,
    "quartier": towns.quarter,
    "jardin": landscapes.garden,
    "stade": landscapes.stadium,
    "marche": towns.market,
    "nuit": towns.night,
    "maison-de-sante": towns.health_house,
    "docks": landscapes.docks,
}


def main() -> None:
    """Write every picture into the folder of the articles."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in SCENES.items():
        content = draw().png()
        (FOLDER / f"{name}.png").write_bytes(content)
        print(f"{name}.png  {len(content):,} bytes")


if __name__ == "__main__":
    main()
