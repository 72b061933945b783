"""``/v1/alerts/preview``: what a rule would have done, over HTTP."""

from __future__ import annotations

import io
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.api.schemas.alerts import PreviewOut
from risk_service.core.jumps import Jump, Known, Timing, firings
from risk_service.store.engine import writing
from tests.api.house import House
from tests.house import everything
from tests.settled import FIRST, settle, wandering_index

URL = "/v1/alerts/preview"
DAYS = 600
INDEX = wandering_index(DAYS)
LEAP = FIRST + timedelta(days=DAYS - 30)


@pytest.fixture
def house(engine: Engine) -> House:
    with writing(engine) as conn:
        settle(conn, INDEX)
    return House(engine)


@pytest.fixture
def short(sqlite_engine: Engine) -> House:
    with writing(sqlite_engine) as conn:
        settle(conn, INDEX[-100:], LEAP - timedelta(days=70))
    return House(sqlite_engine)


def ask(house: House, rule: dict[str, object], **asked: object) -> PreviewOut:
    answer = house.client.post(URL, json={"rule": rule, **asked})
    assert answer.status_code == 200, answer.text
    return PreviewOut.model_validate(answer.json())


def test_the_firings_are_the_cores_own_and_nothing_is_kept(house: House) -> None:
    before = everything(house.engine)
    told = ask(house, {"kind": "jump", "dwell": 1, "cooldown": 10}, threshold=4)
    days = pd.date_range(FIRST, periods=DAYS)
    known = Known.of_paths(pd.DataFrame(INDEX).to_numpy())
    expected = firings(Jump(1, timing=Timing(cooldown=10)), known, days, 4.0)
    assert [row.day for row in told.rows] == [day.date() for day in expected["day"]]
    assert LEAP in [row.day for row in told.rows]
    assert [row.score for row in told.rows] == pytest.approx(list(expected["score"]), abs=1e-6)
    assert (told.days, told.gaps, told.first_day) == (DAYS, 0, FIRST)
    assert told.false_alarms is not None and told.rule["hold"] == 7
    assert everything(house.engine) == before


def test_a_threshold_is_found_from_the_days_before_a_date_alone(house: House) -> None:
    rule: dict[str, object] = {"kind": "drift", "direction": "escalation"}
    told = ask(house, rule, max_false_alarms=0.5, calibrated_before=LEAP.isoformat())
    assert told.false_alarms is not None and told.false_alarms.days == DAYS - 30
    assert told.false_alarms.low <= told.false_alarms.expected <= told.false_alarms.high
    assert {row.direction for row in told.rows} <= {"escalation"}
    assert [row.in_sample for row in told.rows] == [row.day < LEAP for row in told.rows]
    assert any(not row.in_sample for row in told.rows)
    with writing(house.engine) as conn:
        settle(conn, [0.0, 100.0] * 30, FIRST + timedelta(days=DAYS))
    later = ask(house, rule, max_false_alarms=0.5, calibrated_before=LEAP.isoformat())
    assert later.threshold == told.threshold
    assert later.rows[: len(told.rows)] == told.rows


def test_a_revision_is_seen_only_where_it_is_asked_for(short: House) -> None:
    rule: dict[str, object] = {"kind": "level"}
    before = ask(short, rule, threshold=25)
    with writing(short.engine) as conn:
        settle(conn, [50.0] * 100, LEAP - timedelta(days=70), vintage=2, late=200)
    assert ask(short, rule, threshold=25).rows == before.rows != []
    assert ask(short, rule, threshold=25, told="newest").rows == []


def test_a_short_history_says_so_and_finds_no_threshold(short: House) -> None:
    told = ask(short, {"kind": "level"}, threshold=25)
    assert told.false_alarms is None
    assert told.unknown_because is not None and "365 are needed" in told.unknown_because
    answer = short.client.post(URL, json={"rule": {"kind": "level"}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "calibrated_before"


def test_csv_has_the_firings_and_may_be_empty(short: House) -> None:
    body = {"rule": {"kind": "level"}, "threshold": 25}
    answer = short.client.post(URL, json=body, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    table = pd.read_csv(io.StringIO(answer.text))
    told = ask(short, {"kind": "level"}, threshold=25)
    assert list(table["day"]) == [str(row.day) for row in told.rows]
    none = short.client.post(URL, json={**body, "threshold": 50}, headers={"accept": "text/csv"})
    assert none.text.splitlines() == [",".join(f'"{name}"' for name in table.columns)]


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_it_is_drawn(short: House, form: str, begins: bytes) -> None:
    body = {"rule": {"kind": "level"}, "threshold": 25}
    answer = short.client.post(URL, json=body, params={"format": form})
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    again = short.client.post(URL, json=body, params={"format": form})
    assert again.content == answer.content


def test_parts_of_the_index_are_asked_about_on_its_scale(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as conn:
        settle(conn, [50.0] * 80, escalation=[0.1] * 79 + [0.6], thaw=[0.2] * 80)
    house = House(sqlite_engine)
    (row,) = ask(house, {"kind": "jump"}, threshold=5, series="escalation").rows
    assert (row.value_from, row.value_to, row.direction) == (55.0, 80.0, "escalation")
    assert ask(house, {"kind": "jump"}, threshold=5, series="thaw").rows == []
    (row, *_) = ask(house, {"kind": "level"}, threshold=9, series="thaw").rows
    assert (row.value_to, row.direction) == (40.0, "thaw")


def test_nothing_settled_is_404(sqlite_engine: Engine) -> None:
    answer = House(sqlite_engine).client.post(URL, json={"rule": {"kind": "jump"}})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rule": {"kind": "jump", "days": 3}}, "rule.jump.days"),
        ({"rule": {"kind": "jump"}, "threshold": -1}, "threshold"),
        ({"rule": {"kind": "drift", "hysteresis": 1}}, "rule.drift.hysteresis"),
        ({"rule": {"kind": "gut"}}, "rule"),
        ({"rule": {"kind": "level"}, "series": "sector:energy"}, "series"),
    ],
)
def test_what_makes_no_sense_is_named(short: House, body: object, field: str) -> None:
    answer = short.client.post(URL, json=body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_an_unknown_parameter_is_refused(short: House) -> None:
    body = {"rule": {"kind": "level"}, "threshold": 25}
    assert short.client.post(URL, json=body, params={"form": "csv"}).status_code == 422


def test_it_is_a_read(locked_house: House) -> None:
    body = {"rule": {"kind": "level"}, "threshold": 25}
    assert locked_house.client.post(URL, json=body).status_code == 401
    read = locked_house.client.post(URL, json=body, headers=locked_house.key("read"))
    assert read.status_code == 200
