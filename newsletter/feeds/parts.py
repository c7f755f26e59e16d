"""Parts of an article as several formats write them: terms, instants, addresses, files, pictures."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from newsletter.config import Config
from newsletter.feeds.xml import clean, iri, language_tag
from newsletter.model import Article, Attachment, Image, Term

UNKNOWN = "application/octet-stream"
"""The type of bytes of which nothing is known (RFC 2046 §4.5.1)."""

# RFC 6838 §4.2, with nothing behind the subtype.
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.IGNORECASE)
_IN_HOST = "!$%&'()*+,;=:@[]~"
_IN_PATH = "!#$%&'()*+,/:;=?@~"


def uri(address: str) -> str:
    """Return an address with what a URI cannot hold percent-encoded (RFC 3986 §2, §3.2.2), and nothing else changed.

    >>> uri("https://www.example.org/santé?f[0]=a b")
    'https://www.example.org/sant%C3%A9?f%5B0%5D=a%20b'
    """
    scheme, slashes, rest = iri(address).partition("//")
    host, slash, path = rest.partition("/")
    return quote(scheme, safe=_IN_PATH) + slashes + quote(host, safe=_IN_HOST) + slash + quote(path, safe=_IN_PATH)


def own_language(article: Article, config: Config) -> str:
    """Return the language of an article where it is not that of the site, else nothing."""
    own = language_tag(clean(article.lang))
    return own if own.casefold() != language_tag(config.site.language).casefold() else ""


def known_type(file: Attachment) -> str:
    """Return the type of a file, nothing where it has none, or none that can be."""
    return file.type if _TYPE.fullmatch(file.type) else ""


def media_type(file: Attachment) -> str:
    """Return the type of a file for formats that must have one, if only that it is unknown."""
    return known_type(file) or UNKNOWN


def exact_size(file: Attachment) -> int:
    """Return the bytes of a file, 0 where nobody counted them (A14: a length is real or absent)."""
    return file.size if file.size and file.size_exact else 0


def label(slug: str, shown: str) -> str:
    """Return the name of a term, its slug where it has none that can be read."""
    return clean(shown).strip() or clean(slug)


def updated(article: Article) -> datetime:
    """Return the instant that an entry shows as updated, never before it was published (RFC 4287 §4.2.9).

    Sources know a change to the minute or the day, so that entries of one feed would often share the instant, of
    which validators warn (DuplicateUpdated). A whole second is therefore given a fraction, made of the id.
    """
    moment = max(article.updated, article.published)
    if moment.microsecond:
        return moment
    fraction = int.from_bytes(sha256(article.id.encode(errors="replace")).digest()[:8]) % 1_000_000
    return moment.replace(microsecond=fraction)


def terms(article: Article) -> list[Term]:
    """Return the terms once each, in an order of their own: a feed does not change because a query's order did."""
    found = {(term.taxonomy, term.slug): term for term in article.terms if term.slug}
    return [found[key] for key in sorted(found)]


def categories(article: Article, config: Config) -> list[dict[str, str]]:
    """Return the terms as categories: slug, the address of the taxonomy, and the name that is shown."""
    return [
        {"term": clean(term.slug), "scheme": _scheme(term.taxonomy, config), "label": label(term.slug, term.label)}
        for term in terms(article)
    ]


def thumbnail(image: Image) -> dict[str, str]:
    """Return the attributes of a picture as readers show it beside a title (Media RSS, thumbnail)."""
    sizes = {"width": image.width, "height": image.height}
    return {"url": iri(image.url), **{name: str(size) for name, size in sizes.items() if size}}


def _scheme(taxonomy: str, config: Config) -> str:
    settings = config.taxonomies.get(taxonomy)
    return iri(settings.iri) if settings and settings.iri else iri(f"{config.base}/{quote(taxonomy)}/")
