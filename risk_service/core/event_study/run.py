"""The study itself: moments and assets in, a ``StudyResult`` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.averages import average, dependence, of_days
from risk_service.core.event_study.bootstrap import block_bootstrap
from risk_service.core.event_study.measured import Measured, measure
from risk_service.core.event_study.result import DROPPED_COLUMNS, Average, StudyResult
from risk_service.core.event_study.study import Study
from risk_service.core.event_study.windows import EventDays, event_days
from risk_service.core.price_join import Moments, utc_moments

Ints = npt.NDArray[np.int64]


def run_study(moments: Moments, assets: Sequence[Asset], study: Study) -> StudyResult:
    """Measure what the assets did around the moments.

    Parameters
    ----------
    moments
        When each event was knowable: aware, in any order, repeated ones allowed. An unknown one
        (NaT) is dropped.
    assets
        One or more, of distinct names, each with every control of the study.

    Returns
    -------
    StudyResult
        Also without any event that can be used: its averages are then NaN, and ``dropped`` says
        why.

    Raises
    ------
    ValueError
        For moments without zone, no asset, a name given twice or a control an asset lacks.
    """
    _check(assets, study)
    known = utc_moments(moments, "moments")
    days = event_days(known, assets, len(study.days), study.overlap)
    measured = measure(assets, days.rows, study, days.met)
    averages, pooled = _averages(measured, assets, study)
    return StudyResult(
        study=study,
        given=len(known),
        used=int(measured.used.any(axis=1).sum()),
        averages=averages,
        pooled=pooled,
        pairs=_pairs(measured, known, days, assets, study),
        ar=measured.ar[measured.used],
        dropped=_dropped(measured, days, assets),
    )


def _check(assets: Sequence[Asset], study: Study) -> None:
    names = [asset.name for asset in assets]
    if not names or len(set(names)) < len(names):
        raise ValueError("assets: there is none, or a name is given twice")
    for asset in assets:
        missing = [name for name in study.controls if name not in asset.controls]
        if missing:
            raise ValueError(f"controls: {asset.name} lacks {missing}")


def _averages(
    measured: Measured, assets: Sequence[Asset], study: Study
) -> tuple[tuple[Average, ...], Average]:
    paths = np.where(measured.used[:, :, None], np.cumsum(measured.ar, axis=2), 0.0)
    used = measured.used.astype(np.float64)
    sums = np.concatenate([paths, paths.sum(axis=1, keepdims=True)], axis=1)
    counts = np.concatenate([used, used.sum(axis=1, keepdims=True)], axis=1)
    columns = [[j] for j in range(len(assets))] + [list(range(len(assets)))]
    depends = [dependence(measured, own) for own in columns]
    length = len(study.days)
    by_day = np.stack([of_days(one, np.arange(1, length + 1), length) for one in depends])
    drawn = block_bootstrap(sums, counts, study.draws, study.level, study.seed, by_day)
    names = [*(asset.name for asset in assets), "all"]
    found = [
        average(name, measured, own, drawn, row, depends[row], study)
        for row, (name, own) in enumerate(zip(names, columns, strict=True))
        if row < len(assets) or len(assets) > 1
    ]
    if len(assets) == 1:
        return tuple(found), replace(found[0], asset="all")
    return tuple(found[:-1]), found[-1]


def _pairs(
    measured: Measured,
    moments: pd.DatetimeIndex,
    days: EventDays,
    assets: Sequence[Asset],
    study: Study,
) -> pd.DataFrame:
    event, asset = np.nonzero(measured.used)
    rows = days.rows[event, asset]
    car, error = measured.car[measured.used], measured.car_error[measured.used]
    n = measured.observations[measured.used]
    scar = car / error
    columns = {
        "event": days.kept[event],
        "asset": np.array([one.name for one in assets], dtype=object)[asset],
        "knowable_at": moments[days.kept[event]],
        **_moments_of(assets, asset, rows, study.last),
        "car": car,
        "car_error": error,
        "scar": scar,
        "p_value": 2 * stdtr(n - len(study.controls) - 1, -np.abs(scar)),
        "alpha": measured.alpha[measured.used],
        "sigma": measured.sigma[measured.used],
        "observations": n,
    }
    betas = measured.beta[measured.used]
    columns |= {f"beta {name}": betas[:, k] for k, name in enumerate(study.controls)}
    return pd.DataFrame(columns)


def _moments_of(
    assets: Sequence[Asset], asset: Ints, rows: Ints, last: int
) -> dict[str, pd.DatetimeIndex]:
    """Day and close of day 0 of each pair, and from when its window is known."""
    trading_day = np.empty(len(rows), dtype="datetime64[ns]")
    closes_at, over_at = trading_day.copy(), trading_day.copy()
    for j, one in enumerate(assets):
        own = asset == j
        trading_day[own] = one.days.to_numpy()[rows[own]]
        closes_at[own] = _plain(one.closes_at)[rows[own]]
        over_at[own] = _plain(one.known_at)[rows[own] + last]
    return {
        "trading_day": pd.DatetimeIndex(trading_day),
        "closes_at": pd.DatetimeIndex(closes_at, tz="UTC"),
        "over_at": pd.DatetimeIndex(over_at, tz="UTC"),
    }


def _plain(moments: pd.DatetimeIndex) -> npt.NDArray[np.datetime64]:
    plain: npt.NDArray[np.datetime64] = moments.tz_convert("UTC").tz_localize(None).to_numpy()
    return plain


def _dropped(measured: Measured, days: EventDays, assets: Sequence[Asset]) -> pd.DataFrame:
    rows: list[tuple[int, str, str]] = [(event, "", reason) for event, reason in days.left_out]
    for i, j in zip(*np.nonzero(~measured.used), strict=True):
        rows.append((int(days.kept[i]), assets[j].name, str(measured.reason[i, j])))
    rows.sort(key=lambda row: row[0])
    return pd.DataFrame(rows, columns=list(DROPPED_COLUMNS))
