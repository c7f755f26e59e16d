"""The driver without SQLAlchemy on the way, for the few statements that run once a message.

A statement is still written once, with the tables' own names; it is compiled once and given to the driver as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from newsletter.errors import StoreError
from newsletter.store.engine import Store

Values = Mapping[str, object]

_NAMED = re.compile(r"(?<![:\w]):(\w+)|%\((\w+)\)s")


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

    def prepare(self, statement: sa.ClauseElement, varying: Collection[str], **constants: int) -> str:
        """Return a statement as the driver takes it, in which only some values are left to be named.

        They must be of the types that the driver stores. All others are ours, and stand in the text: binding them for
        each row would take longer than what it does to the row.
        """
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        fixed = compiled.params | constants

        def literal(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            return found[0] if name in varying else _literal(fixed[name])

        return _NAMED.sub(literal, str(compiled))

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
    def run(cursor: Any, statement: str, rows: Sequence[Values]) -> int:
        """Run a statement for each row of values; returns how many rows of the table it changed."""
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)

    @staticmethod
    def first(cursor: Any, statement: str, values: Values) -> Any:
        """Return the first row that a query finds, None where there is none."""
        return cursor.execute(statement, values).fetchone()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def _literal(value: object) -> str:
    """Return a value of ours as it stands in SQL."""
    match value:
        case None:
            return "NULL"
        case int():
            return str(value)
        case str() if value.isalpha():
            return f"'{value!s}'"
    raise ValueError(f"{value!r} is no constant of a statement")
