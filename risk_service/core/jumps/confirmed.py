"""How often markets would confirm a jump by chance, and what that leaves of its false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from risk_service.core.jumps.baseline import Floats

MOST_JUMPS = 2.0
"""Jumps a quarter at most, however seldom markets confirm one: what comes oftener is no jump."""


def jumps_allowed(most: float, agreeing: int, judged: int) -> float:
    """Jumps a quarter of which chance confirms ``most``, or ``MOST_JUMPS`` where that is less.

    >>> round(jumps_allowed(0.5, 300, 1000), 2), jumps_allowed(0.5, 30, 1000)
    (1.67, 2.0)
    """
    return min(MOST_JUMPS, most * (judged + 1) / (agreeing + 0.5))


def agreeing_days(moves: pd.DataFrame, percentile: float, ways: Sequence[str]) -> tuple[int, int]:
    """Days that would have confirmed a jump, had there been one, and days that were judged.

    A jump of each direction is as likely: of two directions a day confirms one at most, so each
    counts half.

    Parameters
    ----------
    moves
        ``percentile`` and ``fits`` by trading day, as ``core.market_move.unusual_moves`` tells.
    ways
        The directions of the rule.

    Returns
    -------
    agreeing, judged
        Of every direction's question one: so ``judged`` is days times directions.
    """
    judged = moves[moves["percentile"].notna()]
    unusual = judged[judged["percentile"] >= percentile]
    return int(unusual["fits"].isin(list(ways)).sum()), len(judged) * len(ways)


def thinned(
    rates: Floats, quarters: float, agreeing: int, judged: int, rng: np.random.Generator
) -> Floats:
    """Firings a quarter (P,) of jumps of which each is confirmed by chance alone.

    The share that is confirmed is itself known from so many days only, so each path draws its own
    (Beta, Jeffreys' prior) and then each of its firings (binomial).

    Parameters
    ----------
    rates
        Of the jumps, on paths of so many quarters each.
    """
    share = rng.beta(agreeing + 0.5, judged - agreeing + 0.5, len(rates))
    counts = np.rint(rates * quarters).astype(np.int64)
    found: Floats = rng.binomial(counts, share) / quarters
    return found
