"""Rows of a price file, CSV or Parquet, gzipped or not: what can be read, and what cannot.

Columns ``date,ticker,close,adj_close`` in any order, and optionally ``currency``; others are left
aside. Dates are ISO 8601. What the file is shows in its first bytes, not in its name.

A row without ``close`` counts with its ``adj_close`` for both: returns are right, the level is on
the adjusted basis. A ticker that has no ``adj_close`` in the whole file (a spot price, an index)
counts with its ``close`` for both; one that lacks it only here and there does not, for a return
between the two kinds never was.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from risk_service.errors import FeedError, FileError
from risk_service.feeds.inflate import GZIP_MAGIC, inflated_as_far

NEEDED = ("date", "ticker", "close", "adj_close")
ROW_COLUMNS = ("ticker", "day", "close", "adj_close", "currency", "line")
MAX_UNPACKED = 200_000_000
"""So many bytes a gzipped file may hold: some five million rows."""

_DAY = r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$"
_PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that names no ticker or day, or is no row at all."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class PriceRows:
    """Rows that name a ticker and a day (columns ``ROW_COLUMNS``), and those that do not.

    close and adj_close are floats, NaN where they are no number; currency is text, empty where
    the file does not say; line counts from 1, the header included in a CSV.
    """

    rows: pd.DataFrame
    unreadable: list[Unreadable]


def read_price_rows(path: Path) -> PriceRows:
    """Read a whole file; the whole rows of one that breaks off are kept.

    Raises
    ------
    FileError
        When there is no such file, it is neither CSV nor Parquet, lacks a column, or unpacks to
        more than 200 MB.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}") from None
    content, whole = _unpacked(content, path.name)
    if content.startswith(_PARQUET):
        return _tidy(_parquet(content, path.name), path.name, [])
    frame, unreadable = _csv(content, whole)
    return _tidy(frame, path.name, unreadable)


def _unpacked(content: bytes, name: str) -> tuple[bytes, bool]:
    """The content with gzip undone, and whether it is all there."""
    if not content.startswith(GZIP_MAGIC):
        return content, True
    try:
        return inflated_as_far([content], MAX_UNPACKED)
    except FeedError as error:
        raise FileError(f"{name} cannot be unpacked: {error}") from None


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileError(f"{name} is no whole Parquet file: {error}") from None
    return frame.reset_index(drop=True).assign(line=range(1, len(frame) + 1))


def _csv(content: bytes, whole: bool) -> tuple[pd.DataFrame, list[Unreadable]]:
    text = content.decode("utf-8-sig", errors="replace")
    unreadable: list[Unreadable] = []
    if not whole:
        text, _, rest = text.rpartition("\n")
        line = text.count("\n") + 2
        unreadable.append(Unreadable(line, "the file breaks off here", rest))
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
                lines.append(reader.line_num)
            elif row:
                reason = f"has {len(row)} fields, the header {len(header)}"
                unreadable.append(Unreadable(reader.line_num, reason, ",".join(row)))
    except csv.Error as error:
        unreadable.append(Unreadable(reader.line_num, f"is not CSV from here: {error}", ""))
    return pd.DataFrame(rows, columns=header).assign(line=lines), unreadable


def _tidy(frame: pd.DataFrame, name: str, unreadable: list[Unreadable]) -> PriceRows:
    frame = frame.rename(columns=lambda column: str(column).strip().lower())
    missing = [column for column in NEEDED if column not in frame]
    if missing:
        raise FileError(f"{name} lacks the columns {missing}")
    if frame.columns.duplicated().any():
        raise FileError(f"{name} has a column twice")
    close, adj_close = _prices(frame)
    rows = pd.DataFrame(
        {
            "ticker": _text(frame, "ticker"),
            "day": _days(frame["date"]),
            "close": close,
            "adj_close": adj_close,
            "currency": _text(frame, "currency"),
            "line": frame["line"],
        }
    )
    bad = rows["day"].isna() | (rows["ticker"] == "")
    for line, *values in frame.loc[bad, ["line", *NEEDED]].itertuples(index=False):
        reason = "names no ticker, or no date like 2025-02-28"
        unreadable.append(Unreadable(int(line), reason, ",".join(map(str, values))))
    return PriceRows(rows[~bad], unreadable)


def _prices(frame: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    close = pd.to_numeric(frame["close"], errors="coerce").astype(float)
    adj_close = pd.to_numeric(frame["adj_close"], errors="coerce").astype(float)
    unadjusted = _text(frame, "adj_close") == ""
    never_adjusted = unadjusted.groupby(_text(frame, "ticker")).transform("all").astype(bool)
    given = _text(frame, "close") != ""
    return close.where(given, adj_close), adj_close.where(~never_adjusted, close)


def _days(dates: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """Days of dates or moments in any type; a moment's own wall clock says which day."""
    text = dates.astype(str).str.strip().str.extract(_DAY, expand=False)
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


def _text(frame: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    given = frame[column].notna()
    return frame[column].astype(str).str.strip().where(given, "")
