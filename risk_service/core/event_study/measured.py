"""Every event on every asset: abnormal returns, their errors, their correlation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.correlation import residual_correlations, shared_estimation
from risk_service.core.event_study.models import Fits, fit_assets
from risk_service.core.event_study.study import Study
from risk_service.core.event_study.windows import NO_CLOSE, crowding

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Axes (events, assets, ...); NaN where not ``used``, and then ``reason`` says why.

    ``ar`` and ``ar_error`` have a last axis of days, ``beta`` one of controls, ``correlations`` one
    of assets. ``residuals`` are one array (events, days of the estimation window) an asset, and
    ``shared`` is (assets, assets), as in ``correlation.shared_estimation``; 0 where the study does
    not keep its estimation windows clean.
    """

    used: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.object_]
    observations: Ints
    alpha: Floats
    beta: Floats
    sigma: Floats
    ar: Floats
    ar_error: Floats
    car: Floats
    car_error: Floats
    correlations: Floats
    shared: Floats
    residuals: tuple[Floats, ...]
    crowding: Floats


def measure(
    assets: Sequence[Asset], rows: Ints, study: Study, given: Ints | None = None
) -> Measured:
    """Fit and measure each event on each asset.

    Parameters
    ----------
    rows
        (events, assets): row of day 0; -1 where the event meets no close of the asset.
    given
        The same of every event given, whose windows clean estimation windows leave out; else
        these events alone.
    """
    fits = list(_fitted(assets, rows, study, rows if given is None else given))
    reason = np.stack([fit.reason for fit in fits], axis=1)
    used = reason == ""
    ar = np.stack([fit.ar for fit in fits], axis=1)
    return Measured(
        used=used,
        reason=reason,
        observations=np.stack([fit.observations for fit in fits], axis=1),
        alpha=np.stack([fit.alpha for fit in fits], axis=1),
        beta=np.stack([fit.beta for fit in fits], axis=1),
        sigma=np.stack([fit.sigma for fit in fits], axis=1),
        ar=ar,
        ar_error=np.stack([fit.ar_error for fit in fits], axis=1),
        car=ar.sum(axis=2),
        car_error=np.stack([fit.car_error for fit in fits], axis=1),
        correlations=_correlations(fits, assets),
        shared=_shared(fits, used, assets, study),
        residuals=tuple(fit.residuals for fit in fits),
        crowding=crowding(rows, used, study),
    )


def _fitted(assets: Sequence[Asset], rows: Ints, study: Study, given: Ints) -> Iterator[Fits]:
    # Where an asset has no day 0 its first row stands in: no estimation window lies before it.
    for j, fits in enumerate(fit_assets(assets, np.maximum(rows, 0), study, given)):
        fits.reason[rows[:, j] < 0] = NO_CLOSE
        yield fits


def _correlations(fits: Sequence[Fits], assets: Sequence[Asset]) -> Floats:
    if len(assets) == 1:
        return np.ones((len(fits[0].reason), 1, 1))
    residuals = np.stack([fit.residuals for fit in fits], axis=1)
    return residual_correlations(residuals, [fit.spans for fit in fits], assets)


def _shared(
    fits: Sequence[Fits], used: npt.NDArray[np.bool_], assets: Sequence[Asset], study: Study
) -> Floats:
    if not study.clean or not used.any():
        return np.zeros((len(assets),) * 2)
    return shared_estimation(fits, used, assets)
