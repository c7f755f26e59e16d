"""The driver without SQLAlchemy on the way, for the few statements that run once a message.

A statement is still written once, with the tables' own names; it is compiled once and given to the driver as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from newsletter.errors import StoreError
from newsletter.store.engine import Store

Values = Mapping[str, object]


@dataclass(frozen=True)
class Prepared:
    """A statement as the driver takes it, with the values of the names that never change."""

    text: str
    constants: dict[str, object]


class Driver:
    """A connection of its own; what it runs is one transaction after the other."""

    def __init__(self, store: Store) -> None:
        self._connection = store.engine.connect()
        self._driver = cast(Any, self._connection.connection.dbapi_connection)
        self._errors = store.engine.dialect.loaded_dbapi.Error
        # SQLite takes the write lock at once or not at all; PostgreSQL's driver begins by itself.
        self._begin = "BEGIN IMMEDIATE" if store.sqlite else None
        self._dialect: sa.Dialect = store.engine.dialect
        if store.sqlite:
            self._dialect = sqlite.dialect(paramstyle="named")
            self._driver.execute("PRAGMA query_only = 0")

    def prepare(self, statement: sa.ClauseElement, **constants: object) -> Prepared:
        """Compile a statement whose changing values are named, and of the types that the driver stores."""
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        # A member of an enumeration is a string, but not to every driver.
        fixed = {name: str(value) if isinstance(value, str) else value for name, value in compiled.params.items()}
        return Prepared(str(compiled), fixed | constants)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Give a cursor; what it wrote is on disk when the block is left.

        Raises:
            StoreError: the database refuses, and nothing was changed.
        """
        cursor = self._driver.cursor()
        try:
            if self._begin:
                cursor.execute(self._begin)
            yield cursor
            self._driver.commit()
        except self._errors as error:
            self._driver.rollback()
            words = " ".join(str(error).split())
            raise StoreError(f"the database refuses: {words}; nothing was changed, try again") from error
        except BaseException:
            self._driver.rollback()
            raise
        finally:
            cursor.close()

    @staticmethod
    def run(cursor: Any, statement: Prepared, rows: Sequence[Values]) -> int:
        """Run a statement for each row of values; returns how many rows of the table it changed."""
        cursor.executemany(statement.text, [{**statement.constants, **row} for row in rows])
        return int(cursor.rowcount)

    @staticmethod
    def first(cursor: Any, statement: Prepared, values: Values) -> Any:
        """Return the first row that a query finds, None where there is none."""
        return cursor.execute(statement.text, {**statement.constants, **values}).fetchone()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
