"""A database of an earlier schema is brought up to date, and nothing that staff decided is lost."""

from __future__ import annotations

from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import newsletter.store
from newsletter.model import ArticleState, Edits
from newsletter.store import articles, edits, entries, showings
from newsletter.store.engine import Store
from tests.store.sample import record


def empty(url: str) -> tuple[sa.Engine, Config]:
    """Return a database without tables, and what migrates it."""
    engine = Store.open(url).engine
    with engine.begin() as connection:
        for table in reversed(sa.inspect(connection).get_table_names()):
            connection.exec_driver_sql(f"DROP TABLE {table}" + (" CASCADE" if engine.dialect.name != "sqlite" else ""))
    settings = Config()
    settings.set_main_option("script_location", str(Path(newsletter.store.__file__).parent / "migrations"))
    return engine, settings


def test_what_was_withheld_in_the_first_schema_is_an_edit_in_the_second(url: str) -> None:
    hidden = record(1, state=ArticleState.HIDDEN)
    engine, settings = empty(url)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO article (key, id, identity, state, published, withheld, words, record)"
                " VALUES (1, :id, :identity, 'hidden', 0, :yes, '', :record)"
            ),
            {"id": hidden.id, "identity": hidden.identity, "yes": True, "record": msgspec.json.encode(hidden).decode()},
        )
    engine.dispose()
    store = Store.open(url)
    with store.read() as connection:
        [known] = edits.of(connection, [1]).values()
        assert known.edits == Edits(state=ArticleState.HIDDEN)
        assert articles.get(connection, 1) == hidden
        assert articles.gone(connection, 1) is None
    store.close()


def test_feeds_of_an_earlier_schema_keep_their_ids_and_archives_and_become_no_older(url: str) -> None:
    engine, settings = empty(url)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0005")
        for key, path, shrank in ((1, "all", 5_000_000), (2, "theme/sport", None)):
            connection.execute(
                sa.text(
                    "INSERT INTO feed (key, path, archived, size, closed, shrank, seq)"
                    " VALUES (:key, :path, :yes, 27, 1, :shrank, 9)"
                ),
                {"key": key, "path": path, "yes": True, "shrank": shrank},
            )
        connection.execute(sa.text("INSERT INTO page (feed, number, seq) VALUES (1, 1, 9)"))
    engine.dispose()
    store = Store.open(url)
    with store.read() as connection:
        found = entries.standings(connection)
        assert {path: standing.name for path, standing in found.items()} == {"all": "all", "theme/sport": "theme/sport"}
        assert entries.volumes(connection) == [("all", 1)]
        [(document, shown)] = showings.of(connection, [(1, 0), (2, 0)]).items()
        assert (document, shown.updated.second, shown.content) == ((1, 0), 5, "")
    store.close()
