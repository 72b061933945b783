"""What the markets made of one event, or of a day: the joint move of all that are looked at.

It is read from closes alone and told beside the index; nothing of it goes back into the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import Parts
from risk_service.core.market_move import (
    ESCALATION_SIGNS,
    LEAST,
    MOVE_COLUMNS,
    WINDOW,
    joint_moves,
    unusual_moves,
)
from risk_service.core.price_join import LONGEST_WAIT, match_closes
from risk_service.core.sectors import Sectors
from risk_service.store.price_vintages import closes_known_at
from risk_service.store.upsert import Row
from risk_service.study_answer import prices_of

# Calendar days that hold two windows of trading days, for the distances that rank the day's.
_BEFORE = timedelta(days=int(2 * WINDOW * 1.5) + 30)
_DIGITS = 6
_TIMES = ("trading_day", "closes_at", "over_at")


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


def market_of(
    conn: Connection, parts: Parts, published_at: datetime, as_of: datetime | None
) -> Row:
    """``day`` (None where no close has come), ``prices``, ``parameters`` and ``missing``."""
    last = published_at + LONGEST_WAIT.to_pytimedelta() + timedelta(days=1)
    joint = read_joint(conn, parts, published_at.date(), last.date(), as_of)
    return {
        "day": _day(joint.moves, joint.signs, published_at),
        "parameters": joint.parameters,
        "missing": joint.missing,
        "prices": prices_of(joint.closes, parts.simulated_prices),
    }


def read_joint(
    conn: Connection, parts: Parts, start: date, end: date, as_of: datetime | None
) -> Joint:
    """Joint moves of the days in [start, end] and of the two windows before them."""
    signs = signs_of(parts.sectors)
    baskets = {
        name: parts.sectors.holdings(name) for name in signs if name in parts.sectors.members
    }
    tickers = [name for name in signs if name not in baskets]
    held = {one.ticker for basket in baskets.values() for one in basket}
    closes = closes_known_at(
        conn,
        sorted({*held, *tickers}),
        start - _BEFORE,
        end,
        as_of,
        simulated=parts.simulated_prices,
    )
    moves = joint_moves(closes, baskets, tickers)
    return Joint(closes, moves, signs, sorted(_missing(closes, baskets, tickers)))


def judged_days(joint: Joint, start: date, end: date) -> pd.DataFrame:
    """Each joint day in [start, end]: trading_day, closes_at, over_at, the returns under their
    names, and the columns of ``core.market_move.unusual_moves``.
    """
    moves, names = joint.moves, list(joint.signs)
    if moves.empty or not names:
        return pd.DataFrame(columns=[*_TIMES, *names, *MOVE_COLUMNS])
    whole = moves[[*_TIMES[1:], *names]].join(unusual_moves(moves, joint.signs))
    asked = whole[(whole.index >= pd.Timestamp(start)) & (whole.index <= pd.Timestamp(end))]
    return asked.rename_axis("trading_day").reset_index()


def signs_of(sectors: Sectors) -> dict[str, int]:
    """The signs of escalation of what is configured."""
    known = {*sectors.members, *sectors.instruments}
    return {name: sign for name, sign in ESCALATION_SIGNS.items() if name in known}


def _missing(closes: pd.DataFrame, baskets: Row, tickers: list[str]) -> list[str]:
    there = set(closes["ticker"])
    empty = [name for name, held in baskets.items() if not {one.ticker for one in held} & there]
    return [*empty, *(ticker for ticker in tickers if ticker not in there)]


def _day(moves: pd.DataFrame, signs: dict[str, int], published_at: datetime) -> Row | None:
    if moves.empty or not signs:
        return None
    (at,) = match_closes([published_at], moves["closes_at"])
    if at < 0:
        return None
    # Only the days up to it: what came later must not move what is said of it.
    judged = unusual_moves(moves.iloc[: at + 1], signs).iloc[-1]
    day = moves.iloc[at]
    return {
        "trading_day": moves.index[at].date(),
        "closes_at": day["closes_at"].to_pydatetime(),
        "over_at": day["over_at"].to_pydatetime(),
        "moves": [
            {
                "name": name,
                "return": _number(day[name]),
                "sign_of_escalation": sign,
                "with_it": bool(np.sign(day[name]) == sign) if np.isfinite(day[name]) else None,
            }
            for name, sign in signs.items()
        ],
        "distance": _number(judged["distance"]),
        "percentile": _number(judged["percentile"]),
        "lean": _number(judged["lean"]),
        "fits": judged["fits"],
        "observations": int(judged["observations"]) if np.isfinite(judged["observations"]) else 0,
    }


def _number(value: Any) -> float | None:
    return round(float(value), _DIGITS) if np.isfinite(value) else None
