"""Closes from Yahoo Finance through yfinance, each ticker's failure told apart.

``download()`` is not used: it never raises, and a refusal, a lost name and a dead ticker all come
back as the same empty or NaN frame under MultiIndex columns. ``PriceHistory`` (what
``Ticker.history`` calls) raises, and with the exchange's time zone given it needs one request a
ticker instead of two. ``auto_adjust`` is off, so that close and adj_close are both kept.

Yahoo's data is for personal use: it is read when asked for, and never shipped with the service.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from json import JSONDecodeError

import pandas as pd
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError
from yfinance.scrapers.history import PriceHistory

from risk_service.core.closes import Close
from risk_service.core.sectors import Member
from risk_service.feeds.calendars import final_on, time_zone
from risk_service.feeds.contract import BadRow
from risk_service.feeds.price_contract import (
    Origin,
    PriceReading,
    Refusal,
    known_members,
    to_closes,
)
from risk_service.feeds.yahoo_session import YahooSession, honest_yfinance

PAUSES = (2.0, 8.0)  # seconds before the second and third try
_GIVE_UP_AFTER = 2  # tickers in a row without any answer


class _NoAnswerError(Exception):
    """Yahoo refuses for now, or cannot be reached: the next ticker will fare no better."""


@dataclass(frozen=True, slots=True)
class YahooPrices:
    """Provider of Yahoo's closes for the configured instruments.

    Parameters
    ----------
    instruments
        Members by ticker (``Sectors.instruments``).
    base_url
        Where to send what is meant for Yahoo's hosts; None for Yahoo itself.
    timeout
        Seconds one request may take.
    pause
        Waits the given seconds between tries; tests pass their own.
    """

    instruments: Mapping[str, Member]
    base_url: str | None = None
    timeout: float = 10.0
    pause: Callable[[float], None] = time.sleep
    name: str = "yfinance"
    simulated: bool = False

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """Closes of trading days in [start, end] that are final at ``now``; never raises.

        Pence are kept as pounds. A bar is final half an hour after the close, a future's at 18:00
        New York time. A refusal (429) or a lost connection is tried three times; when the second
        ticker in a row fares so, the rest are not asked.
        """
        reading = PriceReading()
        unanswered, refusal = 0, Refusal("")
        with honest_yfinance(self.base_url, self.timeout) as (client, session):
            for member in known_members(self.instruments, tickers, reading):
                if unanswered >= _GIVE_UP_AFTER:
                    reading.failures[member.ticker] = "was not asked: Yahoo does not answer"
                    continue
                try:
                    reading.add(*self._read(client, session, member, start, end, now))
                    unanswered = 0
                except _NoAnswerError as error:
                    unanswered += 1
                    reading.failures[member.ticker] = str(error)
                    refusal = Refusal(str(error), session.asked_wait)
                except Exception as error:  # yfinance trips over odd replies in many ways
                    unanswered = 0
                    reading.failures[member.ticker] = _reason(error, session)
        if unanswered:
            reading.refusals.append(refusal)
        return reading

    def _read(
        self,
        client: YfData,
        session: YahooSession,
        member: Member,
        start: date,
        end: date,
        now: datetime,
    ) -> tuple[list[Close], list[BadRow]]:
        history = PriceHistory(client, member.ticker, time_zone(member.calendar), session)
        frame = self._ask(lambda: history.history(
            start=start, end=end + timedelta(days=1), interval="1d",
            auto_adjust=False, actions=False, keepna=True, timeout=self.timeout,
        ))  # fmt: skip
        rows = _rows(member.ticker, frame, start, end)
        if rows.empty:
            raise ValueError(f"Yahoo has no prices from {start} to {end}")
        return to_closes(
            member,
            rows,
            Origin(self.name, self.simulated, now),
            history.get_history_metadata().get("currency"),
            final_on(member.calendar, rows["day"]),
        )

    def _ask(self, request: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        for pause in (*PAUSES, None):
            try:
                return request()
            except (YFRateLimitError, OSError) as error:
                if pause is None:
                    raise _NoAnswerError(_plain(error)) from error
                self.pause(pause)
        raise AssertionError("unreachable")


def _rows(ticker: str, frame: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    days = pd.DatetimeIndex(frame.index).tz_localize(None).normalize()
    rows = pd.DataFrame(
        {
            "day": days,
            "close": pd.to_numeric(frame["Close"], errors="coerce").to_numpy(float),
            "adj_close": pd.to_numeric(frame["Adj Close"], errors="coerce").to_numpy(float),
            "locator": [f"chart of {ticker}, {day:%Y-%m-%d}" for day in days],
        }
    )
    return rows[rows["day"].between(pd.Timestamp(start), pd.Timestamp(end))]


def _reason(error: Exception, session: YahooSession) -> str:
    if isinstance(error, YFException | ValueError) and not isinstance(error, JSONDecodeError):
        return str(error)[:300]
    return f"reply (HTTP {session.last_status}) cannot be read: {_plain(error)}"


def _plain(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
