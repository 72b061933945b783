"""The service's studies equal plain loops over the papers' formulas, on made-up and real closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from risk_service.core.event_study import Average, Study, StudyResult, run_study, ticker_asset
from risk_service.feeds.calendars import closes_on
from tests.core.event_study import papers, resampled
from tests.core.event_study.markets import Market, market_of
from tests.prices import closes_of
from tests.service import ROOT

PRICES = ROOT.parent / "shared" / "data" / "prices_daily.csv.gz"
CALENDARS = {"RHM.DE": "XETR", "BA.L": "XLON", "WTI_SPOT": "NYMEX"}
WITHIN = 1e-10

Rows = Mapping[str, Mapping[date, tuple[datetime, float]]]


def by_ticker(closes: pd.DataFrame) -> Rows:
    found: dict[str, dict[date, tuple[datetime, float]]] = {}
    days = pd.DatetimeIndex(closes["trading_day"]).date.tolist()
    moments = pd.DatetimeIndex(closes["closes_at"]).to_pydatetime().tolist()
    prices = closes["adj_close"].tolist()
    for ticker, *row in zip(closes["ticker"], days, moments, prices, strict=True):
        found.setdefault(str(ticker), {})[row[0]] = (row[1], row[2])
    return found


def made_up() -> pd.DataFrame:
    """Three assets that move together, two of one market and one of another with other holidays.

    One is not traded for three days, one closes below zero once, one often does not move at all.
    """
    rng = np.random.default_rng(11)
    days = [d.date() for d in pd.bdate_range("2022-01-03", periods=620)]
    steps = rng.normal(0, 0.01, (len(days), 2))
    common = rng.normal(0, 0.01, len(days))
    prices = {"SPY": 100 * np.exp(steps[:, 0].cumsum()), "VIX": 20 * np.exp(steps[:, 1].cumsum())}
    for n, name in enumerate(("ONE", "TWO", "FAR")):
        own = rng.normal(0, 0.01, len(days)) + common + (0.5 + n) * steps[:, 0]
        own[rng.random(len(days)) < 0.2 * n] = 0.0
        prices[name] = 50 * np.exp(own.cumsum())
    for name in ("SPY", "VIX", "ONE", "TWO"):
        prices[name][60::97] = np.nan
    prices["FAR"][45::89] = np.nan
    prices["ONE"][401:404] = np.nan
    prices["TWO"][500] = -3.0
    return closes_of(days, {k: list(v) for k, v in prices.items()}, {"FAR": 15.5})


def moments_within(start: date, days: int, count: int, seed: int) -> list[datetime]:
    """At any second of the day."""
    seconds = np.random.default_rng(seed).integers(0, days * 86_400, count)
    return [datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(seconds=int(s))
            for s in seconds]  # fmt: skip


@cache
def real() -> pd.DataFrame:
    """Real closes at the moments their exchanges closed; pence as pounds."""
    table = pd.read_csv(PRICES, parse_dates=["date"])
    table["adj_close"] = table["adj_close"].fillna(table["close"])
    wanted = ("XLE", "XOM", "LMT", "RHM.DE", "BA.L", "WTI_SPOT", "SPY", "^VIX")
    parts = []
    table = table[table["ticker"].isin(wanted) & (table["date"] >= "2013-01-01")]
    for ticker, rows in table.groupby("ticker"):
        calendar = CALENDARS.get(str(ticker), "XNYS")
        rows = rows.assign(closes_at=closes_on(calendar, rows["date"].dt.date.tolist()))
        divisor = 100.0 if ticker == "BA.L" else 1.0
        parts.append(
            rows.dropna(subset=["closes_at", "adj_close"]).assign(
                trading_day=lambda frame: frame["date"].astype("datetime64[ns]"),
                close=lambda frame, divisor=divisor: frame["close"] / divisor,
                adj_close=lambda frame, divisor=divisor: frame["adj_close"] / divisor,
                simulated=False,
            )
        )
    return pd.concat(parts, ignore_index=True)


def check(
    closes: pd.DataFrame, tickers: Sequence[str], moments: Sequence[datetime], study: Study
) -> StudyResult:
    """Study both ways and compare everything."""
    assets = [ticker_asset(closes, ticker, study.controls) for ticker in tickers]
    result = run_study(moments, assets, study)
    rows = by_ticker(closes)
    markets = [market_of(rows, ticker, study.controls) for ticker in tickers]
    cars: dict[str, list[papers.Car]] = {ticker: [] for ticker in tickers}
    taken = [papers.window_days(market, moments, study) for market in markets]
    kept = papers.merged(markets, moments, study)
    for event in kept:
        for ticker, market, days in zip(tickers, markets, taken, strict=True):
            row = papers.day_zero(market, moments[event])
            car = None if row is None else papers.measure(market, event, row, study, days)
            if car is not None:
                cars[ticker].append(car)
    check_pairs(result, cars, dict(zip(tickers, markets, strict=True)), study)
    for ticker in tickers:
        check_average(result, ticker, {ticker: cars[ticker]}, study)
    check_average(result, "all", cars, study)
    return result


def check_pairs(
    result: StudyResult,
    cars: Mapping[str, Sequence[papers.Car]],
    markets: Mapping[str, Market],
    study: Study,
) -> None:
    found = {(p.event, p.asset): n for n, p in enumerate(result.pairs.itertuples())}
    assert set(found) == {(car.event, ticker) for ticker in cars for car in cars[ticker]}
    for ticker, those in cars.items():
        for car in those:
            at = found[car.event, ticker]
            pair = result.pairs.iloc[at]
            assert pair["trading_day"].date() == markets[ticker].days[car.row]
            assert pair["closes_at"] == markets[ticker].closes_at[car.row]
            assert pair["over_at"] == markets[ticker].known_at[car.row + study.last]
            assert pair["observations"] == car.observations
            betas = [pair[f"beta {name}"] for name in study.controls]
            ours = [pair["alpha"], *betas, pair["sigma"], pair["car"], pair["car_error"]]
            theirs = [car.alpha, *car.betas, car.sigma, car.car, car.car_error]
            assert ours == pytest.approx(theirs, rel=WITHIN, abs=WITHIN)
            assert pair["scar"] == pytest.approx(car.scar, rel=WITHIN, abs=WITHIN)
            assert result.ar[at] == pytest.approx(car.ar, rel=WITHIN, abs=WITHIN)


def check_average(
    result: StudyResult, name: str, cars: Mapping[str, Sequence[papers.Car]], study: Study
) -> None:
    average = result.average(name)
    listed = sorted((car for those in cars.values() for car in those), key=by_time(result))
    assert average.cars == len(listed) > 20
    assert average.events == len({car.event for car in listed})
    aar = [sum(car.ar[t] for car in listed) / len(listed) for t in range(len(study.days))]
    near = {"rel": WITHIN, "abs": WITHIN}
    assert average.aar == pytest.approx(aar, **near)
    assert average.caar == pytest.approx([sum(aar[: t + 1]) for t in range(len(aar))], **near)
    crowded = [share for those in cars.values() for share in papers.crowding(those, study)]
    assert average.crowding == pytest.approx(sum(crowded) / len(crowded), **near)
    r = papers.mean_correlation(cars)
    assert average.correlation == pytest.approx(r, **near)
    depends = papers.dependence(cars) if study.clean else 1.0
    assert average.dependence == pytest.approx(depends, **near)
    scars = [car.scar for car in listed]
    by_day = [1 + (depends - 1) * (t + 1) / len(aar) for t in range(len(aar))]
    *_, last = drawn = [
        resampled.bootstrap(listed, t + 1, study, by_day[t]) for t in range(len(aar))
    ]
    root = depends**0.5
    expected = {
        "patell": papers.patell(listed, len(study.controls) + 1) / root,
        "bmp": papers.bmp(scars) / root,
        "kolari_pynnonen": papers.kolari_pynnonen(scars, r) / root,
        "rank": papers.rank(listed, len(aar), r) / root,
        "bootstrap": last[0],
    }
    for test, statistic in expected.items():
        assert average.significance(test).statistic == pytest.approx(statistic, **near), test
    assert average.significance("bootstrap").p_value == pytest.approx(last[1], **near)
    assert average.low == pytest.approx([one[2] for one in drawn], **near)
    assert average.high == pytest.approx([one[3] for one in drawn], **near)
    check_p_values(average, expected, len(scars) - 1)
    for t, ours in enumerate(average.aar_p_value):
        daily = papers.kolari_pynnonen([car.ar[t] / car.ar_error[t] for car in listed], r)
        daily /= by_day[0] ** 0.5
        assert ours == pytest.approx(2 * papers.stats.t.sf(abs(daily), len(scars) - 1), **near)


def check_p_values(average: Average, statistics: Mapping[str, float], freedom: int) -> None:
    """Two-sided, of Student's t or of the normal distribution."""
    t, normal = papers.stats.t(freedom), papers.stats.norm
    for test, law in (("bmp", t), ("kolari_pynnonen", t), ("patell", normal), ("rank", normal)):
        p_value = 2 * law.sf(abs(statistics[test]))
        told = average.significance(test).p_value
        assert told == pytest.approx(p_value, rel=WITHIN, abs=WITHIN), test


