"""What the markets made of one event, or of a day: the joint move of all that are looked at.

It is read from closes alone and told beside the index; nothing of it goes back into the index.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from risk_service.api.deps import Parts
from risk_service.core.market_move import MOVE_COLUMNS, unusual_moves
from risk_service.core.price_join import LONGEST_WAIT
from risk_service.joint_moves import Joint, read_joint
from risk_service.store.upsert import Row
from risk_service.study_answer import prices_of

_DIGITS = 6
_TIMES = ("trading_day", "closes_at", "over_at")


def market_of(
    conn: Connection, parts: Parts, published_at: datetime, as_of: datetime | None
) -> Row:
    """``day`` (None where no close has come), ``prices``, ``parameters`` and ``missing``."""
    last = published_at + LONGEST_WAIT.to_pytimedelta() + timedelta(days=1)
    joint = joint_of(conn, parts, published_at.date(), last.date(), as_of)
    return {
        "day": _day(joint, published_at),
        "parameters": joint.parameters,
        "missing": joint.missing,
        "prices": prices_of(joint.closes, parts.simulated_prices),
    }


def joint_of(
    conn: Connection, parts: Parts, start: date, end: date, as_of: datetime | None
) -> Joint:
    """``read_joint`` of the markets that the service follows."""
    return read_joint(conn, parts.sectors, start, end, as_of, simulated=parts.simulated_prices)


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


def _day(joint: Joint, published_at: datetime) -> Row | None:
    at = joint.met_by(published_at)
    if at is None:
        return None
    judged, day = joint.judged(at), joint.moves.iloc[at]
    return {
        "trading_day": joint.moves.index[at].date(),
        "closes_at": day["closes_at"].to_pydatetime(),
        "over_at": day["over_at"].to_pydatetime(),
        "moves": [
            {
                "name": name,
                "return": _number(day[name]),
                "sign_of_escalation": sign,
                "with_it": bool(np.sign(day[name]) == sign) if np.isfinite(day[name]) else None,
            }
            for name, sign in joint.signs.items()
        ],
        "distance": _number(judged["distance"]),
        "percentile": _number(judged["percentile"]),
        "lean": _number(judged["lean"]),
        "fits": judged["fits"],
        "observations": int(judged["observations"]) if np.isfinite(judged["observations"]) else 0,
    }


def _number(value: Any) -> float | None:
    return round(float(value), _DIGITS) if np.isfinite(value) else None
