"""The body of an answer: joined and unpacked piece by piece, so that it never costs more memory than it may have."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from newsletter.fetching.trouble import Trouble

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 1 << 16


def joined(chunks: Iterable[bytes], coding: str, largest: int) -> bytes:
    """Return the body as it was before it was packed, of at most ``largest`` bytes.

    Raises:
        Trouble: it is larger, damaged, incomplete, or packed in a way that was not asked for.
    """
    body = bytearray()
    for piece in _plain(chunks, coding):
        body += piece
        if len(body) > largest:
            raise Trouble(too_large(largest))
    return bytes(body)


def too_large(largest: int) -> str:
    """Return the words for a body over its limit."""
    return f"is larger than {largest:,} bytes; ask who runs it for a smaller one"


def _plain(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    match coding:
        case "" | "identity":
            yield from chunks
        case "gzip" | "x-gzip":
            yield from _unpacked(chunks)
        case _:
            raise Trouble(f"is packed as {coding[:40]!a}, though only gzip was asked for; ask who runs it")


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content of all members (RFC 1952 §2.2), in small pieces."""
    member = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        while chunk:
            if member.eof:
                member = zlib.decompressobj(_GZIP)
            try:
                yield member.decompress(chunk, _PIECE)
            except zlib.error:
                raise Trouble("is damaged: what it sends is no gzip; try again, or ask who runs it") from None
            chunk = member.unconsumed_tail or member.unused_data
    if not member.eof:
        raise Trouble("is incomplete: its gzip ends too early; try again, or ask who runs it")
