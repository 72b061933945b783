"""Assets as the papers see them: plain lists of returns, from closes, by plain loops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass
class Market:
    """An asset as the papers see it: one entry a trading day; None where unknown."""

    days: list[date]
    closes_at: list[datetime]
    known_at: list[datetime]
    returns: list[float | None]
    controls: list[list[float | None]]


def log_return(before: float | None, now: float | None) -> float | None:
    if before is None or now is None or before <= 0 or now <= 0:
        return None
    return math.log(now / before)


def market_of(
    closes: Mapping[str, Mapping[date, tuple[datetime, float]]],
    ticker: str,
    controls: Sequence[str],
    calendar: Mapping[date, datetime] | None = None,
) -> Market:
    """A ticker with the returns of its controls, over the days it closed itself."""
    own = closes[ticker]
    moments = {day: at for day, (at, _) in own.items()}
    if calendar is not None:
        inside = {day: at for day, at in calendar.items() if min(own) <= day <= max(own)}
        moments = inside | moments
    days = sorted(moments)
    series = [_returns(days, {day: price for day, (_, price) in own.items()})]
    for control in controls:
        series.append(
            _returns(days, {d: price for d, (_, price) in closes[control].items() if d in own})
        )
    returns, *others = series
    return Market(
        days=days,
        closes_at=[moments[day] for day in days],
        known_at=[
            max([moments[d], *(closes[c][d][0] for c in controls if d in closes[c])]) for d in days
        ],
        returns=returns,
        controls=[[other[t] for other in others] for t in range(len(days))],
    )


def _returns(days: Sequence[date], prices: Mapping[date, float]) -> list[float | None]:
    """Each from the last close before it, if that is at most seven days old."""
    found: list[float | None] = []
    last: date | None = None
    for day in days:
        now = prices.get(day)
        near = last is not None and (day - last).days <= 7
        found.append(log_return(prices[last], now) if near and last else None)
        last = day if now is not None else last
    return found
