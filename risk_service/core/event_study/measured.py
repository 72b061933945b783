"""Every event on every asset: abnormal returns, their errors, their ranks, their correlation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.correlation import residual_correlations
from risk_service.core.event_study.models import Fits, fit_assets
from risk_service.core.event_study.ranks import centred_ranks
from risk_service.core.event_study.study import Study
from risk_service.core.event_study.windows import NO_CLOSE, crowding

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Axes (events, assets, ...); NaN where not ``used``, and then ``reason`` says why.

    ``ar`` and ``ar_error`` have a last axis of days, ``beta`` one of controls, ``correlations`` one
    of assets. ``rank_sums`` and ``rank_counts`` are (assets, days of both windows): the sums over
    events of the centred ranks, and how many are known.
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
    rank_sums: Floats
    rank_counts: Ints
    crowding: Floats


def measure(assets: Sequence[Asset], rows: Ints, study: Study) -> Measured:
    """Fit and measure each event on each asset.

    Parameters
    ----------
    rows
        (events, assets): row of day 0; -1 where the event meets no close of the asset.
    """
    fits = list(_fitted(assets, rows, study))
    ranks = [_rank_sums(fit) for fit in fits]
    reason = np.stack([fit.reason for fit in fits], axis=1)
    used = reason == ""
    ar = np.stack([fit.ar for fit in fits], axis=1)
    first_rows = rows + study.first - study.gap - study.estimation
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
        correlations=_correlations(fits, first_rows, assets),
        rank_sums=np.stack([sums for sums, _ in ranks]),
        rank_counts=np.stack([counts for _, counts in ranks]),
        crowding=crowding(rows, used, study),
    )


def _fitted(assets: Sequence[Asset], rows: Ints, study: Study) -> Iterator[Fits]:
    # Where an asset has no day 0 its first row stands in: no estimation window lies before it.
    for j, fits in enumerate(fit_assets(assets, np.maximum(rows, 0), study)):
        fits.reason[rows[:, j] < 0] = NO_CLOSE
        yield fits


def _correlations(fits: Sequence[Fits], first_rows: Ints, assets: Sequence[Asset]) -> Floats:
    if len(assets) == 1:
        return np.ones((len(first_rows), 1, 1))
    residuals = np.stack([fit.residuals for fit in fits], axis=1)
    return residual_correlations(residuals, first_rows, assets)


def _rank_sums(fit: Fits) -> tuple[Floats, Ints]:
    used = fit.reason == ""
    whole = np.concatenate([fit.residuals, fit.ar], axis=1)
    ranks = centred_ranks(whole if used.all() else whole[used])
    known = np.isfinite(ranks)
    if not known.all():
        ranks[~known] = 0.0
    return ranks.sum(axis=0), known.sum(axis=0)
