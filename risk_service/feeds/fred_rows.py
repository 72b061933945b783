"""FRED's CSV in both its forms.

Old: a heading ``DATE,SERIES``, a missing value is ``.``. New: ``observation_date,SERIES``, a
missing value is empty. Anything else is not FRED's: its pages come with status 200 too.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import date

import pandas as pd

_DAY_COLUMNS = ("date", "observation_date")
_MISSING = ("", ".")


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row that is no observation, and why."""

    locator: str
    reason: str
    raw: str


def read_fred_rows(
    body: bytes, series: str, start: date, end: date
) -> tuple[pd.DataFrame, list[OddRow]]:
    """Observations of one series in [start, end].

    Returns
    -------
    DataFrame
        day (datetime64, naive), close and adj_close (equal floats), locator; missing values are
        not in it.
    Rows that cannot be read, or that contradict one before.

    Raises
    ------
    ValueError
        When the body is not FRED's CSV of that series.
    """
    reader = csv.reader(_text(body).splitlines())
    heading = [name.strip() for name in next(reader, [])]
    if len(heading) != 2 or heading[0].lower() not in _DAY_COLUMNS or heading[1] != series:
        raise ValueError("the answer is not FRED's CSV of it")
    found: dict[date, float] = {}
    odd: list[OddRow] = []
    for row in reader:
        try:
            observation = _observation(row)
        except ValueError as error:
            odd.append(OddRow(f"{series}, line {reader.line_num}", str(error), ",".join(row)))
            continue
        if observation is None or not start <= observation[0] <= end:
            continue
        day, value = observation
        if found.setdefault(day, value) != value:
            reason = "day: a row before says otherwise of it"
            odd.append(OddRow(f"{series}, {day}", reason, ",".join(row)))
    return _frame(series, found), odd


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the answer is not text in UTF-8") from None


def _observation(row: list[str]) -> tuple[date, float] | None:
    if len(row) != 2:
        raise ValueError(f"row: has {len(row)} fields, not 2")
    try:
        day = date.fromisoformat(row[0].strip())
    except ValueError:
        raise ValueError(f"day: {row[0][:40]!r} is not a day like 2025-02-28") from None
    if row[1].strip() in _MISSING:
        return None
    try:
        value = float(row[1])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"value: {row[1][:40]!r} is not a number")
    return day, value


def _frame(series: str, found: dict[date, float]) -> pd.DataFrame:
    days = sorted(found)
    values = pd.Series([found[day] for day in days], dtype=float)
    return pd.DataFrame(
        {
            "day": pd.to_datetime(pd.Series(days, dtype=object)).astype("datetime64[ns]"),
            "close": values,
            "adj_close": values,
            "locator": [f"{series}, {day}" for day in days],
        }
    )
