"""The index of days that are over, and its revisions as new vintages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, Engine

from risk_service.core.index import index_at
from risk_service.core.method import Method
from risk_service.desk import Desk
from risk_service.store import index as store
from risk_service.store.engine import reading, writing
from risk_service.store.events import scored_events
from risk_service.store.freshness import first_watched, watched_until, were_watched
from risk_service.store.tables import INDEX_VALUES
from risk_service.store.upsert import Row

SETTLE_AFTER = timedelta(hours=1)
"""How long after midnight UTC a day waits for late reports before it settles."""
LIVE_WITHIN = timedelta(days=1)
"""A day first written later than this after its end was not watched live: it is reconstructed."""
REVISED = 1e-6
"""A value that moved by more than this is a revision, and gets a vintage of its own."""
STORY_REACH = timedelta(days=4)
"""Read this much before the window, so that a story's first reports are always counted."""


@dataclass(frozen=True, slots=True)
class _Span:
    first: date
    last: date
    version: int


def settle_days(engine: Engine, desk: Desk, dyad: str, now: datetime) -> int:
    """Write days that are over, and new vintages of those that late news has changed.

    Returns the number of vintages written. Days whose end nobody watched are not written: an
    outage is a gap, never a calm day. Run again, it writes nothing.
    """
    with reading(engine) as conn:
        if _unsettled(conn, desk.method, dyad, now) is None:
            return 0
    with writing(engine) as conn:
        span = _unsettled(conn, desk.method, dyad, now)
        if span is None:
            return 0
        rows = _vintages(conn, desk, dyad, span, now) if span.first <= span.last else []
        store.add_vintages(conn, rows)
        store.mark_clean(conn, dyad, span.version, now)
    return len(rows)


def end_of(day: date) -> datetime:
    """The moment from which a day's index is knowable: the next midnight UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def base_of(conn: Connection, desk: Desk, dyad: str, now: datetime) -> tuple[float, float] | None:
    """Means of escalation and thaw over the base period, frozen at the first asking.

    None while no scored event lies in the base period.
    """
    method, model = desk.method, desk.classifier.version
    frozen = store.base_of(conn, dyad, method.version, model)
    if frozen is not None:
        return frozen
    start, stop = end_of(method.base_from), end_of(method.base_to)
    events = scored_events(conn, dyad, model, start - method.window - STORY_REACH, stop)
    if events.empty:
        return None
    means = index_at(events, pd.date_range(start, stop, freq="D"), method).mean()
    base = float(means["escalation"]), float(means["thaw"])
    store.freeze_base(
        conn,
        {
            "dyad": dyad,
            "method_version": method.version,
            "model_version": model,
            "escalation": base[0],
            "thaw": base[1],
            "frozen_at": now,
        },
    )
    return base


def relative(value: float, base: float | None) -> float | None:
    """``value`` in per cent of its base-period mean; None where there is no base."""
    return 100 * value / base if base else None


def _unsettled(conn: Connection, method: Method, dyad: str, now: datetime) -> _Span | None:
    """Days to write or to look at again; None where every day stands as it should."""
    watched, begun = watched_until(conn, dyad, now), first_watched(conn, dyad)
    if watched is None or begun is None:
        return None
    # An event of the last second of a day shows that the day was watched to its end.
    reach = min(watched + timedelta(seconds=1), now - SETTLE_AFTER)
    last = reach.date() - timedelta(days=1)
    settled = store.last_day(conn, dyad)
    first = begun.date() if settled is None else settled + timedelta(days=1)
    version, dirty = store.dirty_from(conn, dyad)
    if dirty is None and first > last:
        return None
    if dirty is not None:
        first = min(first, dirty.date())
    first = max(first, method.starts)
    return _Span(first, last, version)


def _vintages(conn: Connection, desk: Desk, dyad: str, span: _Span, now: datetime) -> list[Row]:
    method, model = desk.method, desk.classifier.version
    since = end_of(span.first) - method.window - STORY_REACH
    events = scored_events(conn, dyad, model, since, end_of(span.last))
    moments = pd.date_range(end_of(span.first), end_of(span.last), freq="D")
    moments = moments[were_watched(conn, dyad, moments - timedelta(seconds=1))]
    if moments.empty:
        return []
    fresh = index_at(events, moments, method)
    fresh.insert(0, "day", [(moment - timedelta(days=1)).date() for moment in moments])
    known = store.read_days(conn, dyad, span.first, span.last).set_index("day")
    base = base_of(conn, desk, dyad, now)
    changed = fresh[_differs(fresh, known)]
    return [
        {
            "dyad": dyad,
            "day": day,
            **_vintage(day, int(known["vintage"].get(day, 0)), now),
            "model_version": model,
            "method_version": method.version,
            "escalation_index": relative(row["escalation"], base[0] if base else None),
            "thaw_index": relative(row["thaw"], base[1] if base else None),
            **{name: float(row[name]) for name in INDEX_VALUES},
        }
        for day, row in zip(changed["day"], changed.to_dict("records"), strict=True)
    ]


def _differs(fresh: pd.DataFrame, known: pd.DataFrame) -> npt.NDArray[np.bool_]:
    names = list(INDEX_VALUES)
    before = known.reindex(fresh["day"])[names].to_numpy(float)
    moved = np.abs(fresh[names].to_numpy(float) - before)
    # A day that is not there yet is NaN here, and every comparison with NaN is False.
    same: npt.NDArray[np.bool_] = (moved <= REVISED).all(axis=1)
    return ~same


def _vintage(day: date, newest: int, now: datetime) -> Row:
    live = newest > 0 or now - end_of(day) <= LIVE_WITHIN
    return {
        "vintage": newest + 1,
        "known_at": now if live else end_of(day),
        "computed_at": now,
        "reconstructed": not live,
    }
