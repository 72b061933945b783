"""How unusual the joint move of several markets was on a day, and which way its signs point.

The idea is BlackRock's market-movement score; distance and rank are by Mahalanobis (1936), as
Kritzman and Li (2010) use it for turbulence. What markets did never enters the risk index: it is
told beside the news, so that a reader can judge whether the market took it as the index did.

All is trailing: what is said of a day uses the days before it, and never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.baskets import Holding, basket_levels
from risk_service.core.returns import log_returns

Floats = npt.NDArray[np.float64]

WINDOW = 250
LEAST = 120
ESCALATION_SIGNS = {"energy": 1, "defense": 1, "^VIX": 1, "SPY": -1}
"""Which way each is expected to go on escalation; on thaw the other way. An assumption, not an
estimate: supply fears lift energy, orders lift defence, worry lifts the VIX and sinks shares."""
AGREEING = 3
"""Signs of the four that need to agree before a day is said to fit a direction."""
MOVE_COLUMNS = ("distance", "percentile", "lean", "agreeing", "fits", "observations")


def joint_moves(
    closes: pd.DataFrame, baskets: Mapping[str, Sequence[Holding]], tickers: Sequence[str]
) -> pd.DataFrame:
    """Log returns of baskets and tickers over the days on which all of them have a close.

    Each return runs from the joint day before, so that all span the same time.

    Parameters
    ----------
    closes
        Columns ``core.closes.CLOSE_COLUMNS``, real ones or simulated ones, never both.

    Returns
    -------
    DataFrame by trading day
        closes_at and over_at (first and last close of the day among all), then one column of
        returns for each basket and ticker; NaN where unknown. Empty where one has no closes.

    Raises
    ------
    ValueError
        For mixed kinds or a ticker's day given twice.
    """
    levels = {name: basket_levels(closes, held)["level"] for name, held in baskets.items()}
    for ticker in tickers:
        own = closes[closes["ticker"] == ticker].set_index("trading_day")
        levels[ticker] = own["adj_close"].sort_index()
    joint = pd.DataFrame(levels).dropna()
    named = {one.ticker for held in baskets.values() for one in held} | set(tickers)
    times = closes[closes["ticker"].isin(named)].groupby("trading_day")["closes_at"]
    ends = pd.DataFrame({"closes_at": times.min(), "over_at": times.max()}).reindex(joint.index)
    return ends.join(joint.apply(log_returns))


def unusual_moves(
    moves: pd.DataFrame, signs: Mapping[str, int], window: int = WINDOW, least: int = LEAST
) -> pd.DataFrame:
    """Distance, rank and direction of each day's joint move.

    Parameters
    ----------
    moves
        Returns by day, one column for each name in ``signs``; other columns are left aside. A day
        on which one is unknown is not judged, and is in nobody's window.
    signs
        +1 or -1: the sign of each on escalation.
    window
        Known days before the day, itself not among them, that tell what is usual.
    least
        Fewest of them; with fewer the day is not judged.

    Returns
    -------
    DataFrame of the same index, columns ``MOVE_COLUMNS``
        distance: Mahalanobis distance from the mean of the window, in its covariance.
        percentile: share (0-1) of the distances of the ``window`` days before it, each judged by
        its own window, that lie below; NaN with fewer than ``least`` of them.
        lean: the standardised moves summed by their signs, in their own standard deviation;
        positive leans to escalation.
        agreeing: how many of the moves have their sign of escalation.
        fits: ``escalation`` or ``thaw`` where at least ``AGREEING`` of four (or three quarters)
        have that sign, else ``neither``; None where not judged.
        observations: days in the window.

    Raises
    ------
    ValueError
        For a window that is too short for so many moves.
    """
    if not len(signs) + 2 <= least <= window:
        raise ValueError(f"least: {least} is not within {len(signs) + 2} to {window}")
    found = _judge_known(moves[list(signs)].dropna(), signs, window, least)
    return found.reindex(moves.index)[list(MOVE_COLUMNS)]


def _judge_known(
    known: pd.DataFrame, signs: Mapping[str, int], window: int, least: int
) -> pd.DataFrame:
    """``MOVE_COLUMNS`` of days all of whose moves are known."""
    pattern = np.array(list(signs.values()), dtype=np.float64)
    values = known.to_numpy(dtype=np.float64)
    judged = [_judge(values, t, pattern, window, least) for t in range(len(values))]
    found = pd.DataFrame(judged, columns=["distance", "lean", "observations"], index=known.index)
    found["agreeing"] = (np.sign(values) == pattern).sum(axis=1).astype(float)
    found["percentile"] = _ranks(found["distance"].to_numpy(), window, least)
    found["fits"] = _fits(values, pattern)
    unjudged = found["distance"].isna()
    found.loc[unjudged, "agreeing"] = np.nan
    found["fits"] = found["fits"].astype(object).where(~unjudged, None)
    return found


def _judge(
    values: Floats, t: int, pattern: Floats, window: int, least: int
) -> tuple[float, float, float]:
    past = values[max(0, t - window) : t]
    if len(past) < least:
        return np.nan, np.nan, float(len(past))
    covariance = np.cov(past, rowvar=False)
    deviation = values[t] - past.mean(axis=0)
    spread = np.sqrt(np.diagonal(covariance))
    # A market that stood still, or two that are one, leave no distance to speak of.
    if not (spread > 0).all() or np.linalg.matrix_rank(covariance, hermitian=True) < len(pattern):
        return np.nan, np.nan, float(len(past))
    distance = float(np.sqrt(deviation @ np.linalg.solve(covariance, deviation)))
    weights = pattern / spread
    lean = float(weights @ deviation / np.sqrt(weights @ covariance @ weights))
    return distance, lean, float(len(past))


def _ranks(distances: Floats, window: int, least: int) -> Floats:
    ranks = np.full(len(distances), np.nan)
    for t, distance in enumerate(distances):
        before = distances[max(0, t - window) : t]
        before = before[np.isfinite(before)]
        if np.isfinite(distance) and len(before) >= least:
            ranks[t] = (before < distance).mean()
    return ranks


def _fits(values: Floats, pattern: Floats) -> list[str]:
    needed = AGREEING / 4 * len(pattern)
    with_it = (np.sign(values) == pattern).sum(axis=1)
    against = (np.sign(values) == -pattern).sum(axis=1)
    return [
        "escalation" if up >= needed else "thaw" if down >= needed else "neither"
        for up, down in zip(with_it, against, strict=True)
    ]
