"""Tests that the mean abnormal return of events is zero, each from its paper's formula.

All are two-sided. ``scar`` is a standardised abnormal return or CAR: the return divided by its
standard error with the forecast error of the model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def patell(scar: Floats, degrees: Ints, dependence: float = 1.0) -> tuple[float, float]:
    """Patell (1976): sum of SCARs over the root of their summed variances, against the normal.

    Holds for independent events that leave the variance of returns as it was.

    Parameters
    ----------
    scar
        (CARs,), all known.
    degrees
        Degrees of freedom of each model; above 2.
    dependence
        As ``dependence_of`` gives it; the statistic is divided by its root.

    Returns
    -------
    Statistic and p-value
        NaN without any CAR.
    """
    if not len(scar):
        return np.nan, np.nan
    variance = (degrees / (degrees - 2)).sum() * dependence
    statistic = float(scar.sum() / np.sqrt(variance))
    return statistic, float(2 * ndtr(-abs(statistic)))


def bmp(scar: Floats, dependence: float = 1.0) -> tuple[float, float]:
    """Boehmer, Musumeci and Poulsen (1991): mean SCAR over its own cross-sectional error.

    Holds also where events raise the variance; not where CARs are correlated. Against Student's t
    with one degree of freedom fewer than CARs. NaN with fewer than two CARs or without variance.
    """
    return adjusted_bmp(scar, 0.0, dependence)


def adjusted_bmp(scar: Floats, correlation: float, dependence: float = 1.0) -> tuple[float, float]:
    """Kolari and Pynnonen (2010): BMP times sqrt((1 - r) / (1 + (n - 1) r)), against Student's t.

    Parameters
    ----------
    scar
        (CARs,), all known.
    correlation
        Mean correlation r over all pairs of CARs (``mean_correlation``).
    dependence
        As ``dependence_of`` gives it; the statistic is divided by its root.

    Returns
    -------
    Statistic and p-value
        NaN with fewer than two CARs, without variance, or where r is unknown or not above
        -1 / (n - 1).
    """
    n = len(scar)
    spread = float(scar.std(ddof=1)) if n > 1 else 0.0
    if not (spread > 0 and 1 + (n - 1) * correlation > 0 and correlation < 1):
        return np.nan, np.nan
    plain = float(scar.mean()) * np.sqrt(n / dependence) / spread
    statistic = float(plain * np.sqrt((1 - correlation) / (1 + (n - 1) * correlation)))
    return statistic, float(2 * stdtr(n - 1, -abs(statistic)))


def mean_correlation(correlations: Floats, used: npt.NDArray[np.bool_]) -> float:
    """Mean over all pairs of CARs: the residuals' correlation within an event, 0 between events.

    Event windows of different events share no day on one asset (``windows.event_days``); across
    two markets they may touch by a day, which is neglected. What their estimation windows share is
    in ``dependence_of``.

    Parameters
    ----------
    correlations
        (events, assets, assets); one of two assets without a common day counts as 0.
    used
        (events, assets): the CARs used.
    """
    n = int(used.sum())
    if n < 2 or used.shape[1] < 2:
        return 0.0
    both = used[:, :, None] & used[:, None, :]
    both &= ~np.eye(used.shape[1], dtype=bool)
    return float(np.nansum(correlations[both])) / (n * (n - 1))


def dependence_of(correlations: Floats, shared: Floats, used: npt.NDArray[np.bool_]) -> float:
    """Variance of the mean SCAR over that of CARs estimated from days no other event uses.

    Events near each other are held against the same normal days. The correlation this makes
    between their CARs follows from the weights of least squares and needs no estimate, except that
    between two assets it is in proportion to the correlation of their residuals.

    Parameters
    ----------
    correlations
        (events, assets, assets), as in ``mean_correlation``.
    shared
        (assets, assets), as ``correlation.shared_estimation`` gives it.
    used
        (events, assets): the CARs used.

    Returns
    -------
    1 or more
        1 where events share no days, and where the mean correlation leaves no variance.
    """
    n = int(used.sum())
    within = n * (1 + (n - 1) * mean_correlation(correlations, used))
    known = used[:, :, None] & used[:, None, :] & np.isfinite(correlations)
    total = np.where(known, correlations, 0.0).sum(axis=0)
    mean = total / np.maximum(known.sum(axis=0), 1)
    np.fill_diagonal(mean, 1.0)
    between = float((mean * shared).sum())
    return 1 + between / within if within > 0 and between > 0 else 1.0


def rank_test(
    sums: Floats, counts: Ints, length: int, dependence: float = 1.0
) -> tuple[float, float]:
    """Corrado (1989), with unknown returns as Corrado and Zivney (1992), over several days.

    The mean rank of each day in event time, over the estimation window and the event window, tells
    both what the event days say and how much a mean rank varies; so correlation between assets that
    share dates is in its error. Over the days of the event window statistics of one day are summed
    and divided by the root of their number (Campbell and Wasley 1993). Against the normal.

    Parameters
    ----------
    sums
        (days,): of each day the sum over CARs of rank / (known returns + 1) - 1/2; the days of the
        event window come last.
    counts
        (days,): how many returns are known.
    length
        Days of the event window.
    dependence
        As ``dependence_of`` gives it; the statistic is divided by its root.

    Returns
    -------
    Statistic and p-value
        NaN without any CAR.
    """
    known = counts > 0
    if not known.any():
        return np.nan, np.nan
    scaled = np.divide(sums, np.sqrt(counts), out=np.zeros(len(sums)), where=known)
    error = np.sqrt(np.square(scaled).sum() / known.sum())
    if not error > 0:
        return np.nan, np.nan
    statistic = float(scaled[-length:].sum() / (np.sqrt(length * dependence) * error))
    return statistic, float(2 * ndtr(-abs(statistic)))
