"""The controls of every event of an asset: their windows, and whether the model can be fitted.

Assets of one market with the same known days have the same design, so that it is made once for all
of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

NOT_OVER = "its event window is not over"
BEFORE = "its event window begins before the asset's first day"
UNKNOWN = "a return in its event window is unknown"
TOO_FEW = "too few known returns in its estimation window"
COLLINEAR = "the controls cannot be told apart in its estimation window"

ROUNDING = 1e-20
"""Share of a sum of squares below which what is left of it is rounding errors."""

# Of the controls' correlation matrix; below it the normal equations lose half their digits.
_LEAST_EIGENVALUE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """An asset's series with unknown days around them, so that every window lies inside."""

    y: Floats  # (days,), 0 where unknown
    x: Floats  # (controls, days), 0 where unknown
    known: Floats  # (days,), 1 or 0
    front: int  # unknown days before the first
    own: int  # days of the asset itself


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What the least squares of an asset's events need of its controls.

    Parameters
    ----------
    reason
        (events,): why an event cannot be fitted; empty where it can.
    observations
        (events,): known returns in the estimation window.
    usable
        Positions of the events with enough known returns; all that follows is of these. Those
        whose controls cannot be told apart are among them, with figures that mean nothing.
    n
        Their observations.
    x, known
        Centred controls (events, controls, days of the estimation window), 0 where unknown, and
        which days are known; None where all are.
    x_mean, length, inverse
        Means and lengths of the controls, and the inverse of their correlations.
    deviation
        Controls of the event window less ``x_mean``: (events, controls, days).
    day_error, sum_error
        Standard errors of a day's abnormal return and of their sum, in units of sigma.
    """

    reason: Objects
    observations: Ints
    usable: Ints
    n: Ints
    x: Floats
    known: Floats | None
    x_mean: Floats
    length: Floats
    inverse: Floats
    deviation: Floats
    day_error: Floats
    sum_error: Floats


def series_of(asset: Asset, study: Study) -> Series:
    """The series of an asset with every control of the study."""
    y = asset.returns
    chosen = asset.controls
    if tuple(chosen.columns) != study.controls:
        chosen = chosen[list(study.controls)]
    x = chosen.to_numpy(dtype=np.float64).T
    known = np.isfinite(y) & np.isfinite(x).all(axis=0)
    front = study.estimation + study.gap - study.first
    pad = (front, study.last)
    return Series(
        y=np.pad(np.where(known, y, 0.0), pad),
        x=np.pad(np.where(known, x, 0.0), ((0, 0), pad)),
        known=np.pad(known.astype(np.float64), pad),
        front=front,
        own=len(y),
    )


def same_design(one: Series, other: Series) -> bool:
    """Whether the same events have the same design on both."""
    return np.array_equal(one.known, other.known) and np.array_equal(one.x, other.x)


def cut(series: Floats, starts: Ints, length: int) -> Floats:
    """Windows of the last axis, one for each start: (..., days) to (starts, ..., length)."""
    windows = np.lib.stride_tricks.sliding_window_view(series, length, axis=-1)
    return np.ascontiguousarray(np.moveaxis(windows[..., starts, :], -2, 0))


def starts(series: Series, rows: Ints, study: Study) -> tuple[Ints, Ints]:
    """First days of the estimation and of the event windows in the padded series."""
    event = rows + series.front + study.first
    return event - study.gap - study.estimation, event


def make_design(series: Series, rows: Ints, study: Study) -> Design:
    """The design of the events with day 0 at ``rows``, each 0 or more."""
    reason, observations = _refusals(series, rows, study)
    usable = np.flatnonzero(reason == "")
    n = observations[usable]
    estimation, event = starts(series, rows[usable], study)
    x = cut(series.x, estimation, study.estimation)
    known = None
    if (n < study.estimation).any():
        known = cut(series.known, estimation, study.estimation)
    least = ROUNDING * np.square(x).sum(axis=-1)
    x_mean = x.sum(axis=-1) / n[:, None]
    x -= x_mean[:, :, None]
    if known is not None:
        x *= known[:, None, :]
    length, inverse, collinear = _inverse(x @ x.swapaxes(1, 2), least)
    deviation = cut(series.x, event, len(study.days)) - x_mean[:, :, None]
    day_error, sum_error = _errors(deviation / length[:, :, None], inverse, n)
    reason[usable[collinear]] = COLLINEAR
    return Design(
        reason, observations, usable, n, x, known, x_mean, length, inverse, deviation,
        day_error, sum_error,
    )  # fmt: skip


def _refusals(series: Series, rows: Ints, study: Study) -> tuple[Objects, Ints]:
    """What forbids to fit an event at all, and its known returns in the estimation window."""
    estimation, event = starts(series, rows, study)
    counts = np.concatenate([[0], np.cumsum(series.known)]).astype(np.int64)
    observations = counts[estimation + study.estimation] - counts[estimation]
    measured = counts[event + len(study.days)] - counts[event]
    reason = np.full(len(rows), "", dtype=object)
    reason[observations < study.least] = TOO_FEW
    reason[measured < len(study.days)] = UNKNOWN
    reason[rows + study.first < 0] = BEFORE
    reason[rows + study.last >= series.own] = NOT_OVER
    return reason, observations


def _inverse(gram: Floats, least: Floats) -> tuple[Floats, Floats, Bools]:
    """Lengths of the centred controls, inverse of their correlations, and where there is none."""
    squares = np.diagonal(gram, axis1=1, axis2=2)
    still = (squares <= least).any(axis=1)
    length = np.sqrt(np.where(squares > least, squares, 1.0))
    scaled = gram / (length[:, :, None] * length[:, None, :])
    scaled[still] = np.eye(gram.shape[1])
    eigenvalues = np.linalg.eigvalsh(scaled) if gram.shape[1] > 1 else np.ones_like(length)
    collinear = still | (eigenvalues.min(axis=1, initial=1.0) < _LEAST_EIGENVALUE)
    scaled[collinear] = np.eye(gram.shape[1])
    return length, np.linalg.inv(scaled), collinear


def _errors(deviation: Floats, inverse: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Standard errors of each day and of the sum, in units of sigma, with the forecast error.

    Abnormal returns of one event share the errors of alpha and beta, so that the variance of their
    sum is more than the sum of their variances (Campbell, Lo and MacKinlay 1997, section 4.4).
    """
    days = deviation.shape[2]
    day = np.sqrt(1 + 1 / n[:, None] + _quadratic(deviation, inverse))
    together = _quadratic(deviation.sum(axis=2, keepdims=True), inverse)[:, 0]
    return day, np.sqrt(days + days**2 / n + together)


def _quadratic(deviation: Floats, inverse: Floats) -> Floats:
    """d' M d for each column d."""
    squares: Floats = (deviation * (inverse @ deviation)).sum(axis=1)
    return squares
