"""``/v1/market/confirmation``: the joint move of markets, day by day."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from risk_service.api.schemas.market import ConfirmationOut, EventMarketOut
from risk_service.core.closes import closes_to_frame
from risk_service.core.events import Event
from risk_service.core.market_move import ESCALATION_SIGNS, joint_moves, unusual_moves
from risk_service.store.engine import writing
from risk_service.store.prices import save_closes
from tests.api.house import House, sectors_of_tests

URL = "/v1/market/confirmation"
PRICED = date(2023, 2, 1), date(2025, 3, 10)
SPAN = {"from": "2025-02-03", "to": "2025-03-07"}


@pytest.fixture
def priced(small_house: House) -> House:
    small_house.keep_prices(*PRICED)
    return small_house


def told(house: House, **query: str) -> ConfirmationOut:
    answer = house.get(URL, **query)
    assert answer.status_code == 200, answer.text
    return ConfirmationOut.model_validate(answer.json())


def test_the_days_are_the_cores_own(priced: House) -> None:
    answer = told(priced, **SPAN)
    sectors = sectors_of_tests()
    closes = closes_to_frame(priced.keep_prices(*PRICED))
    baskets = {name: sectors.holdings(name) for name in ("energy", "defense")}
    moves = joint_moves(closes, baskets, ["^VIX", "SPY"])
    expected = moves.join(unusual_moves(moves, ESCALATION_SIGNS)).loc["2025-02-03":"2025-03-07"]
    assert [row.trading_day for row in answer.rows] == list(expected.index.date)
    assert answer.count == len(answer.rows) == 24
    for name in ("distance", "percentile", "lean", "agreeing", "fits", "observations"):
        values = [getattr(row, name) for row in answer.rows]
        if name == "fits":
            assert values == expected["fits"].tolist()
        else:
            np.testing.assert_allclose(values, expected[name].astype(float), atol=1e-6)
    for name in ESCALATION_SIGNS:
        returns = [row.returns[name] for row in answer.rows]
        np.testing.assert_allclose(returns, expected[name], atol=1e-6)
    assert {row.fits for row in answer.rows} == {"thaw", "escalation", "neither"}
    assert answer.prices.simulated
    assert "None of this feeds back into the risk index" in answer.note


def test_a_day_says_what_an_event_of_that_day_is_told(priced: House) -> None:
    at = datetime(2025, 3, 5, 12, tzinfo=UTC)
    (saved,) = priced.keep([Event(at, "Washington and Moscow agree on grain", "Test Wire")])
    answer = priced.get(f"/v1/events/{saved.id}/market").json()
    day = EventMarketOut.model_validate(answer).day
    (row,) = told(priced, **{"from": "2025-03-05", "to": "2025-03-05"}).rows
    assert day is not None
    assert (row.distance, row.percentile, row.lean, row.fits) == (
        day.distance, day.percentile, day.lean, day.fits,
    )  # fmt: skip
    assert row.returns == {move.name: move.return_ for move in day.moves}


def test_csv_tells_the_same(priced: House) -> None:
    rows = told(priced, **SPAN).rows
    for answer in (
        priced.get(URL, format="csv", **SPAN),
        priced.client.get(URL, params=SPAN, headers={"Accept": "text/csv"}),
    ):
        table = pd.read_csv(io.StringIO(answer.text))
        assert table["distance"].tolist() == [row.distance for row in rows]
        assert table["return SPY"].tolist() == [row.returns["SPY"] for row in rows]
        assert table["simulated"].all()


def test_the_last_year_is_told_where_nothing_is_asked(priced: House) -> None:
    answer = told(priced)
    assert (answer.since, answer.until) == (date(2024, 3, 10), date(2025, 3, 10))
    assert answer.rows[-1].trading_day == date(2025, 3, 7)


def test_a_later_close_changes_no_day_that_is_over(priced: House) -> None:
    before = told(priced, **SPAN).rows
    priced.clock.now += timedelta(days=1)
    priced.keep_prices(date(2025, 3, 10), date(2025, 3, 11))
    assert told(priced, **SPAN).rows == before
    assert told(priced).rows[-1].trading_day == date(2025, 3, 10)


def test_as_of_reads_closes_as_they_were_first_read(priced: House) -> None:
    read = priced.clock.now
    before = told(priced, **SPAN).rows
    closes = [c for c in priced.keep_prices(*PRICED) if c.trading_day == date(2025, 3, 5)]
    priced.clock.now += timedelta(hours=2)
    changed = [
        replace(close, adj_close=close.adj_close * 2, fetched_at=priced.clock.now)
        for close in closes
    ]
    with writing(priced.engine) as conn:
        assert save_closes(conn, changed).revised == len(changed) > 10
    assert told(priced, **SPAN).rows != before
    assert told(priced, as_of=read.isoformat(), **SPAN).rows == before


def test_it_is_unchanged_until_closes_come(priced: House) -> None:
    etag = priced.get(URL, **SPAN).headers["etag"]
    ask = {"headers": {"If-None-Match": etag}, "params": SPAN}
    assert priced.client.get(URL, **ask).status_code == 304
    priced.clock.now += timedelta(days=1)
    priced.keep_prices(date(2025, 3, 10), date(2025, 3, 11))
    assert priced.client.get(URL, **ask).status_code == 200


def test_without_closes_there_are_no_days_and_it_says_what_is_missing(small_house: House) -> None:
    for form in ("json", "csv"):
        assert small_house.get(URL, format=form, **SPAN).status_code == 200
    answer = told(small_house, **SPAN)
    assert (answer.rows, answer.missing) == ([], ["SPY", "^VIX", "defense", "energy"])


def test_a_span_before_any_close_is_empty(priced: House) -> None:
    for query in ({"to": "1990-01-01"}, {"from": "1985-02-03", "to": "1990-01-01"}):
        answer = told(priced, **query)
        assert (answer.rows, answer.since <= answer.until) == ([], True)


def test_days_that_cannot_be_asked(priced: House) -> None:
    for query in ({"from": "2025-03-07", "to": "2025-03-01"}, {"as_of": "2035-01-01T00:00:00Z"}):
        assert priced.get(URL, **query).status_code == 422
