"""What is held back is kept and not sent; two that judge at once tell once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from risk_service.alerting import Judged
from risk_service.store.alert_channels import add_channel
from risk_service.store.alert_rules import change_rule, read_rule
from risk_service.store.engine import writing
from tests.alerting.house import LEVEL, NOW, Room


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def channel(room: Room) -> str:
    with writing(room.engine) as conn:
        made = add_channel(conn, "desk", "webhook", {"url": "https://e.org/"}, {}, NOW)
    assert made is not None
    return made


QUIET = {"from": "11:00", "to": "13:00", "timezone": "UTC"}


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({"muted_until": NOW + timedelta(hours=1)}, "muted"),
        ({"muted_until": NOW - timedelta(hours=1)}, None),
        ({"quiet_hours": QUIET}, "quiet_hours"),
        ({"quiet_hours": {**QUIET, "from": "13:00", "to": "11:00"}}, None),
    ],
)
def test_what_is_held_back_is_kept_and_not_sent(
    room: Room, more: dict[str, Any], held: str | None
) -> None:
    room.rule(LEVEL, 20.0, [channel(room)], **more)
    room.judge()
    room.strike()
    assert room.judge().began == 1
    assert [row["held_back"] for row in room.alerts()] == [held]
    assert [act for act, _ in room.sent()] == ([] if held else ["firing"])
    room.weeks(7)
    assert room.alerts()[0]["state"] == "resolved"
    assert [act for act, _ in room.sent()] == ([] if held else ["firing", "resolved"])


def test_a_group_tells_once_within_its_cooldown(room: Room) -> None:
    desk = channel(room)
    for threshold in (10.0, 12.0, 14.0):
        room.rule({**LEVEL, "cooldown": 3}, threshold, [desk], group_key="index")
    room.rule(LEVEL, 15.0, [desk], group_key="another")
    room.judge()
    room.strike()
    assert room.judge().began == 4
    held = [row["held_back"] for row in room.alerts()]
    assert sorted(held, key=str) == [None, None, "group", "group"]
    assert len(room.sent()) == 2


def test_cooldown_and_dwell_hold_a_start_up(room: Room) -> None:
    room.rule({**LEVEL, "dwell": 2}, 20.0)
    room.judge()
    room.strike()
    assert room.judge().began == 0
    assert room.states()[0]["state"] == "pending"
    room.later(hours=13, minutes=30)
    assert room.judge().began == 1


def at_once(room: Room, count: int) -> list[Judged]:
    """So many processes' steps, all read before the first of them writes."""
    steps, found = [room.another() for _ in range(count)], []
    gate = threading.Barrier(count)

    def judge(step: Any) -> None:
        gate.wait(10)
        found.append(step(room.clock()))

    threads = [threading.Thread(target=judge, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == count
    return found


def test_two_that_judge_at_once_tell_once(room: Room) -> None:
    desk = channel(room)
    for threshold in (10.0, 15.0, 20.0):
        room.rule(LEVEL, threshold, [desk])
    at_once(room, 3)
    assert len(room.states()) == 3
    room.strike()
    found = at_once(room, 3)
    assert sum(one.began for one in found) == 3
    assert len(room.alerts()) == 3 and len(room.sent()) == 3
    for _ in range(7):
        room.later(days=7)
        at_once(room, 2)
    assert {row["state"] for row in room.alerts()} == {"resolved"}
    assert len(room.sent()) == 6


def test_a_rule_that_changed_meanwhile_is_judged_the_next_time(room: Room) -> None:
    id_ = room.rule(LEVEL, 20.0)
    room.judge()
    room.strike()
    written = room.step

    def change(now: datetime) -> None:
        with writing(room.engine) as conn:
            assert read_rule(conn, id_) is not None
            change_rule(conn, id_, 1, {"severity": "info"}, now)

    held = written._verdicts  # what was read before the change
    written._verdicts = lambda seen: (held(seen), change(NOW.astimezone(UTC)))[0]  # type: ignore[method-assign]
    assert written(room.clock()).began == 0
    written._verdicts = held  # type: ignore[method-assign]
    assert room.judge().began == 1
    assert room.alerts()[0]["severity"] == "info"
