"""Thresholds that walk forward: made anew each January from the ten years before it.

How an index moves changes over the decades, with how much is reported. A threshold of one date
keeps its promise for some years; one that is made anew each year goes along, and still sees
nothing of the year that it judges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.calibration import (
    FalseAlarms,
    Quiet,
    false_alarms_of,
    quiet_of,
    rates_of,
    thresholds_of,
)
from risk_service.core.jumps.known import Known
from risk_service.core.jumps.rules import Rule
from risk_service.core.jumps.scores import scores

BEFORE = 10
"""Years before a January that its thresholds are made from."""
EACH = 24
"""Paths a year to choose by, and as many to measure: 960 quarters of ten-year paths each."""


@dataclass(frozen=True, slots=True)
class Yearly:
    """Thresholds by day (T,), infinite where the history before was too short, and for each year
    that has one its threshold and its false alarms, as a frame: threshold, expected, low, high.
    """

    by_day: Floats
    years: pd.DataFrame


def yearly(rule: Rule, values: Floats, days: pd.DatetimeIndex, most: float, seed: int) -> Yearly:
    """Thresholds for at most ``most`` false alarms a quarter; causal in ``days`` by whole years.

    Parameters
    ----------
    values
        One series (T,) of the days, NaN where it has gaps.

    Raises
    ------
    ValueError
        Where no January has as many days before it as ``habits_of`` wants.
    """
    quiet = _shaken(values, days, seed)
    if not quiet:
        raise ValueError("calibrated_before: no January has a year of known days before it")
    told = {}
    for length in sorted({len(one.to_choose) for one in quiet.values()}):
        alike = {year: one for year, one in quiet.items() if len(one.to_choose) == length}
        told.update(_told(rule, alike, most))
    years = pd.DataFrame.from_dict(told, orient="index").sort_index()
    by_year = pd.Series(days.year).map(years["threshold"]).fillna(np.inf)
    return Yearly(by_year.to_numpy(np.float64), years)


def quiet_before(year: int, values: Floats, days: pd.DatetimeIndex, seed: int) -> Quiet:
    """Shaken paths of the ten years before a January; the error is that of ``habits_of``."""
    within = (days.year >= year - BEFORE) & (days.year < year)
    return quiet_of(values[within], seed + year, EACH)


def of_january(rule: Rule, quiet: Quiet, most: float) -> tuple[float, FalseAlarms]:
    """Threshold and false alarms of a January, from ``quiet_before``, as ``yearly`` tells them."""
    told = dict(_told(rule, {0: quiet}, most)[0])
    threshold = told.pop("threshold")
    return threshold, FalseAlarms(**told, days=len(quiet.to_measure), paths=EACH)


def _shaken(values: Floats, days: pd.DatetimeIndex, seed: int) -> dict[int, Quiet]:
    """Paths of the years before each January, by year; years with too few are left out."""
    found = {}
    for year in range(days[0].year + 1, days[-1].year + 1):
        try:
            found[year] = quiet_before(year, values, days, seed)
        except ValueError:
            continue
    return found


def _told(rule: Rule, quiet: dict[int, Quiet], most: float) -> dict[int, dict[str, float]]:
    """Threshold and false alarms of years whose paths are equally long, all at once."""
    chosen, measured = (
        scores(rule, Known.of_paths(np.hstack([getattr(one, name) for one in quiet.values()])))
        for name in ("to_choose", "to_measure")
    )
    thresholds = thresholds_of(rule, chosen, most, len(quiet))
    rates = rates_of(rule, measured, thresholds.repeat(EACH)[:, None]).reshape(len(quiet), EACH)
    told = {}
    for year, threshold, row in zip(quiet, thresholds, rates, strict=True):
        rate: FalseAlarms = false_alarms_of(row, len(measured))
        told[year] = {
            "threshold": float(threshold),
            "expected": rate.expected,
            "low": rate.low,
            "high": rate.high,
        }
    return told
