"""One engine for SQLite and PostgreSQL, and the two ways to use it: reading and writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url

MIGRATIONS = Path(__file__).parent / "migrations"


def make_engine(url: str) -> Engine:
    """Engine for a database address such as ``sqlite:///data/risk.sqlite3`` or
    ``postgresql+psycopg://user@host/name``; plain ``postgresql://`` means psycopg 3.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_recycle=1800
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one consistent state and writes nothing."""
    with engine.connect().execution_options(read_only=True) as conn:
        if engine.dialect.name == "postgresql":
            conn = conn.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield conn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is committed at the end of the block, or undone by an error."""
    with engine.begin() as conn:
        yield conn


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema; does nothing where it is there already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as conn:
        if engine.dialect.name == "postgresql":
            # Two replicas that start together must not both create the tables.
            conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7245113)")
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def _set_up_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: _begin_sqlite does.
    dbapi_connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later would fail under contention.
    read_only = conn.get_execution_options().get("read_only", False)
    conn.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
