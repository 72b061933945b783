"""What the default rules would have told since the record begins, with thresholds of each year.

Judged on settled days, and rated so: within the day a rule fires more often
(``core.jumps.within_day``).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from risk_service.core.jumps import Default, calendar, firings, known_then, yearly
from risk_service.core.jumps.calibration import QUARTER


@dataclass(frozen=True, slots=True)
class Replay:
    """Firings of one rule, columns of ``core.jumps.firings``; ``years`` as of ``Yearly``.

    ``quarters`` are those of judged days from the first January that has a threshold.
    """

    firings: pd.DataFrame
    years: pd.DataFrame
    quarters: float


def replay(vintages: pd.DataFrame, default: Default, most: float, seed: int) -> Replay:
    """Judge every settled day with the threshold of its year, which is made from earlier years.

    Parameters
    ----------
    vintages
        Of the series that the rule watches, as ``alert_preview.read_vintages`` gives it.

    Raises
    ------
    ValueError
        "field: message" where no day is settled, or no January has enough days before it.
    """
    if vintages.empty:
        raise ValueError("dyad: no day is settled yet")
    days, known = calendar(vintages), known_then(vintages)
    values = known.values[:, 0]
    found = yearly(default.rule, values, days, most, seed)
    judged = ~pd.isna(values) & (days.year >= found.years.index[0])
    return Replay(
        firings(default.rule, known, days, found.by_day), found.years, float(judged.sum()) / QUARTER
    )


def months_told(firings_of_all: pd.DataFrame, direction: str, months: pd.PeriodIndex) -> float:
    """Share of the months with at least one firing of a direction: what chance alone hits."""
    one_way = firings_of_all[firings_of_all["direction"] == direction]
    return float(months.isin(one_way["day"].dt.to_period("M")).mean())
