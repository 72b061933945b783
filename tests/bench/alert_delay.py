"""``python -m tests.bench.alert_delay [POSTS]``: from an event posted to its webhook received.

The real service on SQLite, with the fast model: a rule that tells each grave story, a webhook to a
receiver beside it, and stories posted one after the other.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from models.registry import versions
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.keys import make_key
from tests.service import Service, comes_true, service
from tests.wire import Reply, Wire

RULE = {
    "name": "grave", "threshold": 1,
    "rule": {"kind": "grave_story", "certainty": 0.5, "cooldown": 0, "direction": "escalation"},
}  # fmt: skip
_PLACES = ("Kharkiv", "Odesa", "Lviv", "Sumy", "Kherson", "Dnipro", "Poltava", "Kyiv", "Izium")
_THINGS = (
    "power plants",
    "grain silos",
    "rail yards",
    "bridges",
    "hospitals",
    "depots",
    "barracks",
)


def story(lot: random.Random, number: int) -> str:
    """A grave story that is like no other."""
    place, thing = lot.choice(_PLACES), lot.choice(_THINGS)
    names = " ".join(f"{lot.randrange(36**5):x}" for _ in range(8))
    return f"Russia launches missiles at {thing} in {place}, US vows retaliation {names} {number}"


def measured(started: Service, wire: Wire, key: dict[str, str], posts: int) -> list[float]:
    """Seconds from each post to the first request that tells a new alert."""
    made = httpx.post(started.url + "/v1/alerts/channels", headers=key, timeout=20, json={
        "name": "bench", "kind": "webhook", "config": {"url": wire.url + "/hook"}})  # fmt: skip
    rule = {**RULE, "channels": [made.raise_for_status().json()["id"]]}
    httpx.post(
        started.url + "/v1/alerts/rules", headers=key, timeout=60, json=rule
    ).raise_for_status()
    time.sleep(3)
    lot, found = random.Random(1), []
    for number in range(posts):
        seen = len(firing(wire))
        now = datetime.now(UTC).isoformat()
        begun = time.monotonic()
        httpx.post(started.url + "/v1/events", headers=key, timeout=20, json={
            "published_at": now, "source": "Wire", "text": story(lot, number)},
        ).raise_for_status()  # fmt: skip
        if comes_true(lambda seen=seen: len(firing(wire)) > seen, 20):  # type: ignore[misc]
            found.append(time.monotonic() - begun)
        time.sleep(0.3)
    return found


def firing(wire: Wire) -> list[bytes]:
    """Bodies of what tells a new alert."""
    return [asked.body for asked in wire.asked if b'"alert.firing"' in asked.body]


def main(posts: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="risk-delay-"))
    url = f"sqlite:///{folder / 'risk.sqlite3'}"
    engine = make_engine(url)
    migrate(engine)
    with writing(engine) as conn:
        key = {"X-API-Key": make_key(conn, "bench", "admin", datetime.now(UTC))}
    fast = next(version for version in versions() if version.startswith("fast-"))
    with Wire() as wire:
        wire.route("/hook", Reply(status=204))
        with service(folder, url, wait=200, model=fast, alert_private="true") as started:
            found = sorted(measured(started, wire, key, posts))
    print(f"{len(found)} of {posts} told; median {statistics.median(found):.2f} s, "
          f"fastest {found[0]:.2f} s, slowest {found[-1]:.2f} s")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
