"""Where each event meets each market, and what becomes of events whose windows overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study.assets import Asset
from risk_service.core.event_study.study import Overlap, Study
from risk_service.core.price_join import match_closes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NO_CLOSE = "no close of the asset within seven days after it"
NO_MARKET = "no close of any asset within seven days after it"
OVERLAPS = "its window overlaps another event's"


@dataclass(frozen=True, slots=True, eq=False)
class EventDays:
    """Day 0 of each event on each asset, after the rule of overlaps.

    Parameters
    ----------
    kept
        Positions of the events kept, in order of time.
    rows
        For each of them and each asset the row of day 0 among the asset's days; -1 for none.
    met
        As ``rows``, of every event that met a close at all, also of those merged or left out for
        overlapping: what happened, happened.
    left_out
        Position and reason of each event left out.
    """

    kept: Ints
    rows: Ints
    met: Ints
    left_out: tuple[tuple[int, str], ...]


def event_days(
    moments: pd.DatetimeIndex, assets: Sequence[Asset], length: int, overlap: Overlap
) -> EventDays:
    """Find day 0 of every event, then merge or drop those that overlap.

    Two events overlap when on any asset their days 0 are fewer than ``length`` days apart, so that
    their event windows share a day. The rule is one for all assets, so that an event is the same
    on each. Whether an event is kept depends on no event after its window under ``merge``, and on
    none more than ``length`` - 1 days after its day 0 under ``drop``.

    Parameters
    ----------
    moments
        Aware, in any order; NaT meets no close.
    assets
        One column of ``rows`` each.
    length
        Days of the event window.
    """
    order = np.argsort(moments.asi8, kind="stable")
    rows = np.stack(_matches(moments[order], assets), axis=1)
    met = (rows >= 0).any(axis=1)
    left_out = [(int(order[i]), NO_MARKET) for i in np.flatnonzero(~met)]
    order, rows = order[met], rows[met]
    every = rows
    joined = _joins(rows, length if overlap == "merge" else None)
    left_out += [(int(order[i]), f"merged with event {order[k]}") for i, k in joined.items()]
    alone = np.array([i not in joined for i in range(len(order))], dtype=bool)
    order, rows = order[alone], rows[alone]
    if overlap == "drop":
        crowded = _crowded(rows, length)
        left_out += [(int(order[i]), OVERLAPS) for i in np.flatnonzero(crowded)]
        order, rows = order[~crowded], rows[~crowded]
    return EventDays(order.astype(np.int64), rows, every, tuple(left_out))


def _matches(moments: pd.DatetimeIndex, assets: Sequence[Asset]) -> list[Ints]:
    """Rows of day 0 on each asset; assets of one market are matched once."""
    columns: list[Ints] = []
    for j, asset in enumerate(assets):
        if j and asset.closes_at.equals(assets[j - 1].closes_at):
            columns.append(columns[-1])
        else:
            columns.append(match_closes(moments, asset.closes_at))
    return columns


def crowding(rows: Ints, used: Bools, study: Study) -> Floats:
    """Share of the days before an event that lie in the event windows of other events used.

    Of the ``estimation`` days that end ``gap`` days before the event window. A study of clean
    windows passes these days over and reaches further back. Where they are taken all the same,
    what the events do to returns is partly in what is expected without them: where all events have
    the same effect, the mean abnormal return shows it less this share.

    Parameters
    ----------
    rows, used
        (events, assets): row of day 0, and whether the event is used on the asset.

    Returns
    -------
    Array (events, assets), 0-1
        NaN where not used.
    """
    shares = np.full(rows.shape, np.nan)
    reach = study.estimation + study.gap - study.first
    for j in range(rows.shape[1]):
        own = rows[used[:, j], j] + reach
        inside = np.zeros(int(own.max(initial=0)) + study.last + 2, dtype=np.int64)
        inside[(own[:, None] + np.array(study.days)).ravel() + 1] = 1
        counts = np.cumsum(inside)
        ends = own + study.first - study.gap
        shares[used[:, j], j] = (counts[ends] - counts[ends - study.estimation]) / study.estimation
    return shares


def _joins(rows: Ints, length: int | None) -> dict[int, int]:
    """Which event joins which earlier one: the last kept, where their windows share a day.

    Without a length only events with the same day 0 on every asset are joined.
    """
    joined: dict[int, int] = {}
    # The usual case at once; a -1 after a row is a step back, and left to the loop.
    if length is not None and (np.diff(rows, axis=0) >= length).all():
        return joined
    kept = 0
    for i in range(1, len(rows)):
        if length is None:
            near = bool((rows[i] == rows[kept]).all())
        else:
            both = (rows[i] >= 0) & (rows[kept] >= 0)
            near = bool(((rows[i] - rows[kept])[both] < length).any())
        if near:
            joined[i] = kept
        else:
            kept = i
    return joined


def _crowded(rows: Ints, length: int) -> npt.NDArray[np.bool_]:
    """Events with another one nearer than ``length`` days on any asset."""
    crowded = np.zeros(len(rows), dtype=bool)
    for column in rows.T:
        known = np.flatnonzero(column >= 0)
        close = np.diff(column[known]) < length
        crowded[known[1:][close]] = True
        crowded[known[:-1][close]] = True
    return crowded
