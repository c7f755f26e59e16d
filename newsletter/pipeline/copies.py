"""Pictures and files that articles name elsewhere come home, so that no reader's program ever asks a third party.

What cannot be had stays a plain link, with a warning. Nothing here touches the books, so that no transaction waits for
the net: what they know of the addresses comes in, and ``made`` is what they are to learn.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from newsletter.errors import BusyError, FetchError, MediaError
from newsletter.intake.attachments import attachment, named
from newsletter.intake.identity import path
from newsletter.intake.wording import cut, level
from newsletter.model import Article, Attachment, Image, Media
from newsletter.pipeline import files, media
from newsletter.pipeline.media import Shelf
from newsletter.store.copies import Copy

if TYPE_CHECKING:
    from newsletter.fetching import Page

FRESH = timedelta(days=7)
"""How long a copy is taken for what stands at its address."""

AGAIN = timedelta(days=1)
"""How long an address that gave nothing is not asked again."""

MOST = 100
"""Addresses that are asked for one article."""

PATIENCE = 20
"""Failures of a host one after the other, after which it is not asked again in this run."""

_LONGEST = 2000  # characters of an address that the books can look up
_PIXEL = 2  # pixels; what is no larger shows nothing and counts readers
_TAG = re.compile(r"<(/?a|img)\b([^>]*)>")
_PICTURE = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_EMPTY = re.compile(r"<(p|figure|li|div)>\s*</\1>")


class Visit(Protocol):
    """Fetches what stands at an address; raises FetchError."""

    def __call__(self, url: str, *, etag: str, modified: str, largest: int) -> Page:
        """Return the page, or status 304 where it is as it was."""


@dataclass
class Copies:
    """The copies of what the articles of one source name elsewhere; without ``visit`` none are made.

    ``known`` is what the books hold of the addresses, ``made`` what came to be known besides.
    """

    shelf: Shelf
    now: datetime
    visit: Visit | None = None
    known: Mapping[str, Copy] = field(default_factory=dict)
    made: dict[str, Copy] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def bring(self, article: Article) -> Article:
        """Return an article whose pictures, and files where they can be had, are the publication's own.

        Raises:
            NewsletterError: when the shelf cannot be written.
        """
        return article if next(_named(article), None) is None else _Bringing(self, article).done()

    def fetched(self, url: str, keep: Callable[[bytes, str], Media], largest: int) -> Copy:
        """Return the copy of what stands at an address, or why there is none; not asked again while it is fresh."""
        if url in self.made:
            return self.made[url]
        held = self.known.get(url)
        if held and held.media and not self.shelf.holds(held.media):
            held = None
        if held and self.now - held.at < (FRESH if held.media else AGAIN):
            return held
        host = urlsplit(url).netloc
        if self.failures[host] >= PATIENCE:
            return held if held and held.media else Copy(url, f"{url}: its server fails, so it was not asked", self.now)
        self.made[url] = self._asked(url, host, held, keep, largest)
        return self.made[url]

    def _asked(self, url: str, host: str, held: Copy | None, keep: Callable[[bytes, str], Media], largest: int) -> Copy:
        try:
            page = self._page(url, held, largest)
            self.failures[host] = 0
            if held and page.status == 304:
                return replace(held, at=self.now)
            found = keep(page.body, _name(url, page.url))
        except FetchError as error:
            self.failures[host] += PATIENCE if isinstance(error, BusyError) else 1
            reason = str(error)
        except MediaError as error:
            reason = f"{url}: {error}"
        else:
            return Copy(url, found, self.now, page.etag, page.modified)
        # Mails show what was had once: it stays, whatever stands there now.
        return replace(held, at=self.now) if held and held.media else Copy(url, reason, self.now)

    def _page(self, url: str, held: Copy | None, largest: int) -> Page:
        if self.visit is None:
            raise FetchError(f"{url}: nothing is copied from this source")
        files.checked_name(_file(url))
        etag, modified = (held.etag, held.modified) if held and held.media else ("", "")
        return self.visit(url, etag=etag, modified=modified, largest=largest)


def offline(url: str, *, etag: str, modified: str, largest: int) -> Page:
    """Visit nothing: what was copied before serves, as when articles are read anew from the inputs that were kept."""
    raise FetchError(f"{url}: was not copied; collect its source again")


def addresses(articles: Iterable[Article], shelf: Shelf) -> set[str]:
    """Return the addresses elsewhere of all pictures and files that articles show or offer."""
    found = (url for article in articles for url in _named(article))
    return {url for url in found if not _is_ours(url, shelf) and len(url) <= _LONGEST}


def _named(article: Article) -> Iterator[str]:
    if article.image:
        yield article.image.url
    yield from (file.url for file in article.attachments)
    for attributes in _PICTURE.findall(article.html):
        yield _read(attributes).get("src", "")


@dataclass
class _Bringing:
    """One article on its way."""

    copies: Copies
    article: Article
    linked: bool = False
    left: int = 0
    lead: list[Attachment] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def done(self) -> Article:
        image = self._lead(self.article.image) if self.article.image else None
        body = self._body(self.article.html)
        brought = [self._file(each) for each in self.article.attachments]
        brought += [each for each in self.lead if html.escape(each.url) not in body]
        if self.left:
            self._warn(f"pictures in the text: {self.left} stand elsewhere and became links; {_COPY} would show them")
        return replace(
            self.article,
            image=image,
            html=body,
            attachments=tuple({each.url: each for each in reversed(brought)}.values())[::-1],
            warnings=tuple(dict.fromkeys([*self.article.warnings, *self.warnings])),
        )

    def _lead(self, image: Image) -> Image | None:
        if _is_ours(image.url, self.copies.shelf):
            found = self.copies.shelf.known(image.url)
            return _shown(found, image.alt) if found and found.width else image
        if self.copies.visit is None:
            self._warn(f"image: {image.url} stands elsewhere and became a link; {_COPY} would show it")
        found = self._picture(image.url, "it became a link") if self.copies.visit else None
        if found is None:
            self.lead.append(attachment(image.url, image.alt))
        return _shown(found, image.alt) if found and not _is_pixel(found.width, found.height) else None

    def _file(self, file: Attachment) -> Attachment:
        if self.copies.visit is None or _is_ours(file.url, self.copies.shelf):
            return file
        found = self._copy(file.url, self.copies.shelf.keep, files.LARGEST, "it stays a link")
        return Attachment(found.url, file.title, found.type, found.size, size_exact=True) if found else file

    def _body(self, given: str) -> str:
        made = _TAG.sub(self._tag, given)
        return made if made == given else _EMPTY.sub("", made)

    def _tag(self, match: re.Match[str]) -> str:
        if match[1] == "img":
            return self._img(_read(match[2]))
        self.linked = match[1] == "a"
        return match[0]

    def _img(self, given: Mapping[str, str]) -> str:
        """Return what stands in the place of a picture of the text: itself, a link, or nothing for a pixel."""
        url, shelf = given.get("src", ""), self.copies.shelf
        if _is_pixel(_number(given.get("width")), _number(given.get("height"))):
            return ""
        if url.startswith(shelf.pages):  # a file that is missing beside an article; a warning said so
            return html.escape(level(given.get("alt", "")), quote=False)
        if _is_ours(url, shelf):
            found = shelf.known(url)
            return self._as_link(given) if found and not found.width else _written(found, given)
        if self.copies.visit is None:
            self.left += 1
            return self._as_link(given)
        found = self._picture(url, "it became a link")
        if found is None:
            return self._as_link(given)
        return "" if _is_pixel(found.width, found.height) else _written(found, given)

    def _as_link(self, given: Mapping[str, str]) -> str:
        url = given.get("src", "")
        words = html.escape(level(given.get("alt", "")) or named(url), quote=False)
        return words if self.linked else f'<a href="{html.escape(url)}">{words}</a>'

    def _picture(self, url: str, instead: str) -> Media | None:
        found = self._copy(url, self.copies.shelf.picture, media.LARGEST, instead)
        if found and not found.width:
            self._warn(f"{url}: is no picture; {instead}")
            return None
        return found

    def _copy(self, url: str, keep: Callable[[bytes, str], Media], largest: int, instead: str) -> Media | None:
        self.asked.add(url)
        if len(url) > _LONGEST or len(self.asked) > MOST:
            self._warn(
                f"of one article, {MOST} pictures and files with addresses of usual length are copied; {instead}"
            )
            return None
        found = self.copies.fetched(url, keep, largest).found
        if isinstance(found, str):
            self._warn(f"{found}; {instead}")
            return None
        return found

    def _warn(self, what: str) -> None:
        self.warnings.append(cut(level(what), 300))


_COPY = 'files = "copy" in its source'


def _is_ours(url: str, shelf: Shelf) -> bool:
    return url.startswith(f"{shelf.base}/")


def _shown(found: Media, alt: str) -> Image:
    return Image(found.url, alt, found.width, found.height, found.small)


def _read(attributes: str) -> dict[str, str]:
    """Return the attributes of a tag of clean HTML, in which each has a value in quotes."""
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}


def _written(found: Media | None, given: Mapping[str, str]) -> str:
    """Write a picture with words for those who do not see it, and with its size, at most as large as it was given."""
    told = {"src": found.url if found else given["src"], "alt": given.get("alt", "")}
    if found:
        width, height = _number(given.get("width")), _number(given.get("height"))
        scale = min(1.0, (width or found.width) / found.width, (height or found.height) / found.height)
        told["width"] = str(max(1, round(found.width * scale)))
        told["height"] = str(max(1, round(found.height * scale)))
    return "<img" + "".join(f' {name}="{html.escape(value)}"' for name, value in told.items()) + ">"


def _number(written: str | None) -> int:
    return int(written) if written and re.fullmatch(r"[0-9]{1,5}", written) else 0


def _is_pixel(width: int, height: int) -> bool:
    return 0 < width <= _PIXEL and 0 < height <= _PIXEL


def _name(url: str, found: str) -> str:
    """Return the file name of an address, of the one to which it led where only that one names a file."""
    ending = _file(url).rpartition(".")[2].lower()
    return _file(url) if ending in media.PICTURES or files.is_known(ending) or not _file(found) else _file(found)


def _file(url: str) -> str:
    return path(url).rstrip("/").rpartition("/")[2]
