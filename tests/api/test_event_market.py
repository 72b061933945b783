"""``/v1/events/{id}/market``: the joint move at the first close after an event."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from risk_service.api.schemas.market import EventMarketOut
from risk_service.core.closes import closes_to_frame
from risk_service.core.events import Event
from risk_service.core.market_move import ESCALATION_SIGNS, joint_moves, unusual_moves
from tests.api.house import House, sectors_of_tests

SPAN = date(2023, 2, 1), date(2025, 3, 10)


@pytest.fixture
def priced(small_house: House) -> House:
    small_house.keep_prices(*SPAN)
    return small_house


def put_in(house: House, at: datetime, text: str = "Washington and Moscow agree on grain") -> str:
    (saved,) = house.keep([Event(at, f"{text} {at:%H%M%S}", "Test Wire")])
    return f"/v1/events/{saved.id}/market"


def told(house: House, address: str, **query: str) -> EventMarketOut:
    answer = house.get(address, **query)
    assert answer.status_code == 200, answer.text
    return EventMarketOut.model_validate(answer.json())


def test_the_figures_are_the_cores_own_and_say_they_are_simulated(priced: House) -> None:
    answer = told(priced, put_in(priced, datetime(2025, 3, 5, 12, tzinfo=UTC)))
    sectors = sectors_of_tests()
    closes = closes_to_frame(priced.keep_prices(*SPAN))
    baskets = {name: sectors.holdings(name) for name in ("energy", "defense")}
    moves = joint_moves(closes, baskets, ["^VIX", "SPY"])
    expected = unusual_moves(moves, ESCALATION_SIGNS).loc["2025-03-05"]
    assert answer.day is not None
    assert answer.day.trading_day == date(2025, 3, 5)
    assert answer.day.distance == pytest.approx(expected["distance"], abs=1e-6)
    assert answer.day.percentile == pytest.approx(expected["percentile"], abs=0.02)
    assert (answer.day.fits, answer.day.observations) == (expected["fits"], 250)
    assert [move.name for move in answer.day.moves] == list(ESCALATION_SIGNS)
    assert answer.prices.simulated
    assert "None of this feeds back" in answer.note
    assert answer.direction == "thaw"
    assert answer.agrees in (True, False, None)


def test_a_second_before_and_after_the_first_close_meet_other_days(priced: House) -> None:
    first = pd.Timestamp("2025-03-05 16:30", tz="UTC")
    days = [
        told(priced, put_in(priced, (first + pd.Timedelta(seconds=n)).to_pydatetime())).day
        for n in (-1, 0)
    ]
    assert [day.trading_day.day for day in days if day] == [5, 6]
    assert all(day.closes_at > first or day.trading_day.day == 5 for day in days if day)


def test_the_index_is_as_it_was_whatever_markets_do(small_house: House) -> None:
    address = put_in(small_house, datetime(2025, 3, 5, 12, tzinfo=UTC))
    before = small_house.get("/v1/index").json()["risk_index"]
    assert told(small_house, address).day is None
    small_house.keep_prices(*SPAN)
    small_house.work()
    assert told(small_house, address).day is not None
    assert small_house.get("/v1/index").json()["risk_index"] == before


def test_as_of_knows_no_later_close(priced: House) -> None:
    address = put_in(priced, datetime(2025, 3, 5, 12, tzinfo=UTC))
    assert told(priced, address, as_of="2025-03-05T17:00:00Z").day is None
    now = told(priced, address).day
    then = told(priced, address, as_of="2025-03-06T00:00:00Z").day
    assert then == now is not None


def test_without_closes_it_is_unknown_and_says_what_is_missing(small_house: House) -> None:
    answer = told(small_house, put_in(small_house, datetime(2025, 3, 5, 12, tzinfo=UTC)))
    assert (answer.day, answer.agrees) == (None, None)
    assert answer.missing == ["SPY", "^VIX", "defense", "energy"]


def test_an_event_that_is_not_there_is_not_found(small_house: House) -> None:
    assert small_house.get("/v1/events/999999/market").status_code == 404
