"""What is revised later stays out of the row of a day that met its close."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from risk_service.api.schemas.sectors import SectorOut
from risk_service.core.events import Event
from risk_service.store.engine import writing
from risk_service.store.prices import save_closes
from tests.api.house import House

SPAN = {"from": "2025-02-20", "to": "2025-03-09"}
ENERGY = "/v1/sectors/energy"


@pytest.fixture
def priced(house: House) -> House:
    house.keep_prices(date(2023, 6, 1), date(2025, 3, 10))
    return house


def late_news(house: House) -> None:
    house.clock.now += timedelta(hours=1)
    text = "Washington and Moscow strike at each other's pipelines"
    house.keep([Event(datetime(2025, 2, 20, 6, tzinfo=UTC), text, "Late Wire")])


def test_late_news_does_not_change_the_row_of_a_past_day(priced: House) -> None:
    before = priced.get(ENERGY, **SPAN).json()["rows"]
    late_news(priced)
    days = priced.get("/v1/index/history", **SPAN).json()["rows"]
    assert [day["vintage"] for day in days[:3]] == [2, 2, 2], "the news changed nothing"
    after = priced.get(ENERGY, **SPAN).json()["rows"]
    met = [row for row in after if row["closes_at"]]
    assert len(met) > 10
    assert met == [row for row in before if row["closes_at"]]
    for row in met:
        assert row["vintage"] == 1
        assert row["known_at"] < row["closes_at"]
    # Sunday has met no close yet: it comes as it is known now.
    assert [row["vintage"] for row in after if not row["closes_at"]] == [2, 2, 2]


def test_as_of_leaves_out_what_was_known_and_made_later(priced: House) -> None:
    late_news(priced)
    moment = "2025-03-05T12:00:00Z"
    answer = SectorOut.model_validate(priced.get(ENERGY, as_of=moment, **SPAN).json())
    assert answer.as_of == pd.Timestamp(moment)
    assert answer.rows[-1].day == date(2025, 3, 4)
    assert all(row.known_at <= answer.as_of for row in answer.rows)
    made = [row.closes_at for row in answer.rows if row.closes_at]
    assert len(made) > 5
    assert max(made) <= answer.as_of
    assert answer.prices.last_trading_day == date(2025, 3, 4)
    now = priced.get(ENERGY, **SPAN).json()["rows"]
    then = priced.get(ENERGY, as_of=moment, **SPAN).json()["rows"]
    assert [r for r in then if r["closes_at"]] == now[: len(made)]


def test_as_of_the_future_is_refused(priced: House) -> None:
    answer = priced.get(ENERGY, as_of="2025-04-01T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "as_of"


def test_as_of_reads_a_revised_close_as_it_was_read_by_then(priced: House) -> None:
    """A past close is revised: it moves the rows of today, and none of the moment before."""
    read = priced.clock.now
    before = priced.get(ENERGY, **SPAN).json()["rows"]
    day = date(2025, 3, 5)
    closes = [c for c in priced.keep_prices(date(2025, 3, 3), day) if c.trading_day == day]
    priced.clock.now += timedelta(days=2)
    changed = [
        replace(c, close=c.close * 1.1, adj_close=c.adj_close * 1.1, fetched_at=priced.clock.now)
        for c in closes
    ]
    with writing(priced.engine) as conn:
        assert save_closes(conn, changed).revised == len(changed) > 10
    after = priced.get(ENERGY, **SPAN).json()["rows"]
    moved = [row["day"] for row, old in zip(after, before, strict=True) if row != old]
    assert moved[0] == "2025-03-04", "the row that meets the revised close"
    assert priced.get(ENERGY, as_of=read.isoformat(), **SPAN).json()["rows"] == before
    later = priced.get(ENERGY, as_of=priced.clock.now.isoformat(), **SPAN).json()["rows"]
    assert later == after


def test_as_of_gives_a_close_read_only_later_as_it_was_read_first(priced: House) -> None:
    """Before it was read at all there is no better: but no revision of it may enter."""
    moment = "2025-03-06T12:00:00Z"
    before = priced.get(ENERGY, as_of=moment, **SPAN).json()["rows"]
    closes = [
        c for c in priced.keep_prices(date(2025, 3, 3), date(2025, 3, 5)) if c.ticker == "XOM"
    ]
    assert all(c.fetched_at > c.closes_at and c.fetched_at > pd.Timestamp(moment) for c in closes)
    priced.clock.now += timedelta(days=1)
    with writing(priced.engine) as conn:
        save_closes(
            conn,
            [replace(c, adj_close=c.adj_close * 2, fetched_at=priced.clock.now) for c in closes],
        )
    assert priced.get(ENERGY, as_of=moment, **SPAN).json()["rows"] == before
