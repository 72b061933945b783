"""A placebo for an event study: what random dates of the same years would have shown.

An asset that drifts, or a test that is too easily impressed, shows up here: if random dates give
CAARs as large as the events did, the events have shown nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.models import fit_assets
from risk_service.core.event_study.study import Study
from risk_service.core.event_study.windows import crowding

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CHUNK = 1_000  # events fitted at once, to bound the memory


@dataclass(frozen=True, slots=True, eq=False)
class Placebo:
    """The same study of one asset on random dates, many times.

    Parameters
    ----------
    draws
        How many studies of random dates; 0 where there are too few days for one.
    events
        Dates in each.
    pool
        Days of the span on which an event could have been measured.
    apart
        Whether the dates of a draw have windows that share no day, as the events' do.
    mean, low, high
        Of the placebo CAARs at each day of the event window, with the study's level between low
        and high; NaN without draws.
    share
        (1 + draws whose CAAR over the whole window is at least as far from zero) / (1 + draws): a
        p-value by simulation. NaN without draws.
    """

    draws: int
    events: int
    pool: int
    apart: bool
    mean: Floats
    low: Floats
    high: Floats
    share: float


def placebo(
    asset: Asset,
    study: Study,
    span: tuple[pd.Timestamp, pd.Timestamp],
    events: int,
    caar: float,
    draws: int,
) -> Placebo:
    """Study random dates.

    Their estimation windows are of all days. Where the study's are clean, a draw's CAAR is divided
    by 1 less the share of them in windows of its other dates, which is what clean windows would
    give: what is normal then holds that share of what the dates show.

    Parameters
    ----------
    asset, study
        As in ``run_study``; the seed of the study draws the dates.
    span
        First and last moment (aware) that day 0 may close at, both included.
    events
        Dates in each draw, all different: as many as the study used of the asset.
    caar
        What the events gave over the whole window.
    draws
        How many times; from 1 on.
    """
    rows, paths = _paths(asset, study, span)
    length = len(study.days)
    apart = len(paths) >= events * length
    if events < 1 or len(paths) < events:
        unknown = np.full(length, np.nan)
        return Placebo(0, events, len(paths), False, unknown, unknown, unknown, np.nan)
    caars = _random_caars(rows, paths, study, events, draws, length - 1 if apart else 0)
    tail = (1 - study.level) / 2
    low, high = np.quantile(caars, [tail, 1 - tail], axis=0)
    beyond = int((np.abs(caars[:, -1]) >= abs(caar)).sum())
    share = (1 + beyond) / (1 + draws) if np.isfinite(caar) else np.nan
    return Placebo(draws, events, len(paths), apart, caars.mean(axis=0), low, high, share)


def _random_caars(
    rows: Ints, paths: Floats, study: Study, events: int, draws: int, spacing: int
) -> Floats:
    """CAAR of each draw up to each day of the window, as clean windows would give it."""
    rng = np.random.default_rng(study.seed)
    drawn = [_dates(rng, len(paths), events, spacing) for _ in range(draws)]
    caars = np.stack([paths[one].mean(axis=0) for one in drawn])
    if study.clean:
        caars /= np.array([[1 - _crowding(rows[one], study)] for one in drawn])
    return caars


def _crowding(rows: Ints, study: Study) -> float:
    """Mean share of the dates' estimation windows in windows of the others; half at most."""
    shares = crowding(rows[:, None], np.ones((len(rows), 1), dtype=bool), study)
    return min(float(shares.mean()), 0.5)


def _paths(
    asset: Asset, study: Study, span: tuple[pd.Timestamp, pd.Timestamp]
) -> tuple[Ints, Floats]:
    """Every day of the span that can be measured, and its CAR up to each day of the window."""
    inside = (asset.closes_at >= span[0]) & (asset.closes_at <= span[1])
    rows = np.flatnonzero(inside).astype(np.int64)
    parts = [np.empty((0, len(study.days)))]
    measured = [rows[:0]]
    for at in range(0, len(rows), _CHUNK):
        (fits,) = fit_assets([asset], rows[at : at + _CHUNK, None], study)
        parts.append(np.cumsum(fits.ar[fits.reason == ""], axis=1))
        measured.append(rows[at : at + _CHUNK][fits.reason == ""])
    return np.concatenate(measured), np.concatenate(parts)


def _dates(rng: np.random.Generator, pool: int, events: int, spacing: int) -> Ints:
    """Positions of random dates, each at least ``spacing`` + 1 after the one before."""
    free = pool - (events - 1) * spacing
    drawn = np.sort(rng.choice(free, events, replace=False))
    return (drawn + spacing * np.arange(events)).astype(np.int64)
