"""``/v1/sectors/{sector}/sensitivity``: links over time, over HTTP."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest

from risk_service.api.schemas.sensitivity import SensitivityOut
from tests.api.house import House

URL = "/v1/sectors/energy/sensitivity"


@pytest.fixture
def priced(small_house: House) -> House:
    small_house.keep_prices(date(2023, 6, 1), date(2025, 3, 10))
    return small_house


def test_it_tells_regimes_lags_and_its_own_forecasts(priced: House) -> None:
    answer = SensitivityOut.model_validate(priced.get(URL).json())
    assert list(answer.regimes) == ["all", "before", "since"]
    assert answer.regimes["before"].observations == 0
    assert answer.regimes["since"].observations > 20
    # Two months of index days are too few for a regression, and that is said by null.
    assert answer.regimes["all"].beta is None
    assert [row.lag for row in answer.lead_lag] == list(range(-5, 6))
    assert (answer.out_of_sample.r_squared, answer.out_of_sample.forecasts) == (None, 0)
    assert answer.prices.simulated
    assert "no reliable prediction of next-day returns" in answer.note


def test_csv_has_the_rolling_rows(priced: House) -> None:
    rows = priced.get(URL).json()["rolling"]
    table = pd.read_csv(io.StringIO(priced.get(URL, format="csv").text))
    assert table["trading_day"].tolist() == [row["trading_day"] for row in rows]
    assert table["simulated"].all()
    assert len(rows) >= 2


def test_spelling_span_and_as_of_are_taken(priced: House) -> None:
    british = priced.get("/v1/sectors/defence/sensitivity", **{"from": "2025-02-01"}).json()
    assert (british["sector"], british["from"]) == ("defense", "2025-02-03")
    then = priced.get(URL, as_of="2025-02-20T00:00:00Z").json()
    assert then["to"] == "2025-02-19"
    etag = priced.get(URL).headers["etag"]
    assert priced.client.get(URL, headers={"If-None-Match": etag}).status_code == 304


def test_without_prices_all_is_unknown(small_house: House) -> None:
    answer = SensitivityOut.model_validate(small_house.get(URL).json())
    assert (answer.since, answer.rolling, answer.regimes["all"].observations) == (None, [], 0)
    assert small_house.get("/v1/sectors/bakeries/sensitivity").status_code == 404
