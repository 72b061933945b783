"""The joint move of the markets that are looked at, read from closes as they were known.

It is told beside the index; nothing of it goes back into the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from risk_service.core.baskets import Holding
from risk_service.core.market_move import (
    ESCALATION_SIGNS,
    LEAST,
    WINDOW,
    joint_moves,
    unusual_moves,
)
from risk_service.core.price_join import match_closes
from risk_service.core.sectors import Sectors
from risk_service.store.price_vintages import closes_known_at
from risk_service.store.upsert import Row

# Calendar days that hold two windows of trading days, for the distances that rank the day's.
_BEFORE = timedelta(days=int(2 * WINDOW * 1.5) + 30)


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """The joint moves of some days: closes they are made of, returns by trading day (as
    ``core.market_move.joint_moves``), signs of escalation, and names without any close.
    """

    closes: pd.DataFrame
    moves: pd.DataFrame
    signs: dict[str, int]
    missing: list[str]

    @property
    def parameters(self) -> Row:
        """What the figures hang on besides closes."""
        return {"window": WINDOW, "least": LEAST, "signs_of_escalation": dict(self.signs)}

    def met_by(self, moment: datetime) -> int | None:
        """Place of the first joint day that closes after a moment; None while none has come."""
        if self.moves.empty or not self.signs:
            return None
        (place,) = match_closes([moment], self.moves["closes_at"])
        return int(place) if place >= 0 else None

    def judged(self, place: int) -> pd.Series[Any]:
        """A day as ``core.market_move.unusual_moves`` judges it."""
        # Only the days up to it: what came later must not move what is said of it.
        return unusual_moves(self.moves.iloc[: place + 1], self.signs).iloc[-1]


def read_joint(
    conn: Connection,
    sectors: Sectors,
    start: date,
    end: date,
    as_of: datetime | None,
    *,
    simulated: bool,
) -> Joint:
    """Joint moves of the days in [start, end] and of the two windows before them."""
    signs = signs_of(sectors)
    baskets = {name: sectors.holdings(name) for name in signs if name in sectors.members}
    tickers = [name for name in signs if name not in baskets]
    wanted = sorted({*tickers, *(one.ticker for basket in baskets.values() for one in basket)})
    closes = closes_known_at(conn, wanted, start - _BEFORE, end, as_of, simulated=simulated)
    moves = joint_moves(closes, baskets, tickers)
    return Joint(closes, moves, signs, sorted(_missing(closes, baskets, tickers)))


def signs_of(sectors: Sectors) -> dict[str, int]:
    """The signs of escalation of what is configured."""
    known = {*sectors.members, *sectors.instruments}
    return {name: sign for name, sign in ESCALATION_SIGNS.items() if name in known}


def _missing(
    closes: pd.DataFrame, baskets: dict[str, tuple[Holding, ...]], tickers: list[str]
) -> list[str]:
    there = set(closes["ticker"])
    empty = [name for name, held in baskets.items() if not {one.ticker for one in held} & there]
    return [*empty, *(ticker for ticker in tickers if ticker not in there)]
