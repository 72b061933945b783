"""How CARs move together: by residuals within an event, by common normal days between events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.estimation import Spans
from risk_service.core.event_study.models import Fits

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def residual_correlations(
    residuals: Floats, spans: Sequence[Spans], assets: Sequence[Asset]
) -> Floats:
    """Correlation of the residuals of each two assets over an event's estimation windows.

    Days are matched by date: markets with other holidays have other windows. Days unknown to
    either asset are left out, and residuals are not centred again: their mean is zero already.

    Parameters
    ----------
    residuals
        (events, assets, days of the estimation window); NaN where unknown.
    spans
        Of each asset the estimation windows; their days may lie before the asset's first.
    assets
        In the order of the second axis.

    Returns
    -------
    Array (events, assets, assets)
        1 on the diagonal; NaN where the two have no day in common.
    """
    lined_up = _by_date(residuals, spans, assets)
    known = np.isfinite(lined_up)
    values = lined_up if known.all() else np.where(known, lined_up, 0.0)
    cross = values @ values.swapaxes(1, 2)
    if known.all():
        squares = np.diagonal(cross, axis1=1, axis2=2)
        scale = np.sqrt(squares[:, :, None] * squares[:, None, :])
    else:
        squares = np.square(values) @ known.astype(np.float64).swapaxes(1, 2)
        scale = np.sqrt(squares * squares.swapaxes(1, 2))
    correlations: Floats = np.full(cross.shape, np.nan)
    np.divide(cross, scale, out=correlations, where=scale > 0)
    return correlations


def shared_estimation(
    fits: Sequence[Fits], used: npt.NDArray[np.bool_], assets: Sequence[Asset]
) -> Floats:
    """What CARs of different events have in common through the days both were estimated from.

    A CAR is a weighted sum of returns: those of its event window less the weights of least squares
    times those of its estimation window. Two CARs of one asset that estimate from common days
    correlate by the product of their weights on these days; for two assets the product is to be
    multiplied by the correlation of their residuals.

    Parameters
    ----------
    fits
        Of each asset.
    used
        (events, assets): the CARs used.

    Returns
    -------
    Array (assets, assets)
        Summed over all ordered pairs of different events.
    """
    kinds = [
        (fit.weights.ctypes.data, own.tobytes()) for fit, own in zip(fits, used.T, strict=True)
    ]
    if _same_days(assets) and all(kind == kinds[0] for kind in kinds):
        weights = np.where(used[fits[0].usable, :1], fits[0].weights, 0.0)
        whole = _summed(weights, fits[0].spans.of(fits[0].usable), None)
        total = np.square(whole).sum() - np.square(weights).sum()
        return np.full((len(assets),) * 2, total)
    return _shared_by_date(fits, used, assets)


def _shared_by_date(
    fits: Sequence[Fits], used: npt.NDArray[np.bool_], assets: Sequence[Asset]
) -> Floats:
    spread = np.full((*used.shape, fits[0].residuals.shape[1]), np.nan)
    for j, fit in enumerate(fits):
        spread[fit.usable, j] = fit.weights
    spread[~used] = np.nan
    spans = [fit.spans for fit in fits]
    lined_up = np.nan_to_num(_by_date(spread, spans, assets))
    own = np.tensordot(lined_up, lined_up, axes=([0, 2], [0, 2]))
    dates = None if _same_days(assets) else _all_days(assets)
    sums = [
        _summed(np.nan_to_num(spread[:, j]), span, None if dates is None else (assets[j], dates))
        for j, span in enumerate(spans)
    ]
    width = max(map(len, sums))
    whole = np.stack([np.pad(one, (0, width - len(one))) for one in sums])
    return whole @ whole.T - own


def _summed(weights: Floats, spans: Spans, on: tuple[Asset, pd.DatetimeIndex] | None) -> Floats:
    """Weights of all events together on each day; of the asset's own, or among given dates."""
    rows = spans.rows(weights.shape[1])
    place = np.maximum(rows, 0) if on is None else np.maximum(_placed(on[0], rows, on[1]), 0)
    summed: Floats = np.bincount(place.ravel(), weights.ravel()).astype(np.float64)
    return summed


def _by_date(residuals: Floats, spans: Sequence[Spans], assets: Sequence[Asset]) -> Floats:
    """Values with one last axis of dates for all assets of an event."""
    if _same_days(assets) and all(span.same(spans[0]) for span in spans[1:]):
        return residuals
    dates = _all_days(assets)
    days = residuals.shape[2]
    placed = [_placed(a, span.rows(days), dates) for a, span in zip(assets, spans, strict=True)]
    place = np.stack(placed, axis=1)
    place[~np.isfinite(residuals)] = -1
    inside = np.where(place >= 0, place, len(dates))
    start = np.minimum(inside.min(axis=(1, 2)), len(dates))
    width = int((place.max(axis=(1, 2)) - start).max(initial=0)) + 1
    lined_up = np.full((*residuals.shape[:2], max(width, 1)), np.nan)
    event, asset_at, day = np.nonzero(place >= 0)
    lined_up[event, asset_at, place[event, asset_at, day] - start[event]] = residuals[
        event, asset_at, day
    ]
    return lined_up


def _all_days(assets: Sequence[Asset]) -> pd.DatetimeIndex:
    dates = assets[0].days
    for asset in assets[1:]:
        dates = dates.union(asset.days)
    return dates


def _placed(asset: Asset, rows: Ints, dates: pd.DatetimeIndex) -> Ints:
    """Where among ``dates`` the rows of an asset lie; -1 outside its days."""
    own = dates.get_indexer(asset.days).astype(np.int64)
    inside = (rows >= 0) & (rows < len(own))
    return np.where(inside, own[np.clip(rows, 0, len(own) - 1)], -1)


def _same_days(assets: Sequence[Asset]) -> bool:
    return all(asset.days.equals(assets[0].days) for asset in assets[1:])
