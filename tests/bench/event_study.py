"""Seconds of a study of 1,000 events on 12 tickers over 20 years, beside the bare algebra it needs.

``python -m tests.bench.event_study``, on one core and one thread. The bare algebra is numpy on
ready arrays, without frames, calendars, checks or unknown returns: the same windows, least squares,
residual correlations, ranks and resamples, and the same days of other events left out. Both run in
turn, so that whatever else the machine does meets both alike; their answers are compared.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from risk_service.core.closes import tidy_closes
from risk_service.core.event_study import Asset, Study, StudyResult, run_study, ticker_asset

Floats = npt.NDArray[np.float64]

EVENTS, TICKERS, DAYS, ROUNDS = 1000, 12, 5040, 9
STUDY = Study(first=0, last=1, estimation=250, least=250, gap=10, controls=("SPY",))
MOST_SECONDS, MOST_RATIO = 2.0, 1.5


@dataclass(frozen=True)
class Bare:
    """What the bare algebra finds of all tickers together."""

    caar: Floats
    statistics: Floats  # Patell, BMP, Kolari and Pynnonen, rank, bootstrap
    limit: Floats


def main() -> int:
    """Measure in turn and print a table; 1 where a promise is broken."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    closes = made_up_closes()
    names = [f"T{n}" for n in range(TICKERS)]

    def assets() -> list[Asset]:
        return [ticker_asset(closes, name, ("SPY",)) for name in names]

    ready = assets()
    rows = 1 + STUDY.estimation + STUDY.gap + 1 + 4 * np.arange(EVENTS)
    moments = ready[0].closes_at[rows] - pd.Timedelta(hours=1)
    returns = np.stack([asset.returns for asset in ready], axis=1)
    market = ready[0].controls["SPY"].to_numpy()
    with threadpool_limits(1):
        agree(run_study(moments, ready, STUDY), bare(returns, market, rows))
        took = [
            [
                _seconds(lambda: run_study(moments, assets(), STUDY)),
                _seconds(lambda: run_study(moments, ready, STUDY)),
                _seconds(lambda: bare(returns, market, rows)),
            ]
            for _ in range(ROUNDS)
        ]
    whole, study, algebra = (statistics.median(one) for one in zip(*took, strict=True))
    ratio = statistics.median(one[1] / one[2] for one in took)
    table = Table("closes to answer, s", "study, s", "bare algebra, s", "study / algebra")
    table.add_row(f"{whole:.3f}", f"{study:.3f}", f"{algebra:.3f}", f"{ratio:.2f}")
    Console(width=100).print(table)
    return int(whole > MOST_SECONDS or ratio > MOST_RATIO)


def made_up_closes() -> pd.DataFrame:
    """Twenty years of closes of the tickers and SPY, residuals correlated."""
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2004-01-02", periods=DAYS)
    market, common = rng.normal(0, 0.01, DAYS), rng.normal(0, 0.007, DAYS)
    steps = {f"T{n}": market + common + rng.normal(0, 0.012, DAYS) for n in range(TICKERS)}
    parts = [
        pd.DataFrame({"ticker": name, "trading_day": days, "close": 50 * np.exp(step.cumsum())})
        for name, step in (steps | {"SPY": market}).items()
    ]
    closes = pd.concat(parts, ignore_index=True)
    closes_at = (closes["trading_day"] + pd.Timedelta(hours=21)).dt.tz_localize("UTC")
    return tidy_closes(
        closes.assign(
            adj_close=closes["close"], currency="USD", closes_at=closes_at, provider="bench",
            simulated=True, fetched_at=closes_at,
        )
    )  # fmt: skip


def bare(returns: Floats, market: Floats, rows: npt.NDArray[np.int64]) -> Bare:
    """The whole study in plain numpy, for tickers that share all days and know all returns."""
    window, days = STUDY.estimation, len(STUDY.days)
    event = (rows + STUDY.first)[:, None] + np.arange(days)
    estimation = _clean_days(event, rows, len(market))
    x, x_mean = _from_mean(market[estimation])
    squares = np.square(x).sum(axis=1)
    deviation = market[event] - x_mean[:, None]
    leverage = 1 + 1 / window + np.square(deviation) / squares[:, None]
    total = days + days**2 / window + np.square(deviation.sum(axis=1)) / squares
    residuals = np.empty((len(rows), returns.shape[1], window))
    ar = np.empty((len(rows), returns.shape[1], days))
    sigma = np.empty(ar.shape[:2])
    for j in range(returns.shape[1]):
        y, y_mean = _from_mean(returns[estimation, j])
        beta = (x * y).sum(axis=1) / squares
        y -= beta[:, None] * x
        residuals[:, j] = y
        ar[:, j] = returns[event, j] - y_mean[:, None] - beta[:, None] * deviation
        sigma[:, j] = np.sqrt(np.square(y).sum(axis=1) / (window - 2))
    scaled = ar / (sigma[:, :, None] * np.sqrt(leverage)[:, None, :])
    scar = ar.sum(axis=2) / (sigma * np.sqrt(total)[:, None])
    mean, own = _mean_correlations(residuals)
    weights = days / window + (deviation.sum(axis=1) / squares)[:, None] * x
    weights /= np.sqrt(total)[:, None]
    shared = np.square(np.bincount(estimation.ravel(), weights.ravel())).sum()
    shared -= np.square(weights).sum()
    single, pooled = (1 + shared * part for part in own)
    boot, limit = _bootstrap(ar, single, pooled)
    standard = residuals / sigma[:, :, None]
    for j in range(returns.shape[1]):
        _rank_statistic([standard[:, j]], [scaled[:, j]], 0.0)
    every = range(returns.shape[1])
    rank = _rank_statistic([standard[:, j] for j in every], [scaled[:, j] for j in every], mean)
    tests = np.array([*_parametric(scar, mean, window), rank, boot])
    tests[:-1] /= np.sqrt(pooled)
    return Bare(ar.mean(axis=(0, 1)).cumsum(), tests, limit)


