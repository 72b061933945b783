"""Rows of a SQL query, as those of a file; the database is only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, Row, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from risk_service.errors import FileError
from risk_service.feeds.file_contract import FileRow, FileRows

BATCH = 5_000


def sql_rows(url: str, query: str) -> FileRows:
    """The rows of a query, a few thousand at a time, in the order the database gives them.

    SQLite and PostgreSQL; the query runs where nothing can be written. Only with ORDER BY does it
    give the same rows in the same order each time.

    Raises
    ------
    FileError
        When the database cannot be read or the query is not one.
    """
    try:
        with _reading(_engine(url), query) as rows:
            for number, row in enumerate(rows, 1):
                yield FileRow(f"row {number}", dict(row._mapping))
    except (SQLAlchemyError, ValueError) as error:
        said = getattr(error, "orig", None) or error
        raise FileError(f"the query cannot be read: {said}") from error


@contextmanager
def _reading(engine: Engine, query: str) -> Iterator[Iterator[Row[Any]]]:
    options: dict[str, Any] = {"yield_per": BATCH}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        with engine.connect().execution_options(**options) as conn:
            yield iter(conn.execute(text(query)))
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"))
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ValueError("an address of a sqlite file or of postgresql is wanted")
    if not Path(parsed.database).is_file():
        raise ValueError(f"there is no file {parsed.database}")
    # Opened for reading only: the file is not ours.
    name = f"file:{quote(str(Path(parsed.database).absolute()))}"
    return create_engine(parsed.set(database=name, query={"mode": "ro", "uri": "true"}))
