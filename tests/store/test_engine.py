from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import StatementError

from risk_service.store.engine import migrate, reading, writing
from risk_service.store.tables import leases, metadata


def test_migrations_make_exactly_the_tables(engine: Engine) -> None:
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_moments_come_back_aware_and_in_utc(engine: Engine) -> None:
    moment = datetime(2025, 8, 15, 21, 30, tzinfo=timezone(timedelta(hours=3)))
    with writing(engine) as conn:
        conn.execute(insert(leases).values(name="a", holder="b", expires_at=moment))
    with reading(engine) as conn:
        stored = conn.execute(select(leases.c.expires_at)).scalar_one()
    assert stored == moment
    assert stored.tzinfo is UTC or stored.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without time zone"), writing(engine) as conn:
        conn.execute(
            insert(leases).values(name="a", holder="b", expires_at=datetime(2025, 8, 15))  # noqa: DTZ001
        )


def test_an_error_undoes_the_whole_block(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as conn:
            conn.execute(insert(leases).values(name="a", holder="b", expires_at=datetime.now(UTC)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine) as conn:
        assert conn.execute(select(leases)).all() == []
