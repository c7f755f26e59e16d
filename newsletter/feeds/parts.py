"""Parts of an article as formats write them that know no IRI and no xml:lang, or must know the type of a file."""

from __future__ import annotations

import re
from urllib.parse import quote

from newsletter.config import Config
from newsletter.feeds.xml import clean, iri, language_tag
from newsletter.model import Article, Attachment

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
