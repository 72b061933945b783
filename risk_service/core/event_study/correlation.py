"""How the residuals of assets move together, event by event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study.assets import Asset

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def residual_correlations(residuals: Floats, first_rows: Ints, assets: Sequence[Asset]) -> Floats:
    """Correlation of the residuals of each two assets over an event's estimation windows.

    Days are matched by date: markets with other holidays have other windows. Days unknown to
    either asset are left out, and residuals are not centred again: their mean is zero already.

    Parameters
    ----------
    residuals
        (events, assets, days of the estimation window); NaN where unknown.
    first_rows
        (events, assets): row among the asset's days of the window's first day, which may lie
        before them; any number where all residuals are unknown.
    assets
        In the order of the second axis.

    Returns
    -------
    Array (events, assets, assets)
        1 on the diagonal; NaN where the two have no day in common.
    """
    lined_up = _by_date(residuals, first_rows, assets)
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


def _by_date(residuals: Floats, first_rows: Ints, assets: Sequence[Asset]) -> Floats:
    """Residuals with one last axis of dates for all assets of an event."""
    if _same_days(assets) and (first_rows == first_rows[:, :1]).all():
        return residuals
    dates = assets[0].days
    for asset in assets[1:]:
        dates = dates.union(asset.days)
    days = residuals.shape[2]
    rows = first_rows[:, :, None] + np.arange(days)
    place = np.stack([_placed(a, rows[:, j], dates) for j, a in enumerate(assets)], axis=1)
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


def _placed(asset: Asset, rows: Ints, dates: pd.DatetimeIndex) -> Ints:
    """Where among ``dates`` the rows of an asset lie; -1 outside its days."""
    own = dates.get_indexer(asset.days).astype(np.int64)
    inside = (rows >= 0) & (rows < len(own))
    return np.where(inside, own[np.clip(rows, 0, len(own) - 1)], -1)


def _same_days(assets: Sequence[Asset]) -> bool:
    return all(asset.days.equals(assets[0].days) for asset in assets[1:])