def _clean_days(
    event: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], days: int
) -> npt.NDArray[np.int64]:
    """The estimation window of each event: the last days before it that are in no event window."""
    free = np.ones(days, dtype=bool)
    free[event.ravel()] = False
    ends = np.concatenate([[0], np.cumsum(free)])[rows + STUDY.first - STUDY.gap]
    return np.flatnonzero(free)[(ends - STUDY.estimation)[:, None] + np.arange(STUDY.estimation)]


def _from_mean(values: Floats) -> tuple[Floats, Floats]:
    """Rows less their means, in place, and the means."""
    mean = values.mean(axis=1)
    values -= mean[:, None]
    return values, mean


def _ranks(values: Floats) -> Floats:
    order = np.argsort(values, axis=1)
    ranks = np.empty_like(values)
    places = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks / (values.shape[1] + 1) - 0.5


def _rank_statistic(standard: list[Floats], scaled: list[Floats], mean: float) -> float:
    spread = np.concatenate(scaled).std(axis=0, ddof=1) / np.sqrt(1 - mean)
    sums = sum(
        _ranks(np.concatenate([e, s / spread], axis=1)).sum(axis=0)
        for e, s in zip(standard, scaled, strict=True)
    )
    days = len(spread)
    return float(sums[-days:].sum() / np.sqrt(days * np.square(sums).mean()))


def _mean_correlations(residuals: Floats) -> tuple[float, tuple[float, float]]:
    """Over all pairs of CARs; and what shared days weigh for one ticker and for all together."""
    cross = residuals @ residuals.swapaxes(1, 2)
    lengths = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
    correlations = cross / (lengths[:, :, None] * lengths[:, None, :])
    n = residuals.shape[0] * residuals.shape[1]
    mean = correlations.mean(axis=0).sum() / correlations.sum()
    return float((correlations.sum() - n) / (n * (n - 1))), (1 / len(residuals), float(mean))


def _parametric(scar: Floats, r: float, window: int) -> tuple[float, float, float]:
    n = scar.size
    patell = scar.sum() / np.sqrt(n * (window - 2) / (window - 4))
    bmp = scar.mean() * np.sqrt(n) / scar.std(ddof=1)
    return float(patell), float(bmp), float(bmp * np.sqrt((1 - r) / (1 + (n - 1) * r)))


def _bootstrap(ar: Floats, single: float, pooled: float) -> tuple[float, Floats]:
    """Statistic of all tickers together; half of the interval of each ticker and of all."""
    events, tickers, _ = ar.shape
    paths = ar.cumsum(axis=2)
    sums = np.concatenate([paths, paths.sum(axis=1, keepdims=True)], axis=1)
    counts = np.r_[np.ones(tickers), tickers]
    drawn = np.random.default_rng(STUDY.seed).integers(0, events, (STUDY.draws, events))
    drawn += np.arange(STUDY.draws)[:, None] * events
    times = np.bincount(drawn.ravel(), minlength=STUDY.draws * events)
    times = times.reshape(STUDY.draws, events).astype(np.float64)
    mean = sums.mean(axis=0) / counts[:, None]
    centred = (sums / counts[:, None] - mean).reshape(events, -1)
    factor = np.sqrt(events / (events - 1))
    error = np.sqrt(np.square(centred).sum(axis=0)) * factor / events
    means = times @ centred / events
    spread = np.sqrt(times @ np.square(centred) - events * np.square(means)) * factor / events
    by_day = np.arange(1, ar.shape[2] + 1) / ar.shape[2]
    stretch = 1 + np.outer(np.r_[np.full(tickers, single), pooled] - 1, by_day)
    error = error * np.sqrt(stretch).ravel()
    limit = np.quantile(np.abs(means) / spread, STUDY.level, axis=0, method="higher")
    limit = limit * error
    return float(mean.ravel()[-1] / error[-1]), limit


def agree(study: StudyResult, algebra: Bare) -> None:
    """The two have done the same work."""
    pooled = study.pooled
    assert pooled.events == EVENTS and pooled.cars == EVENTS * TICKERS
    np.testing.assert_allclose(pooled.caar, algebra.caar, rtol=0, atol=1e-10)
    ours = [one.statistic for one in pooled.significances]
    np.testing.assert_allclose(ours, algebra.statistics, rtol=0, atol=1e-8)
    np.testing.assert_allclose(pooled.high - pooled.caar, algebra.limit[-len(pooled.caar) :])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
