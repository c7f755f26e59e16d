"""Building: what is stored becomes the files that any web server can carry; only what changed is made and written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.feeds.forms import FORMS
from newsletter.feeds.tree import tree
from newsletter.pipeline.documents import Build, Document, calendars, feeds, indexes, issues, occasions, pages
from newsletter.pipeline.freezing import number_due
from newsletter.pipeline.output import MARK, Output
from newsletter.pipeline.pressing import press, press_events
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sharing import share
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import entries, serials, terms
from newsletter.store import occasions as books
from newsletter.store.engine import Transaction
from newsletter.store.rules import Wanted


@dataclass(frozen=True)
class Built:
    """What a build came to, in files; ``live`` are the paths of the documents that readers subscribe to."""

    written: int
    unchanged: int
    removed: int
    live: tuple[str, ...] = ()


class _Mark(msgspec.Struct):
    """Of what an output folder was made: the newest revision, what tells it from others, and all besides articles.

    ``owner`` is the name from which the publication's ids are made.
    """

    seq: int
    fingerprint: str
    context: str
    owner: str = ""


def build(publication: Publication, watch: Watch = unwatched, *, full: bool = False) -> Built:
    """Write every feed, page and file that is missing or different, and remove documents that are wanted no more.

    ``full`` makes everything anew, what was serialised too; the files are the same.

    Raises:
        NewsletterError: when the output folder cannot be written or a template is broken.
    """
    output = _output(publication.config)
    with output.locked():
        work, seq = _place(publication, output)
        if full:
            _forget(publication)
        with publication.store.read() as connection:
            owner = publication.config.site.tagged_by
            mark = _Mark(seq, entries.fingerprint(connection, seq), work.of_documents, owner)
            since = -1 if full else _since(output, mark, connection)
        _press(publication, work, since)
        if since < 0:
            output.note(MARK, "")
        with publication.store.read() as connection:
            built = _publish(publication, work, output, connection, since, watch)
        output.note(MARK, msgspec.json.encode(mark).decode())
    return built


def _place(publication: Publication, output: Output) -> tuple[Build, int]:
    """Bring the feeds in line with what is stored and due; return them with the newest revision."""
    config = publication.config
    with publication.store.write() as connection:
        publication.declare_terms(connection)
        publication.declare_events(connection)
        number_due(publication, connection)
        every = tree(config, terms.everything(connection))
        wanted = [Wanted(feed.path, feed.filters, feed.archived) for feed in every]
        seq = entries.place(connection, wanted, config.feeds.entries, publication.now)
        books.settle(connection, publication.events, publication.now)
    return Build(config, every, output.published), seq


def _since(output: Output, mark: _Mark, connection: Transaction) -> int:
    """Return the revision up to which the folder is as it should be, -1 where that is not known.

    Raises:
        NewsletterError: when it is another publication's, or ids are about to change.
    """
    try:
        held = msgspec.json.decode(output.noted(MARK), type=_Mark)
    except msgspec.DecodeError:
        return -1
    if held.owner not in ("", mark.owner):
        raise NewsletterError(
            f"{output.root}: holds what {held.owner} publishes, and its ids; if that was this site before it moved, "
            f'write authority = "{held.owner}" into [site]; else name another folder in feeds.output, or build --full'
        )
    known = held.context == mark.context and held.fingerprint == entries.fingerprint(connection, held.seq)
    return held.seq if known and output.whole else -1


def _forget(publication: Publication) -> None:
    with publication.store.write() as connection:
        serials.forget(connection)


def _press(publication: Publication, work: Build, since: int) -> None:
    for form in (name for name in publication.config.feeds.formats if name in FORMS):
        with publication.store.read() as connection:
            keys = feeds.needed(work, connection, since, form)
        press(publication, keys, form, work.of_entries)
    with publication.store.read() as connection:
        keys = calendars.needed(work, connection, since) | occasions.needed(work, connection, since)
    press_events(publication, keys, work.of_entries)


def _publish(
    publication: Publication, work: Build, output: Output, connection: Transaction, since: int, watch: Watch
) -> Built:
    config = publication.config
    keep = set(_paths(work, connection, since))
    files = share(config, output.root, connection)
    written = 0
    with watch(sum(kind.count(work, connection, since) for kind in (feeds, calendars, occasions, pages))) as step:
        for path, make in _documents(work, connection, since):
            keep.add(path)
            written += output.write(path, make())
            step(1)
    removed = output.sweep(keep)
    return Built(written + files.new, len(keep) + files.held - written, removed, tuple(feeds.live(work)))


def _documents(work: Build, connection: Transaction, since: int) -> Iterator[Document]:
    yield from feeds.stale(work, connection, since)
    yield from calendars.stale(work, connection, since)
    yield from occasions.stale(work, connection, since)
    yield from pages.stale(work, connection, since)
    yield from issues.stale(work, connection, since)
    yield from indexes.stale(work, connection)


def _paths(work: Build, connection: Transaction, since: int) -> Iterator[str]:
    """Yield where everything stands that is wanted, but for the pages of articles that are made now."""
    yield from feeds.paths(work, connection)
    yield from calendars.paths(work)
    yield from occasions.paths(work, connection)
    yield from issues.paths(connection)
    yield from indexes.paths()
    yield from pages.kept(work, connection, since)


def _output(config: Config) -> Output:
    folder = config.at(config.feeds.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot be made ({error.strerror}); name another in feeds.output") from error
    return Output(folder, compress=config.feeds.compress)
