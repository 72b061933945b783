"""API keys: only their hashes are kept. Scopes: read, write (reads too), admin (all)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from risk_service.store.tables import api_keys
from risk_service.store.upsert import Row

SCOPES = ("read", "write", "admin")
PREFIX = "risk_"


def hash_key(key: str) -> str:
    """SHA-256 in hex. The keys are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_key(conn: Connection, name: str, scope: str, now: datetime) -> str:
    """Make a key, keep its hash, and return the key itself, which is never shown again.

    Raises
    ------
    ValueError
        For an unknown scope or an empty or overlong name.
    """
    if scope not in SCOPES:
        raise ValueError(f"scope: {scope!r} is not one of {', '.join(SCOPES)}")
    if not 0 < len(name) <= 100:
        raise ValueError("name: needs 1 to 100 characters")
    key = PREFIX + secrets.token_urlsafe(32)
    conn.execute(
        insert(api_keys).values(name=name, hash=hash_key(key), scopes=scope, created_at=now)
    )
    return key


def scope_of(conn: Connection, key: str) -> str | None:
    """The scope of a key that is known and not revoked, or None."""
    query = select(api_keys.c.scopes).where(
        api_keys.c.hash == hash_key(key), api_keys.c.revoked_at.is_(None)
    )
    scope: str | None = conn.execute(query).scalar()
    return scope


def name_of(conn: Connection, key: str) -> str | None:
    """Whose key it is, where it is known and not revoked, or None."""
    query = select(api_keys.c.name).where(
        api_keys.c.hash == hash_key(key), api_keys.c.revoked_at.is_(None)
    )
    name: str | None = conn.execute(query).scalar()
    return name


def list_keys(conn: Connection) -> list[Row]:
    """Every key's id, name, scope and times, without the key."""
    columns = (
        api_keys.c.id, api_keys.c.name, api_keys.c.scopes, api_keys.c.created_at,
        api_keys.c.revoked_at,
    )  # fmt: skip
    return [dict(row._mapping) for row in conn.execute(select(*columns).order_by(api_keys.c.id))]


def revoke_key(conn: Connection, id_: int, now: datetime) -> bool:
    """Make a key worthless; False where no such key is in use."""
    result = conn.execute(
        update(api_keys)
        .where(api_keys.c.id == id_, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return result.rowcount > 0


def allows(scope: str, needed: str) -> bool:
    """Whether a key of ``scope`` may do what needs ``needed``; each scope includes those below.

    >>> allows("write", "read"), allows("read", "write")
    (True, False)
    """
    return SCOPES.index(scope) >= SCOPES.index(needed)
