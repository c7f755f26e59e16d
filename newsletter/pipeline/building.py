"""Building: what is stored becomes the files that any web server can carry; only what changed is made and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

import msgspec

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.feeds.forms import FORMS
from newsletter.feeds.tree import tree
from newsletter.pipeline.dating import date
from newsletter.pipeline.documents import Build, calendars, feeds, indexes, issues, occasions, pages
from newsletter.pipeline.freezing import number_due
from newsletter.pipeline.output import MARK, Output
from newsletter.pipeline.pressing import press, press_events
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sharing import share
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import entries, placing, serials, terms
from newsletter.store import occasions as books
from newsletter.store.engine import Transaction
from newsletter.store.rules import Wanted

KINDS = (feeds, calendars, occasions, pages, issues, indexes)
"""Every kind of document that a build writes, in this order: what leads to others comes after them."""


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
        work = replace(work, since=since)
        _press(publication, work)
        if since < 0:
            output.note(MARK, "")
        with publication.store.read() as connection:
            built = _publish(work, output, connection, watch)
        output.note(MARK, msgspec.json.encode(mark).decode())
    return built


def _place(publication: Publication, output: Output) -> tuple[Build, int]:
    """Bring the feeds in line with what is stored and due; return them with the newest revision."""
    config = publication.config
    with publication.store.write() as connection:
        publication.declare(connection)
        number_due(publication, connection)
        every = tree(config, terms.everything(connection))
        wanted = [Wanted(feed.path, feed.filters, feed.archived) for feed in every]
        seq = placing.place(connection, wanted, config.feeds.entries, publication.now)
        books.settle(connection, publication.events, publication.now)
        names = {path: standing.name for path, standing in entries.standings(connection).items()}
    return Build(config, [replace(feed, name=names[feed.path]) for feed in every], output.published), seq


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


def _press(publication: Publication, work: Build) -> None:
    """Serialise what stale documents show, and date these."""
    with publication.store.read() as connection:
        holdings = feeds.holdings(work, connection)
        dated = calendars.needed(work, connection) | occasions.needed(work, connection)
    for form in (name for name in publication.config.feeds.formats if name in FORMS):
        shown = (keys for (_, volume), keys in holdings.items() if not volume or form == feeds.ARCHIVES)
        press(publication, set(chain.from_iterable(shown)), form, work.of_entries)
    press_events(publication, dated, work.of_entries)
    date(publication, holdings)


def _publish(work: Build, output: Output, connection: Transaction, watch: Watch) -> Built:
    keep = set(chain.from_iterable(kind.paths(work, connection) for kind in KINDS))
    files = share(work.config, output.root, connection)
    written = 0
    with watch(sum(kind.count(work, connection) for kind in KINDS)) as step:
        for path, make in chain.from_iterable(kind.stale(work, connection) for kind in KINDS):
            keep.add(path)
            written += output.write(path, make())
            step(1)
    removed = output.sweep(keep)
    return Built(
        written + files.new, len(keep) + files.held - written, removed, (*feeds.live(work), *issues.live(work))
    )


def _output(config: Config) -> Output:
    folder = config.at(config.feeds.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot be made ({error.strerror}); name another in feeds.output") from error
    return Output(folder, compress=config.feeds.compress)
