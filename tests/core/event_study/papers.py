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
from risk_service.core.event_study.ranks import LEAST_CARS
from risk_service.core.event_study.study import REACH
from tests.core.event_study.markets import Market


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
    days: list[date]
    residuals: dict[date, float] = field(repr=False)
    weights: dict[date, float] = field(repr=False)
    series: list[float | None] = field(repr=False)

    @property
    def scar(self) -> float:
        return self.car / self.car_error


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


def window_days(market: Market, moments: Sequence[datetime], study: Study) -> set[int]:
    """Days of a market in the event window of any event given, merged or not."""
    zeros = [day_zero(market, moment) for moment in moments]
    window = range(study.first, study.last + 1)
    return {zero + day for zero in zeros if zero is not None for day in window}


def estimation_days(end: int, taken: set[int], study: Study) -> list[int]:
    """Days before ``end`` an event's normal returns are estimated from, as far as there are any."""
    if not study.clean:
        return list(range(end - study.estimation, end))
    found: list[int] = []
    for t in range(end - 1, end - REACH * study.estimation - 1, -1):
        if t not in taken and len(found) < study.estimation:
            found.insert(0, t)
    return found


def measure(market: Market, event: int, row: int, study: Study, taken: set[int]) -> Car | None:
    """One event on one asset, where both of its windows are known."""
    first, last = row + study.first, row + study.last
    if first < 0 or last >= len(market.days):
        return None
    if any(not _known(market, t) for t in range(first, last + 1)):
        return None
    end = first - study.gap
    window = estimation_days(end, taken, study)
    used = [t for t in window if t >= 0 and _known(market, t)]
    return None if len(used) < study.least else market_model(market, event, row, study, window)


def market_model(market: Market, event: int, row: int, study: Study, window: list[int]) -> Car:
    """One market model; MacKinlay (1997), with any number of regressors.

    The covariance of the abnormal returns is s2 (I + X* (X'X)^-1 X*'), and the variance of their
    sum is the sum of all its elements (Campbell, Lo and MacKinlay 1997, section 4.4).
    """
    first, last = row + study.first, row + study.last
    used = [t for t in window if t >= 0 and _known(market, t)]
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
    missing: list[float | None] = [None] * (study.estimation - len(window))
    # The CAR is a weighted sum of returns: 1 for each day of the event window, less these.
    h = X @ np.linalg.inv(X.T @ X) @ X_star.sum(axis=0)
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
        days=[market.days[t] for t in range(first, last + 1)],
        residuals={market.days[t]: float(r) for t, r in by_day.items()},
        weights={market.days[t]: -float(c) for t, c in zip(used, h, strict=True)},
        series=missing + [by_day.get(t) for t in window],
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


def dependence(cars: Mapping[str, Sequence[Car]]) -> float:
    """Variance of the mean SCAR, over that with CARs of different events taken as uncorrelated.

    The covariance of two weighted sums of the same returns is the sum of the products of their
    weights; of two assets' returns, that times the correlation of their residuals.
    """
    listed = [(name, car) for name, those in cars.items() for car in those]
    dates = sorted({day for _, car in listed for day in car.weights})
    place = {day: n for n, day in enumerate(dates)}
    W = np.zeros((len(listed), len(dates)))
    for i, (_, car) in enumerate(listed):
        for day, weight in car.weights.items():
            W[i, place[day]] = weight
        # Their variance is 1 with the days of the event window, each of weight 1.
        W[i] /= math.sqrt(W[i] @ W[i] + len(car.days))
    common = W @ W.T
    rho = {(a, b): _mean_of_events(cars[a], cars[b]) if a != b else 1.0 for a in cars for b in cars}
    between = sum(
        rho[a, b] * common[i, j]
        for i, (a, one) in enumerate(listed)
        for j, (b, other) in enumerate(listed)
        if one.event != other.event
    )
    n = len(listed)
    within = n * (1 + (n - 1) * mean_correlation(cars))
    return 1 + max(between, 0.0) / within


def _mean_of_events(ones: Sequence[Car], others: Sequence[Car]) -> float:
    """Mean correlation of two assets' residuals over the events of both."""
    pairs = [(one, other) for one in ones for other in others if one.event == other.event]
    found = [
        correlation(one.residuals, other.residuals)
        for one, other in pairs
        if set(one.residuals) & set(other.residuals)
    ]
    return sum(found) / len(found) if found else 0.0


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


def rank(cars: Sequence[Car], window: int, r: float) -> float:
    """Corrado (1989) as in Corrado and Zivney (1992), summed over the window.

    Standardised abnormal returns of the event window are standardised again by their deviation
    across CARs, in units of which they are ranked among the standardised residuals.
    """
    spreads = [1.0] * window
    if len(cars) >= LEAST_CARS:
        for t in range(window):
            scaled = [car.ar[t] / car.ar_error[t] for car in cars]
            mean = sum(scaled) / len(scaled)
            variance = sum((one - mean) ** 2 for one in scaled) / (len(scaled) - 1)
            spreads[t] = math.sqrt(variance / (1 - r))
    ranks = [
        _ranks(
            [None if e is None else e / car.sigma for e in car.series]
            + [car.ar[t] / car.ar_error[t] / spreads[t] for t in range(window)]
        )
        for car in cars
    ]
    daily: list[float] = []
    for t in range(len(ranks[0])):
        known = [own[t] for own in ranks if own[t] is not None]
        daily.append(sum(known) / math.sqrt(len(known)) if known else math.nan)
    squares = [u**2 for u in daily if not math.isnan(u)]
    s = math.sqrt(sum(squares) / len(squares))
    return sum(daily[-window:]) / (math.sqrt(window) * s)
