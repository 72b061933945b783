"""When each exchange's trading days close, in UTC: half days and daylight saving included.

Codes are those of ``exchange_calendars``, and one of our own. **NYMEX** (energy futures, Yahoo's
BZ=F and CL=F) has the sessions of ``us_futures`` and closes when prices settle, at 14:30 New York
time; on days when the New York Stock Exchange closes early, or does not open, at 13:00, for then
the futures settle early too. Where the settlement was later than that, the rule errs on the safe
side: an event is matched with the next day's price, never with one older than itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import exchange_calendars
import pandas as pd
from exchange_calendars.errors import CalendarError
from pandas.errors import Pandas4Warning

NYMEX = "NYMEX"
FIRST_DAY = date(1990, 1, 1)

# Quotes without a subscription lag by up to 20 minutes, and closing auctions take five.
_SETTLING = timedelta(minutes=30)
# Until its electronic session ends, a future's bar shows the last trade, not the settlement.
_NYMEX_FINAL = timedelta(hours=18)


def closes_at(calendar: str, day: date) -> datetime | None:
    """Moment a trading day closes, aware UTC; None where the exchange does not trade that day.

    Raises
    ------
    ValueError
        For an unknown calendar or a day before 1990.

    Examples
    --------
    >>> closes_at("XNYS", date(2024, 11, 29)).isoformat()
    '2024-11-29T18:00:00+00:00'
    >>> closes_at("XNYS", date(2024, 11, 28)) is None
    True
    """
    moment = closes_on(calendar, [day])[0]
    return None if pd.isna(moment) else moment.to_pydatetime().astimezone(UTC)


def closes_on(calendar: str, days: Iterable[date]) -> pd.DatetimeIndex:
    """As ``closes_at`` for many days at once: aware UTC, NaT where the exchange does not trade."""
    index = pd.DatetimeIndex(pd.to_datetime(list(days))).as_unit("ns")
    if not len(index):
        return pd.DatetimeIndex([], dtype="datetime64[ns, UTC]")
    if index.min().date() < FIRST_DAY:
        raise ValueError(f"day: {index.min():%Y-%m-%d} lies before {FIRST_DAY}")
    return pd.DatetimeIndex(_closes(calendar, _horizon(index.max().year)).reindex(index).array)


def final_on(calendar: str, days: Iterable[date]) -> pd.DatetimeIndex:
    """Moments from which a delayed quote of each day's close no longer moves; NaT as above.

    Half an hour after the close; for NYMEX 18:00 New York time.
    """
    days = list(days)
    moments = closes_on(calendar, days)
    if calendar != NYMEX:
        return moments + _SETTLING
    midnights = pd.DatetimeIndex(pd.to_datetime(days)).as_unit("ns")
    evenings = (midnights + _NYMEX_FINAL).tz_localize("America/New_York").tz_convert("UTC")
    return pd.DatetimeIndex(evenings.where(moments.notna()))


def trading_days(calendar: str, start: date, end: date) -> list[date]:
    """Trading days in [start, end], in order; ValueError for an unknown calendar."""
    days = _closes(calendar, _horizon(end.year)).loc[pd.Timestamp(start) : pd.Timestamp(end)].index
    return [day.date() for day in pd.DatetimeIndex(days)]


def time_zone(calendar: str) -> str:
    """Zone in which the exchange's days begin and end, such as Europe/Berlin."""
    if calendar == NYMEX:
        return "America/New_York"
    return str(_calendar(calendar, _horizon(FIRST_DAY.year)).tz)


def _horizon(year: int) -> int:
    # Calendars are slow to build and reach one year ahead unless told: build whole decades.
    return max(2030, (year // 10 + 1) * 10)


@lru_cache(maxsize=64)
def _closes(calendar: str, horizon: int) -> pd.Series[pd.Timestamp]:
    if calendar == NYMEX:
        return _nymex_closes(horizon)
    closes: pd.Series[pd.Timestamp] = _calendar(calendar, horizon).closes
    return closes.astype("datetime64[ns, UTC]")


def _nymex_closes(horizon: int) -> pd.Series[pd.Timestamp]:
    days = _calendar("us_futures", horizon).sessions
    stocks = _closes("XNYS", horizon).reindex(days)
    whole = stocks.dt.tz_convert("America/New_York").dt.hour == 16
    midnights = pd.Series(days, index=days)
    settled = midnights + pd.Timedelta(hours=14.5)
    settled = settled.where(whole, midnights + pd.Timedelta(hours=13))
    return settled.dt.tz_localize("America/New_York").dt.tz_convert("UTC")


@lru_cache(maxsize=64)
def _calendar(calendar: str, horizon: int) -> exchange_calendars.ExchangeCalendar:
    try:
        with warnings.catch_warnings():
            # The library reads Series.values in a way that pandas 4 will change; not ours to mend.
            warnings.filterwarnings("ignore", "Series.values", category=Pandas4Warning)
            return exchange_calendars.get_calendar(
                calendar, start=FIRST_DAY.isoformat(), end=f"{horizon}-12-31"
            )
    except (CalendarError, ValueError) as error:
        raise ValueError(f"calendar: {calendar!r} cannot be used: {error}") from None
