"""Printing an issue: its fragments are rendered and inlined once a language and stored with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from newsletter.delivery.composing import Composer
from newsletter.digest.letter import Contents
from newsletter.digest.master import master
from newsletter.digest.pieces import Pieces, dump, load
from newsletter.digest.press import Templates
from newsletter.errors import TemplateError
from newsletter.pipeline.publication import Publication
from newsletter.shipped import templates as shipped
from newsletter.store import issues, keys
from newsletter.store.issues import IssueRow


def templates_of(publication: Publication, list_slug: str) -> Templates:
    """Return the template files of a list: each shipped one, or the publication's own of the same name.

    Raises:
        TemplateError: when the list names a template that does not exist.
    """
    name = publication.list(list_slug).template
    folders = [
        shipped() / "email" / "digest",
        shipped() / "email" / name,
        publication.config.at("templates") / "email" / name,
    ]
    if not any(folder.is_dir() for folder in folders[1:]):
        raise TemplateError(f"lists.{list_slug}.template: no folder templates/email/{name}; make it or remove the key")
    return {file.name: file.read_text(encoding="utf-8") for folder in folders for file in _files(folder)}


def composer_of(publication: Publication, issue: IssueRow) -> Composer:
    """Return what composes an issue's messages, printing the fragments that are not there yet."""
    contents = contents_of(publication, issue)
    templates = templates_of(publication, issue.list)
    with publication.store.read() as connection:
        languages = issues.languages(connection, issue.id)
        secret = keys.everything(connection)[issue.signing_key]
    printed = {language: _printed(publication, issue, contents, language, templates) for language in languages}
    return Composer(publication.config, contents, issue.nonce, printed, (issue.signing_key, secret), templates)


def contents_of(publication: Publication, issue: IssueRow) -> Contents:
    """Return what an issue was frozen with; JSON keeps the offset of its instant, and the zone is put back."""
    frozen = msgspec.json.decode(issue.contents, type=Contents)
    return replace(frozen, opened=frozen.opened.astimezone(publication.config.site.zone))


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


def _files(folder: Path) -> Sequence[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
