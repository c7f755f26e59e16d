"""The output folder as documents are held against it: its addresses, its files, and the instant of the check."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import quote, unquote, urldefrag, urljoin

_MEDIA = "media"
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Folder:
    """What is public: ``published`` are the documents of the last builds, ``files`` all that stands in the folder.

    ``moved`` are former paths that lead somewhere else today. ``base`` is the public address, without a final slash.
    """

    base: str
    now: datetime
    published: Collection[str]
    files: Collection[str]
    moved: Collection[str] = ()

    @property
    def latest(self) -> datetime:
        """The last instant that is not to come; entries of one second are told apart by a fraction made of their id."""
        return self.now.replace(microsecond=999_999)

    def address(self, path: str) -> str:
        """Return the public address of a file."""
        return plain(f"{self.base}/{quote(path)}")

    def lost(self, link: str, page: str = "") -> str:
        """Return the path to which a link leads where that is one of ours and nothing stands there, else nothing.

        Beside what we publish there may be other pages of the same site: only where a path begins as ours do, a build
        would have written it.
        """
        path = self.path(link, page)
        known = path in {"", *self.moved} or path in self.files
        return "" if known or _head(path) not in self._heads else path

    def path(self, link: str, page: str = "") -> str:
        """Return the path to which a link leads, nothing where that is not in the folder or is the folder itself."""
        try:
            where = plain(urldefrag(urljoin(self.address(page), link)).url.partition("?")[0])
        except ValueError:
            return ""
        home = self.address("")
        return unquote(where.removeprefix(home)) if where.startswith(home) else ""

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset({_MEDIA, *map(_head, self.published)})


def plain(address: str) -> str:
    """Return an address in ASCII, whether or not it was written so."""
    return quote(address, safe=_SAFE, errors="replace")


def _head(path: str) -> str:
    """Return the first part of a path, without the ending of a document."""
    first, slash, _ = path.partition("/")
    return first if slash else first.partition(".")[0]
