"""Scored archives: parts with their rows, each kept whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from risk_service.store.archive_tables import archive_parts, archive_scores
from risk_service.store.upsert import Row, insert_or_replace


def part_facts(conn: Connection, model_version: str, source: str, number: int) -> Row | None:
    """What was noted of a part when it was kept; None where it is not."""
    query = select(archive_parts.c.facts).where(
        archive_parts.c.model_version == model_version,
        archive_parts.c.source == source,
        archive_parts.c.number == number,
    )
    facts: Row | None = conn.execute(query).scalar()
    return facts


def keep_part(
    conn: Connection,
    model_version: str,
    source: str,
    number: int,
    rows: Sequence[Row],
    facts: Row,
    now: datetime,
) -> None:
    """Keep a part of consecutive rows, in place of what it held before.

    Where the archive is cut anew a row moves here from another part, which is then no more whole:
    what was noted of it is forgotten.
    """
    named = {"model_version": model_version, "source": source, "number": number}
    ours = [archive_scores.c[name] == value for name, value in named.items()]
    conn.execute(delete(archive_scores).where(*ours))
    if rows:
        taken_from = select(archive_scores.c.number).where(
            *ours[:2], archive_scores.c.row.between(rows[0]["row"], rows[-1]["row"])
        )
        robbed = [archive_parts.c[name] == named[name] for name in ("model_version", "source")]
        conn.execute(delete(archive_parts).where(*robbed, archive_parts.c.number.in_(taken_from)))
    insert_or_replace(conn, archive_scores, [{**named, **row} for row in rows])
    insert_or_replace(conn, archive_parts, [{**named, "facts": facts, "written_at": now}])


def forget_parts(conn: Connection, model_version: str, source: str, beyond: int) -> None:
    """Forget the parts of a source that come after part ``beyond``."""
    for table in (archive_scores, archive_parts):
        conn.execute(
            delete(table).where(
                table.c.model_version == model_version,
                table.c.source == source,
                table.c.number > beyond,
            )
        )


def count_rows(conn: Connection, model_version: str, source: str) -> int:
    """Rows that are kept of a source."""
    query = select(func.count()).where(
        archive_scores.c.model_version == model_version, archive_scores.c.source == source
    )
    return int(conn.execute(query).scalar_one())


def all_facts(conn: Connection, model_version: str, source: str) -> list[Row]:
    """The facts of every part of a source, in order."""
    query = (
        select(archive_parts.c.facts)
        .where(archive_parts.c.model_version == model_version, archive_parts.c.source == source)
        .order_by(archive_parts.c.number)
    )
    return list(conn.execute(query).scalars())
