"""A caller's own dates from a CSV file, for a study."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pandas as pd

from risk_service.core.happenings import DIRECTIONS
from risk_service.errors import FileError
from risk_service.feeds.moments import end_of_day, read_moment
from risk_service.studies import UNGROUPED


def read_dates(path: Path) -> dict[str, pd.DataFrame]:
    """The dates of each direction, and under ``UNGROUPED`` those without one.

    Columns at (a day, knowable at its end, or a moment with zone), and direction and text where
    there are any; others are left alone.

    Raises
    ------
    FileError
        Naming the line that is no date, or a file without any.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [_row(row, reader.line_num, path.name) for row in reader]
    except UnicodeDecodeError:
        raise FileError(f"{path.name}: is not text in UTF-8") from None
    if not rows:
        raise FileError(f"{path.name}: has no dates")
    frame = pd.DataFrame(rows, columns=["direction", "knowable_at", "text"])
    frame["knowable_at"] = pd.to_datetime(frame["knowable_at"], utc=True)
    groups = {name: frame[frame["direction"] == name] for name in (*DIRECTIONS, UNGROUPED)}
    return {
        name: group.drop(columns="direction").reset_index(drop=True)
        for name, group in groups.items()
        if len(group)
    }


def _row(row: dict[str, str | None], line: int, name: str) -> tuple[str, datetime, str]:
    try:
        found = read_moment((row.get("at") or "").strip())
    except ValueError as error:
        raise FileError(f"{name}, line {line}: at: {error}") from None
    direction = (row.get("direction") or "").strip() or UNGROUPED
    if direction not in (*DIRECTIONS, UNGROUPED):
        raise FileError(f"{name}, line {line}: direction: {direction!r} is not thaw or escalation")
    moment = found if isinstance(found, datetime) else end_of_day(found)
    return direction, moment, (row.get("text") or "").strip()
