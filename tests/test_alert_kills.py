"""Replicas killed at random while they judge and send: no alert lost, none under two ids."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from sqlalchemy import select

from risk_service.store.alert_tables import alert_channels, alerts, deliveries
from risk_service.store.engine import make_engine, reading
from tests.notify.receiver import HalfReceiver
from tests.service import ROOT


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    kills: int
    alerts: int
    deliveries: int
    requests_failed: int
    came_twice: int
    seconds: float


def killed_and_checked(
    url: str, kills: int, seed: int, timeout: float = 120, most_seconds: float = 10
) -> Outcome:
    """Kill so many times, and check that each delivery arrived under its one id."""
    with HalfReceiver(seed) as receiver:
        arguments = [url, receiver.url, str(kills), str(seed), str(most_seconds)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.alert_killing", *arguments],
            capture_output=True, text=True, cwd=ROOT, timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3_000:]
    found, arrived = json.loads(done.stdout), receiver.arrived
    assert arrived.unsigned == 0
    engine = make_engine(url)
    with reading(engine) as conn:
        told = conn.execute(select(alerts.c.id, alerts.c.state)).all()
        paths = {
            row.id: row.config["url"].removeprefix(receiver.url)
            for row in conn.execute(select(alert_channels.c.id, alert_channels.c.config))
        }
        queued = conn.execute(select(deliveries)).all()
    engine.dispose()
    # Each alert on each channel, and once more where it is over.
    acts = {row.id: ["firing"] + ["resolved"] * (row.state == "resolved") for row in told}
    expected = {
        (path, id_, f"alert.{act}") for path in paths.values() for id_ in acts for act in acts[id_]
    }
    assert set(arrived.ids) == expected
    assert {row.state for row in queued} == {"sent"}
    one_id = {(paths[row.channel_id], row.alert_id, f"alert.{row.act}"): row.id for row in queued}
    assert len(one_id) == len(queued)
    for key, ids in arrived.ids.items():
        assert set(ids) == {one_id[key]}, key
    twice = sum(len(ids) - 1 for ids in arrived.ids.values())
    return Outcome(
        found["kills"], len(told), len(queued), arrived.failed, twice, round(found["seconds"], 1)
    )


def test_replicas_killed_at_random_neither_lose_nor_double_an_alert(database_url: str) -> None:
    outcome = killed_and_checked(database_url, 8, seed=1, most_seconds=0.8)
    assert outcome.kills == 10
    assert outcome.alerts >= 1
    assert outcome.requests_failed > 0
