"""Inspecting: what a proofreader says of what a list is about to send, and whether that stops it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsletter.delivery.address import normalise
from newsletter.delivery.signing import seal_of
from newsletter.digest.pieces import Pieces
from newsletter.digest.selection import from_bytes, positions, to_bytes
from newsletter.errors import AudienceError, ConfigError, DeliveryError, FetchError, TemplateError
from newsletter.pipeline.editions import Edition, claimed, composer, printed
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.rehearsing import to_show
from newsletter.proofing import linking
from newsletter.proofing.finding import Finding, Severity, error
from newsletter.proofing.proof import proof
from newsletter.proofing.reading import read
from newsletter.proofing.sender import sender
from newsletter.proofing.twins import twins
from newsletter.store.tally import Makings

Ask = Callable[[str], str]
"""Says what is wrong with the page at an address, nothing where it answers."""

_TEMPLATE = re.compile(r"[\w-]+\.(?:html|txt|css)")


@dataclass(frozen=True)
class Inspection:
    """What was found in what a list is about to send: the issue's name, how many letters were looked at."""

    list: str
    issue: str
    letters: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """The number of findings that stop a send."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def inspect(publication: Publication, list_slug: str, ask: Ask | None = None) -> Inspection:
    """Look at what a list would send now; with ``ask`` also at where its links lead."""
    unwritable = _unwritable(publication, list_slug)
    if unwritable:
        return Inspection(list_slug, list_slug, 0, tuple(unwritable))
    return inspected(publication, to_show(publication, list_slug), ask)


def refusals(publication: Publication, edition: Edition, despite: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return the errors that stop a send of an edition, but those of the checks that a person overrules.

    What was printed before goes on as it began: some of its letters may have left.
    """
    if edition.printed:
        return ()
    found = inspected(publication, edition).findings
    return tuple(each for each in found if each.severity is Severity.ERROR and each.check not in despite)


def demand(publication: Publication, edition: Edition) -> None:
    """See that an edition may be sent although nobody looks on.

    Raises:
        DeliveryError: when a check stops it.
    """
    if not edition.readers or not (found := refusals(publication, edition)):
        return
    checks = " ".join(f"--despite {check}" for check in sorted({finding.check for finding in found}))
    raise DeliveryError(
        f"{found[0].where}: {found[0].what}; nothing was sent, `newsletter check {edition.issue.list}` tells all:"
        f" mend it, or send all the same with `newsletter send {edition.issue.list} {checks}`"
    )


def inspected(publication: Publication, edition: Edition, ask: Ask | None = None) -> Inspection:
    """Look at an edition: its templates, its articles, its sender and some of its letters."""
    letters = list(edition.letters) or [_whole(publication, edition)]
    found = {*_of_sender(publication, edition.issue.list)}
    try:
        pieces = {language: printed(publication, edition, language) for language in {one.language for one in letters}}
        found |= {*_of_letters(publication, edition, letters, pieces, ask)}
    except TemplateError as problem:
        named = _TEMPLATE.search(str(problem))
        found.add(error("template", named[0] if named else "", str(problem)))
    except (AudienceError, DeliveryError) as problem:
        found.add(error("sender", f"config.toml, lists.{edition.issue.list}", str(problem)))
    files = _shown_files(publication, edition.issue.list)
    told = sorted(replace(finding, where=files.get(finding.where, finding.where)) for finding in found)
    return Inspection(edition.issue.list, edition.name, len(edition.letters), tuple(told))


def asking(publication: Publication, fetch: Callable[[str], object]) -> Ask:
    """Return what asks each address once: pages of our own in the output folder, others by ``fetch``."""
    base, output = f"{publication.config.base}/", publication.config.at(publication.config.feeds.output)

    @cache
    def ask(url: str) -> str:
        if url.startswith(base):
            path = unquote(urlsplit(url).path.removeprefix(urlsplit(base).path)) or "index.html"
            return (
                "" if (output / path).is_file() else f"{url}: is not built; run `newsletter build`, or correct the link"
            )
        if not url.startswith(("http://", "https://")):
            return ""
        try:
            fetch(url)
        except FetchError as problem:
            return str(problem)
        return ""

    return ask


def _of_letters(
    publication: Publication,
    edition: Edition,
    letters: Collection[Makings],
    pieces: Mapping[str, Pieces[str]],
    ask: Ask | None,
) -> Iterator[Finding]:
    """Yield what is wrong with everything that letters show, and with some of them as they are assembled."""
    templates = publication.templates(edition.issue.list)
    makes = composer(publication, edition, pieces)
    links = makes.links(0)
    shown = edition.picked | edition.repeated
    for letter in letters:
        shown |= from_bytes(letter.picks) | from_bytes(letter.repeats) | from_bytes(letter.corrections)
    for language, light in sorted({(letter.language, letter.light) for letter in letters}):
        some = frozenset(positions(shown))
        sheet = proof(edition.contents, language, pieces[language], templates, links, some, light)
        yield from read(sheet)
        if ask:
            yield from linking.dead(sheet, ask)
    for letter in letters:
        planned = makes.letter_of(letter)
        # Templates may have changed since pieces were printed, and nothing is printed anew.
        if letter.language not in edition.fragments:
            yield from twins(edition.contents, planned, pieces[letter.language], templates, links)
        makes.message(claimed(publication, edition, letter, edition.contents.sender.address))


def _whole(publication: Publication, edition: Edition) -> Makings:
    """Return a letter of everything, where there is no reader to whom one is written."""
    everything = to_bytes(edition.picked or (1 << len(edition.contents.articles)) - 1)
    return Makings(everything, b"", b"", publication.config.site.language, False)


def _of_sender(publication: Publication, list_slug: str) -> Iterator[Finding]:
    settings = publication.list(list_slug)
    broken = {}
    for address in filter(None, (settings.sender.address, settings.reply_to)):
        try:
            normalise(address)
        except AudienceError as problem:
            broken[address] = str(problem)
    yield from sender(list_slug, settings, broken)
    try:
        seal_of(publication.config, settings.sender.address, publication.now)
    except ConfigError as problem:
        yield error("sender", "config.toml, mail.dkim", str(problem))


def _unwritable(publication: Publication, list_slug: str) -> list[Finding]:
    """Return what is wrong with a sender with whom nothing can be rehearsed."""
    settings = publication.list(list_slug)
    try:
        normalise(settings.sender.address)
    except AudienceError:
        return sorted(_of_sender(publication, list_slug))
    return []


def _shown_files(publication: Publication, list_slug: str) -> dict[str, str]:
    """Return where staff find the templates of a list, by name: below config.toml, or shipped with the program."""
    root = publication.config.at("").resolve()
    return {name: _shown(path.resolve(), root) for name, path in publication.template_files(list_slug).items()}


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else f"{path.name} (as shipped)"
