"""An event study by plain loops, written from the papers' formulas and from nothing of the service.

Every event, asset, day and pair is gone through one by one. Used to check the service, which does
all of them at once.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from scipy import stats

from risk_service.core.event_study import Study


@dataclass
class Market:
    """An asset as the papers see it: one entry a trading day; None where unknown."""

    days: list[date]
    closes_at: list[datetime]
    known_at: list[datetime]
    returns: list[float | None]
    controls: list[list[float | None]]


@dataclass
class Car:
    """One event on one asset."""

    event: int
    row: int
    observations: int
    alpha: float
    betas: list[float]
    sigma: float
    ar: list[float]
    ar_error: list[float]
    car: float
    car_error: float
    residuals: dict[date, float] = field(repr=False)
    ranks: list[float | None] = field(repr=False)

    @property
    def scar(self) -> float:
        return self.car / self.car_error


def log_return(before: float | None, now: float | None) -> float | None:
    if before is None or now is None or before <= 0 or now <= 0:
        return None
    return math.log(now / before)


def day_zero(market: Market, moment: datetime) -> int | None:
    """First close strictly after the moment, if it comes within seven days."""
    row = bisect.bisect_right(market.closes_at, moment)
    if row == len(market.closes_at):
        return None
    return row if (market.closes_at[row] - moment).total_seconds() <= 7 * 86_400 else None


def merged(markets: Sequence[Market], moments: Sequence[datetime], study: Study) -> list[int]:
    """Events kept: an event whose window shares a day with that of the last kept one joins it."""
    kept: list[int] = []
    for event in sorted(range(len(moments)), key=lambda e: moments[e]):
        rows = [day_zero(market, moments[event]) for market in markets]
        if all(row is None for row in rows):
            continue
        if kept:
            last = [day_zero(market, moments[kept[-1]]) for market in markets]
            window = study.last - study.first + 1
            if any(
                r is not None and k is not None and r - k < window
                for r, k in zip(rows, last, strict=True)
            ):
                continue
        kept.append(event)
    return kept


def measure(market: Market, event: int, row: int, study: Study) -> Car | None:
    """One market model; MacKinlay (1997), with any number of regressors.

    The covariance of the abnormal returns is s2 (I + X* (X'X)^-1 X*'), and the variance of their
    sum is the sum of all its elements (Campbell, Lo and MacKinlay 1997, section 4.4).
    """
    first, last = row + study.first, row + study.last
    if first < 0 or last >= len(market.days):
        return None
    if any(not _known(market, t) for t in range(first, last + 1)):
        return None
    end = first - study.gap
    used = [t for t in range(max(end - study.estimation, 0), end) if _known(market, t)]
    if len(used) < study.least:
        return None
    X = np.array([[1.0, *market.controls[t]] for t in used])
    y = np.array([market.returns[t] for t in used])
    coefficients = np.linalg.lstsq(X, y, rcond=None)[0]
    e = y - X @ coefficients
    s2 = float(e @ e) / (len(used) - X.shape[1])
    X_star = np.array([[1.0, *market.controls[t]] for t in range(first, last + 1)])
    y_star = np.array([market.returns[t] for t in range(first, last + 1)])
    ar = y_star - X_star @ coefficients
    V = s2 * (np.eye(len(ar)) + X_star @ np.linalg.inv(X.T @ X) @ X_star.T)
    by_day = dict(zip(used, e, strict=True))
    series = [by_day.get(t) for t in range(end - study.estimation, end)] + list(ar)
    return Car(
        event=event,
        row=row,
        observations=len(used),
        alpha=float(coefficients[0]),
        betas=[float(b) for b in coefficients[1:]],
        sigma=math.sqrt(s2),
        ar=[float(a) for a in ar],
        ar_error=[math.sqrt(V[k, k]) for k in range(len(ar))],
        car=float(sum(ar)),
        car_error=math.sqrt(sum(V[i, j] for i in range(len(ar)) for j in range(len(ar)))),
        residuals={market.days[t]: float(r) for t, r in by_day.items()},
        ranks=_ranks(series),
    )


def _known(market: Market, row: int) -> bool:
    return market.returns[row] is not None and all(x is not None for x in market.controls[row])


def _ranks(series: Sequence[float | None]) -> list[float | None]:
    """K / (M + 1) - 1/2 (Corrado and Zivney 1992), None where unknown."""
    known = [value for value in series if value is not None]
    ranks = iter(stats.rankdata(known))
    return [None if v is None else float(next(ranks)) / (len(known) + 1) - 0.5 for v in series]


def crowding(cars: Sequence[Car], study: Study) -> list[float]:
    """Of each event on one asset the share of its estimation days that are in event windows."""
    inside = {car.row + day for car in cars for day in range(study.first, study.last + 1)}
    shares = []
    for car in cars:
        end = car.row + study.first - study.gap
        shares.append(sum(t in inside for t in range(end - study.estimation, end)))
    return [share / study.estimation for share in shares]


def patell(cars: Sequence[Car], k: int) -> float:
    """Patell (1976): each SCAR has variance (M - k) / (M - k - 2)."""
    total = sum(car.scar for car in cars)
    return total / math.sqrt(sum((c.observations - k) / (c.observations - k - 2) for c in cars))


def bmp(scars: Sequence[float]) -> float:
    """Boehmer, Musumeci and Poulsen (1991): mean SCAR over its cross-sectional error."""
    n = len(scars)
    mean = sum(scars) / n
    return mean / math.sqrt(sum((s - mean) ** 2 for s in scars) / (n * (n - 1)))


def mean_correlation(cars: Mapping[str, Sequence[Car]]) -> float:
    """Mean over all pairs of CARs; 0 for CARs of different events."""
    listed = [(name, car) for name, those in cars.items() for car in those]
    total = 0.0
    for i, (_, one) in enumerate(listed):
        for j, (_, other) in enumerate(listed):
            if i != j and one.event == other.event:
                total += correlation(one.residuals, other.residuals)
    n = len(listed)
    return total / (n * (n - 1)) if n > 1 else 0.0


def correlation(one: Mapping[date, float], other: Mapping[date, float]) -> float:
    """Sample correlation of residuals over their common days; their mean is zero."""
    days = [day for day in one if day in other]
    if not days:
        return 0.0
    both = sum(one[d] * other[d] for d in days)
    return both / math.sqrt(sum(one[d] ** 2 for d in days) * sum(other[d] ** 2 for d in days))


def kolari_pynnonen(scars: Sequence[float], r: float) -> float:
    """Kolari and Pynnonen (2010): BMP, corrected for the mean correlation r."""
    n = len(scars)
    return bmp(scars) * math.sqrt((1 - r) / (1 + (n - 1) * r))


def rank(cars: Sequence[Car], window: int) -> float:
    """Corrado (1989) as in Corrado and Zivney (1992), summed over the window."""
    daily: list[float] = []
    for t in range(len(cars[0].ranks)):
        known = [car.ranks[t] for car in cars if car.ranks[t] is not None]
        daily.append(sum(known) / math.sqrt(len(known)) if known else math.nan)
    squares = [u**2 for u in daily if not math.isnan(u)]
    s = math.sqrt(sum(squares) / len(squares))
    return sum(daily[-window:]) / (math.sqrt(window) * s)


def bootstrap(cars: Sequence[Car], days: int, study: Study) -> tuple[float, float, float, float]:
    """Statistic, p-value and interval of the sum of the first ``days`` abnormal returns."""
    by_event: dict[int, list[float]] = {}
    for car in cars:
        by_event.setdefault(car.event, []).append(sum(car.ar[:days]))
    blocks = [by_event[event] for event in by_event]
    mean, error = _mean_and_error(blocks)
    rng = np.random.default_rng(study.seed)
    distances = []
    for drawn in rng.integers(0, len(blocks), (study.draws, len(blocks))):
        its_mean, its_error = _mean_and_error([blocks[k] for k in drawn])
        distances.append(abs(its_mean - mean) / its_error)
    beyond = sum(distance >= abs(mean / error) for distance in distances)
    # The smallest distance that at least the wanted share of the resamples do not exceed.
    place = math.ceil(round(study.level * (study.draws - 1), 9))
    limit = sorted(distances)[place] * error
    return mean / error, (1 + beyond) / (1 + study.draws), mean - limit, mean + limit


def _mean_and_error(blocks: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Mean of all values, and its error with blocks as clusters (Cameron and Miller 2015)."""
    n = sum(len(block) for block in blocks)
    mean = sum(sum(block) for block in blocks) / n
    squares = sum(sum(value - mean for value in block) ** 2 for block in blocks)
    return mean, math.sqrt(squares * len(blocks) / (len(blocks) - 1)) / n


def market_of(
    closes: Mapping[str, Mapping[date, tuple[datetime, float]]],
    ticker: str,
    controls: Sequence[str],
    calendar: Mapping[date, datetime] | None = None,
) -> Market:
    """A ticker with the returns of its controls, over the days it closed itself."""
    own = closes[ticker]
    moments = {day: at for day, (at, _) in own.items()}
    if calendar is not None:
        inside = {day: at for day, at in calendar.items() if min(own) <= day <= max(own)}
        moments = inside | moments
    days = sorted(moments)
    series = [_returns(days, {day: price for day, (_, price) in own.items()})]
    for control in controls:
        series.append(
            _returns(days, {d: price for d, (_, price) in closes[control].items() if d in own})
        )
    returns, *others = series
    return Market(
        days=days,
        closes_at=[moments[day] for day in days],
        known_at=[
            max([moments[d], *(closes[c][d][0] for c in controls if d in closes[c])]) for d in days
        ],
        returns=returns,
        controls=[[other[t] for other in others] for t in range(len(days))],
    )


def _returns(days: Sequence[date], prices: Mapping[date, float]) -> list[float | None]:
    """Each from the last close before it, if that is at most seven days old."""
    found: list[float | None] = []
    last: date | None = None
    for day in days:
        now = prices.get(day)
        near = last is not None and (day - last).days <= 7
        found.append(log_return(prices[last], now) if near and last else None)
        last = day if now is not None else last
    return found
