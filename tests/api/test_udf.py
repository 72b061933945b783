"""The UDF datafeed, asked as TradingView's own adapter asks (``udf_client``).

Required by the "UDF" page of the Advanced Charts documentation: times in seconds UTC, ``to`` not
included, ``countback`` before ``from``, daily bars at 00:00 UTC, ``no_data`` with the time of the
newest bar before.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.core.events import Event
from risk_service.store.engine import writing
from risk_service.store.events import save_events
from risk_service.store.freshness import record_watch
from tests.api.house import NOW, House, news, serving
from tests.api.udf_client import DAY, HOUR, Bar, UdfClient, UdfError, seconds

OUT, BACK = datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
"""From when to when nobody watched in the house with an outage."""
SEEN = NOW - timedelta(hours=2)
"""When the last event of the news is published: the live value is of then."""


@pytest.fixture
def broken(sqlite_engine: Engine) -> House:
    """A house whose news nobody read from the tenth of February to the first of March."""
    house = House(sqlite_engine)
    told = [event for event in news() if not OUT <= event.published_at < BACK]
    with writing(sqlite_engine) as conn:
        save_events(conn, told, "test", NOW)
        record_watch(conn, "test", datetime(2025, 1, 1, tzinfo=UTC), OUT, timedelta(0))
        record_watch(conn, "test", BACK, NOW - timedelta(hours=2), timedelta(0))
    house.work()
    return house


def settled(house: House, **asked: str) -> pd.DataFrame:
    rows = house.get("/v1/index/history", **asked).json()["rows"]
    return pd.DataFrame(rows)


def test_the_configuration_promises_what_there_is(chart: UdfClient) -> None:
    assert chart.config["supported_resolutions"] == ["60", "1D", "1W"]
    assert chart.config["supports_marks"]
    assert chart.config["supports_timescale_marks"]
    assert chart.config["supports_time"]
    assert chart.server_time() == seconds(NOW)


def test_every_symbol_that_is_found_can_be_resolved(chart: UdfClient) -> None:
    kinds = {kind["value"] for kind in chart.config["symbols_types"]} - {""}
    found = [symbol for kind in kinds for symbol in chart.search("", kind)]
    assert {symbol["ticker"] for symbol in chart.search("")} == {s["ticker"] for s in found}
    names = {symbol["ticker"] for symbol in found}
    assert names >= {
        "USARUS_RISK", "USARUS_ESCALATION", "USARUS_THAW", "USARUS_PRESSURE", "USARUS_MILITARY",
        "USARUS_CYBER", "SECTOR_ENERGY", "SECTOR_DEFENSE",
    }  # fmt: skip
    for symbol in found:
        info = chart.resolve(symbol["ticker"])
        assert info["name"] == symbol["symbol"]
        assert info["timezone"] == "Etc/UTC"
        assert info["session"] == "24x7"
        assert info["has_no_volume"]
        assert info["visible_plots_set"] in ("ohlc", "c")
        assert set(info["supported_resolutions"]) <= set(chart.config["supported_resolutions"])
        assert info["has_intraday"] == ("60" in info["supported_resolutions"])
    assert "SIMULATED" in chart.resolve("SECTOR_ENERGY")["description"]


def test_a_symbol_is_known_in_any_case_and_with_its_exchange(chart: UdfClient) -> None:
    assert chart.resolve("risk:usarus_risk") == chart.resolve("USARUS_RISK")
    assert [one["symbol"] for one in chart.search("thaw", "index")][-1] == "USARUS_THAW"
    assert chart.search("risk", exchange="NYSE") == []


def test_an_unknown_symbol_or_resolution_is_an_error_of_the_protocol(chart: UdfClient) -> None:
    with pytest.raises(UdfError):
        chart.resolve("AAPL")
    with pytest.raises(UdfError, match="unknown symbol"):
        chart.get_bars({"ticker": "AAPL"}, "1D", 0, seconds(NOW))
    with pytest.raises(UdfError, match="60, 1D, 1W"):
        chart.get_bars({"ticker": "USARUS_RISK"}, "5", 0, seconds(NOW))
    with pytest.raises(UdfError, match="1D, 1W"):
        chart.get_bars({"ticker": "SECTOR_ENERGY"}, "60", 0, seconds(NOW))


def test_scrolling_back_gives_every_settled_day_once(shared_house: House, chart: UdfClient) -> None:
    info = chart.resolve("USARUS_RISK")
    bars = chart.scroll_back(info, "1D", seconds(NOW) + DAY, 17)
    days = settled(shared_house)
    assert [bar.time % DAY for bar in bars] == [0] * len(bars)
    assert [datetime.fromtimestamp(bar.time, UTC).date().isoformat() for bar in bars[:-1]] == list(
        days["day"]
    )
    assert [bar.close for bar in bars[:-1]] == pytest.approx(list(days["risk_index"]))
    # A day has one value: its bar does not pretend to have moved.
    assert all(bar.open == bar.high == bar.low == bar.close for bar in bars)


def test_the_last_bar_is_the_live_value(shared_house: House, chart: UdfClient) -> None:
    live = shared_house.get("/v1/index").json()
    for name, value in (
        ("USARUS_RISK", live["risk_index"]),
        ("USARUS_HIGH", live["interval"]["high"]),
        ("USARUS_MILITARY", live["themes"]["military"]),
    ):
        info = chart.resolve(name)
        for resolution, start in (("1D", datetime(2025, 3, 10, tzinfo=UTC)), ("60", SEEN)):
            (bar,) = chart.get_bars(info, resolution, 0, seconds(NOW) + DAY, 1).bars
            assert (bar.time, bar.close) == (seconds(start), pytest.approx(value))


def test_countback_goes_before_from_and_to_is_not_included(chart: UdfClient) -> None:
    info = chart.resolve("USARUS_RISK")
    until = seconds(datetime(2025, 2, 20, tzinfo=UTC))
    for resolution, length in (("1D", DAY), ("60", HOUR)):
        got = chart.get_bars(info, resolution, until - length, until, 30)
        assert [bar.time for bar in got.bars] == [until - n * length for n in range(30, 0, -1)]
        spanned = chart.get_bars(info, resolution, until - 3 * length, until)
        assert [bar.time for bar in spanned.bars] == [until - n * length for n in (3, 2, 1)]


def test_hours_run_from_value_to_value(shared_house: House, chart: UdfClient) -> None:
    since, until = datetime(2025, 3, 4, tzinfo=UTC), datetime(2025, 3, 6, tzinfo=UTC)
    info = chart.resolve("USARUS_RISK")
    bars = chart.get_bars(info, "60", seconds(since), seconds(until)).bars
    hours = settled(shared_house, resolution="1h", **{"from": "2025-03-04", "to": "2025-03-05"})
    ends = [datetime.fromtimestamp(bar.time + HOUR, UTC) for bar in bars]
    assert ends == [datetime.fromisoformat(time) for time in hours["time"]]
    assert [bar.close for bar in bars] == pytest.approx(list(hours["risk_index"]))
    assert all(after.open == before.close for before, after in pairwise(bars))
    assert all(bar.low == min(bar.open, bar.close) for bar in bars)
    assert all(bar.high == max(bar.open, bar.close) for bar in bars)
    days = settled(shared_house, **{"from": "2025-03-03", "to": "2025-03-05"})["risk_index"]
    # The midnight that ends a day has its settled value.
    assert [bars[0].open, bars[23].close, bars[47].close] == pytest.approx(list(days))


def test_scrolling_back_through_hours_ends_where_the_days_do(chart: UdfClient) -> None:
    info = chart.resolve("USARUS_PRESSURE")
    bars = chart.scroll_back(info, "60", seconds(NOW), 329)
    times = [bar.time for bar in bars]
    assert times[0] == seconds(datetime(2025, 1, 1, tzinfo=UTC))
    assert {b - a for a, b in pairwise(times)} == {HOUR}


def test_weeks_are_made_of_their_days(shared_house: House, chart: UdfClient) -> None:
    bars = chart.scroll_back(chart.resolve("USARUS_RISK"), "1W", seconds(NOW), 4)
    days = settled(shared_house, to="2025-03-09")
    days.index = pd.to_datetime(days["day"])
    weeks = days["risk_index"].resample("W-MON", label="left", closed="left").ohlc()
    told = pd.DataFrame([asdict(bar) for bar in bars[:-1]])[
        ["open", "high", "low", "close"]
    ].to_numpy()
    assert told == pytest.approx(weeks.to_numpy())
    mondays = [datetime.fromtimestamp(bar.time, UTC) for bar in bars]
    assert [moment.weekday() for moment in mondays] == [0] * len(bars)
    assert mondays[:-1] == [start.tz_localize("UTC") for start in weeks.index]


def test_before_the_beginning_there_is_no_data_and_no_next_time(chart: UdfClient) -> None:
    for resolution in ("60", "1D", "1W"):
        info = chart.resolve("USARUS_RISK")
        got = chart.get_bars(info, resolution, 0, seconds(datetime(2024, 12, 1, tzinfo=UTC)), 10)
        assert (got.bars, got.no_data, got.next_time) == ([], True, None)


def test_an_outage_is_a_gap_that_next_time_leads_over(broken: House) -> None:
    last = seconds(OUT) - DAY
    with serving(broken.app) as url, UdfClient(url) as chart:
        info = chart.resolve("USARUS_RISK")
        inside = seconds(OUT) + 3 * DAY, seconds(BACK) - DAY
        assert chart.get_bars(info, "1D", *inside).next_time == last
        hour = chart.get_bars(info, "60", *inside).next_time
        bars = chart.scroll_back(info, "1D", seconds(NOW), 6)
        hours = chart.scroll_back(info, "60", seconds(NOW), 40)
    assert hour == last + 23 * HOUR
    assert not [bar for bar in bars if seconds(OUT) <= bar.time < seconds(BACK)]
    assert not [bar for bar in hours if seconds(OUT) <= bar.time < seconds(BACK)]
    assert {last, seconds(BACK)} <= {bar.time for bar in bars}
    assert {hour, seconds(BACK)} <= {bar.time for bar in hours}
    assert len({bar.time for bar in hours}) == len(hours)


def test_the_future_leads_back_to_the_newest_bar(chart: UdfClient) -> None:
    info = chart.resolve("USARUS_RISK")
    since = seconds(NOW) + 10 * DAY
    got = chart.get_bars(info, "1D", since, since + DAY)
    assert got.next_time == seconds(datetime(2025, 3, 10, tzinfo=UTC))


def test_sectors_have_a_bar_a_trading_day(shared_house: House, chart: UdfClient) -> None:
    info = chart.resolve("SECTOR_ENERGY")
    assert info["visible_plots_set"] == "c"
    bars = chart.scroll_back(info, "1D", seconds(NOW), 7)
    table = shared_house.get("/v1/sectors/energy", **{"from": "2025-01-02"}).json()["rows"]
    told = {row["trading_day"]: row["level"] for row in table if row["trading_day"]}
    found = {datetime.fromtimestamp(bar.time, UTC).date().isoformat(): bar.close for bar in bars}
    assert set(told) <= set(found)
    ratios = [found[day] / level for day, level in told.items()]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-6)
    assert bars[0].close == 100


def test_what_clients_send_besides_is_passed_over(chart: UdfClient) -> None:
    info = chart.resolve("USARUS_RISK")
    until = seconds(NOW)
    plain = chart.get_bars(info, "1D", until - 5 * DAY, until)
    assert chart.get_bars(info, "1D", until - 5 * DAY, until, currencyCode="USD") == plain


def test_an_unchanged_answer_is_304_until_an_event_comes(small_house: House) -> None:
    asked = {"symbol": "USARUS_RISK", "resolution": "1D", "from": 0, "to": seconds(NOW)}
    first = small_house.get("/udf/history", **asked)
    assert first.headers["etag"].startswith('W/"')
    held = {"If-None-Match": first.headers["etag"]}
    again = small_house.client.get("/udf/history", params=asked, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    small_house.keep([Event(NOW - timedelta(hours=1), "Washington and Moscow expel", "Wire")])
    moved = small_house.client.get("/udf/history", params=asked, headers=held)
    assert moved.status_code == 200
    assert moved.headers["x-index-version"] > first.headers["x-index-version"]


def test_an_error_of_ours_is_one_of_the_protocol_too(locked_house: House) -> None:
    """The adapter looks at ``s`` alone: a 401 without it would be a symbol."""
    key = locked_house.key("read")
    with serving(locked_house.app) as url, UdfClient(url) as chart, UdfClient(url, key) as keyed:
        with pytest.raises(UdfError):
            chart.resolve("USARUS_RISK")
        with pytest.raises(UdfError, match="API key"):
            chart.get_bars({"ticker": "USARUS_RISK"}, "1D", 0, 1)
        assert keyed.resolve("USARUS_RISK")["type"] == "index"
        with pytest.raises(UdfError, match="from"):
            keyed.get_bars({"ticker": "USARUS_RISK"}, "1D", 10**12, 1)


def test_an_empty_service_has_symbols_and_no_bars(sqlite_engine: Engine) -> None:
    house = House(sqlite_engine)
    house.work()
    with serving(house.app) as url, UdfClient(url) as chart:
        for name in ("USARUS_RISK", "SECTOR_ENERGY"):
            info = chart.resolve(name)
            for resolution in info["supported_resolutions"]:
                assert chart.scroll_back(info, resolution, seconds(NOW), 10) == []
            assert chart.marks(info, "1D", 0, seconds(NOW)) == []


def test_bars_are_never_out_of_order(chart: UdfClient) -> None:
    for name in ("USARUS_RISK", "USARUS_LOW", "USARUS_ATTENTION"):
        bars: list[Bar] = chart.scroll_back(chart.resolve(name), "1D", seconds(NOW), 9)
        assert all(a.time < b.time for a, b in pairwise(bars))
