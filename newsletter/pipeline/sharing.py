"""Sharing: kept pictures and files are put into the output folder, and stay there for the mails that link to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.pipeline.media import FOLDER, Shelf, copy
from newsletter.store import articles
from newsletter.store.engine import Transaction


@dataclass(frozen=True)
class Shared:
    """How many files were put into the folder, and how many stood there before."""

    new: int
    held: int


def share(config: Config, root: Path, connection: Transaction) -> Shared:
    """Put every kept file into the output folder, but for those of which nobody was shown an article yet.

    Raises:
        NewsletterError: when a file cannot be written.
    """
    shelf = Shelf.of(config)
    every = shelf.files()
    missing = [path for path in every if not (root / FOLDER / path).exists()]
    withheld = _withheld(shelf, missing, connection)
    new = sum(_put(shelf, root / FOLDER, path) for path in missing if path not in withheld)
    return Shared(new, len(every) - len(missing))


def _withheld(shelf: Shelf, missing: Iterable[str], connection: Transaction) -> set[str]:
    """Return the files that only articles name which nobody could see yet."""
    wanted = set(missing)
    held = wanted & set(shelf.named_by(articles.never_shown(connection))) if wanted else set()
    return held - set(shelf.named_by(articles.shown(connection))) if held else held


def _put(shelf: Shelf, folder: Path, path: str) -> bool:
    target = folder / path
    try:
        return copy(shelf.folder / path, target, link=True)
    except OSError as error:
        raise NewsletterError(
            f"{target}: cannot be written ({error.strerror}); see to the disk and the rights"
        ) from error
