import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import OperationalError, StatementError

from risk_service.store.engine import make_engine, migrate, reading, was_too_slow, writing
from risk_service.store.tables import leases, metadata
from tests.service import free_port


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


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def test_a_read_that_takes_too_long_is_stopped_and_the_next_is_not(database_url: str) -> None:
    engine = make_engine(database_url, 0.2)
    start = time.monotonic()
    with pytest.raises(OperationalError) as stopped, reading(engine) as conn:
        conn.execute(text(SLOW[engine.dialect.name]))
    assert time.monotonic() - start < 5
    assert was_too_slow(stopped.value)
    with reading(engine) as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_a_lost_database_is_not_taken_for_a_slow_one() -> None:
    engine = make_engine(f"postgresql://me@127.0.0.1:{free_port()}/risk", 1)
    with pytest.raises(OperationalError) as lost, reading(engine):
        pass
    assert not was_too_slow(lost.value)


def test_an_error_undoes_the_whole_block(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as conn:
            conn.execute(insert(leases).values(name="a", holder="b", expires_at=datetime.now(UTC)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine) as conn:
        assert conn.execute(select(leases)).all() == []
