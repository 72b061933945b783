"""``/v1/alerts/rules`` over HTTP: made with their false alarms, changed, muted, deleted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from risk_service.alert_preview import Asked, preview, read_vintages
from risk_service.api.schemas.alert_rules import RuleOut, RulesOut
from risk_service.core.jumps import Level, Timing
from risk_service.store.alert_channels import add_channel
from risk_service.store.alert_tables import alerts
from risk_service.store.engine import reading, writing
from risk_service.store.freshness import record_watch
from risk_service.store.prices import save_closes
from tests.alerting.house import followed_closes
from tests.api.house import House
from tests.house import everything
from tests.prices import weekdays
from tests.settled import settle, wandering_index

URL = "/v1/alerts/rules"
LEVEL = {"kind": "level", "direction": "escalation"}


@pytest.fixture
def house(sqlite_engine: Engine) -> House:
    with writing(sqlite_engine) as conn:
        settle(conn, wandering_index(430))
    return House(sqlite_engine)


@pytest.fixture
def either(engine: Engine) -> House:
    return House(engine)


def made(house: House, **fields: Any) -> RuleOut:
    answer = house.post(URL, {"name": "one", "rule": LEVEL, "threshold": 30, **fields})
    assert answer.status_code == 200, answer.text
    return RuleOut.model_validate(answer.json())


def sent(house: House, method: str, path: str, body: Any = None) -> Any:
    return house.client.ask(method, path, json=body, headers=house.key("write"))


def test_a_rule_is_kept_with_the_rate_of_live_judging(house: House) -> None:
    told = made(house, threshold=None, max_false_alarms=2.0, severity="critical")
    with reading(house.engine) as conn:
        vintages = read_vintages(conn, "USA-RUS")
    rule = Level(5.0, Timing(hold=2, cooldown=7, directions=("escalation",)))
    settled = preview(vintages, Asked(rule, max_false_alarms=2.0 / 1.48))
    assert told.threshold == settled.threshold
    assert told.false_alarms is not None and settled.expected is not None
    assert told.false_alarms.judged == "live"
    assert told.false_alarms.expected == pytest.approx(settled.expected.expected * 1.48)
    assert told.false_alarms.high == pytest.approx(settled.expected.high * 1.48)
    assert told.false_alarms.expected <= 2.0
    assert told.false_alarms.low <= told.false_alarms.expected <= told.false_alarms.high
    assert (told.version, told.severity, told.created_by) == (1, "critical", "write")
    assert told.rule["hold"] == 2 and told.states == []
    again = RuleOut.model_validate(house.get(f"{URL}/{told.id}").json())
    assert again == told
    listed = RulesOut.model_validate(house.get(URL).json())
    assert [one.id for one in listed.rules] == [told.id]


def test_a_threshold_that_is_given_is_rated_live_and_the_fewest_can_be_asked_for(
    house: House,
) -> None:
    told = made(house, threshold=12)
    answer = house.post("/v1/alerts/preview", {"rule": LEVEL, "threshold": 12}).json()
    assert answer["false_alarms"]["judged"] == "settled"
    assert told.false_alarms is not None
    settled = answer["false_alarms"]["expected"]
    assert told.false_alarms.expected == pytest.approx(1.48 * settled, rel=1e-5)
    assert settled > 0
    rare = made(house, threshold=None, max_false_alarms=0.01).false_alarms
    assert rare is not None and rare.low <= rare.expected


@pytest.mark.parametrize(
    ("rule", "threshold"),
    [("grave_story", 2.5), ("stale", 6.0), ("model_drift", 0.25)],
)
def test_kinds_without_a_rate_say_why(either: House, rule: str, threshold: float) -> None:
    told = made(either, rule={"kind": rule}, threshold=None)
    assert (told.threshold, told.false_alarms) == (threshold, None)
    assert told.unknown_because


def test_a_short_history_needs_a_threshold_and_says_so(either: House) -> None:
    answer = either.post(URL, {"name": "one", "rule": LEVEL})
    assert answer.status_code == 422
    with writing(either.engine) as conn:
        settle(conn, [50.0] * 30)
    answer = either.post(URL, {"name": "one", "rule": LEVEL})
    assert [one["field"] for one in answer.json()["errors"]] == ["threshold"]
    assert "365 are needed" in (made(either).unknown_because or "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"series": "theme:weather"}, "series"),
        ({"series": "sector:energy"}, "series"),
        ({"series": "sector:energy", "rule": {"kind": "jump"}, "threshold": None}, "threshold"),
        ({"series": "thaw", "rule": {"kind": "stale"}}, "series"),
        ({"rule": {"kind": "grave_story"}, "threshold": 4}, "threshold"),
        ({"rule": {"kind": "jump", "days": 2}}, "rule.jump.days"),
        ({"channels": ["channel_none"]}, "channels[0]"),
        ({"severity": "loud"}, "severity"),
        ({"quiet_hours": {"from": "25:00", "to": "07:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Mars"}},
         "quiet_hours.timezone"),
        ({"muted_until": "tomorrow"}, "muted_until"),
        ({"dwell": 3}, "dwell"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(house: House, change: Any, field: str) -> None:
    answer = house.post(URL, {"name": "one", "rule": LEVEL, "threshold": 30, **change})
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_an_unknown_dyad_is_not_there(house: House) -> None:
    body = {"name": "one", "rule": LEVEL, "threshold": 30, "dyad": "USA-XXX"}
    assert house.post(URL, body).status_code == 404


def test_a_change_moves_the_version_and_only_what_is_given(house: House) -> None:
    told = made(house, group="index")
    answer = sent(house, "PATCH", f"{URL}/{told.id}", {"severity": "info", "group": None})
    changed = RuleOut.model_validate(answer.json())
    assert (changed.version, changed.severity, changed.group) == (2, "info", None)
    assert changed.rule == told.rule and changed.threshold == told.threshold
    again = sent(house, "PATCH", f"{URL}/{told.id}", {"max_false_alarms": 1})
    rated = RuleOut.model_validate(again.json())
    assert rated.version == 3 and rated.threshold != told.threshold
    assert rated.false_alarms is not None and rated.false_alarms.expected <= 1
    wrong = sent(house, "PATCH", f"{URL}/{told.id}", {"name": None})
    assert wrong.json()["errors"][0]["field"] == "name"


def test_a_muted_rule_is_muted_until_then(either: House) -> None:
    told = made(either)
    until = "2025-03-11T06:00:00Z"
    answer = sent(either, "POST", f"{URL}/{told.id}/mute", {"until": until})
    assert answer.json()["muted_until"] == until
    answer = sent(either, "POST", f"{URL}/{told.id}/mute", {"until": None})
    assert answer.json()["muted_until"] is None and answer.json()["version"] == 3


def test_a_deleted_rule_is_gone_and_its_row_stays(either: House) -> None:
    told = made(either)
    assert sent(either, "DELETE", f"{URL}/{told.id}").json() == {"deleted": told.id}
    assert either.get(f"{URL}/{told.id}").status_code == 404
    assert sent(either, "PATCH", f"{URL}/{told.id}", {}).status_code == 404
    assert sent(either, "DELETE", f"{URL}/{told.id}").status_code == 404
    assert len(everything(either.engine)["alert_rules"]) == 1
    assert everything(either.engine)[alerts.name] == []


def test_channels_must_be_there(either: House) -> None:
    with writing(either.engine) as conn:
        config = {"url": "https://example.org/"}
        desk = add_channel(conn, "desk", "webhook", config, {}, either.clock())
    assert made(either, channels=[desk]).channels == [desk]


def test_writes_need_a_key_that_may_write(locked_house: House) -> None:
    body = {"name": "one", "rule": {"kind": "stale"}}
    assert locked_house.client.post(URL, json=body).status_code == 401
    read = locked_house.key("read")
    assert locked_house.client.post(URL, json=body, headers=read).status_code == 403
    assert locked_house.client.get(URL, headers=read).status_code == 200
    open_read = locked_house.client.get(URL)
    assert open_read.status_code == 401


HOUR = {"kind": "hour_jump"}
CONFIRMED = {"kind": "confirmed_jump", "percentile": 0.5}


def test_an_hours_jump_states_its_rate_once_a_quarter_was_watched(house: House) -> None:
    told = made(house, rule=HOUR, threshold=None)
    assert (told.threshold, told.false_alarms, told.max_false_alarms) == (8.0, None, None)
    assert "90 are needed" in (told.unknown_because or "")
    asked = {"name": "one", "rule": HOUR, "max_false_alarms": 2}
    refused = house.post(URL, asked)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "threshold"
    with writing(house.engine) as conn:
        now = house.clock()
        record_watch(conn, "test", now - timedelta(days=95), now, timedelta(0))
    rated = made(house, rule=HOUR, threshold=None, max_false_alarms=2)
    # Nothing was reported: no path moves, and the lowest threshold never fires.
    assert rated.false_alarms is not None and rated.max_false_alarms == 2
    assert rated.false_alarms.expected == 0
    given = made(house, rule=HOUR, threshold=5)
    assert given.threshold == 5 and given.max_false_alarms is None
    assert given.false_alarms is not None and given.false_alarms.judged == "live"


def test_a_confirmed_jump_tells_less_often_than_its_jump(house: House) -> None:
    jump = {**CONFIRMED, "kind": "jump"}
    del jump["percentile"]
    alone = made(house, rule=jump, threshold=3)
    unknown = made(house, rule=CONFIRMED, threshold=3)
    assert unknown.false_alarms is None and "closes" in (unknown.unknown_because or "")
    with writing(house.engine) as conn:
        days = [day for day in weekdays(date(2023, 1, 2), 900) if day < house.clock().date()]
        save_closes(conn, followed_closes(days, simulated=True))
    told = made(house, rule=CONFIRMED, threshold=3)
    assert alone.false_alarms is not None and told.false_alarms is not None
    # Half the days are as unusual, and five of sixteen have three of four signs of a direction.
    share = told.false_alarms.expected / alone.false_alarms.expected
    assert share == pytest.approx(0.5 * 5 / 16, rel=0.5)
    found = made(house, rule=CONFIRMED, threshold=None, max_false_alarms=0.2)
    assert found.false_alarms is not None and found.max_false_alarms == 0.2
    assert found.false_alarms.expected == pytest.approx(0.2, rel=0.5)
