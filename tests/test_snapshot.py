import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import orjson
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from risk_service import snapshot
from risk_service.pipeline import work_off
from risk_service.snapshot import REBUILD_AFTER, Snapshot, Snapshots
from risk_service.store.engine import writing
from risk_service.store.index import mark_dirty
from tests.house import NOW, MovedClock, desk, event, keep
from tests.service import comes_true

DYAD = "USA-RUS"
STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens"


def opened(engine: Engine, clock: MovedClock | None = None) -> Snapshots:
    snapshots = Snapshots(engine, desk(), clock or MovedClock())
    snapshots.refresh()
    return snapshots


def held(snapshots: Snapshots) -> Snapshot:
    found = snapshots.held(DYAD)
    assert found is not None
    return found


@contextmanager
def following(snapshots: Snapshots) -> Iterator[threading.Thread]:
    stopping = threading.Event()
    thread = threading.Thread(target=snapshots.follow, args=(stopping,))
    thread.start()
    try:
        yield thread
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_nothing_is_held_before_the_first_refresh_or_for_a_strange_dyad(
    sqlite_engine: Engine,
) -> None:
    snapshots = Snapshots(sqlite_engine, desk(), MovedClock())
    assert snapshots.held(DYAD) is None
    snapshots.refresh()
    assert snapshots.held(DYAD) is not None
    assert snapshots.held("USA-XXX") is None


def test_the_tag_is_a_hash_of_the_bytes(engine: Engine) -> None:
    keep(engine, event(STRIKE))
    work_off(engine, desk(), MovedClock())
    answer = held(opened(engine))
    assert answer.etag == f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    told = orjson.loads(answer.body)
    assert told["dyad"] == DYAD
    assert told["versions"]["index"] == answer.version
    assert answer.made_at == datetime.fromisoformat(told["freshness"]["computed_at"]) == NOW


def test_an_answer_stays_while_nothing_moves(engine: Engine) -> None:
    clock = MovedClock()
    snapshots = opened(engine, clock)
    first = held(snapshots)
    clock.now += REBUILD_AFTER - timedelta(seconds=1)
    snapshots.refresh()
    assert held(snapshots) is first


def test_an_answer_is_made_anew_when_it_is_old(engine: Engine) -> None:
    clock = MovedClock()
    snapshots = opened(engine, clock)
    first = held(snapshots)
    clock.now += REBUILD_AFTER
    snapshots.refresh()
    assert held(snapshots).made_at == clock.now
    assert held(snapshots).version == first.version
    assert held(snapshots).etag != first.etag


def test_an_answer_is_made_anew_when_the_version_moves(engine: Engine) -> None:
    snapshots = opened(engine)
    first = held(snapshots)
    keep(engine, event(STRIKE))
    snapshots.refresh()
    assert held(snapshots) is first, "an event that nobody has assessed moves nothing"
    work_off(engine, desk(), MovedClock())
    snapshots.refresh()
    assert held(snapshots).version > first.version
    risks = [orjson.loads(answer.body)["risk_index"] for answer in (first, held(snapshots))]
    assert risks[0] == 50 < risks[1]


def test_only_the_dyad_that_moved_is_made_anew(engine: Engine) -> None:
    snapshots = opened(engine)
    first = held(snapshots)
    with writing(engine) as conn:
        mark_dirty(conn, "USA-CHN", NOW, NOW)
    snapshots.refresh()
    assert held(snapshots) is first


def test_a_move_is_followed_within_a_second(engine: Engine) -> None:
    snapshots = opened(engine)
    took = []
    with following(snapshots):
        for number in range(3):
            first = held(snapshots)
            keep(engine, event(f"{STRIKE} {number}"))
            work_off(engine, desk(), MovedClock())
            start = time.monotonic()
            assert comes_true(lambda first=first: held(snapshots) is not first)  # type: ignore[misc]
            took.append(time.monotonic() - start)
    # A busy machine may be late once.
    assert min(took) < 1


@pytest.mark.parametrize(
    "fault", [OperationalError("SELECT 1", {}, Exception("gone")), RuntimeError("a fault of ours")]
)
def test_a_failure_keeps_the_last_answer_and_ends_when_it_ends(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    clock = MovedClock()
    snapshots = opened(sqlite_engine, clock)
    first = held(snapshots)
    failed = threading.Event()

    def fail(*_: object) -> None:
        failed.set()
        raise fault

    with following(snapshots) as thread:
        with monkeypatch.context() as broken:
            broken.setattr(snapshot, "live_answer", fail)
            clock.pass_by(minutes=5)
            assert failed.wait(20)
            assert orjson.loads(held(snapshots).body)["state"] == "stale"
            assert held(snapshots).made_at == first.made_at
            assert thread.is_alive()
        assert comes_true(lambda: held(snapshots).made_at == clock.now, seconds=20)


def test_a_lost_database_keeps_the_last_answer(engine: Engine) -> None:
    """Every connection is cut, and no new one can be had for a while."""
    clock = MovedClock()
    snapshots = opened(engine, clock)
    first = held(snapshots)
    good = engine.dialect.connect

    refused = threading.Event()

    def refuse(*_: object, **__: object) -> None:
        refused.set()
        raise engine.dialect.loaded_dbapi.OperationalError("the server is gone")

    with following(snapshots) as thread:
        engine.dialect.connect = refuse  # type: ignore[assignment]
        engine.dispose()
        clock.pass_by(minutes=5)
        assert refused.wait(20)
        assert orjson.loads(held(snapshots).body)["state"] == "stale"
        assert held(snapshots).made_at == first.made_at
        assert thread.is_alive()
        engine.dialect.connect = good  # type: ignore[method-assign]
        assert comes_true(lambda: held(snapshots).made_at == clock.now, seconds=20)
