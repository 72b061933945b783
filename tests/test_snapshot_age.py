"""The held answer when nobody makes it anew: old by the clock, whatever the reason."""

import threading
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import Engine

from risk_service import snapshot
from risk_service.snapshot import OLD_AFTER, REBUILD_AFTER, Snapshots, etag_of
from tests.house import MovedClock, desk
from tests.service import comes_true

DYAD = "USA-RUS"


def test_an_old_answer_says_so_once(sqlite_engine: Engine) -> None:
    clock = MovedClock()
    snapshots = Snapshots(sqlite_engine, desk(), clock)
    snapshots.refresh()
    first = snapshots.held(DYAD)
    assert first is not None
    clock.now += OLD_AFTER
    assert snapshots.held(DYAD) is first
    clock.now += timedelta(microseconds=1)
    old = snapshots.held(DYAD)
    assert old is not None
    told, was = orjson.loads(old.body), orjson.loads(first.body)
    assert (told["state"], told["freshness"]["stale"]) == ("stale", True)
    reason, *others = told["freshness"]["reasons"]
    assert reason == "this answer could not be made anew since 2025-09-01T12:00:00Z"
    assert others == was["freshness"]["reasons"]
    assert {**told, "state": 0, "freshness": 0} == {**was, "state": 0, "freshness": 0}
    assert old.etag == etag_of(old.body) != first.etag
    assert (old.version, old.made_at) == (first.version, first.made_at)
    clock.pass_by(hours=1)
    assert snapshots.held(DYAD) is old
    snapshots.refresh()
    anew = snapshots.held(DYAD)
    assert anew is not None and anew.made_at == clock.now
    assert "anew" not in anew.body.decode()
    clock.now += 2 * OLD_AFTER
    again = snapshots.held(DYAD)
    assert again is not None and "13:01:30" in again.body.decode()


def test_an_answer_grows_old_only_when_it_was_not_made_anew() -> None:
    assert OLD_AFTER >= 3 * REBUILD_AFTER


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_says_so_when_the_thread_has_ended(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MovedClock()
    snapshots = Snapshots(sqlite_engine, desk(), clock)
    snapshots.refresh()

    def leave(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(snapshot, "index_version", leave)
    thread = threading.Thread(target=snapshots.follow, args=(threading.Event(),))
    thread.start()
    assert comes_true(lambda: not thread.is_alive(), seconds=20)
    clock.pass_by(minutes=2)
    held = snapshots.held(DYAD)
    assert held is not None
    assert "could not be made anew" in orjson.loads(held.body)["freshness"]["reasons"][0]
