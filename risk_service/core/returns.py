"""Log returns, the market model (MacKinlay 1997) and abnormal returns; all trailing.

Two rules hold for every return. It runs from the ticker's own previous close, however many
holidays lie between, but never over more than ``LONGEST_GAP``: a longer gap is a hole in the data.
And it needs two prices above zero: WTI's return is unknown both on 2020-04-20, when it closed at
-37.63, and on the day after.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

LONGEST_GAP = pd.Timedelta(days=7)
WINDOW = 250
LEAST = 60

Floats = npt.NDArray[np.float64]


def simple_returns(prices: pd.Series[float]) -> pd.Series[float]:
    """Return of each day since the ticker's own previous close, a fraction (0.01 = 1 %).

    Parameters
    ----------
    prices
        By trading day, a strictly rising DatetimeIndex; NaN where there is no close.

    Returns
    -------
    Series of the same index
        NaN on the first day, where there is no close, after a gap of more than ``LONGEST_GAP``,
        and where this price or the one before is zero or below.

    Raises
    ------
    ValueError
        When the days are not strictly rising.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-02", "2025-01-03", "2025-01-06", "2025-01-07"])
    >>> simple_returns(pd.Series([100.0, 110.0, np.nan, 99.0], days)).round(3).tolist()
    [nan, 0.1, nan, -0.1]
    """
    days = pd.DatetimeIndex(prices.index)
    if not (days.is_monotonic_increasing and days.is_unique):
        raise ValueError("prices: days are not strictly rising")
    known = prices.dropna()
    positive = known.where(known > 0)
    gap = known.index.to_series().diff()
    change = (positive / positive.shift() - 1).where(gap <= LONGEST_GAP)
    return change.reindex(prices.index)


def log_returns(prices: pd.Series[float]) -> pd.Series[float]:
    """As ``simple_returns``, in logarithms, which add up over time."""
    simple = simple_returns(prices)
    return pd.Series(np.log1p(simple.to_numpy(dtype=np.float64)), index=simple.index)


def market_model(
    returns: pd.Series[float], market: pd.Series[float], window: int = WINDOW, least: int = LEAST
) -> pd.DataFrame:
    """Trailing least squares of returns on the market's: r = alpha + beta m + e.

    Parameters
    ----------
    returns, market
        Log returns of the same trading days; NaN where unknown.
    window
        Rows of the estimation window, which ends with the day before the one judged.
    least
        Fewest days on which both are known; with fewer the model is unknown.

    Returns
    -------
    DataFrame of the same index
        alpha (per day), beta, sigma (standard deviation of e, per day, n - 2 degrees of freedom),
        observations; the first three NaN with too few of them or a market that never moves.

    Raises
    ------
    ValueError
        When the two indexes differ or ``least`` is not within 3 to ``window``.
    """
    if not returns.index.equals(market.index):
        raise ValueError("market: has other days than returns")
    if not 3 <= least <= window:
        raise ValueError(f"least: {least} is not within 3 to window ({window})")
    x, y = np.asarray(market, np.float64), np.asarray(returns, np.float64)
    n, x_mean, y_mean, sxx, sxy, syy = _moments(x, y, window)
    enough = (n >= least) & (sxx > 0)
    beta = np.divide(sxy, sxx, out=np.full(len(n), np.nan), where=enough)
    residual = np.maximum(syy - beta * sxy, 0)
    sigma = np.sqrt(np.divide(residual, n - 2, out=np.full(len(n), np.nan), where=enough))
    return pd.DataFrame(
        {"alpha": y_mean - beta * x_mean, "beta": beta, "sigma": sigma, "observations": n},
        index=returns.index,
    )


def abnormal_returns(
    returns: pd.Series[float], market: pd.Series[float], window: int = WINDOW, least: int = LEAST
) -> pd.Series[float]:
    """Return less what the market model expected, by a model that ends the day before.

    Same index and units as ``returns``; NaN where the return, the market's or the model is unknown.
    """
    model = market_model(returns, market, window, least)
    return returns - (model["alpha"] + model["beta"] * market)


def _moments(x: Floats, y: Floats, window: int) -> tuple[Floats, ...]:
    """Count, means and centred sums of the pairs known in the ``window`` rows before each row."""
    known = np.isfinite(x) & np.isfinite(y)
    pairs = np.stack([np.where(known, x, 0.0), np.where(known, y, 0.0), known.astype(float)])
    padded = np.concatenate([np.zeros((3, window)), pairs], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, : len(x)]
    xs, ys, ks = windows
    n = ks.sum(axis=1)
    safe = np.maximum(n, 1)
    x_mean, y_mean = xs.sum(axis=1) / safe, ys.sum(axis=1) / safe
    dx, dy = (xs - x_mean[:, None]) * ks, (ys - y_mean[:, None]) * ks
    return n, x_mean, y_mean, (dx * dx).sum(axis=1), (dx * dy).sum(axis=1), (dy * dy).sum(axis=1)
