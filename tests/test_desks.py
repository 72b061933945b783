"""A promotion while worker and snapshots run: the desk changes, the past is scored anew."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, func, select

from risk_service import desks as desks_module
from risk_service.desks import Desks, as_desks, following
from risk_service.pipeline import rescore_past, work_off
from risk_service.promotion import Bench, Order, promote, rollback
from risk_service.registering import register_folder
from risk_service.snapshot import Snapshots
from risk_service.store.engine import reading, writing
from risk_service.store.index import read_days
from risk_service.store.rescored import has_scored_all
from risk_service.store.tables import index_days, scores
from risk_service.worker import Worker
from tests.house import NOW, MovedClock, event, keep
from tests.registry_room import desk_with, furnish, gate_of
from tests.service import comes_true

DYAD = "USA-RUS"
FORCED = Order("me", NOW, "a drill", force=True)
TEXTS = (
    "Washington and Moscow sign a ceasefire",
    "Washington and Moscow expel diplomats",
    "Russian and American envoys resume direct talks on arms control",
    "Russia and the US threaten to answer the strike",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def bench(engine: Engine, root: Path, tmp_path: Path) -> Bench:
    register_folder(engine, root, NOW)
    return Bench(engine, root, gate_of(tmp_path))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks_module, "LOOK_EVERY", 0.05)


def news(engine: Engine, count: int = 12) -> None:
    """Reports of the last days, each of its own story."""
    reports = [
        event(f"{TEXTS[n % 4]} over case {n * 7919}", 12 * n + 1, source=f"Wire {n}")
        for n in range(count)
    ]
    keep(engine, *reports, origin="file")


def scored_by(engine: Engine) -> dict[str, int]:
    with reading(engine) as conn:
        query = select(scores.c.model_version, func.count()).group_by(scores.c.model_version)
        return {version: int(count) for version, count in conn.execute(query)}


def newest_models(engine: Engine) -> set[str]:
    with reading(engine) as conn:
        return set(read_days(conn, DYAD)["model_version"])


def vintages(engine: Engine) -> int:
    with reading(engine) as conn:
        return int(conn.execute(select(func.count()).select_from(index_days)).scalar_one())


def polled(snapshots: Snapshots) -> str:
    snapshots.refresh()
    held = snapshots.held(DYAD)
    assert held is not None
    return str(orjson.loads(held.body)["versions"]["model"])


@contextmanager
def at_work(worker: Worker) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(30)
    assert not thread.is_alive()


def versions_of(desks: Desks) -> tuple[str, str]:
    desks.look()
    return desks.champion.classifier.version, desks.index.classifier.version


def test_the_index_follows_once_the_champion_has_scored_the_past(bench: Bench, root: Path) -> None:
    news(bench.engine)
    clock, engine = MovedClock(), bench.engine
    desks = following(engine, desk_with(root), root, pinned=False)
    work_off(engine, desks.index, clock)
    before = vintages(engine)
    promote(bench, "fast-bad", FORCED)
    assert versions_of(desks) == ("fast-bad", "fast-one")
    # New events are scored for the index that stands, so that it stays complete.
    keep(engine, event("Washington and Moscow sign a ceasefire at sea", 0.5))
    work_off(engine, desks.index, clock)
    assert scored_by(engine) == {"fast-one": 13}
    coming = desks.coming
    assert coming is not None
    rescore_past(engine, coming, clock, lambda: False)
    assert versions_of(desks) == ("fast-bad", "fast-bad")
    assert desks.coming is None
    clock.pass_by(minutes=1)
    work_off(engine, desks.index, clock)
    assert scored_by(engine) == {"fast-one": 13, "fast-bad": 13}
    assert newest_models(engine) == {"fast-bad"}
    assert vintages(engine) > before


def test_a_running_worker_and_snapshots_follow_without_a_restart(bench: Bench, root: Path) -> None:
    news(bench.engine)
    engine = bench.engine
    desks = following(engine, desk_with(root), root, pinned=False)
    # Another replica, which only answers.
    other = following(engine, desk_with(root), root, pinned=False)
    snapshots = Snapshots(engine, other, MovedClock())
    with at_work(Worker(engine, desks, (), MovedClock())):
        assert comes_true(lambda: "fast-one" in newest_models(engine))
        assert polled(snapshots) == "fast-one"
        promote(bench, "fast-bad", FORCED)
        assert comes_true(lambda: newest_models(engine) == {"fast-bad"})
        assert comes_true(lambda: polled(snapshots) == "fast-bad")
        assert other.champion.classifier.version == "fast-bad"
        keep(engine, event("Washington and Moscow sign a ceasefire at sea", 0.5))
        assert comes_true(lambda: scored_by(engine)["fast-bad"] == 13)
        rollback(bench, Order("me", NOW))
        assert comes_true(lambda: polled(snapshots) == "fast-one")
        # What came while the other served is scored too.
        assert comes_true(lambda: scored_by(engine) == {"fast-one": 13, "fast-bad": 13})


def test_once_is_enough_for_cron(bench: Bench, root: Path) -> None:
    news(bench.engine)
    engine = bench.engine
    Worker(engine, following(engine, desk_with(root), root, pinned=False), (), MovedClock()).once()
    promote(bench, "fast-bad", FORCED)
    desks = following(engine, desk_with(root), root, pinned=False)
    Worker(engine, desks, (), MovedClock(NOW + timedelta(minutes=1))).once()
    assert newest_models(engine) == {"fast-bad"}


def test_a_process_that_begins_in_the_middle_goes_on_with_the_index_as_it_was(
    bench: Bench, root: Path
) -> None:
    news(bench.engine)
    engine = bench.engine
    work_off(engine, desk_with(root), MovedClock())
    promote(bench, "fast-bad", FORCED)
    desks = following(engine, desk_with(root, "fast-bad"), root, pinned=False)
    assert versions_of(desks) == ("fast-bad", "fast-one")


def test_a_pinned_version_follows_nobody(bench: Bench, root: Path) -> None:
    desks = following(bench.engine, desk_with(root), root, pinned=True)
    promote(bench, "fast-two", Order("me", NOW))
    assert versions_of(desks) == ("fast-one", "fast-one")


def test_what_cannot_be_opened_is_not_followed(bench: Bench, root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "replica")
    desks = following(bench.engine, desk_with(root), own, pinned=False)
    (own / "fast-two" / "model.skops").write_bytes(b"cut short")
    promote(bench, "fast-two", Order("me", NOW))
    assert versions_of(desks) == ("fast-one", "fast-one")
    assert versions_of(desks) == ("fast-one", "fast-one")


def test_a_rescoring_stopped_anywhere_goes_on_and_changes_nothing_before_it_is_done(
    bench: Bench, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risk_service.pipeline.BATCH", 2)
    news(bench.engine)
    engine, clock = bench.engine, MovedClock()
    work_off(engine, desk_with(root), clock)
    kept = newest_models(engine)
    promote(bench, "fast-bad", FORCED)
    desks = following(engine, desk_with(root), root, pinned=False)
    coming = desks.coming
    assert coming is not None
    for _ in range(20):
        # Two batches, and then it is stopped.
        looks = iter([False, False, True])
        assert rescore_past(engine, coming, clock, looks.__next__) <= 4
        with reading(engine) as conn:
            if has_scored_all(conn, "fast-bad"):
                break
        assert versions_of(desks) == ("fast-bad", "fast-one")
        assert newest_models(engine) == kept
    assert versions_of(desks) == ("fast-bad", "fast-bad")
    assert scored_by(engine)["fast-bad"] == 12


def test_a_single_desk_follows_nobody(root: Path) -> None:
    desk = desk_with(root)
    desks = as_desks(desk)
    desks.look()
    assert desks.champion is desks.index is desk
    assert as_desks(desks) is desks


def test_an_index_without_days_is_made_by_the_champion_at_once(bench: Bench, root: Path) -> None:
    promote(bench, "fast-two", Order("me", NOW))
    desks = following(bench.engine, desk_with(root), root, pinned=False)
    assert versions_of(desks) == ("fast-two", "fast-two")
    with writing(bench.engine) as conn:
        assert conn.execute(select(func.count()).select_from(scores)).scalar_one() == 0
