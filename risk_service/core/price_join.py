"""The no-look-ahead rule: what is knowable at a moment meets the first close strictly after it.

Day D's index uses everything published on day D, so it is knowable at D+1 00:00 UTC and not
earlier. An event is knowable when it was published. A close made at the very moment does not
count as after it. Later closes never change a match that was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.closes import check_one_kind

# The longest closure in these calendars, 11 to 16 September 2001, asks for 6.9 days. A match
# further away shows a hole in the prices, and answering with it would date a reaction wrongly.
LONGEST_WAIT = pd.Timedelta(days=7)

MATCH_COLUMNS = (
    "trading_day", "closes_at", "close", "adj_close", "currency", "provider", "simulated",
)  # fmt: skip

Moments = Iterable[datetime]  # a list, a DatetimeIndex or a Series


def index_knowable_at(days: Iterable[date]) -> pd.DatetimeIndex:
    """Midnight UTC at the end of each day: the moment its index is complete.

    >>> index_knowable_at([date(2025, 2, 28)])[0].isoformat()
    '2025-03-01T00:00:00+00:00'
    """
    midnights = pd.DatetimeIndex(pd.to_datetime(pd.Series(list(days), dtype=object)))
    if midnights.tz is not None:
        raise ValueError("days: have a time zone; a day of the index is a plain UTC day")
    return (midnights.normalize() + pd.Timedelta(days=1)).tz_localize("UTC").as_unit("ns")


def first_close_after(knowable_at: Moments, closes_at: Moments) -> npt.NDArray[np.int64]:
    """Index of the first close strictly after each moment; -1 where there is none.

    Parameters
    ----------
    knowable_at
        Aware moments in any order; an unknown one (NaT) has no close after it.
    closes_at
        Aware moments of the closes, strictly rising.

    Raises
    ------
    ValueError
        For times without zone, or closes that are unknown or not strictly rising.

    Examples
    --------
    >>> closes = pd.to_datetime(["2025-02-27 21:00", "2025-02-28 21:00"], utc=True)
    >>> moments = pd.to_datetime(
    ...     ["2025-02-27 20:59", "2025-02-27 21:00", "2025-02-28 21:00"], utc=True
    ... )
    >>> first_close_after(moments, closes).tolist()
    [0, 1, -1]
    """
    moments = utc_moments(knowable_at, "knowable_at")
    closes = utc_moments(closes_at, "closes_at")
    if closes.hasnans or not (closes.is_monotonic_increasing and closes.is_unique):
        raise ValueError("closes_at: are not strictly rising")
    found = np.searchsorted(closes.asi8, moments.asi8, side="right").astype(np.int64)
    found[(found == len(closes)) | np.asarray(moments.isna())] = -1
    return found


def match_closes(
    knowable_at: Moments, closes_at: Moments, longest_wait: pd.Timedelta = LONGEST_WAIT
) -> npt.NDArray[np.int64]:
    """As ``first_close_after``, and -1 too where that close is more than ``longest_wait`` away."""
    moments = utc_moments(knowable_at, "knowable_at")
    closes = utc_moments(closes_at, "closes_at")
    found = first_close_after(moments, closes)
    met = found >= 0
    waits = closes.asi8[found[met]] - moments.asi8[met]
    found[np.flatnonzero(met)[waits > longest_wait.value]] = -1
    return found


def join_closes(
    moments: pd.DataFrame, closes: pd.DataFrame, longest_wait: pd.Timedelta = LONGEST_WAIT
) -> pd.DataFrame:
    """Each moment beside the first close strictly after it, for each ticker in its own calendar.

    Parameters
    ----------
    moments
        One row a moment, with an aware column ``knowable_at``; other columns are carried over.
    closes
        Columns ``core.closes.CLOSE_COLUMNS``, real ones or simulated ones, never both.

    Returns
    -------
    DataFrame, one row per ticker and moment, by ticker, then in the order of ``moments``
        The columns of ``moments``, ticker, and ``MATCH_COLUMNS``; NaT and NaN where no close has
        come yet. ``simulated`` says of what kind all the closes are.

    Raises
    ------
    ValueError
        For a missing column, naive times, mixed kinds or a ticker's day given twice.
    """
    if "knowable_at" not in moments:
        raise ValueError("knowable_at: column is missing")
    simulated = check_one_kind(closes)
    moments = moments.reset_index(drop=True)
    parts: list[pd.DataFrame] = [
        _join_ticker(moments, str(ticker), group.sort_values("closes_at"), longest_wait)
        for ticker, group in closes.groupby("ticker", sort=True)
    ]
    if not parts:
        parts = [_join_ticker(moments.iloc[:0], "", closes, longest_wait)]
    joined: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return joined.assign(simulated=simulated)


def join_index_days(index_days: pd.DataFrame, closes: pd.DataFrame) -> pd.DataFrame:
    """Days of the index (column ``day``) beside the first close after each day's end."""
    knowable_at = index_knowable_at(index_days["day"])
    return join_closes(index_days.assign(knowable_at=knowable_at), closes)


def join_events(events: pd.DataFrame, closes: pd.DataFrame) -> pd.DataFrame:
    """Events (aware column ``published_at``) beside the first close after each publication."""
    return join_closes(events.assign(knowable_at=events["published_at"]), closes)


def _join_ticker(
    moments: pd.DataFrame, ticker: str, closes: pd.DataFrame, longest_wait: pd.Timedelta
) -> pd.DataFrame:
    found = match_closes(moments["knowable_at"], closes["closes_at"], longest_wait)
    matched = closes[list(MATCH_COLUMNS)].reset_index(drop=True).reindex(found)
    matched.index = moments.index
    return pd.concat([moments.assign(ticker=ticker), matched], axis=1)


def utc_moments(moments: Moments, name: str) -> pd.DatetimeIndex:
    """Aware moments as an index in UTC, NaT kept; ValueError naming ``name`` for naive ones."""
    values: Any = moments.array if isinstance(moments, pd.Series) else moments
    index = pd.DatetimeIndex(values)
    if index.tz is None:
        if len(index):
            raise ValueError(f"{name}: has no time zone")
        index = index.tz_localize("UTC")
    return index.tz_convert("UTC").as_unit("ns")
