"""The model registry: versions, the aliases champion and challenger, and how they came to be.

A version is registered once, with its card; its artifact is a folder of the same name. Each alias
names one version at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy import Row as SqlRow

from risk_service.store.model_tables import model_aliases, model_exams, model_versions, promotions
from risk_service.store.upsert import Row, insert_new, insert_or_replace

CHAMPION, CHALLENGER = ALIASES = ("champion", "challenger")
FIRST, PROMOTE, ROLLBACK = "first", "promote", "rollback"
REPLACE, REFUSED = "replace", "refused"
"""Acts of the history: ``replace`` is of a champion whose artifact was there no more, ``refused``
of a promotion that the gate did not let through."""
_LOCK = 7_245_114


def champion_version(conn: Connection) -> str | None:
    """The version that serves; None where the database knows none yet."""
    return aliased_version(conn, CHAMPION)


def challenger_version(conn: Connection) -> str | None:
    """The version that is tried beside the champion; None where there is none."""
    return aliased_version(conn, CHALLENGER)


def aliased_version(conn: Connection, alias: str) -> str | None:
    """The version an alias names, or None."""
    query = select(model_aliases.c.version).where(model_aliases.c.alias == alias)
    version: str | None = conn.execute(query).scalar()
    return version


def lock_registry(conn: Connection) -> None:
    """Let nobody else change aliases or history before this transaction ends."""
    if conn.dialect.name == "postgresql":
        # SQLite lets one writer in at a time anyway.
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def register(conn: Connection, cards: Sequence[Row], now: datetime) -> None:
    """Enter versions by their cards (plain data); those that are known stay as they are.

    Raises
    ------
    ValueError
        When a version is known with another model file.
    """
    rows = [
        {"version": card["version"], "name": card["name"], "sha256": card["sha256"], "card": card}
        for card in cards
    ]
    for row in rows:
        known = one_model(conn, row["version"])
        if known is not None and known["sha256"] != row["sha256"]:
            raise ValueError(f"version: {row['version']} is registered with another model file")
    insert_new(conn, model_versions, [{**row, "registered_at": now} for row in rows])


def one_model(conn: Connection, version: str) -> Row | None:
    """``version``, ``name``, ``sha256``, ``card``, ``registered_at`` and its ``aliases``."""
    query = select(model_versions).where(model_versions.c.version == version)
    row = conn.execute(query).first()
    if row is None:
        return None
    return {**_plain(row), "aliases": _aliases(conn).get(version, [])}


def all_models(conn: Connection) -> list[Row]:
    """Every version as ``one_model`` gives it, the newest first."""
    query = select(model_versions).order_by(
        model_versions.c.registered_at.desc(), model_versions.c.version
    )
    named = _aliases(conn)
    return [{**_plain(row), "aliases": named.get(row.version, [])} for row in conn.execute(query)]


def name_alias(conn: Connection, alias: str, version: str | None, now: datetime) -> None:
    """Let an alias name a registered version, or none."""
    if version is None:
        conn.execute(delete(model_aliases).where(model_aliases.c.alias == alias))
        return
    insert_or_replace(conn, model_aliases, [{"alias": alias, "version": version, "since": now}])


def note_promotion(conn: Connection, row: Row) -> None:
    """Add to the history: ``at``, ``who``, ``act``, ``from_version``, ``to_version`` and so on."""
    conn.execute(insert(promotions).values(**row))


def promotion_history(conn: Connection) -> list[Row]:
    """Every change of the champion, oldest first."""
    rows = conn.execute(select(promotions).order_by(promotions.c.id))
    return [_plain(row) for row in rows]


def version_before(conn: Connection) -> str | None:
    """The champion that a rollback goes back to: each rollback undoes one more promotion."""
    before: list[str | None] = []
    for row in promotion_history(conn):
        if row["act"] == ROLLBACK and before:
            before.pop()
        elif row["act"] == PROMOTE:
            before.append(row["from_version"])
    return before[-1] if before else None


def read_exam(conn: Connection, sha256: str, labels_sha256: str) -> Row | None:
    """What a model file was found to do on a set of labels, or None."""
    query = select(model_exams.c.exam).where(
        model_exams.c.sha256 == sha256, model_exams.c.labels_sha256 == labels_sha256
    )
    found: Row | None = conn.execute(query).scalar()
    return found


def keep_exam(conn: Connection, sha256: str, labels_sha256: str, exam: Row, now: datetime) -> None:
    """Keep what a model file was found to do on a set of labels."""
    row = {"sha256": sha256, "labels_sha256": labels_sha256, "exam": exam, "examined_at": now}
    insert_or_replace(conn, model_exams, [row])


def _plain(found: SqlRow[Any]) -> Row:
    # Names of columns are no plain strings, and JSON wants those.
    return {str(name): value for name, value in found._mapping.items()}


def _aliases(conn: Connection) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    query = select(model_aliases.c.version, model_aliases.c.alias).order_by(model_aliases.c.alias)
    for version, alias in conn.execute(query):
        named.setdefault(version, []).append(alias)
    return named
