import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from risk_service import leading as leading_module
from risk_service.errors import FeedError, PriceError
from risk_service.feeds.contract import Reading
from risk_service.leading import LASTS, LEASE, leading
from risk_service.pipeline import work_off
from risk_service.store.engine import reading, writing
from risk_service.store.events import anything_waiting
from risk_service.store.feeds import all_feeds
from risk_service.store.leases import take_lease
from risk_service.store.tables import leases, scores
from risk_service.worker import Chore, Worker, feed_chores
from tests.house import NOW, MovedClock, check_rerunnable, desk, event, keep, running
from tests.service import comes_true

TALKS = "US and Russian diplomats agree to restore embassy staff after Istanbul talks"
STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens"
OFTEN = timedelta(milliseconds=50)


class Feed:
    """Brings one event, or fails."""

    def __init__(self, name: str, brings: Reading | Exception) -> None:
        self.name, self.brings, self.reads = name, brings, 0

    def read(self, cursor: object, now: datetime) -> Reading:
        self.reads += 1
        if isinstance(self.brings, Exception):
            raise self.brings
        return self.brings


class Counter:
    """A chore's work that only counts, or fails after counting."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.times, self.fault = 0, fault

    def __call__(self, now: datetime) -> int:
        self.times += 1
        if self.fault is not None:
            raise self.fault
        return self.times


def worker_of(engine: Engine, chores: Sequence[Chore] = (), clock: object = None) -> Worker:
    return Worker(engine, desk(), chores, clock or MovedClock())  # type: ignore[arg-type]


def holders(engine: Engine) -> list[str]:
    with reading(engine) as conn:
        return list(conn.execute(select(leases.c.holder)).scalars())


def waiting(engine: Engine) -> bool:
    with reading(engine) as conn:
        return anything_waiting(conn)


def all_scored(engine: Engine) -> int:
    with reading(engine) as conn:
        return len(conn.execute(select(scores.c.event_id)).all())


def utc_now() -> datetime:
    return datetime.now(UTC)


def test_once_reads_every_feed_and_works_off(engine: Engine) -> None:
    feeds = [Feed("one", Reading([event(TALKS)])), Feed("two", Reading([event(STRIKE)]))]
    working = worker_of(engine, feed_chores(engine, feeds, timedelta(minutes=5)))
    check_rerunnable(engine, working.once)
    assert [feed.reads for feed in feeds] == [2, 2]
    assert all_scored(engine) == 2
    assert not waiting(engine)


def test_once_goes_on_after_a_failure_and_it_is_on_record(engine: Engine) -> None:
    broken = Feed("broken", FeedError("answered HTML"))
    good = Feed("good", Reading([event(TALKS)]))
    worker_of(engine, feed_chores(engine, [broken, good], timedelta(minutes=5))).once()
    assert all_scored(engine) == 1
    with reading(engine) as conn:
        states = {state.name: (state.failures, state.error) for state in all_feeds(conn)}
    assert states == {"broken": (1, "answered HTML"), "good": (0, None)}


def test_once_leaves_everything_to_the_worker_that_leads(engine: Engine) -> None:
    with writing(engine) as conn:
        assert take_lease(conn, LEASE, "another", NOW, LASTS)
    chore = Counter()
    keep(engine, event(TALKS))
    worker_of(engine, [Chore("chore", OFTEN, chore)]).once()
    assert chore.times == 0
    assert waiting(engine)
    assert holders(engine) == ["another"]


@pytest.mark.parametrize(
    "fault",
    [
        FeedError("status 500"),
        PriceError("no ticker"),
        OperationalError("SELECT 1", {}, Exception("gone")),
        KeyError("a fault of ours"),
    ],
)
def test_a_failing_chore_never_stops_the_others_and_backs_off(
    sqlite_engine: Engine, fault: Exception
) -> None:
    failing, good = Counter(fault), Counter()
    chores = [Chore("failing", OFTEN, failing), Chore("good", OFTEN, good)]
    with running(worker_of(sqlite_engine, chores)):
        assert comes_true(lambda: good.times >= 16)
        # Rests of 0.1, 0.2, 0.4, 0.8 s against one of 0.05 s.
        assert 2 <= failing.times <= good.times / 2
        keep(sqlite_engine, event(TALKS))
        assert comes_true(lambda: not waiting(sqlite_engine))


def test_a_chore_that_works_again_is_done_at_its_pace(sqlite_engine: Engine) -> None:
    chore = Counter(FeedError("status 500"))
    with running(worker_of(sqlite_engine, [Chore("chore", OFTEN, chore)])):
        assert comes_true(lambda: chore.times >= 3)
        chore.fault = None
        seen = chore.times
        assert comes_true(lambda: chore.times >= seen + 8, seconds=4)


def test_posted_events_are_assessed_within_a_second(engine: Engine) -> None:
    with running(worker_of(engine)):
        assert comes_true(lambda: holders(engine) != [])
        took = []
        for number in range(3):
            keep(engine, event(f"{STRIKE} {number}"))
            start = time.monotonic()
            assert comes_true(lambda: not waiting(engine))
            took.append(time.monotonic() - start)
    assert all_scored(engine) == 3
    # A busy machine may be late once; a worker that only looks every few seconds is always.
    assert min(took) < 1


def test_a_turn_that_failed_is_tried_again(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []

    def fail_once(*args: object, **kwargs: object) -> object:
        turns.append(1)
        if len(turns) == 1:
            raise RuntimeError("a fault of ours")
        return work_off(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("risk_service.worker.work_off", fail_once)
    monkeypatch.setattr("risk_service.worker.AFTER_FAILURE", 0.05)
    keep(sqlite_engine, event(TALKS))
    with running(worker_of(sqlite_engine)):
        assert comes_true(lambda: not waiting(sqlite_engine))
    assert len(turns) >= 2


def test_a_stop_between_two_batches_leaves_the_rest_for_the_next_time(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risk_service.pipeline.BATCH", 1)
    keep(sqlite_engine, *(event(f"{STRIKE} {n}", n) for n in range(1, 6)))
    batches: list[int] = []
    step = work_off(
        sqlite_engine, desk(), MovedClock(), batches.append, stop=lambda: len(batches) == 2
    )
    assert step.assessed == 2
    assert work_off(sqlite_engine, desk(), MovedClock()).assessed == 3


def test_only_one_of_two_workers_works(engine: Engine) -> None:
    chores = Counter(), Counter()
    with running(*(worker_of(engine, [Chore("chore", OFTEN, chore)]) for chore in chores)):
        assert comes_true(lambda: sum(chore.times for chore in chores) >= 10)
        assert len(holders(engine)) == 1
        assert sorted(chore.times > 0 for chore in chores) == [False, True]
        keep(engine, event(TALKS))
        assert comes_true(lambda: not waiting(engine))
    assert holders(engine) == []


def test_the_other_takes_over_at_once_when_the_leader_leaves(engine: Engine) -> None:
    chores = Counter(), Counter()
    first, second = (worker_of(engine, [Chore("chore", OFTEN, chore)]) for chore in chores)
    with running(first):
        assert comes_true(lambda: chores[0].times > 0)
        stopping = threading.Event()
        thread = threading.Thread(target=second.run, args=(stopping,))
        thread.start()
        time.sleep(0.3)
        assert chores[1].times == 0
    try:
        assert comes_true(lambda: chores[1].times > 0, seconds=2)
    finally:
        stopping.set()
        thread.join(5)


def test_a_killed_workers_lease_is_taken_over_when_it_has_run_out(engine: Engine) -> None:
    clock = MovedClock()
    with writing(engine) as conn:
        assert take_lease(conn, LEASE, "killed", NOW, LASTS)
    keep(engine, event(TALKS))
    with running(worker_of(engine, clock=clock)):
        clock.now += LASTS - timedelta(seconds=1)
        time.sleep(1)
        assert holders(engine) == ["killed"]
        assert waiting(engine)
        clock.pass_by(seconds=1)
        assert comes_true(lambda: not waiting(engine))
        assert holders(engine) != ["killed"]


def test_a_lease_is_kept_through_work_that_takes_longer_than_it_lasts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "LASTS", timedelta(seconds=0.6))
    monkeypatch.setattr(leading_module, "RENEW_EVERY", 0.1)
    monkeypatch.setattr(leading_module, "TRY_EVERY", 0.05)
    with leading(engine, utc_now) as ours, leading(engine, utc_now) as theirs:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert (ours.is_set(), theirs.is_set()) == (True, False)
            time.sleep(0.02)
    assert holders(engine) == []


def test_a_lost_lease_ends_the_leading(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading_module, "RENEW_EVERY", 0.05)
    clock = MovedClock()
    with leading(engine, clock) as leads:
        assert leads.is_set()
        with writing(engine) as conn:
            assert take_lease(conn, LEASE, "another", NOW + LASTS, LASTS)
        assert comes_true(lambda: not leads.is_set())
    assert holders(engine) == ["another"], "what is not ours is not given back"


def test_a_database_that_is_away_for_a_while_is_waited_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "RENEW_EVERY", 0.05)
    monkeypatch.setattr("risk_service.worker.AFTER_FAILURE", 0.05)
    good, refused = engine.dialect.connect, threading.Event()

    def refuse(*_: object, **__: object) -> None:
        refused.set()
        raise engine.dialect.loaded_dbapi.OperationalError("the server is gone")

    with running(worker_of(engine)):
        assert comes_true(lambda: holders(engine) != [])
        engine.dialect.connect = refuse  # type: ignore[assignment]
        engine.dispose()
        assert refused.wait(20)
        engine.dialect.connect = good  # type: ignore[method-assign]
        keep(engine, event(TALKS))
        assert comes_true(lambda: not waiting(engine))
