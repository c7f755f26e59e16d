"""A database of an earlier schema is brought up to date, and nothing that staff decided is lost."""

from __future__ import annotations

from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import newsletter.store
from newsletter.model import ArticleState, Edits
from newsletter.store import articles, edits
from newsletter.store.engine import Store
from tests.store.sample import record


def test_what_was_withheld_in_the_first_schema_is_an_edit_in_the_second(url: str) -> None:
    hidden = record(1, state=ArticleState.HIDDEN)
    engine = Store.open(url).engine
    with engine.begin() as connection:
        for table in reversed(sa.inspect(connection).get_table_names()):
            connection.exec_driver_sql(f"DROP TABLE {table}" + (" CASCADE" if engine.dialect.name != "sqlite" else ""))
    settings = Config()
    settings.set_main_option("script_location", str(Path(newsletter.store.__file__).parent / "migrations"))
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
