"""The one way rows are written: by natural key, in the database, alike on both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy import Row as SqlRow
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

Row = dict[str, Any]
Insert = PostgresInsert | SqliteInsert


def plain(row: SqlRow[*tuple[Any, ...]]) -> Row:
    """A row by the names of its columns, as plain text: SQLAlchemy's own kind is none for JSON."""
    return {str(name): value for name, value in row._mapping.items()}


def insert_into(conn: Connection, table: Table) -> Insert:
    """An INSERT of the connection's dialect, which knows ON CONFLICT."""
    return postgres_insert(table) if conn.dialect.name == "postgresql" else sqlite_insert(table)


def insert_new(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose primary or unique key is not there yet; leave the others alone."""
    if rows:
        conn.execute(insert_into(conn, table).on_conflict_do_nothing(), rows)


def insert_or_replace(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows, and overwrite those whose primary key is there already."""
    if not rows:
        return
    statement = insert_into(conn, table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)
