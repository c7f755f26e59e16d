"""Where the files that travel with the package are."""

from pathlib import Path


def templates() -> Path:
    """Return the folder of the shipped templates: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
