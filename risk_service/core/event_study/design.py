"""The controls of every event of an asset: their windows, and whether the model can be fitted.

Assets of one market with the same known days have the same design, so that it is made once for all
of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.estimation import Spans, estimation_spans
from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

NOT_OVER = "its event window is not over"
BEFORE = "its event window begins before the asset's first day"
UNKNOWN = "a return in its event window is unknown"
TOO_FEW = "too few known returns in its estimation window"
CROWDED = "too few days before it lie outside other events' windows"
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
    spans
        The estimation window of every event.
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
    weights
        What each day of the estimation window adds to what is expected of the event window as a
        whole, divided by ``sum_error``: (events, days), 0 where unknown.
    """

    spans: Spans
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
    weights: Floats


def series_of(asset: Asset, study: Study) -> Series:
    """The series of an asset with every control of the study."""
    y = asset.returns
    chosen = asset.controls
    if tuple(chosen.columns) != study.controls:
        chosen = chosen[list(study.controls)]
    x = chosen.to_numpy(dtype=np.float64).T
    known = np.isfinite(y) & np.isfinite(x).all(axis=0)
    front = study.reach + study.gap - study.first
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


def event_starts(series: Series, rows: Ints, study: Study) -> Ints:
    """First days of the event windows in the padded series."""
    first: Ints = rows + series.front + study.first
    return first


def of_window(series: Series, values: Floats, spans: Spans, study: Study) -> Floats:
    """What a padded series holds on the days of each estimation window, 0 where they lie too far
    back: (..., days) to (events, ..., days of the window).
    """
    found = cut(values[..., spans.days + series.front], spans.starts, study.estimation)
    for event in np.flatnonzero(spans.skipped):
        found[event, ..., : spans.skipped[event]] = 0.0
    return found


def make_design(series: Series, rows: Ints, others: Ints | None, study: Study) -> Design:
    """The design of the events with day 0 at ``rows``, each 0 or more; ``others`` as in
    ``estimation_spans``.
    """
    spans = estimation_spans(rows, others, series.own, study)
    reason, observations = _refusals(series, rows, spans, study)
    usable = np.flatnonzero(reason == "")
    n = observations[usable]
    x = of_window(series, series.x, spans.of(usable), study)
    known = None
    if (n < study.estimation).any():
        known = of_window(series, series.known, spans.of(usable), study)
    least = ROUNDING * np.square(x).sum(axis=-1)
    x_mean = x.sum(axis=-1) / n[:, None]
    x -= x_mean[:, :, None]
    if known is not None:
        x *= known[:, None, :]
    length, inverse, collinear = _inverse(x @ x.swapaxes(1, 2), least)
    event = event_starts(series, rows[usable], study)
    deviation = cut(series.x, event, len(study.days)) - x_mean[:, :, None]
    day_error, sum_error = _errors(deviation / length[:, :, None], inverse, n)
    reason[usable[collinear]] = COLLINEAR
    summed = inverse @ (deviation.sum(axis=2) / length)[:, :, None]
    weights = _weights(x, known, summed[:, :, 0] / length, n, sum_error, len(study.days))
    return Design(
        spans, reason, observations, usable, n, x, known, x_mean, length, inverse, deviation,
        day_error, sum_error, weights,
    )  # fmt: skip


def _weights(
    x: Floats, known: Floats | None, summed: Floats, n: Ints, sum_error: Floats, days: int
) -> Floats:
    """The least squares as what they are: weights on the returns of the estimation window."""
    weights: Floats = (summed[:, None, :] @ x)[:, 0, :]
    weights += (days / n)[:, None]
    weights /= sum_error[:, None]
    return weights if known is None else weights * known


def _refusals(series: Series, rows: Ints, spans: Spans, study: Study) -> tuple[Objects, Ints]:
    """What forbids to fit an event at all, and its known returns in the estimation window."""
    event = event_starts(series, rows, study)
    end = event - study.gap
    counts = np.concatenate([[0], np.cumsum(series.known)]).astype(np.int64)
    free = np.concatenate([[0], np.cumsum(series.known[spans.days + series.front])])
    window = free[spans.starts + study.estimation] - free[spans.starts + spans.skipped]
    observations = window.astype(np.int64)
    measured = counts[event + len(study.days)] - counts[event]
    reason = np.full(len(rows), "", dtype=object)
    crowded = counts[end] - counts[end - study.estimation] >= study.least
    reason[observations < study.least] = TOO_FEW
    reason[(observations < study.least) & crowded] = CROWDED
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
