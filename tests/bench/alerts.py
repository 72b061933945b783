"""Seconds to judge 10,000 rules for one new index value, and from a posted event to its alert.

``python -m tests.bench.alerts``. First the judging alone, beside a plain numpy comparison of as
many numbers with as many thresholds; then the whole step of the worker, which also looks at the
database; then the service itself: an event is posted over HTTP and ``/v1/alerts`` is asked until
the alert is there. Times are of the machine they are measured on, the ratio less so.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console

from risk_service.core.jumps import Drift, Jump, Level, Rule, Timing
from risk_service.core.jumps.rules import Direction
from risk_service.core.jumps.turn import Memory, Watches, turn
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.keys import make_key
from tests.alerting.house import DRIFT, JUMP, LEVEL, WEEK, Room
from tests.service import Service, comes_true, service

RULES, DAYS, ROUNDS, POSTS = 10_000, 120, 21, 7
MOST_JUDGING, MOST_ALERT = 0.2, 2.0


def main() -> int:
    """Measure and print; 1 where a promise is broken."""
    console = Console(width=100)
    judging, bare = measure_judging()
    console.print(
        f"{RULES:,} rules judged for one value: {1000 * judging:.1f} ms, plain comparison in numpy"
        f" {1000 * bare:.3f} ms, ratio {judging / bare:.0f}"
    )
    step, first = measure_step()
    console.print(
        f"the worker's step, with the database: {1000 * step:.0f} ms; the first, with all history"
        f" read: {first:.1f} s"
    )
    told = measure_alerts()
    console.print(f"event posted to alert read: {told:.2f} s, the median of {POSTS}")
    return int(judging > MOST_JUDGING or told > MOST_ALERT)


def measure_judging() -> tuple[float, float]:
    """Seconds for one value: judged in both directions, and merely compared."""
    rng = np.random.default_rng(1)
    asked: list[tuple[Rule, float, Direction]] = []
    for n in range(RULES):
        timing = Timing(int(rng.integers(1, 4)), int(rng.integers(0, 9)), int(rng.integers(0, 30)))
        rules: tuple[Rule, ...] = (
            Jump(1, float(rng.uniform(30, 400)), timing),
            Jump(7, float(rng.uniform(30, 400)), timing),
            Level(float(rng.uniform(0, 9)), timing),
            Drift(float(rng.uniform(0.2, 2)), float(rng.uniform(30, 400)), timing),
        )
        for direction in ("escalation", "thaw"):
            asked.append((rules[n % 4], float(rng.uniform(1, 20)), direction))
    watches, memory = Watches.of(asked), Memory.empty(len(asked))
    path = 50 + np.cumsum(rng.normal(0, 1, DAYS + 8))
    for day in range(8, DAYS + 8):
        memory, _ = turn(watches, memory, *_inputs(watches, path, day))
    live = _inputs(watches, path, DAYS + 7)
    judging = _median(lambda: turn(watches, memory, *live))
    score = rng.normal(0, 5, len(asked))
    return judging, _median(lambda: score >= watches.threshold)


def _inputs(watches: Watches, path: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    before = np.where(watches.span == 7, path[day - 7], path[day - 1])
    return np.full(len(before), path[day]), before


def measure_step() -> tuple[float, float]:
    """Seconds of the step where no rule moves, and of the first, which folds all history."""
    with tempfile.TemporaryDirectory() as name:
        engine = make_engine(f"sqlite:///{Path(name) / 'risk.sqlite3'}")
        migrate(engine)
        room = Room(engine)
        kinds = [(JUMP, 9.0), (WEEK, 9.0), (LEVEL, 45.0), (DRIFT, 99.0)]
        for n in range(RULES):
            rule, threshold = kinds[n % 4]
            room.rule({**rule, "direction": None}, threshold + n / RULES)
        first = _seconds(room.judge)
        room.later(minutes=1)
        room.judge()
        step = _median(room.judge)
        engine.dispose()
    return step, first


def measure_alerts() -> float:
    """Median seconds from the post of an event until its alert is read, over several."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'risk.sqlite3'}"
        engine = make_engine(url)
        migrate(engine)
        with writing(engine) as conn:
            key = make_key(conn, "bench", "write", datetime.now(UTC))
        engine.dispose()
        with service(folder, url, wait=300, log_level="warning") as running:
            grave = {"kind": "grave_story", "certainty": 0.05, "cooldown": 0, "within": 1}
            body = {"name": "bench", "rule": grave, "threshold": 1.0}
            headers = {"X-API-Key": key}
            path = running.url + "/v1/alerts/rules"
            httpx.post(path, json=body, headers=headers, timeout=60).raise_for_status()
            if not comes_true(
                lambda: bool(running.get("/v1/alerts/rules").json()["rules"][0]["states"]), 60
            ):
                raise RuntimeError("the rule was not judged within a minute")
            return statistics.median(_until_told(running, key, n) for n in range(POSTS))


NEWS = (
    "Russia launches massive missile attack on Kyiv, killing dozens",
    "US expels Russian diplomats over poisoning of an agent",
    "Russian bombers enter the Alaskan air defence zone, Pentagon says",
    "Russian jet collides with an American drone over the Black Sea",
    "Washington sanctions Russia's largest oil companies",
    "Russia suspends the last nuclear arms treaty with the United States",
    "Moscow jails an American reporter for sixteen years on spying charges",
)


def _until_told(running: Service, key: str, n: int) -> float:
    known = len(running.get("/v1/alerts?limit=500").json()["alerts"])
    at = datetime.now(UTC) - timedelta(seconds=1)
    text = f"{NEWS[n % len(NEWS)]} ({n})"
    start = time.monotonic()
    running.post({"published_at": at.isoformat(), "text": text, "source": "Bench"}, key)

    def told() -> bool:
        return len(running.get("/v1/alerts?limit=500").json()["alerts"]) > known

    if not comes_true(told, 30):
        raise RuntimeError(f"no alert within 30 s: {text}")
    return time.monotonic() - start


def _median(do: Callable[[], object]) -> float:
    return statistics.median(_seconds(do) for _ in range(ROUNDS))


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
