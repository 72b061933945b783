"""Models of the expected return, fitted by least squares for all events of an asset at once.

r_t = alpha + beta' x_t + e_t over the estimation window (MacKinlay 1997, section 4): without
controls x the constant-mean model, with the market's return the market model, with more a
multi-factor model. The abnormal return of a day of the event window is its return less
alpha + beta' x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.design import (
    ROUNDING,
    Design,
    Series,
    cut,
    event_starts,
    make_design,
    of_window,
    same_design,
    series_of,
)
from risk_service.core.event_study.estimation import Spans
from risk_service.core.event_study.study import Study

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLAT = "no variation is left to explain in its estimation window"


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """One row for each event of an asset; figures are NaN where ``reason`` is not empty.

    Parameters
    ----------
    reason
        Why the event cannot be used on this asset; empty where it can.
    observations
        Known returns in the estimation window.
    alpha, beta, sigma
        Per trading day; beta has one column a control, sigma has observations less controls less
        one degrees of freedom.
    spans
        The estimation window of each event.
    weights
        As in ``Design``, one row for each of the events at ``usable``; the very same array for
        assets of the same design.
    usable
        Positions of these.
    residuals
        Of each day of the estimation window; NaN where a return is unknown.
    ar, ar_error, car_error
        Abnormal returns of each day of the event window, their standard errors, and the standard
        error of their sum, all with the forecast error of the model.
    """

    reason: npt.NDArray[np.object_]
    observations: Ints
    spans: Spans
    weights: Floats
    usable: Ints
    alpha: Floats
    beta: Floats
    sigma: Floats
    residuals: Floats
    ar: Floats
    ar_error: Floats
    car_error: Floats

    @property
    def figures(self) -> tuple[Floats, ...]:
        """All that is NaN where there is a reason."""
        return (
            self.alpha, self.beta, self.sigma, self.residuals,
            self.ar, self.ar_error, self.car_error,
        )  # fmt: skip


def fit_assets(
    assets: Sequence[Asset], rows: Ints, study: Study, given: Ints | None = None
) -> Iterator[Fits]:
    """Fit the model of each event on each asset, and measure its event window.

    Parameters
    ----------
    assets
        With every control of the study.
    rows
        (events, assets): row of day 0 of each event, 0 or more.
    given
        (events, assets): rows of day 0, -1 for none, of all events whose windows a clean
        estimation window leaves out; None for none.
    """
    last: tuple[Series, int, Design] | None = None
    for j, asset in enumerate(assets):
        series = series_of(asset, study)
        if last is None or not (
            same_design(series, last[0]) and _same_rows(rows, given, j, last[1])
        ):
            others = None if given is None else given[:, j]
            last = series, j, make_design(series, rows[:, j], others, study)
        yield _fit(series, rows[:, j], last[2], study)


def _same_rows(rows: Ints, given: Ints | None, one: int, other: int) -> bool:
    return np.array_equal(rows[:, one], rows[:, other]) and (
        given is None or np.array_equal(given[:, one], given[:, other])
    )


def _fit(series: Series, rows: Ints, design: Design, study: Study) -> Fits:
    event = event_starts(series, rows[design.usable], study)
    y = of_window(series, series.y, design.spans.of(design.usable), study)
    least = ROUNDING * study.estimation * np.square(series.y).max()
    y_mean = y.sum(axis=-1) / design.n
    y -= y_mean[:, None]
    if design.known is not None:
        y *= design.known
    shared = (design.x @ y[:, :, None])[:, :, 0] / design.length
    beta = (design.inverse @ shared[:, :, None])[:, :, 0] / design.length
    y -= (beta[:, None, :] @ design.x)[:, 0, :]
    squares = np.square(y).sum(axis=-1)
    sigma = np.sqrt(squares / (design.n - 1 - len(study.controls)))
    expected = y_mean[:, None] + (beta[:, None, :] @ design.deviation)[:, 0, :]
    fits = Fits(
        reason=design.reason.copy(),
        observations=design.observations.copy(),
        spans=design.spans,
        weights=design.weights,
        usable=design.usable,
        alpha=y_mean - (beta * design.x_mean).sum(axis=-1),
        beta=beta,
        sigma=sigma,
        residuals=y if design.known is None else np.where(design.known > 0, y, np.nan),
        ar=cut(series.y, event, len(study.days)) - expected,
        ar_error=sigma[:, None] * design.day_error,
        car_error=sigma * design.sum_error,
    )
    flat = (squares <= least) & (design.reason[design.usable] == "")
    fits.reason[design.usable[flat]] = FLAT
    failed = fits.reason[design.usable] != ""
    for figure in fits.figures:
        figure[failed] = np.nan
    spread = (_spread(figure, design.usable, len(rows)) for figure in fits.figures)
    return Fits(
        fits.reason, fits.observations, design.spans, design.weights, design.usable, *spread
    )


def _spread(values: Floats, at: Ints, count: int) -> Floats:
    if len(at) == count:
        return values
    spread = np.full((count, *values.shape[1:]), np.nan)
    spread[at] = values
    return spread
