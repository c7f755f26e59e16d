"""Opening the database and its transactions: the one place that knows the two dialects apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from newsletter.errors import StoreError
from newsletter.store import schema

Transaction = sa.Connection
"""An open transaction, as use cases pass it from one store function to the next."""

MIGRATION_LOCK = 0x4E574D
"""The key of the lock in PostgreSQL under which tables are made."""

BUSY_SECONDS = 60
"""How long a transaction waits for another process's write to end."""

SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""What makes a transaction of PostgreSQL look at one state; SQLite's do so by themselves."""


class Store:
    """An open database; ``write`` and ``read`` are its transactions."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str, root: Path = Path()) -> Store:
        """Open the database at an SQLAlchemy URL, making or migrating its tables where needed.

        A relative SQLite path is counted from ``root``.

        Raises:
            StoreError: when it cannot be opened, or was written by a newer program.
        """
        address, engine = _address(url, root), None
        try:
            engine = _engine(address)
            with engine.connect().execution_options(writes=False) as connection:
                stored = _stored_number(connection)
            if stored != schema.HEAD:
                _migrate(engine, stored)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            if engine:
                engine.dispose()
            raise StoreError(f"{address.render_as_string()}: {_reason(error)}; see [store] in config.toml") from error
        return cls(engine)

    @property
    def sqlite(self) -> bool:
        """Whether the books are one file on this machine."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.engine.url.database or "")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Run one transaction that may change the books; it is on disk when the block is left."""
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Run one transaction that only looks, at one consistent state."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def rehearsal(self) -> Iterator[sa.Connection]:
        """Run one transaction as if it changed the books; nothing of it remains."""
        with self._transaction(writes=True) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                connection.execution_options(writes=writes, **({} if writes or self.sqlite else SNAPSHOT))
                with connection.begin():
                    yield connection
        except sa.exc.DBAPIError as error:
            raise StoreError(f"the database refuses: {_reason(error)}; nothing was changed, try again") from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _address(url: str, root: Path) -> sa.URL:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise StoreError('store.url: is no address of a database; write "sqlite:///newsletter.db"') from None
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.database and address.database != ":memory:":
        return address.set(database=str(root / address.database))
    return address


def _engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address)
    if not Path(address.database or "").parent.is_dir():
        raise sa.exc.ArgumentError(f"no folder {Path(address.database or '').parent}")
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own BEGIN comes too late for a consistent read and never takes the write lock first.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(not writes)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _stored_number(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _migrate(engine: sa.Engine, stored: str | None) -> None:
    if stored is not None and stored > schema.HEAD:
        raise sa.exc.ArgumentError(f"written by a newer program (schema {stored}); install that version here too")
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes may open an empty database at once: the second finds the tables made.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            raise sa.exc.ArgumentError(f"its schema {stored} is none of this program's: {error}") from error


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
