"""Links between the index and a sector over time, with errors that survive overlapping news.

Every regression is of the sector's abnormal return on the change of the index between two trading
days. The index of a trading day is the newest that was knowable before its first close
(``core/sectors.py``), so that no figure uses what was not known. Errors are by Newey and West
(1987): returns and news are autocorrelated, and plain errors would be too small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests

Floats = npt.NDArray[np.float64]

WINDOW = 250
LEAST = 120
LAGS = 5
HAC_LAGS = 5
FIRST_FORECAST = 500
REGIME = pd.Timestamp("2022-02-24")
"""Russia's full-scale invasion of Ukraine: links may differ before and after."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A regression of abnormal returns on index changes.

    Parameters
    ----------
    beta
        Log return for one point of the index; NaN with fewer than ``LEAST`` pairs.
    error, p_value
        By Newey and West with ``HAC_LAGS`` lags; two-sided against the normal.
    r_squared
        Share of variance explained in the sample.
    observations
        Pairs known.
    """

    beta: float
    error: float
    p_value: float
    r_squared: float
    observations: int


def index_and_returns(table: pd.DataFrame) -> pd.DataFrame:
    """One row a trading day from ``core.sectors.sector_table``.

    Returns
    -------
    DataFrame by trading day
        change (points of the index since the trading day before), abnormal_return, return (logs)
        and closes_at; where several index days meet one trading day, the newest of them.
    """
    met = table.dropna(subset=["trading_day"]).drop_duplicates("trading_day", keep="last")
    days = met.set_index("trading_day").sort_index()
    columns = days[["abnormal_return", "return", "closes_at"]]
    return columns.assign(change=days["risk_index"].diff())


def fit(change: pd.Series[float], returns: pd.Series[float], least: int = LEAST) -> Fit:
    """Regress returns on changes of the same index; pairs with an unknown one are left out."""
    pairs = pd.DataFrame({"x": change, "y": returns}).dropna()
    if len(pairs) < least or pairs["x"].std() == 0 or pairs["y"].std() == 0:
        return Fit(np.nan, np.nan, np.nan, np.nan, len(pairs))
    model = OLS(pairs["y"].to_numpy(), np.column_stack([np.ones(len(pairs)), pairs["x"]]))
    found = model.fit(cov_type="HAC", cov_kwds={"maxlags": HAC_LAGS})
    return Fit(
        float(found.params[1]),
        float(found.bse[1]),
        float(found.pvalues[1]),
        float(found.rsquared),
        len(pairs),
    )


def rolling_fits(days: pd.DataFrame, window: int = WINDOW, least: int = LEAST) -> pd.DataFrame:
    """``fit`` over the ``window`` trading days that end with the first one of each month.

    Returns
    -------
    DataFrame by trading day
        beta, error, p_value, r_squared, observations. Trailing: later days change no row.
    """
    months = pd.DatetimeIndex(days.index).to_period("M")
    starts = np.flatnonzero(~months.duplicated())
    rows = []
    for at in starts[starts > 0]:
        past = days.iloc[max(0, at - window + 1) : at + 1]
        found = fit(past["change"], past["abnormal_return"], least)
        rows.append((found.beta, found.error, found.p_value, found.r_squared, found.observations))
    columns = ["beta", "error", "p_value", "r_squared", "observations"]
    return pd.DataFrame(rows, columns=columns, index=days.index[starts[starts > 0]])


def regimes(days: pd.DataFrame, split: pd.Timestamp = REGIME) -> dict[str, Fit]:
    """``fit`` over all days, those before ``split`` and those from it on."""
    parts = {"all": days, "before": days[days.index < split], "since": days[days.index >= split]}
    return {name: fit(part["change"], part["abnormal_return"]) for name, part in parts.items()}


def lead_lag(days: pd.DataFrame, lags: int = LAGS) -> pd.DataFrame:
    """Abnormal returns ``lag`` trading days after each change of the index, both ways.

    Returns
    -------
    DataFrame
        lag (positive: the index moves first; negative: the market does), correlation, beta, error,
        p_value, q_value (Benjamini and Hochberg 1995, over all lags) and observations.
    """
    rows = []
    for lag in range(-lags, lags + 1):
        later = days["abnormal_return"].shift(-lag)
        found = fit(days["change"], later)
        correlation = days["change"].corr(later) if np.isfinite(found.beta) else np.nan
        rows.append((lag, correlation, found.beta, found.error, found.p_value, found.observations))
    columns = ["lag", "correlation", "beta", "error", "p_value", "observations"]
    table = pd.DataFrame(rows, columns=columns)
    q_values = np.full(len(table), np.nan)
    known = table["p_value"].notna().to_numpy()
    if known.any():
        q_values[known] = multipletests(table["p_value"][known], method="fdr_bh")[1]
    return table.assign(q_value=q_values)


def out_of_sample(days: pd.DataFrame, first: int = FIRST_FORECAST) -> tuple[float, int]:
    """How well changes of the index forecast the next trading day's return, as R².

    Each return is forecast by the regression over all pairs known before it, and by their mean
    alone: R² = 1 - squared errors of the former / of the latter (Campbell and Thompson 2008). Zero
    or below: the index helps nobody forecast.

    Parameters
    ----------
    first
        Pairs before the first forecast.

    Returns
    -------
    R² and the number of forecasts
        NaN without any forecast.
    """
    pairs = pd.DataFrame({"x": days["change"], "y": days["return"].shift(-1)}).dropna()
    x, y = pairs["x"].to_numpy(np.float64), pairs["y"].to_numpy(np.float64)
    if len(y) <= first:
        return np.nan, 0
    model, mean = _forecasts(x, y)
    errors, plain = (y - model)[first:], (y - mean)[first:]
    return float(1 - np.square(errors).sum() / np.square(plain).sum()), len(errors)


def _forecasts(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Forecast of each y by the regression on, and by the mean of, all pairs before it."""
    count = np.arange(len(y), dtype=np.float64)
    n = np.maximum(count, 1)

    def before(values: Floats) -> Floats:
        return np.concatenate([[0.0], np.cumsum(values)[:-1]])

    x_mean, y_mean = before(x) / n, before(y) / n
    sxx = before(x * x) - n * x_mean**2
    sxy = before(x * y) - n * x_mean * y_mean
    beta = np.divide(sxy, sxx, out=np.zeros(len(y)), where=sxx > 1e-12 * (n + 1))
    return y_mean + beta * (x - x_mean), y_mean
