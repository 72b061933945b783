"""Bars of a symbol: hours, days and weeks as open, high, low and close.

A bar is named by its first second, UTC: a day by its 00:00, a week by its Monday's. What is known
only once is not drawn as if it had moved: a day has one value, settled at its end, and its bar four
equal ones. An hour opens with the value at its start and closes with that at its end; a week is
made of its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
MONDAY = 345_600
"""1970-01-05 was the first Monday of the epoch."""
PRICES = ("o", "h", "l", "c")


@dataclass(frozen=True, slots=True)
class Window:
    """Which bars are asked for: from ``since`` on, before ``until``, in seconds.

    With ``countback``, that many before ``until`` whatever ``since`` says.
    """

    since: int
    until: int
    countback: int | None


def floor_to(seconds: int, length: int) -> int:
    """The start of the bar that holds a moment.

    >>> floor_to(1741608000, WEEK) == int(pd.Timestamp("2025-03-10", tz="UTC").timestamp())
    True
    """
    shift = MONDAY if length == WEEK else 0
    return (seconds - shift) // length * length + shift


def daily_bars(days: pd.DataFrame, column: str) -> pd.DataFrame:
    """Bars of days: columns t (seconds) and ``PRICES``, four times the value of each day.

    ``days`` has day and the column; days whose value is unknown have no bar.
    """
    known = days[days[column].notna()]
    times = known["day"].to_numpy("datetime64[s]").astype("int64")
    values = known[column].to_numpy(float)
    return pd.DataFrame({"t": times, **dict.fromkeys(PRICES, values)})


def hourly_bars(hours: pd.DataFrame, column: str) -> pd.DataFrame:
    """Bars of hours from values at full hours (columns time, aware UTC, and the column).

    Where the value an hour before is not there the bar opens at its close.
    """
    known = hours[hours[column].notna()]
    ends = known["time"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[s]")
    times = ends.astype("int64") - HOUR
    values = known[column].to_numpy(float)
    before = np.concatenate([values[:1], values[:-1]])
    follows = np.concatenate([[False], np.diff(times) == HOUR]) if len(times) else times == HOUR
    return _moved(times, np.where(follows, before, values), values)


def weekly_bars(days: pd.DataFrame) -> pd.DataFrame:
    """Bars of weeks from bars of days: first open, highest, lowest, last close."""
    weeks = (days["t"] - MONDAY) // WEEK * WEEK + MONDAY
    told = {"o": "first", "h": "max", "l": "min", "c": "last"}
    return days.groupby(weeks.rename("week")).agg(told).rename_axis("t").reset_index()


def with_running(
    bars: pd.DataFrame, length: int, moment: datetime | None, value: float | None
) -> pd.DataFrame:
    """The bars with the one that is not over yet, made of the live value; only a later one."""
    if moment is None or value is None:
        return bars
    start = floor_to(int(moment.timestamp()), length)
    last = bars.iloc[-1] if len(bars) else None
    if last is not None and start <= last["t"]:
        return bars
    follows = length == HOUR and last is not None and start - last["t"] == HOUR
    opened = last["c"] if last is not None and follows else value
    running = _moved(np.array([start]), np.array([opened]), np.array([value]))
    return pd.concat([bars, running], ignore_index=True) if len(bars) else running


def within(bars: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The bars of a window."""
    before = bars[bars["t"] < window.until]
    if window.countback is not None:
        return before.tail(window.countback)
    return before[before["t"] >= window.since]


def bars_answer(
    bars: pd.DataFrame, window: Window, earlier: int | None = None
) -> dict[str, object]:
    """What ``/history`` says: ``ok`` with the bars of a window, or ``no_data``.

    ``nextTime`` beside ``no_data`` is the newest bar before the window; without it the chart asks
    no further back. ``earlier`` is one that is not among ``bars``.
    """
    found = within(bars, window)
    if len(found):
        told = {name: found[name].round(6).tolist() for name in PRICES}
        return {"s": "ok", "t": found["t"].tolist(), **told}
    start = window.until if window.countback is not None else min(window.since, window.until)
    before = bars["t"][bars["t"] < start]
    following = int(before.iloc[-1]) if len(before) else earlier
    return {"s": "no_data"} if following is None else {"s": "no_data", "nextTime": following}


def _moved(times: np.ndarray, opened: np.ndarray, closed: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "t": times.astype("int64"),
            "o": opened,
            "h": np.maximum(opened, closed),
            "l": np.minimum(opened, closed),
            "c": closed,
        }
    )
