"""Each January thresholds are found anew, each once, by nothing later than December."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.alert_rates import past_hours
from risk_service.alerting import Markets
from risk_service.alerting import recalibrate as recalibrate_with
from risk_service.alerting.book import open_book
from risk_service.core.jumps import Level, Timing, yearly
from risk_service.store.alert_rules import add_rule, change_rule, read_rule
from risk_service.store.engine import reading, writing
from risk_service.store.freshness import record_watch
from risk_service.store.prices import save_closes
from risk_service.store.upsert import Row
from tests.alerting.house import CONFIRMED, HOUR, LEVEL, followed_closes
from tests.api.house import desk_of_tests, sectors_of_tests
from tests.house import check_rerunnable
from tests.prices import weekdays
from tests.settled import settle, wandering_index

FIRST, MADE = date(2023, 1, 1), datetime(2024, 6, 1, tzinfo=UTC)
DECEMBER, JANUARY = datetime(2024, 12, 31, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
INDEX = wandering_index(731)
RATED = {"expected": 1.0, "low": 0.5, "high": 1.5, "days": 500, "paths": 60, "judged": "live"}


def recalibrate(engine: Engine, now: datetime) -> int:
    markets = Markets(sectors_of_tests(), simulated=False)
    return recalibrate_with(engine, desk_of_tests(), markets, now)


def kept(engine: Engine, most: float | None = 1.0, **more: object) -> str:
    fields: Row = {
        "name": "one", "dyad": "USA-RUS", "series": "risk", "rule": LEVEL, "threshold": 99.0,
        "max_false_alarms": most, "false_alarms": RATED, "severity": "warning",
        "group_key": None, "quiet_hours": None, "muted_until": None, "channels": [],
        "enabled": True, "calibrated_at": None if most is None else MADE, **more,
    }  # fmt: skip
    with writing(engine) as conn:
        return add_rule(conn, fields, "test", MADE)


def rule(engine: Engine, id_: str) -> Row:
    with reading(engine) as conn:
        found = read_rule(conn, id_)
    assert found is not None
    return found


def test_a_threshold_is_that_of_the_replay_judged_live(engine: Engine) -> None:
    with writing(engine) as conn:
        # Days after December would move it, if they were looked at.
        settle(conn, [*INDEX, 0.0, 100.0], FIRST)
    id_ = kept(engine)
    before = rule(engine, id_)
    assert [recalibrate(engine, now) for now in (DECEMBER, JANUARY - timedelta(hours=1))] == [0, 0]
    with reading(engine) as conn:
        book = open_book(conn, None)
    assert recalibrate(engine, JANUARY) == 1
    level = Level(LEVEL["hysteresis"], Timing(1, 0, 0, ("escalation",)))  # type: ignore[arg-type]
    days = pd.date_range(FIRST, periods=len(INDEX) + 2)
    told = yearly(level, np.array([*INDEX, 0.0, 100.0]), days, 1.0 / 1.48, 0).years.loc[2025]
    after = rule(engine, id_)
    assert after["threshold"] == pytest.approx(told["threshold"])
    for name in ("expected", "low", "high"):
        assert after["false_alarms"][name] == pytest.approx(1.48 * told[name])
    assert after["false_alarms"]["judged"] == "live"
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"threshold", "false_alarms", "calibrated_at"}
    assert after["calibrated_at"] == JANUARY
    with reading(engine) as conn:
        assert open_book(conn, book).watches[0].row["threshold"] == after["threshold"]
    assert recalibrate(engine, JANUARY + timedelta(days=30)) == 0


def test_only_what_asks_for_a_rate_moves_and_one_that_cannot_holds_up_no_other(
    engine: Engine,
) -> None:
    with writing(engine) as conn:
        settle(conn, INDEX, FIRST)
    stay = [kept(engine, None), kept(engine, enabled=False), kept(engine, dyad="USA-CHN")]
    go = [kept(engine), kept(engine, max_false_alarms=0.5)]
    check_rerunnable(engine, lambda: recalibrate(engine, JANUARY))
    assert {rule(engine, id_)["threshold"] for id_ in stay} == {99.0}
    often, seldom = (rule(engine, id_)["threshold"] for id_ in go)
    assert often < seldom < 99


def test_a_rule_that_is_changed_later_in_the_year_is_left_alone(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as conn:
        settle(conn, INDEX, FIRST)
    id_ = kept(sqlite_engine)
    with writing(sqlite_engine) as conn:
        change_rule(conn, id_, 1, {"calibrated_at": JANUARY - timedelta(hours=30)}, JANUARY)
    assert recalibrate(sqlite_engine, JANUARY) == 1
    assert recalibrate(sqlite_engine, datetime(2025, 12, 31, tzinfo=UTC)) == 0


def test_what_the_clock_and_the_markets_judge_is_found_anew_too(sqlite_engine: Engine) -> None:
    """And stays as it is where no hours were watched, or no closes are held."""
    with writing(sqlite_engine) as conn:
        settle(conn, INDEX, FIRST)
    hour = kept(sqlite_engine, rule=HOUR)
    jump = kept(sqlite_engine, rule={**CONFIRMED, "percentile": 0.5})
    assert recalibrate(sqlite_engine, JANUARY) == 0
    with writing(sqlite_engine) as conn:
        record_watch(conn, "test", JANUARY - timedelta(days=100), JANUARY, timedelta(0))
        days = weekdays(date(2023, 1, 2), 500)
        save_closes(conn, followed_closes(days, simulated=False))
    with reading(sqlite_engine) as conn:
        hours = past_hours(conn, desk_of_tests(), "USA-RUS", datetime(2025, 1, 1, tzinfo=UTC))
    assert (~np.isnan(hours)).sum() == 99 * 144 + 1
    assert recalibrate(sqlite_engine, JANUARY) == 2
    for id_ in (hour, jump):
        found = rule(sqlite_engine, id_)
        assert found["threshold"] < 99 and found["false_alarms"]["judged"] == "live"
    assert recalibrate(sqlite_engine, JANUARY) == 0
