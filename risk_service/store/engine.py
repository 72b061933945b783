"""One engine for SQLite and PostgreSQL, and the two ways to use it: reading and writing.

An engine may bound its reads (``read_seconds``): one that takes longer is stopped by the database
itself, so that a heavy question of somebody cannot hold connections that others wait for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
"""How long a writer of SQLite waits for another one to end."""
STEPS_BETWEEN_LOOKS = 20_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""
_READ_SECONDS = "risk_read_seconds"


def make_engine(url: str, read_seconds: float | None = None) -> Engine:
    """Engine for a database address such as ``sqlite:///data/risk.sqlite3`` or
    ``postgresql+psycopg://user@host/name``; plain ``postgresql://`` means psycopg 3.

    ``read_seconds`` bounds each statement of a read on PostgreSQL, each read on SQLite, and the
    wait for a free connection; ``was_too_slow`` knows the error. None is no bound.
    """
    parsed = make_url(url)
    options: dict[str, Any] = {"execution_options": {_READ_SECONDS: read_seconds}}
    if read_seconds is not None:
        options["pool_timeout"] = read_seconds
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_pre_ping=True, pool_recycle=1800, **options)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one consistent state and writes nothing."""
    seconds = engine.get_execution_options().get(_READ_SECONDS)
    with engine.connect().execution_options(read_only=True) as conn:
        if engine.dialect.name == "postgresql":
            conn = conn.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            if seconds is not None:
                conn.exec_driver_sql(f"SET LOCAL statement_timeout = {round(1000 * seconds)}")
            yield conn
        elif seconds is None:
            yield conn
        else:
            with _stopped_after(conn, seconds):
                yield conn


@contextmanager
def _stopped_after(conn: Connection, seconds: float) -> Iterator[None]:
    """SQLite asks every few thousand steps of a statement whether its time is over."""
    until = time.monotonic() + seconds
    driver: Any = conn.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > until, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def was_too_slow(error: DBAPIError) -> bool:
    """Whether a statement was stopped because its time was over."""
    return getattr(error.orig, "sqlstate", None) == "57014" or str(error.orig) == "interrupted"


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
