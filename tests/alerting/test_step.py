"""Rules judged as news comes and days settle: each kind fires and resolves once."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import Engine

from risk_service.alerting import Judged
from risk_service.api.schemas.alert_payload import AlertPayload
from risk_service.store.alert_channels import add_channel
from risk_service.store.engine import writing
from tests.alerting.house import DRIFT, JUMP, LEVEL, WEEK, Room
from tests.house import check_rerunnable


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def channel(room: Room, name: str = "desk") -> str:
    with writing(room.engine) as conn:
        config = {"url": "https://example.org/"}
        made = add_channel(conn, name, "webhook", config, {}, room.clock())
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("rule", "threshold"), [(JUMP, 5.0), (WEEK, 5.0), (LEVEL, 20.0), (DRIFT, 1.0)]
)
def test_it_fires_live_and_resolves_once(
    room: Room, rule: dict[str, object], threshold: float
) -> None:
    desk = channel(room)
    id_ = room.rule(rule, threshold, [desk])
    assert room.judge().began == 0
    assert [row["state"] for row in room.states()] == ["inactive"]
    room.strike()
    assert room.judge() == Judged(1, 1, 0)
    (alert,) = room.alerts()
    assert (alert["state"], alert["rule_id"], alert["held_back"]) == ("firing", id_, None)
    assert room.sent() == [("firing", desk)]
    AlertPayload.model_validate(alert["payload"])
    told = alert["payload"]["data"]
    assert told["change"]["from"] == 50.5 and told["change"]["to"] > 60
    assert told["change"]["score"] >= threshold and told["change"]["past_share"] == 0
    assert len(told["stories"]) == 3 and all(one["words"] for one in told["stories"])
    assert told["links"]["alert"] == f"https://risk.example/v1/alerts/{alert['id']}"
    assert told["links"]["page"] == f"https://risk.example/#alerts/{alert['id']}"
    assert told["links"]["rule_page"] == f"https://risk.example/#alerts/{told['rule']['id']}"
    assert len(orjson.dumps(alert["payload"])) < 20_000 and len(told["headline"]) <= 160
    for _ in range(3):
        room.later(minutes=10)
        assert room.judge().began == 0
    ended = 0
    for _ in range(30):
        ended += room.weeks(1)[0].ended
        if ended:
            break
    assert (ended, [one.ended + one.began for one in room.weeks(2)]) == (1, [0, 0])
    (alert,) = room.alerts()
    AlertPayload.model_validate(alert["payload"])
    assert alert["state"] == "resolved" and alert["payload"]["type"] == "alert.resolved"
    assert room.sent() == [("firing", desk), ("resolved", desk)]
    assert room.states()[0]["state"] == "resolved"


def test_judged_again_nothing_changes(room: Room) -> None:
    room.rule(JUMP, 5.0, [channel(room)])
    room.judge()
    room.strike()
    check_rerunnable(room.engine, room.judge)
    room.later(days=1)
    check_rerunnable(room.engine, room.judge)


def test_a_new_rule_tells_nothing_of_the_past(engine: Engine) -> None:
    room = Room(engine)
    room.strike()
    room.later(days=1)
    room.rule(LEVEL, 25.0)
    assert room.judge().began == 0, "it had been over its level when the rule was made"
    room.weeks(5)
    assert room.alerts() == []
    room.strike()
    assert room.judge().began == 1


def test_another_process_goes_on_where_one_was_stopped(room: Room) -> None:
    room.rule(LEVEL, 25.0, [channel(room)])
    room.judge()
    room.strike()
    room.judge()
    for _ in range(6):
        room.later(days=7)
        room.step = room.another()
        room.judge()
    (alert,) = room.alerts()
    assert alert["state"] == "resolved"
    assert len(room.sent()) == 2
