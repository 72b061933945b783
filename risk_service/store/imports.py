"""How far the import of each file has come, by the SHA-256 of the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from risk_service.store.tables import imports, set_aside
from risk_service.store.upsert import insert_or_replace


@dataclass(frozen=True, slots=True)
class ImportState:
    """Rows read so far are those added, repeated and bad; ``finished_at`` is None on the way."""

    sha256: str
    path: str
    started_at: datetime
    rows_read: int = 0
    added: int = 0
    repeated: int = 0
    bad: int = 0
    finished_at: datetime | None = None


_COLUMNS = tuple(imports.c[name] for name in ImportState.__dataclass_fields__)


def import_of(conn: Connection, sha256: str) -> ImportState | None:
    """The import of a file, or None where it was never begun."""
    row = conn.execute(select(*_COLUMNS).where(imports.c.sha256 == sha256)).first()
    return None if row is None else ImportState(**row._mapping)


def save_import(conn: Connection, state: ImportState) -> None:
    """Keep how far an import has come, over what was kept of it before."""
    insert_or_replace(conn, imports, [asdict(state)])


def forget_set_aside(conn: Connection, origin: str) -> None:
    """Drop the rows set aside under ``origin``, before it is read anew."""
    conn.execute(delete(set_aside).where(set_aside.c.origin == origin))
