"""What the markets made of one event: the joint move at the first close after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import Parts
from risk_service.core.market_move import (
    ESCALATION_SIGNS,
    LEAST,
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


def market_of(
    conn: Connection, parts: Parts, published_at: datetime, as_of: datetime | None
) -> Row:
    """``day`` (None where no close has come), ``prices``, ``parameters`` and ``missing``."""
    signs = signs_of(parts.sectors)
    baskets = {
        name: parts.sectors.holdings(name) for name in signs if name in parts.sectors.members
    }
    tickers = [name for name in signs if name not in baskets]
    held = {one.ticker for basket in baskets.values() for one in basket}
    closes = closes_known_at(
        conn,
        sorted({*held, *tickers}),
        (published_at - _BEFORE).date(),
        (published_at + LONGEST_WAIT.to_pytimedelta() + timedelta(days=1)).date(),
        as_of,
        simulated=parts.simulated_prices,
    )
    moves = joint_moves(closes, baskets, tickers)
    return {
        "day": _day(moves, signs, published_at),
        "parameters": {"window": WINDOW, "least": LEAST, "signs_of_escalation": dict(signs)},
        "missing": sorted(_missing(closes, baskets, tickers)),
        "prices": prices_of(closes, parts.simulated_prices),
    }


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
