"""Where labelled rows come from besides the corpus: label files, or a query of a database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from training.labels import check_enough, checked, joined, read_labels

MOST_ROWS = 2_000_000


def from_files(paths: Sequence[Path]) -> pd.DataFrame:
    """The rows of label files as one (see ``training.labels.read_labels``).

    Raises
    ------
    ValueError
        When a file is refused, files contradict one another, or rows are too few or of one class.
    """
    frame = joined([read_labels(path).assign(file=path.stem) for path in paths])
    check_enough(frame)
    return frame


def from_query(database: str, query: str) -> pd.DataFrame:
    """The rows that a query of SQLite or PostgreSQL gives, with the columns of a label file.

    The database is only read: SQLite is opened so, and PostgreSQL told so.

    Raises
    ------
    ValueError
        When the query fails or would write, or its rows are refused as those of a file are.
    """
    try:
        frame = _read(database, query)
    except (SQLAlchemyError, ArgumentError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ValueError(f"query: {said}") from None
    try:
        rows = checked(frame)
        check_enough(rows)
    except ValueError as error:
        raise ValueError(f"query: {error}") from None
    return rows


def _read(database: str, query: str) -> pd.DataFrame:
    url = make_url(database)
    kind = url.get_backend_name()
    if kind == "sqlite":
        path = Path(url.database or "").absolute()
        url = make_url("sqlite://").set(database=path.as_uri(), query={"mode": "ro", "uri": "true"})
    elif kind == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    else:
        raise ValueError(f"database: {kind} is neither sqlite nor postgresql")
    engine = create_engine(url)
    try:
        with engine.connect() as conn:
            if kind == "postgresql":
                conn = conn.execution_options(postgresql_readonly=True)
            result = conn.execute(text(query))
            if not result.returns_rows:
                raise ValueError("query: gives no rows")
            rows = result.fetchmany(MOST_ROWS)
            return pd.DataFrame(_written(rows), columns=list(result.keys()))
    finally:
        engine.dispose()


def _written(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Values as a label file has them: text, empty for NULL, moments in ISO 8601."""
    return [["" if value is None else str(value) for value in row] for row in rows]
