"""The series that rules watch: their settled days, and the index as it stands now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.core.jumps import Known, calendar, known_then
from risk_service.core.jumps.series import SECTOR, live_on_scale, on_scale
from risk_service.core.sectors import Sectors, sector_levels
from risk_service.settle import SETTLE_AFTER, end_of
from risk_service.store.index import read_days
from risk_service.store.prices import latest_closes

REACH = timedelta(days=9)
"""Read so much before the first day that is judged, for what a week's change compares with."""
SECTOR_REACH = timedelta(days=30)
CLOSED_FOR = timedelta(hours=3)
"""A sector's day is judged when its last close is so old: by then its members were read."""
EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Settled:
    """Days of one series, in order, as they were known; (T, 1) each."""

    days: pd.DatetimeIndex
    known: Known


@dataclass(frozen=True, slots=True)
class Live:
    """The index now, as a value of a day that is not settled yet."""

    answer: dict[str, Any]
    day: date
    settled: pd.DataFrame

    def value(self, series: str) -> float:
        """Of the series now."""
        return live_on_scale(series, self.answer)

    def before(self, series: str, span: int) -> float:
        """The series so many days earlier, as its settled day is known now; NaN for a gap."""
        rows = self.settled[self.settled["day"] == self.day - timedelta(days=span)]
        return float(on_scale(series, rows).iloc[0]) if len(rows) else math.nan


def live_of(conn: Connection, dyad: str, answer: dict[str, Any]) -> Live | None:
    """The live answer beside the newest vintages of the days before it; None where it is empty.

    Until a day is settled, an hour after its end, what comes in counts to it: else nothing could be
    compared within that hour.
    """
    if answer["state"] == "empty":
        return None
    moment: datetime = answer["evaluated_at"]
    settled = read_days(conn, dyad, moment.date() - REACH)
    day = moment.date()
    yesterday = day - timedelta(days=1)
    known = set(settled["day"])
    soon = moment - end_of(yesterday) <= SETTLE_AFTER + timedelta(minutes=5)
    if soon and yesterday not in known and yesterday - timedelta(days=1) in known:
        day = yesterday
    return Live(answer, day, settled)


def settled_of(conn: Connection, dyad: str, series: str, after: date | None) -> Settled | None:
    """The days of a series, from a little before those that follow ``after``, or all of them."""
    since = None if after is None else after - REACH
    vintages = read_days(conn, dyad, since, every=True)
    if vintages.empty:
        return None
    vintages = vintages.assign(risk_index=on_scale(series, vintages))
    return Settled(calendar(vintages), known_then(vintages))


def sector_of(
    conn: Connection,
    sectors: Sectors,
    series: str,
    after: date | None,
    now: datetime,
    *,
    simulated: bool,
) -> Settled | None:
    """The trading days of a sector that are over; a row a trading day, without gaps."""
    name = series.removeprefix(SECTOR)
    if name not in sectors.members:
        return None
    since = EARLIEST if after is None else after - SECTOR_REACH
    closes = latest_closes(conn, sectors.tickers(name), since, now.date(), simulated=simulated)
    if closes.empty:
        return None
    levels = sector_levels(closes, sectors.holdings(name))
    over = closes.groupby("trading_day")["closes_at"].max().reindex(levels.index)
    levels = levels[(over <= now - CLOSED_FOR) & levels["level"].notna()]
    values = 100 * np.log(levels["level"].to_numpy(np.float64))
    return Settled(pd.DatetimeIndex(levels.index), Known.of_paths(values[:, None]))
