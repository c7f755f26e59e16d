"""Opening the database, its transactions, its migrations; alike on both dialects."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsletter.errors import StoreError
from newsletter.store import engine, keys, schema
from newsletter.store.engine import Store
from tests.conftest import without_server
from tests.store.sample import NOW


def keys_in(store: Store) -> int:
    with store.read() as connection:
        return len(keys.everything(connection))


def test_what_is_written_is_there_for_the_next_who_opens(url: str) -> None:
    first = Store.open(url)
    with first.write() as connection:
        keys.add(connection, b"secret", NOW)
    first.close()
    again = Store.open(url)
    try:
        assert keys_in(again) == 1
    finally:
        again.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        keys.add(connection, b"secret", NOW)
        raise RuntimeError
    assert keys_in(store) == 0


def test_a_rehearsal_leaves_nothing(store: Store) -> None:
    with store.rehearsal() as connection:
        keys.add(connection, b"secret", NOW)
        assert keys.newest(connection) is not None
    assert keys_in(store) == 0


def test_a_reader_sees_one_state_while_another_writes(store: Store) -> None:
    with store.read() as connection:
        assert keys.newest(connection) is None
        with store.write() as other:
            keys.add(other, b"secret", NOW)
        assert keys.newest(connection) is None
    assert keys_in(store) == 1


def test_who_only_reads_writes_nothing(store: Store) -> None:
    with pytest.raises(StoreError, match="the database refuses"), store.read() as connection:
        keys.add(connection, b"secret", NOW)
    assert keys_in(store) == 0
    with store.write() as connection:
        keys.add(connection, b"the connection is as good as before", NOW)
    assert keys_in(store) == 1


def test_a_change_that_the_tables_refuse_is_one_line(store: Store) -> None:
    with pytest.raises(StoreError, match=r"^the database refuses: .*try again$") as caught, store.write() as connection:
        for _ in range(2):
            connection.execute(schema.suppression.insert().values(folded="a@example.org", reason="left", at=NOW))
    assert "\n" not in str(caught.value)


def test_an_instant_comes_back_to_the_microsecond(store: Store) -> None:
    old = NOW.replace(year=1901, microsecond=123456)
    with store.write() as connection:
        connection.execute(schema.suppression.insert().values(folded="a@example.org", reason="left", at=old))
        assert connection.scalar(sa.select(schema.suppression.c.at)) == old


def test_an_empty_database_becomes_what_the_tables_say(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == schema.HEAD


def test_the_head_is_the_newest_migration() -> None:
    folder = Path(engine.__file__).parent / "migrations" / "versions"
    assert max(path.stem for path in folder.glob("v*.py")) == f"v{schema.HEAD}"


def test_opening_again_does_not_load_alembic(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_migrate", lambda *_: pytest.fail("migrated without need"))
    Store.open(url).close()


def test_a_newer_schema_is_one_clear_line(url: str) -> None:
    store = Store.open(url)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match=r"written by a newer program \(schema 9999\); install that version") as caught:
        Store.open(url)
    assert "\n" not in str(caught.value)


def test_an_address_that_leads_nowhere_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("Ceci n’est pas une base de données, mais une page de texte." * 99)
    for url, said in {
        "sqlite:///nowhere/newsletter.db": "no folder",
        "sqlite:///text.db": "file is not a database",
        "postgresql://reader:hush@/newsletter?host=/nowhere": "No such file",
        "newsletter.db": "store.url: is no address",
        "postgresql://reader:hush@host:port/newsletter": "store.url: is no address",
        "oracle9://host/name": "see .store. in config.toml",
    }.items():
        with pytest.raises(StoreError, match=said) as caught:
            Store.open(url, tmp_path)
        assert "\n" not in str(caught.value)
        assert "hush" not in str(caught.value)


def test_a_relative_file_is_counted_from_the_root(tmp_path: Path) -> None:
    store = Store.open("sqlite:///books.db", tmp_path)
    store.close()
    assert store.path == tmp_path / "books.db"
    assert store.path.is_file()


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, sqlite3.Connection]:
    """An SQLite database in which another process writes and does not come to an end."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    Store.open("sqlite:///newsletter.db", tmp_path).close()
    other = sqlite3.connect(tmp_path / "newsletter.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield tmp_path, other
    other.close()


def test_who_waits_too_long_for_a_lock_is_told(locked: tuple[Path, sqlite3.Connection]) -> None:
    store = Store.open("sqlite:///newsletter.db", locked[0])
    with pytest.raises(StoreError, match=r"database is locked; nothing was changed, try again"), store.write():
        pytest.fail("two write at once")
    locked[1].execute("ROLLBACK")
    with store.write() as connection:
        keys.add(connection, b"secret", NOW)
    store.close()


def test_opening_and_reading_wait_for_nobody(locked: tuple[Path, sqlite3.Connection]) -> None:
    store = Store.open("sqlite:///newsletter.db", locked[0])
    assert keys_in(store) == 0
    store.close()


def test_a_database_closed_to_everyone_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    other = sqlite3.connect(tmp_path / "newsletter.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE t (x)")
    try:
        with pytest.raises(StoreError, match="database is locked"):
            Store.open("sqlite:///newsletter.db", tmp_path)
    finally:
        other.close()


def test_without_a_server_the_tests_are_skipped_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(
        pytest.skip.Exception, match="no PostgreSQL server: no useradd; set NEWSLETTER_TEST_DATABASE_URL"
    ):
        without_server("no useradd")


def test_in_continuous_integration_a_missing_server_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no PostgreSQL server: no useradd"):
        without_server("no useradd")