def by_time(result: StudyResult) -> object:
    known = dict(zip(result.pairs["event"], result.pairs["knowable_at"], strict=True))
    return lambda car: known[car.event]


@pytest.mark.parametrize(
    ("controls", "clean"), [((), True), (("SPY",), True), (("SPY",), False), (("SPY", "VIX"), True)]
)
def test_made_up_closes(controls: tuple[str, ...], clean: bool) -> None:
    study = Study(-1, 2, 100, least=60, gap=3, controls=controls, draws=99, clean=clean)
    moments = moments_within(date(2022, 3, 1), 860, 70, seed=3)
    result = check(made_up(), ("ONE", "TWO", "FAR"), moments, study)
    reasons = set(result.dropped["reason"].str.replace(r"\d+", "", regex=True))
    assert len(reasons) >= 4, "the made-up closes must meet the rules of unknown returns"


def test_a_halt_inside_the_calendar_of_the_market() -> None:
    closes = made_up()
    study = Study(0, 2, estimation=60, least=50, gap=0, draws=99)
    days = [d.date() for d in pd.bdate_range("2022-01-03", periods=620)]
    calendar = pd.Series({pd.Timestamp(d): pd.Timestamp(d, tz="UTC") + pd.Timedelta(hours=21)
                          for d in days})  # fmt: skip
    moments = moments_within(date(2022, 3, 1), 860, 60, seed=4)
    result = run_study(moments, [ticker_asset(closes, "ONE", ("SPY",), calendar=calendar)], study)
    at = {day.date(): moment.to_pydatetime() for day, moment in calendar.items()}
    market = market_of(by_ticker(closes), "ONE", ("SPY",), at)
    taken = papers.window_days(market, moments, study)
    cars = []
    for event in papers.merged([market], moments, study):
        row = papers.day_zero(market, moments[event])
        car = None if row is None else papers.measure(market, event, row, study, taken)
        cars += [] if car is None else [car]
    check_pairs(result, {"ONE": cars}, {"ONE": market}, study)
    check_average(result, "ONE", {"ONE": cars}, study)
    halted = {days[401], days[402], days[403]}
    assert halted <= set(market.days)


@pytest.mark.skipif(not PRICES.exists(), reason="the private price file is not here")
@pytest.mark.parametrize("controls", [(), ("SPY",), ("SPY", "^VIX")])
def test_real_closes(controls: tuple[str, ...]) -> None:
    study = Study(-1, 3, estimation=150, least=100, gap=5, controls=controls, draws=99)
    moments = moments_within(date(2015, 1, 5), 4000, 60, seed=5)
    moments += [
        datetime(2014, 3, 18, 12, tzinfo=UTC),
        datetime(2020, 4, 17, 21, tzinfo=UTC),
        datetime(2022, 2, 24, 3, tzinfo=UTC),
        datetime(2025, 8, 15, 21, tzinfo=UTC),
        datetime(2025, 10, 22, 21, tzinfo=UTC),
    ]
    tickers = ("XLE", "XOM", "LMT", "RHM.DE", "BA.L", "WTI_SPOT")
    result = check(real(), tickers, moments, study)
    april_2020 = result.dropped[result.dropped["event"] == 61]
    assert "WTI_SPOT" in april_2020["asset"].tolist(), "it closed below zero on 20 April 2020"
