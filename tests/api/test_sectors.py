import io
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from risk_service.api.schemas.sectors import SectorOut, SectorsOut
from tests.api.house import House

SPAN = {"from": "2025-02-20", "to": "2025-03-09"}


@pytest.fixture
def priced(house: House) -> House:
    house.keep_prices(date(2023, 6, 1), date(2025, 3, 10))
    return house


def test_sectors_tell_where_they_stand(priced: House) -> None:
    answer = SectorsOut.model_validate(priced.get("/v1/sectors").json())
    assert [sector.sector for sector in answer.sectors] == ["energy", "defense"]
    for sector in answer.sectors:
        assert sector.prices.simulated
        assert sector.prices.providers == ["sample"]
        assert sector.trading_day == date(2025, 3, 7)
        assert sector.abnormal_return is not None
    assert "predicts" in answer.note


def test_every_close_lies_after_the_day_it_meets(priced: House) -> None:
    answer = SectorOut.model_validate(priced.get("/v1/sectors/energy", **SPAN).json())
    assert answer.count == 18
    met = [row for row in answer.rows if row.closes_at]
    assert met
    assert all(row.closes_at > row.knowable_at for row in met if row.closes_at)
    assert all(row.trading_day > row.day for row in met if row.trading_day)
    assert met[0].level == 100
    assert all(row.abnormal_return is not None for row in met)
    # Sunday the 9th meets Monday the 10th, whose close has not come at noon.
    assert answer.rows[-1].trading_day is None


def test_british_spelling_is_understood(priced: House) -> None:
    rows = priced.get("/v1/sectors/defence", **SPAN).json()
    assert rows["sector"] == "defense"
    assert rows["rows"] == priced.get("/v1/sectors/defense", **SPAN).json()["rows"]


def test_all_formats_tell_the_same(priced: House) -> None:
    rows = pd.DataFrame(priced.get("/v1/sectors/energy", **SPAN).json()["rows"])
    csv = priced.get("/v1/sectors/energy", format="csv", **SPAN)
    arrow = priced.get("/v1/sectors/energy", format="arrow", **SPAN)
    from_csv = pd.read_csv(io.StringIO(csv.text))
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert list(rows.columns) == list(from_csv.columns) == table.column_names
    assert from_csv["level"].dropna().tolist() == rows["level"].dropna().tolist()


def test_a_sector_is_unchanged_until_prices_or_events_come(priced: House) -> None:
    etag = priced.get("/v1/sectors/energy", **SPAN).headers["etag"]
    ask = {"headers": {"If-None-Match": etag}, "params": SPAN}
    assert priced.client.get("/v1/sectors/energy", **ask).status_code == 304
    priced.clock.now = priced.clock.now.replace(day=11)
    priced.keep_prices(date(2025, 3, 10), date(2025, 3, 11))
    assert priced.client.get("/v1/sectors/energy", **ask).status_code == 200


def test_without_prices_they_are_unknown_and_never_zero(house: House) -> None:
    answer = house.get("/v1/sectors/energy", **SPAN).json()
    assert {row["level"] for row in answer["rows"]} == {None}
    assert answer["prices"]["last_trading_day"] is None
    summary = house.get("/v1/sectors").json()["sectors"][0]
    assert (summary["level"], summary["change"]) == (None, None)


def test_an_unknown_sector_is_not_found(house: House) -> None:
    answer = house.get("/v1/sectors/bakeries")
    assert answer.status_code == 404
    assert "energy" in answer.json()["detail"]


def test_a_span_before_the_index_is_empty(priced: House) -> None:
    answer = priced.get("/v1/sectors/energy", **{"from": "2020-01-01", "to": "2020-02-01"})
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
