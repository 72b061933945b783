"""Closes from a file of one's own: ``RISK_PRICES=file:PATH``, in the form of ``price_files.py``.

A close counts in the row's ``currency`` (GBp: pence); without one, in what the configuration of
the sectors says. The file is read again only when it has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from risk_service.core.sectors import Member
from risk_service.errors import FileError
from risk_service.feeds.calendars import FIRST_DAY
from risk_service.feeds.contract import BadRow
from risk_service.feeds.price_contract import (
    Origin,
    PriceReading,
    known_members,
    to_closes,
)
from risk_service.feeds.price_files import PriceRows, read_price_rows

_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FilePrices:
    """Provider of the closes in one file, for the configured instruments."""

    path: Path
    instruments: Mapping[str, Member]
    name: str = "file"
    simulated: bool = False
    _seen: dict[_Stamp, PriceRows] = field(default_factory=dict, repr=False, compare=False)

    def closes(self, tickers: Sequence[str], start: date, end: date, now: datetime) -> PriceReading:
        """Closes of trading days in [start, end] over at ``now``; a file that cannot be read at
        all fails every ticker, a row that cannot is set aside, and two rows that contradict each
        other are both.
        """
        reading = PriceReading()
        members = known_members(self.instruments, tickers, reading)
        try:
            read = self._rows()
        except FileError as error:
            reading.failures.update({member.ticker: str(error) for member in members})
            return reading
        origin = Origin(self.name, self.simulated, now)
        reading.set_aside.extend(
            BadRow(origin.feed, f"{self.path.name}:{row.line}", row.reason, row.raw)
            for row in read.unreadable
        )
        rows = _within(read.rows, max(start, FIRST_DAY), end, [m.ticker for m in members])
        rows = rows.assign(locator=self.path.name + ":" + rows["line"].astype(str))
        groups = dict(iter(rows.groupby("ticker")))
        for member in members:
            if member.ticker in groups:
                _add_ticker(reading, member, groups[member.ticker], origin)
            else:
                reason = f"{self.path.name} has no rows from {start} to {end}"
                reading.failures[member.ticker] = reason
        return reading

    def _rows(self) -> PriceRows:
        try:
            stat = self.path.stat()
        except OSError as error:
            raise FileError(f"{self.path.name} cannot be read: {error.strerror}") from None
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp not in self._seen:
            read = read_price_rows(self.path)
            self._seen.clear()
            self._seen[stamp] = read
        return self._seen[stamp]


def _within(rows: pd.DataFrame, start: date, end: date, tickers: Sequence[str]) -> pd.DataFrame:
    in_span = rows["day"].between(pd.Timestamp(start), pd.Timestamp(end))
    return rows[in_span & rows["ticker"].isin(tickers)]


def _add_ticker(reading: PriceReading, member: Member, rows: pd.DataFrame, origin: Origin) -> None:
    rows = rows.drop_duplicates(["day", "close", "adj_close", "currency"])
    twice = rows.duplicated("day", keep=False)
    reading.set_aside.extend(
        BadRow(
            origin.feed,
            locator,
            f"another row of {member.ticker} says otherwise of that day",
            f"{day:%Y-%m-%d},{close},{adj_close}",
        )
        for day, close, adj_close, locator in rows.loc[
            twice, ["day", "close", "adj_close", "locator"]
        ].itertuples(index=False)
    )
    for currency, group in rows[~twice].groupby("currency"):
        try:
            reading.add(*to_closes(member, group, origin, str(currency) or None))
        except ValueError as error:
            reading.failures[member.ticker] = str(error)
