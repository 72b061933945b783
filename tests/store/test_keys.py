from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from risk_service.store.engine import reading, writing
from risk_service.store.keys import (
    PREFIX,
    SCOPES,
    allows,
    hash_key,
    list_keys,
    make_key,
    revoke_key,
    scope_of,
)
from risk_service.store.tables import api_keys

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def made(engine: Engine, name: str = "desk", scope: str = "read") -> str:
    with writing(engine) as conn:
        return make_key(conn, name, scope, NOW)


def scope(engine: Engine, key: str) -> str | None:
    with reading(engine) as conn:
        return scope_of(conn, key)


@pytest.mark.parametrize("given", SCOPES)
def test_a_key_opens_with_its_scope(engine: Engine, given: str) -> None:
    assert scope(engine, made(engine, scope=given)) == given


def test_only_the_hash_is_kept(engine: Engine) -> None:
    key = made(engine)
    assert key.startswith(PREFIX)
    assert len(key) > 40
    with reading(engine) as conn:
        (row,) = conn.execute(select(api_keys)).all()
    assert row.hash == hash_key(key)
    assert not any(key.removeprefix(PREFIX) in str(value) for value in row)


def test_keys_of_one_name_are_different_keys(engine: Engine) -> None:
    one, two = made(engine), made(engine)
    assert one != two
    with writing(engine) as conn:
        assert revoke_key(conn, 1, LATER)
    assert (scope(engine, one), scope(engine, two)) == (None, "read")


@pytest.mark.parametrize("strange", ["", "risk_", "risk_nobody", "' OR 1=1 --", "ключ"])
def test_a_strange_key_opens_nothing(engine: Engine, strange: str) -> None:
    made(engine)
    assert scope(engine, strange) is None


def test_a_revoked_key_opens_nothing_and_is_revoked_once(engine: Engine) -> None:
    key = made(engine, scope="admin")
    with writing(engine) as conn:
        assert revoke_key(conn, 1, NOW)
        assert not revoke_key(conn, 1, LATER)
        assert not revoke_key(conn, 2, LATER)
    assert scope(engine, key) is None
    with reading(engine) as conn:
        assert [row["revoked_at"] for row in list_keys(conn)] == [NOW]


def test_the_list_shows_no_key(engine: Engine) -> None:
    made(engine, "reader")
    made(engine, "robot", "write")
    with reading(engine) as conn:
        assert list_keys(conn) == [
            {"id": 1, "name": "reader", "scopes": "read", "created_at": NOW, "revoked_at": None},
            {"id": 2, "name": "robot", "scopes": "write", "created_at": NOW, "revoked_at": None},
        ]


@pytest.mark.parametrize(
    ("name", "given", "complaint"),
    [("desk", "root", "scope: 'root'"), ("", "read", "name: "), ("n" * 101, "read", "name: ")],
)
def test_what_is_no_key_is_refused(
    sqlite_engine: Engine, name: str, given: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        made(sqlite_engine, name, given)
    with reading(sqlite_engine) as conn:
        assert list_keys(conn) == []


def test_each_scope_includes_those_below() -> None:
    allowed = {(have, need) for have in SCOPES for need in SCOPES if allows(have, need)}
    assert allowed == {
        ("read", "read"),
        ("write", "read"), ("write", "write"),
        ("admin", "read"), ("admin", "write"), ("admin", "admin"),
    }  # fmt: skip
