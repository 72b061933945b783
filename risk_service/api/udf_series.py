"""The values behind a UDF symbol: days and closes from the store, hours made anew, the live one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from risk_service.api import history
from risk_service.api.deps import Parts
from risk_service.api.formats import encoded
from risk_service.api.udf_bars import (
    DAY,
    HOUR,
    WEEK,
    Window,
    bars_answer,
    daily_bars,
    floor_to,
    hourly_bars,
    weekly_bars,
    with_running,
)  # fmt: skip
from risk_service.api.udf_symbols import Resolution, Symbol
from risk_service.core.dyads import THEMES
from risk_service.core.sectors import sector_levels
from risk_service.snapshot import Snapshot
from risk_service.store.close_counts import count_closes
from risk_service.store.freshness import were_watched
from risk_service.store.index import index_version
from risk_service.store.prices import latest_closes
from risk_service.store.vintages import count_vintages

LENGTHS: dict[Resolution, int] = {"60": HOUR, "1D": DAY, "1W": WEEK}
MOST_HOURS = timedelta(days=31)
"""Hours are computed when asked for: so many of them before the end of what is asked."""
_FIRST_CLOSE = date(1980, 1, 1)
_VALUES = ["time", *history.VALUES]


@dataclass(frozen=True, slots=True)
class Live:
    """The live value of each column and the moment it is of; None where nothing has come yet."""

    moment: datetime | None
    values: dict[str, float | None]


def live_of(held: Snapshot | None) -> Live:
    """What the answer at hand says, by column of the index."""
    answer: dict[str, Any] = {} if held is None else orjson.loads(held.body)
    if not answer or answer["state"] == "empty":
        return Live(None, {})
    columns = ("risk_index", "escalation_index", "thaw_index", "pressure", "attention")
    values = {name: answer[name] for name in columns}
    bounds = {name: answer["interval"][name] for name in ("low", "high")}
    themes = {theme: answer["themes"][theme] for theme in THEMES}
    return Live(datetime.fromisoformat(answer["evaluated_at"]), values | bounds | themes)


def answer_of(
    conn: Connection,
    parts: Parts,
    symbol: Symbol,
    resolution: Resolution,
    window: Window,
    live: Live,
) -> dict[str, object]:
    """The bars of a symbol in a window, as ``/history`` tells them."""
    if symbol.dyad is None:
        bars = daily_bars(sector_days(conn, parts, symbol.column), "level")
        return bars_answer(weekly_bars(bars) if resolution == "1W" else bars, window)
    days = daily_bars(settled_days(conn, parts, symbol.dyad), symbol.column)
    value = live.values.get(symbol.column)
    if resolution != "60":
        bars = with_running(days, DAY, live.moment, value)
        return bars_answer(weekly_bars(bars) if resolution == "1W" else bars, window)
    return _hours_answer(conn, parts, symbol, window, days, live)


def _hours_answer(
    conn: Connection, parts: Parts, symbol: Symbol, window: Window, days: pd.DataFrame, live: Live
) -> dict[str, object]:
    """Bars of hours of at most ``MOST_HOURS`` before the end of a window, and never before the
    first settled day; a window that lies further back of these than it reaches gets ``nextTime``.
    """
    if symbol.dyad is None or live.moment is None:
        return {"s": "no_data"}
    known_to = int(live.moment.timestamp())
    first = int(days["t"].iloc[0]) if len(days) else floor_to(known_to, DAY)
    end = min(window.until, known_to)
    if end < first:
        return {"s": "no_data"}
    start = _first_hour(window, end, first)
    hours = watched_hours(conn, parts, symbol.dyad, start - DAY, end, live.moment)
    value = live.values.get(symbol.column)
    bars = with_running(hourly_bars(hours, symbol.column), HOUR, live.moment, value)
    bars = bars[bars["t"] >= first].reset_index(drop=True)
    settled = days["t"][days["t"] < floor_to(start - DAY, DAY)]
    # A day that is settled was watched to its end: its last hour has a bar.
    earlier = int(settled.iloc[-1]) + 23 * HOUR if len(settled) else None
    return bars_answer(bars, window, earlier)


def _first_hour(window: Window, end: int, first: int) -> int:
    """From where on hours are computed: a day more than is counted back, for the odd gap."""
    start = min(window.since, end)
    if window.countback is not None:
        start = end - window.countback * HOUR - DAY
    return max(start, first, end - int(MOST_HOURS.total_seconds()) + DAY)


def settled_days(conn: Connection, parts: Parts, dyad: str) -> pd.DataFrame:
    """Every settled day of a dyad; kept until a vintage is added."""
    span = history.Span(dyad, None, None, None, weekly=False)
    key = ("udf-days", dyad, count_vintages(conn, dyad))
    made = parts.held.get_or_make(key, lambda: encoded("arrow", history.days(conn, span)))
    return _frame(made.content)


def watched_hours(
    conn: Connection, parts: Parts, dyad: str, since: int, until: int, moment: datetime
) -> pd.DataFrame:
    """Values at full hours that somebody watched, of the days of a span up to ``moment``."""
    first, last = (datetime.fromtimestamp(seconds, UTC) for seconds in (since, until))
    end = moment.replace(minute=0, second=0, microsecond=0)
    span = history.Span(dyad, first.date(), last.date(), end, weekly=False)
    key = (
        "udf-hours", dyad, span, parts.desk.classifier.version, index_version(conn, dyad),
    )  # fmt: skip

    def watched() -> pd.DataFrame:
        hours = history.hourly(conn, parts.desk, span)
        moments = pd.DatetimeIndex(hours["time"]) - timedelta(seconds=1)
        seen = were_watched(conn, dyad, moments)
        kept: pd.DataFrame = hours.loc[seen, _VALUES]
        return kept

    return _frame(parts.held.get_or_make(key, lambda: encoded("arrow", watched())).content)


def sector_days(conn: Connection, parts: Parts, sector: str) -> pd.DataFrame:
    """Levels of a sector by trading day; kept until a close is added."""
    simulated = parts.simulated_prices
    key = ("udf-sector", sector, simulated, count_closes(conn, simulated=simulated))

    def levels() -> pd.DataFrame:
        tickers, today = parts.sectors.tickers(sector), parts.clock().date()
        closes = latest_closes(conn, tickers, _FIRST_CLOSE, today, simulated=simulated)
        table = sector_levels(closes, parts.sectors.holdings(sector))
        return table["level"].rename_axis("day").reset_index()

    return _frame(parts.held.get_or_make(key, lambda: encoded("arrow", levels())).content)


def _frame(content: bytes | pa.Table) -> pd.DataFrame:
    assert isinstance(content, pa.Table)
    frame: pd.DataFrame = content.to_pandas()
    return frame
