"""The closes an event met, each in its own market's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from risk_service.api.schemas.events import FirstClose, OneEventOut
from risk_service.core.events import Event
from tests.api.house import House, sectors_of_tests


@pytest.fixture
def priced(small_house: House) -> House:
    small_house.keep_prices(date(2025, 2, 1), date(2025, 3, 10))
    return small_house


def met(house: House, published_at: datetime) -> dict[str, FirstClose]:
    (saved,) = house.keep(
        [Event(published_at, f"Washington and Moscow agree {published_at}", "Wire")]
    )
    answer = OneEventOut.model_validate(house.get(f"/v1/events/{saved.id}").json())
    assert answer.first_closes is not None
    return {close.ticker: close for close in answer.first_closes}


def test_each_member_comes_with_the_first_close_strictly_after(priced: House) -> None:
    # Friday, after London and Frankfurt have closed and before New York has.
    published = datetime(2025, 3, 7, 18, tzinfo=UTC)
    closes = met(priced, published)
    sectors = sectors_of_tests()
    assert list(closes) == [*sectors.tickers("energy"), *sectors.tickers("defense")]
    assert closes["XOM"].closes_at == datetime(2025, 3, 7, 21, tzinfo=UTC)
    assert closes["XOM"].trading_day == date(2025, 3, 7)
    assert closes["XOM"].close is not None and closes["XOM"].currency == "USD"
    # Their next close is Monday's, which has not come at noon.
    for ticker in ("BA.L", "RHM.DE"):
        assert (closes[ticker].closes_at, closes[ticker].close) == (None, None)
    assert all(close.simulated for close in closes.values())


def test_a_close_made_at_the_very_moment_is_not_after_it(priced: House) -> None:
    close = datetime(2025, 3, 4, 21, tzinfo=UTC)
    assert met(priced, close - timedelta(seconds=1))["XOM"].closes_at == close
    assert met(priced, close)["XOM"].closes_at == close + timedelta(days=1)


def test_without_prices_they_are_null(small_house: House) -> None:
    answer = small_house.get("/v1/events/1").json()
    assert answer["first_closes"] is None
