"""Daily closes from FRED, the Federal Reserve Bank of St. Louis, through its plain CSV endpoint.

``/graph/fredgraph.csv?id=SERIES`` needs no key. The form of ``fred_rows.py`` has changed once, and
both are read. Asked for are these series, under their own names as tickers, and ^VIX, which VIXCLS
is the very same number as:

* DCOILWTICO, DCOILBRENTEU: spot prices of oil. They are other prices than the futures CL=F and
  BZ=F: a return from the one to the other never was, so neither stands in for the other. Whoever
  wants them configures them as members. WTI has NYMEX's calendar; Brent is assessed at 16:30 in
  London, so its calendar is XLON.
* DHHNGSP: spot price of natural gas, made in the morning; XLON, which closes before noon of
  New York, keeps an event of the afternoon away from it.

FRED publishes one to eight days late. A close is known here from the reading that brought it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from risk_service.core.sectors import Member
from risk_service.errors import FeedError
from risk_service.feeds.calendars import FIRST_DAY
from risk_service.feeds.contract import BadRow
from risk_service.feeds.fetch import Passing, fetch
from risk_service.feeds.fred_rows import read_fred_rows
from risk_service.feeds.price_contract import (
    Origin,
    PriceReading,
    Refusal,
    known_members,
    to_closes,
)

FRED_URL = "https://fred.stlouisfed.org"
SERIES = {
    "DCOILBRENTEU": "DCOILBRENTEU",
    "DCOILWTICO": "DCOILWTICO",
    "DHHNGSP": "DHHNGSP",
    "VIXCLS": "VIXCLS",
    "^VIX": "VIXCLS",
}
"""The series behind each ticker that FRED is asked for."""
_FUTURES = {"BZ=F": "DCOILBRENTEU", "CL=F": "DCOILWTICO", "NG=F": "DHHNGSP"}


@dataclass(frozen=True, slots=True)
class FredPrices:
    """Provider of FRED's daily series for the configured instruments.

    Parameters
    ----------
    instruments
        Members by ticker (``Sectors.instruments``).
    base_url
        Where to ask instead of FRED itself, also within a private network; empty for FRED.
    timeout
        Seconds one series may take, second try included.
    """

    instruments: Mapping[str, Member]
    base_url: str = ""
    timeout: float = 20.0
    name: str = "fred"
    simulated: bool = False

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """Closes of trading days in [start, end] over at ``now``; never raises.

        A day that FRED has no value of is left out. When FRED refuses (429, 5xx) or cannot be
        reached, the tickers left are not asked for.
        """
        reading = PriceReading()
        for member in known_members(self.instruments, tickers, reading):
            if member.ticker not in SERIES:
                reading.failures[member.ticker] = _not_here(member.ticker)
            elif reading.refusals:
                reading.failures[member.ticker] = "was not asked for: FRED does not answer"
            else:
                self._read(reading, member, max(start, FIRST_DAY), end, now)
        return reading

    def _read(
        self, reading: PriceReading, member: Member, start: date, end: date, now: datetime
    ) -> None:
        series = SERIES[member.ticker]
        origin = Origin(self.name, self.simulated, now)
        try:
            rows, odd = read_fred_rows(self._ask(series, start, end), series, start, end)
            if rows.empty:
                raise ValueError(f"FRED has no value of {series} from {start} to {end}")
            reading.add(*to_closes(member, rows, origin))
        except Passing as error:
            reading.refusals.append(Refusal(str(error), error.wait))
            reading.failures[member.ticker] = f"{series}: {error}"
        except (FeedError, ValueError) as error:
            reading.failures[member.ticker] = f"{series}: {error}"
        else:
            reading.set_aside.extend(
                BadRow(origin.feed, row.locator, row.reason, row.raw) for row in odd
            )

    def _ask(self, series: str, start: date, end: date) -> bytes:
        query = urlencode({"id": series, "cosd": start, "coed": end})
        answer = fetch(
            f"{(self.base_url or FRED_URL).rstrip('/')}/graph/fredgraph.csv?{query}",
            private=bool(self.base_url),
            seconds=self.timeout,
            attempts=2,
            accept="text/csv",
        )
        return answer.body or b""


def _not_here(ticker: str) -> str:
    if ticker in _FUTURES:
        spot = _FUTURES[ticker]
        return f"FRED has no futures; its spot price {spot} is a ticker of its own"
    return "FRED is not asked for it"
