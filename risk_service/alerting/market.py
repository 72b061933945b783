"""What the markets make of a jump, and the sectors' reaction so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.alerting.book import Watch
from risk_service.alerting.group import Start, Verdict
from risk_service.core.jumps.conditions import ConfirmedJump
from risk_service.core.price_join import LONGEST_WAIT
from risk_service.core.sectors import Sectors, sector_returns
from risk_service.joint_moves import read_joint
from risk_service.store.prices import latest_closes
from risk_service.store.upsert import Row

_ESTIMATED = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Markets:
    """Whose closes are looked at."""

    sectors: Sectors
    simulated: bool


def judge_waiting(
    conn: Connection, markets: Markets, watches: list[Watch], now: datetime
) -> list[Verdict]:
    """Of jumps that wait for the markets: those that are confirmed, or will not be."""
    found = [_judge(conn, markets, watch, now) for watch in watches]
    return [verdict for verdict in found if verdict is not None]


def _judge(conn: Connection, markets: Markets, watch: Watch, now: datetime) -> Verdict | None:
    jumped, rule = watch.memory.get("jumped"), watch.rule
    if watch.now_is != "pending" or jumped is None or not isinstance(rule, ConfirmedJump):
        return None
    at = datetime.fromisoformat(jumped["at"])
    day = market_day(conn, markets, at, now)
    memory = {**watch.memory, "jumped": None}
    verdict = Verdict(watch, "inactive", memory, watch.judged_until)
    if day is None:
        return verdict if now - at > LONGEST_WAIT else None
    if not (day.percentile >= rule.percentile and day.fits == watch.direction):
        return verdict
    value_from, value_to, score = (np.nan if x is None else float(x) for x in jumped["values"])
    start = Start(jumped["day"], now, value_from, value_to, score)
    return replace(verdict, state="firing", acts=(start,))


@dataclass(frozen=True, slots=True)
class MarketDay:
    """The first trading day after a moment: share of days that moved less, and what it fits."""

    day: date
    percentile: float
    fits: str | None


def market_day(conn: Connection, markets: Markets, at: datetime, now: datetime) -> MarketDay | None:
    """The joint move at the first close after a moment; None while it has not come."""
    joint = read_joint(
        conn, markets.sectors, at.date(), now.date(), None, simulated=markets.simulated
    )
    place = joint.met_by(at)
    if place is None or joint.moves["over_at"].iloc[place] > now:
        return None
    judged = joint.judged(place)
    return MarketDay(joint.moves.index[place].date(), float(judged["percentile"]), judged["fits"])


def reactions(conn: Connection, markets: Markets, now: datetime) -> list[Row]:
    """The newest trading day of each sector: return and abnormal return, logs."""
    return [
        row
        for sector in markets.sectors.members
        if (row := _reaction(conn, markets, sector, now)) is not None
    ]


def _reaction(conn: Connection, markets: Markets, sector: str, now: datetime) -> Row | None:
    sectors = markets.sectors
    tickers = [*sectors.tickers(sector), sectors.market]
    since = (now - _ESTIMATED).date()
    closes = latest_closes(conn, tickers, since, now.date(), simulated=markets.simulated)
    if closes.empty:
        return None
    table = sector_returns(closes, sectors.holdings(sector), sectors.market)
    if table.empty:
        return None
    last = table.iloc[-1]
    return {
        "sector": sector,
        "as_of": pd.Timestamp(table.index[-1]).date().isoformat(),
        "return": _rounded(last["return"]),
        "abnormal_return": _rounded(last["abnormal_return"]),
    }


def _rounded(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
