"""Index days in vintages: a settled day is never changed, a revision stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select, update

from risk_service.store.tables import UtcDateTime, index_bases, index_days, index_versions
from risk_service.store.upsert import Row, insert_into, insert_new


def mark_dirty(conn: Connection, dyad: str, since: datetime, now: datetime) -> None:
    """Note that events published from ``since`` on have changed, and move the index version."""
    earliest = func.min if conn.dialect.name == "sqlite" else func.least
    statement = insert_into(conn, index_versions).values(
        dyad=dyad, version=1, moved_at=now, dirty_from=since
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["dyad"],
            set_={
                "version": index_versions.c.version + 1,
                "moved_at": now,
                "dirty_from": earliest(
                    func.coalesce(index_versions.c.dirty_from, since, type_=UtcDateTime()),
                    statement.excluded.dirty_from,
                ),
            },
        )
    )


def dirty_from(conn: Connection, dyad: str) -> tuple[int, datetime | None]:
    """The index version, and the publication of the earliest event not yet in the index days."""
    query = select(index_versions.c.version, index_versions.c.dirty_from).where(
        index_versions.c.dyad == dyad
    )
    row = conn.execute(query).first()
    return (0, None) if row is None else (row[0], row[1])


def mark_clean(conn: Connection, dyad: str, version: int, now: datetime) -> None:
    """Note that every event up to ``version`` is in the index days, and move the version.

    Where the version has moved meanwhile the days stay dirty, and are looked at again.
    """
    conn.execute(
        update(index_versions)
        .where(index_versions.c.dyad == dyad, index_versions.c.version == version)
        .values(version=version + 1, moved_at=now, dirty_from=None)
    )


def index_version(conn: Connection, dyad: str) -> int:
    """A number that moves whenever an event or a day of the dyad's index does; 0 at the start."""
    query = select(index_versions.c.version).where(index_versions.c.dyad == dyad)
    return conn.execute(query).scalar() or 0


def base_of(conn: Connection, dyad: str, method: str, model: str) -> tuple[float, float] | None:
    """Frozen base-period means of (escalation, thaw); None where not frozen yet."""
    query = select(index_bases.c.escalation, index_bases.c.thaw).where(
        index_bases.c.dyad == dyad,
        index_bases.c.method_version == method,
        index_bases.c.model_version == model,
    )
    row = conn.execute(query).first()
    return None if row is None else (row[0], row[1])


def freeze_base(conn: Connection, row: Row) -> None:
    """Keep the base of a dyad, method and model; one that is kept already stays."""
    insert_new(conn, index_bases, [row])


def add_vintages(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep new vintages of days; one already kept is never changed."""
    insert_new(conn, index_days, rows)


def read_days(
    conn: Connection,
    dyad: str,
    since: date | None = None,
    until: date | None = None,
    as_of: datetime | None = None,
    *,
    every: bool = False,
) -> pd.DataFrame:
    """The newest vintage of each day in [since, until], known at ``as_of`` where given.

    With ``every``, all the vintages known then.

    Returns
    -------
    DataFrame
        day, vintage, known_at, computed_at, reconstructed, model_version, method_version,
        escalation_index, thaw_index and ``tables.INDEX_VALUES``; in order of day and vintage.
    """
    wanted = _within(_vintages(dyad, as_of, every), since, until).subquery()
    columns = [column for column in index_days.c if column.name != "dyad"]
    query = (
        select(*columns)
        .join(
            wanted,
            (index_days.c.day == wanted.c.day) & (index_days.c.vintage == wanted.c.vintage),
        )
        .where(index_days.c.dyad == dyad)
        .order_by(index_days.c.day, index_days.c.vintage)
    )
    names = [column.name for column in columns]
    # Plain tuples: a frame of SQLAlchemy rows takes twice as long to build.
    return pd.DataFrame([tuple(row) for row in conn.execute(query)], columns=names)


def _vintages(dyad: str, as_of: datetime | None, every: bool) -> Select[Any]:
    """Day and number of the newest vintage of each day, or of every one, as far as known then."""
    query = (
        select(index_days.c.day, func.max(index_days.c.vintage).label("vintage"))
        .where(index_days.c.dyad == dyad)
        .group_by(index_days.c.day, *([index_days.c.vintage] if every else []))
    )
    return query if as_of is None else query.where(index_days.c.known_at <= as_of)


def _within(query: Select[Any], since: date | None, until: date | None) -> Select[Any]:
    if since is not None:
        query = query.where(index_days.c.day >= since)
    if until is not None:
        query = query.where(index_days.c.day <= until)
    return query


def last_model(conn: Connection, dyad: str) -> str | None:
    """The model of the newest vintage of the newest day; None where no day is settled."""
    query = (
        select(index_days.c.model_version)
        .where(index_days.c.dyad == dyad)
        .order_by(index_days.c.day.desc(), index_days.c.vintage.desc())
        .limit(1)
    )
    version: str | None = conn.execute(query).scalar()
    return version


def last_day(conn: Connection, dyad: str) -> date | None:
    """The newest day that is settled; None where there is none."""
    query = select(func.max(index_days.c.day)).where(index_days.c.dyad == dyad)
    day: date | None = conn.execute(query).scalar()
    return day
