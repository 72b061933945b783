"""How often do rules cry wolf that are told from more than settled days?

``python -m training.jump_hours`` prints a table in markdown for docs/alerts.md: false alarms stated
and measured of a jump within the hour and of a jump that markets confirm. Seeded; nothing is read.

The hours are simulated: reports come at random (Poisson), each moves the index by Student's t with
4 degrees, and what they moved decays with the index's seven-day half-life. The markets are four
returns with a common part and a volatility that wanders, and know nothing of the index.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd

from risk_service.core.jumps import Jump, calibrate, fires, quiet_of
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.calibration import (
    FalseAlarms,
    false_alarms_of,
    measured,
    rates_of,
)
from risk_service.core.jumps.conditions import HourJump
from risk_service.core.jumps.confirmed import agreeing_days, jumps_allowed, thinned
from risk_service.core.jumps.firings import SIGNS
from risk_service.core.jumps.hourly import (
    calibrate_hours,
    hour_scores,
    hours_told,
    in_steps,
)
from risk_service.core.jumps.pace import DAILY, TEN_MINUTES
from risk_service.core.market_move import ESCALATION_SIGNS, unusual_moves
from training.jump_delays import MOST, SEED, SIGMA, index_paths, scored

HALF_LIFE = 7.0
REPORTS = (0.2, 0.5, 2.0)
"""Reports an hour: sparse, as an archive is, to busy."""
HISTORIES, NEW_PATHS, HOUR_PATHS = 20, 60, 24
INDEX_YEARS, MARKET_YEARS, MARKETS = 17, 10, 20
PERCENTILE = 0.9


def report_paths(steps: int, paths: int, rng: np.random.Generator, an_hour: float) -> Floats:
    """Index by ten minutes (steps, paths), about 50 with a standard deviation of ``SIGMA``."""
    chance = an_hour * 24 / TEN_MINUTES.a_day
    persistence = 0.5 ** (1 / (HALF_LIFE * TEN_MINUTES.a_day))
    size = SIGMA * np.sqrt((1 - persistence**2) / chance)
    leaps = (rng.random((steps, paths)) < chance) * rng.standard_t(4, (steps, paths)) / np.sqrt(2)
    now = rng.normal(0, SIGMA, paths)
    found = np.empty((steps, paths))
    for step in range(steps):
        now = persistence * now + size * leaps[step]
        found[step] = 50 + now
    return found


def market_moves(days: int, rng: np.random.Generator) -> pd.DataFrame:
    """Returns by day of the markets that confirm jumps, judged as ``unusual_moves`` does."""
    volatility = np.empty(days)
    now = 0.0
    for day in range(days):
        now = 0.97 * now + rng.normal(0, 0.12)
        volatility[day] = 0.01 * np.exp(now)
    names = list(ESCALATION_SIGNS)
    common, own = rng.standard_t(5, days), rng.standard_t(5, (days, len(names)))
    loads = np.array([0.6, 0.7, -1.5, 1.0])
    returns = volatility[:, None] * (common[:, None] * loads + 0.7 * own)
    dates = pd.date_range("2000-01-01", periods=days)
    return unusual_moves(pd.DataFrame(returns, index=dates, columns=names), ESCALATION_SIGNS)


def row(name: str, told: list[FalseAlarms], records: Floats) -> str:
    """Stated, measured on records (histories, paths), and how often one lies in the other."""
    low, high = np.array([one.low for one in told]), np.array([one.high for one in told])
    means = records.mean(axis=1)
    inside = int(((low <= means) & (means <= high)).sum())
    single = ((low[:, None] <= records) & (records <= high[:, None])).mean()
    return (
        f"| {name} | {np.mean([one.expected for one in told]):.2f} | {means.mean():.2f} "
        f"({means.min():.2f}–{means.max():.2f}) | {low.mean():.2f}–{high.mean():.2f} "
        f"| {inside} of {len(told)} | {single:.0%} |"
    )


def hours(an_hour: float) -> str:
    """The row of a jump within the hour, for news that is so dense."""
    rng, rule = np.random.default_rng(SEED + 4), HourJump()
    steps = TEN_MINUTES.longest
    signed = hour_scores(report_paths(steps, NEW_PATHS, rng, an_hour))
    told, found = [], []
    for n, history in enumerate(report_paths(steps, HISTORIES, rng, an_hour).T):
        quiet = quiet_of(history, SEED + n, HOUR_PATHS, TEN_MINUTES)
        threshold = calibrate_hours(rule, MOST, quiet)
        told.append(hours_told(rule, threshold, quiet, SEED + n))
        at = np.array([threshold])
        found.append(rates_of(in_steps(rule), signed, at, TEN_MINUTES)[:, 0])
    return row(f"hour_jump, {an_hour:g} reports an hour", told, np.array(found))


def confirmed() -> str:
    """The row of a jump over a day that the markets' next day confirms."""
    rng, jump = np.random.default_rng(SEED + 5), Jump(1)
    ways = jump.timing.directions
    days = round(MARKET_YEARS * 365.25)
    histories = index_paths(round(INDEX_YEARS * 365.25), HISTORIES, rng, 0.0)
    new = scored(jump, index_paths(days, NEW_PATHS, rng, 0.0))
    markets = [market_moves(days + 1, rng) for _ in range(MARKETS)]
    told, found = [], []
    for n, history in enumerate(histories.T):
        agreeing, judged = agreeing_days(markets[n % MARKETS], PERCENTILE, ways)
        quiet = quiet_of(history, SEED + n)
        threshold = calibrate(jump, jumps_allowed(MOST, agreeing, judged), quiet)
        quarters = len(quiet.to_measure) / DAILY.quarter
        rates = measured(jump, threshold, quiet)
        rates = thinned(rates, quarters, agreeing, judged, np.random.default_rng(SEED + n))
        told.append(false_alarms_of(rates, len(quiet.to_measure)))
        others = [moves for place, moves in enumerate(markets) if place != n % MARKETS]
        found.append(confirmations(jump, new, threshold, others) / (days / DAILY.quarter))
    return row("confirmed_jump", told, np.array(found))


def confirmations(
    jump: Jump, signed: Floats, threshold: float, markets: list[pd.DataFrame]
) -> Floats:
    """Firings of each path (P,) whose next market day is unusual and fits."""
    count = np.zeros(signed.shape[1])
    for way in jump.timing.directions:
        agrees = np.array([_agrees(moves, way) for moves in markets])
        for day, (started, _) in enumerate(fires(jump, SIGNS[way] * signed, np.array([threshold]))):
            for path in np.flatnonzero(started[:, 0]):
                count[path] += agrees[path % len(markets), day + 1]
    return count


def _agrees(moves: pd.DataFrame, way: str) -> Floats:
    fits = (moves["percentile"] >= PERCENTILE) & (moves["fits"] == way)
    return np.asarray(fits, np.float64)


def table() -> Iterator[str]:
    """The rows."""
    yield (
        "| rule | stated a quarter | measured | 90 % interval, mean | measured lies within "
        "| single records within |"
    )
    yield "|---|---|---|---|---|---|"
    for an_hour in REPORTS:
        yield hours(an_hour)
    yield confirmed()


def main() -> None:
    """Print the table."""
    for line in table():
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
