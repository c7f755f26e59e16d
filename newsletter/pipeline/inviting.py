"""Inviting: the editors of a list are written to when a draft waits for their approval."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

from newsletter.catalogue import words
from newsletter.config import say
from newsletter.delivery.address import normalise
from newsletter.digest.assemble import Body
from newsletter.digest.press import environment, printed
from newsletter.phrases import Phrases
from newsletter.pipeline.freezing import Draft, draft_of
from newsletter.pipeline.noticing import Kind, Note, write
from newsletter.pipeline.previewing import Sheet, preview
from newsletter.pipeline.publication import Publication
from newsletter.store import drafts, keys, outbox
from newsletter.tokens import Purpose, read, sign

EDITORS = 32
"""Bits of a token's number that stand for the editor; the others for the draft."""


@dataclass(frozen=True)
class Invitation:
    """A draft, and the editor whose link leads to it."""

    draft: Draft
    editor: str


def invite(publication: Publication, draft: Draft) -> None:
    """Write to each editor of a draft's list, with the letter and the link to approve it; and that they are, at once.

    Raises:
        AudienceError: an editor's address cannot be mailed; nobody is written to.
    """
    slug = draft.row.list
    sheets = preview(publication, slug).letters
    notes = [_note(publication, draft, editor, sheets[0]) for editor in publication.list(slug).editors if sheets]
    with publication.store.write() as connection:
        row = drafts.of(connection, slug)
        if row is None or row.mark != draft.row.mark or row.announced:
            return  # another one took its place, or another process was faster
        outbox.supersede(connection, Kind.INVITATION, slug)
        for note in notes:
            write(publication, connection, slug, note)
        drafts.put(connection, replace(row, announced=publication.now))


def link(publication: Publication, draft: Draft, editor: str) -> str:
    """Return the address at which one editor may read, change, approve or postpone a draft."""
    with publication.store.write() as connection:
        id = publication.signing_key(connection)
        key = keys.everything(connection)[id]
    token = sign(id, key, Purpose.APPROVE, draft.row.mark << EDITORS | _number(editor))
    return f"{publication.config.web_base}/approve/{token}"


def invited(publication: Publication, token: str) -> Invitation | None:
    """Return the draft to which a link leads and whose it is, None where there is no such draft or editor any more."""
    with publication.store.read() as connection:
        number = read(token, Purpose.APPROVE, keys.everything(connection))
        waiting = drafts.everything(connection)
    if number is None:
        return None
    mark, editor = number >> EDITORS, number & (1 << EDITORS) - 1
    row = next((row for row in waiting if row.mark == mark and row.list in publication.config.lists), None)
    editors = publication.config.lists[row.list].editors if row else ()
    name = next((address for address in editors if _number(address) == editor), None)
    return Invitation(draft_of(publication, row), name) if row and name else None


def _note(publication: Publication, draft: Draft, editor: str, sheet: Sheet) -> Note:
    settings, config = publication.list(draft.row.list), publication.config
    language, zone = config.site.language, config.zone(draft.row.list)
    told = words("letter", language)
    # In a sentence, a day is said in full.
    when = Phrases(language, zone).deadline(draft.row.planned or publication.now)
    sentence = told[f"approve_{settings.approval or 'wait'}"].format(title=say(settings.title, language), when=when)
    values = {"words": told, "told": sentence, "link": link(publication, draft, editor)}
    made = environment(publication.notice_templates("approval"))
    banner = Body(*(printed(made, f"approval.{kind}", values) for kind in ("html", "txt")))
    body = Body(_below(banner.html, sheet.html), f"{banner.text}\n{sheet.text}")
    return Note(Kind.INVITATION, editor, told["approve_subject"].format(subject=sheet.subject), body)


def _below(banner: str, html: str) -> str:
    """Put something before all else that a page shows."""
    start = html.index(">", html.index("<body")) + 1
    return html[:start] + banner + html[start:]


def _number(editor: str) -> int:
    return zlib.crc32(normalise(editor)[1].encode())
