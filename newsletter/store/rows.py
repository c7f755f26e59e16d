"""Rows: many of one table are written by one statement of the driver, the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

Bind = Callable[[Any], Any]
"""Turns a value into what the driver takes."""


def add(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows with the same columns; what SQLAlchemy does for each of them would take longer than the database."""
    if not rows:
        return
    names = tuple(rows[0])
    statement, binds = _insertion(table, names, connection.dialect)
    columns = [
        map(bind, column) if bind else column
        for name, bind in zip(names, binds, strict=True)
        for column in [[row[name] for row in rows]]
    ]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


@lru_cache
def _insertion(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> tuple[str, tuple[Bind | None, ...]]:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    columns, marks = ", ".join(map(quote, names)), ", ".join([mark] * len(names))
    binds = tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})", binds  # noqa: S608 - names of our schema
