"""What a study answers: averages with intervals and tests, every event's own CAR, what was dropped.

All returns are logs and fractions (0.01 = 1 %), per trading day or summed over days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]

TESTS = ("patell", "bmp", "kolari_pynnonen", "rank", "bootstrap")

PAIR_COLUMNS = (
    "event", "asset", "knowable_at", "trading_day", "closes_at", "over_at",
    "car", "car_error", "scar", "p_value", "alpha", "sigma", "observations",
)  # fmt: skip

DROPPED_COLUMNS = ("event", "asset", "reason")


@dataclass(frozen=True, slots=True)
class Significance:
    """One test of the hypothesis that the mean CAR is zero.

    Parameters
    ----------
    test
        One of ``TESTS``.
    statistic
        Near zero without an effect, positive where returns rose. NaN where the test cannot be made
        (fewer than two CARs; for the bootstrap fewer than five events).
    p_value
        Two-sided, 0-1; NaN with the statistic.
    """

    test: str
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """Means over the events of one asset, or over all events and assets (``asset = "all"``).

    Parameters
    ----------
    asset
        Name of the asset, or ``all``.
    events
        Events in the mean.
    cars
        CARs in the mean: pairs of an event and an asset.
    days
        Days of the event window, relative to day 0.
    aar, aar_p_value
        Average abnormal return of each day, and the p-value of its adjusted BMP test; NaN without
        any event.
    caar
        Average abnormal return summed from the first day of the window to each day.
    low, high
        Bootstrap interval of ``caar`` at each day; NaN with fewer than five events.
    correlation
        Mean correlation between the CARs, as Kolari and Pynnonen (2010) use it: of the residuals
        where two CARs are of the same event, 0 where they are of different ones. 0 with one asset.
    crowding
        Share of the days before the events that lies in event windows of other events, 0-1
        (``windows.crowding``); NaN without any event. Clean estimation windows pass these days
        over; without them ``caar`` is too near to zero by about this share, and tests reject too
        seldom.
    dependence
        Variance of the mean CAR over what it would be if no two events were held against the same
        normal days, 1 or more (``significance.dependence_of``); every statistic is divided by its
        root. 1 without clean estimation windows, NaN without any event.
    significances
        One for each of ``TESTS``, of the CAAR over the whole window.
    """

    asset: str
    events: int
    cars: int
    days: tuple[int, ...]
    aar: Floats
    aar_p_value: Floats
    caar: Floats
    low: Floats
    high: Floats
    correlation: float
    crowding: float
    dependence: float
    significances: tuple[Significance, ...]

    def significance(self, test: str) -> Significance:
        """The one of that name; ValueError for a name not in ``TESTS``."""
        for one in self.significances:
            if one.test == test:
                return one
        raise ValueError(f"test: {test!r} is not one of {list(TESTS)}")


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """Everything a study found.

    Parameters
    ----------
    study
        What was asked.
    given
        How many events were given.
    used
        How many of them are in the averages with at least one asset.
    averages
        One for each asset, in the order given.
    pooled
        Over all assets together.
    pairs
        One row for each event and asset used, by event, then asset in the order given; columns
        ``PAIR_COLUMNS``: event (position among the moments given), asset, knowable_at, trading_day
        and closes_at of day 0, over_at (moment from which the whole window is known), car,
        car_error (its standard error with the forecast error of the model), scar (car /
        car_error), p_value (two-sided, by Student's t), alpha, sigma, observations; then
        ``beta NAME`` of each control.
    ar
        Abnormal returns of the pairs, one row each and one column a day of the window.
    dropped
        Columns ``DROPPED_COLUMNS``: one row for each event left out whole (asset is empty text) and
        for each asset of another event that is left out, with the reason. A merged event names the
        one it joined.
    """

    study: Study
    given: int
    used: int
    averages: tuple[Average, ...]
    pooled: Average
    pairs: pd.DataFrame
    ar: Floats
    dropped: pd.DataFrame

    def average(self, asset: str) -> Average:
        """The averages of one asset, or of ``all``; ValueError for an unknown name."""
        for one in (*self.averages, self.pooled):
            if one.asset == asset:
                return one
        raise ValueError(f"asset: {asset!r} is not in the study")
