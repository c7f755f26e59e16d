"""From a row of the ledger to the bytes of its message; Letters are planned and bound once for all their readers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from newsletter.config import Config, say
from newsletter.delivery.address import a_labels, normalise
from newsletter.delivery.dkim import unsigned
from newsletter.delivery.message import Stationery, compose, subject_header
from newsletter.delivery.quoted import encode
from newsletter.delivery.returning import return_path
from newsletter.delivery.signing import Seal
from newsletter.digest.assemble import Body, Bound, bind, fill
from newsletter.digest.letter import Contents, Letter, Links
from newsletter.digest.pieces import Pieces, sizes
from newsletter.digest.plan import plan
from newsletter.digest.press import Templates
from newsletter.digest.selection import from_bytes
from newsletter.digest.subject import Lines
from newsletter.store.claims import Claim
from newsletter.store.tally import Makings
from newsletter.tokens import Purpose, sign

SHARED_LETTERS = 256
"""Bound letters kept at hand, as rows of the issue's pieces: they take little memory."""


class Composer:
    """Composes the messages of one issue from its frozen contents and fragments.

    ``pieces`` are the issue's fragments by language, ``key`` the id and secret that sign its links; ``seal`` signs the
    messages. Equal rows give equal bytes, whoever composes them, so that a resumed send continues as it began.
    """

    def __init__(
        self,
        config: Config,
        contents: Contents,
        nonce: str,
        pieces: Mapping[str, Pieces[str]],
        key: tuple[int, bytes],
        templates: Templates,
        seal: Seal = unsigned,
    ) -> None:
        self._contents = contents
        self._key = key
        self._seal = seal
        self._sender = normalise(contents.sender.address)[0]
        self._bounces = _bounces(config, contents.list)
        self._web = config.web_base
        self._encode = lru_cache(4096)(encode)
        self._header = lru_cache(4096)(subject_header)
        self._encoded = {language: some.encode(encode) for language, some in pieces.items()}
        self._sizes = {(language, False): sizes(some.html) for language, some in pieces.items()}
        self._sizes |= {(language, True): sizes(some.light) for language, some in pieces.items()}
        self._lines = {language: Lines(contents, language, templates) for language in pieces}
        self._stationery = {language: _stationery(config, contents, nonce, language) for language in pieces}
        self._shared = lru_cache(SHARED_LETTERS)(self._bound)
        self.shortened = 0
        """How many different letters did not fit whole into the size budget."""

    def letter_of(self, row: Makings | Claim) -> Letter:
        """Plan the letter of a row."""
        return self._planned(row.picks, row.repeats, row.corrections, row.language, row.light)

    def _planned(self, picks: bytes, repeats: bytes, corrections: bytes, language: str, light: bool) -> Letter:
        news, again, put_right = map(from_bytes, (picks, repeats, corrections))
        sizes, lines = self._sizes[language, light], self._lines[language]
        return plan(self._contents, news, again, sizes, lines, language, light, corrections=put_right)

    def links(self, subscription: int) -> Links:
        """Return the signed addresses of a reader."""
        unsubscribe = sign(*self._key, Purpose.UNSUBSCRIBE, subscription)
        preferences = sign(*self._key, Purpose.PREFERENCES, subscription)
        return Links(f"{self._web}/unsubscribe/{unsubscribe}", f"{self._web}/preferences/{preferences}")

    def message(self, row: Claim) -> bytes:
        """Return the message of a row, ready for the wire."""
        header, bound = self._shared(row.picks, row.repeats, row.corrections, row.language, row.light)
        links = self.links(row.subscription)
        body = fill(bound, links, encode)
        message = compose(
            self._stationery[row.language],
            to=row.address,
            message_id=row.message_id,
            subject=header,
            unsubscribe=links.unsubscribe,
            text=body.text,
            html=body.html,
        )
        return self._seal(message)

    @property
    def signs(self) -> bool:
        """Whether messages are signed, which takes most of their time."""
        return self._seal is not unsigned

    def return_path(self, row: Claim) -> str:
        """Return the address to which a row's message comes back when it cannot be delivered."""
        return return_path(self._bounces, *self._key, row.id) if self._bounces else self._sender

    def _bound(
        self, picks: bytes, repeats: bytes, corrections: bytes, language: str, light: bool
    ) -> tuple[bytes, Body[Bound[bytes]]]:
        letter = self._planned(picks, repeats, corrections, language, light)
        self.shortened += bool(letter.shortened or letter.others)
        return self._header(letter.subject), bind(self._encoded[language], letter, self._encode)


def _bounces(config: Config, list_slug: str) -> str:
    settings = config.lists.get(list_slug)
    return normalise(settings.bounces)[0] if settings and settings.bounces else ""


def _stationery(config: Config, contents: Contents, nonce: str, language: str) -> Stationery:
    return Stationery.of(
        sender=contents.sender,
        date=contents.opened,
        list_id=f"{contents.list}.{config.site.tagged_by}",
        title=say(contents.title, language),
        nonce=nonce,
        reply_to=contents.reply_to,
        archive=contents.archive_url,
        feedback=f"{contents.name.replace('/', '-')}:{contents.list}:letter:{_sender_id(config.site.tagged_by)}",
    )


def _sender_id(authority: str) -> str:
    """Return the last field of a Feedback-ID, the same on all letters; Gmail asks for 5 to 15 characters."""
    return a_labels(authority).removeprefix("www.")[:15].ljust(5, "-")
