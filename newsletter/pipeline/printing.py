"""Printing an issue: its fragments are rendered and inlined once a language and stored with it."""

from __future__ import annotations

from newsletter.delivery.composing import Composer
from newsletter.delivery.signing import seal_of
from newsletter.digest.letter import Contents, thawed
from newsletter.digest.master import master
from newsletter.digest.pieces import Pieces, dump, load
from newsletter.digest.press import Templates
from newsletter.pipeline.publication import Publication
from newsletter.store import issues, keys
from newsletter.store.issues import IssueRow


def composer_of(publication: Publication, issue: IssueRow) -> Composer:
    """Return what composes an issue's messages, printing the fragments that are not there yet."""
    contents = thawed(issue.contents, publication.config.zone(issue.list))
    templates = publication.templates(issue.list)
    with publication.store.read() as connection:
        languages = issues.languages(connection, issue.id)
        secret = keys.everything(connection)[issue.signing_key]
    printed = {language: _printed(publication, issue, contents, language, templates) for language in languages}
    config = publication.config
    seal = seal_of(config, contents.sender.address, contents.opened)
    return Composer(config, contents, issue.nonce, printed, (issue.signing_key, secret), templates, seal)


def _printed(
    publication: Publication, issue: IssueRow, contents: Contents, language: str, templates: Templates
) -> Pieces[str]:
    with publication.store.read() as connection:
        stored = issues.fragments(connection, issue.id)
    if language not in stored:
        body = dump(master(contents, language, issue.nonce, templates))
        with publication.store.write() as connection:
            # Another process may have printed it meanwhile: the first one counts for all.
            stored = issues.fragments(connection, issue.id)
            if language not in stored:
                issues.keep_fragments(connection, issue.id, language, body)
                stored[language] = body
    return load(stored[language])
