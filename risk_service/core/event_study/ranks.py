"""Ranks of abnormal returns in their own series, for the rank test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.measured import Measured

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_CARS = 10
"""With fewer, the deviation across them is too uncertain to divide by."""


def rank_sums(
    measured: Measured, columns: Sequence[int], correlation: float
) -> tuple[Floats, Ints]:
    """Sums over CARs of the centred ranks of each day of both windows, and how many are known.

    Before they are ranked among the residuals, the standardised abnormal returns of each day of the
    event window are divided by their cross-sectional standard deviation (Corrado and Zivney 1992,
    equation 2; Boehmer, Musumeci and Poulsen 1991), so that a day on which all returns vary more
    than else has no more high and low ranks for that. Correlated CARs vary less among themselves
    than one by one: their variance is divided by 1 - r (Kolari and Pynnonen 2010).

    Parameters
    ----------
    columns
        Positions of the assets whose CARs are ranked.
    correlation
        Mean correlation r of these CARs.
    """
    spread = _spreads(measured, columns, correlation)
    parts = []
    for j in columns:
        used = measured.used[:, j]
        error = measured.ar_error[used, j] / measured.sigma[used, j, None]
        again = measured.ar[used, j] / (error * spread)
        whole = np.concatenate([measured.residuals[j][used], again], axis=1)
        ranks = centred_ranks(whole)
        known = np.isfinite(ranks)
        if not known.all():
            ranks[~known] = 0.0
        parts.append((ranks.sum(axis=0), known.sum(axis=0)))
    sums, counts = zip(*parts, strict=True)
    return np.sum(sums, axis=0), np.sum(counts, axis=0)


def _spreads(measured: Measured, columns: Sequence[int], correlation: float) -> Floats:
    """Of each day of the event window, in units of the standard error; 1 with too few CARs."""
    used = measured.used[:, columns]
    scaled = measured.ar[:, columns][used] / measured.ar_error[:, columns][used]
    if len(scaled) < LEAST_CARS or not correlation < 1:
        return np.ones(scaled.shape[1])
    spread: Floats = scaled.std(axis=0, ddof=1) / np.sqrt(1 - correlation)
    return np.where(spread > 0, spread, 1.0)


def centred_ranks(values: Floats) -> Floats:
    """Rank of each value in its row, divided by known values + 1, less one half.

    Within -1/2 to 1/2, mean zero in each row; equal values share the mean of their ranks; NaN where
    unknown. As ``scipy.stats.rankdata``, in a quarter of the time.

    Examples
    --------
    >>> centred_ranks(np.array([[0.3, -0.1, np.nan, 0.2]])).tolist()
    [[0.25, -0.25, nan, 0.0]]
    """
    rows, width = values.shape
    order = np.argsort(values, axis=1)
    place = np.broadcast_to(np.arange(1.0, width + 1), values.shape)
    # Sorting once more is quicker than fetching the values in their order.
    inorder = np.sort(values, axis=1)
    ties = inorder[:, 1:] == inorder[:, :-1]
    tied = np.flatnonzero(ties.any(axis=1))
    if len(tied):
        place = place.copy()
        place[tied] = _shared(ties[tied])
    ranks = np.empty_like(values)
    ranks.ravel()[order + width * np.arange(rows)[:, None]] = place
    known = np.isfinite(values)
    if not known.all():
        ranks[~known] = np.nan
    ranks /= known.sum(axis=1, keepdims=True) + 1
    ranks -= 0.5
    return ranks


def _shared(ties: npt.NDArray[np.bool_]) -> Floats:
    """Mean rank of each run of equal values; ``ties`` says which ones equal the one before."""
    rows, width = ties.shape[0], ties.shape[1] + 1
    places = np.broadcast_to(np.arange(1.0, width + 1), (rows, width))
    edge = np.ones((rows, 1), dtype=bool)
    begins, ends = np.hstack([edge, ~ties]), np.hstack([~ties, edge])
    first = np.maximum.accumulate(np.where(begins, places, 0.0), axis=1)
    reverse = np.where(ends, places, np.inf)[:, ::-1]
    last = np.minimum.accumulate(reverse, axis=1)[:, ::-1]
    return (first + last) / 2
