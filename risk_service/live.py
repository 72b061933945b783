"""The live answer: the index now, how sure, how fresh, and what moved it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from risk_service.core.dyads import THEMES
from risk_service.core.index import drivers_at, index_at
from risk_service.desk import Desk
from risk_service.scoring import words_of_row
from risk_service.settle import STORY_REACH, relative
from risk_service.store.events import oldest_waiting, scored_events, story_heads
from risk_service.store.freshness import (
    feeds_are_watched,
    followed_feeds,
    watched_until,
    were_watched,
)
from risk_service.store.index import base_of, index_version, last_model
from risk_service.store.rescored import has_scored_all
from risk_service.store.upsert import Row

STALE_AFTER = timedelta(hours=1)
"""News watched longer ago than this is stale, and the index stands where it was seen last."""
WAITS_AT_MOST = timedelta(minutes=1)
"""Events that wait longer than this to be assessed make the answer stale."""
THIN = 0.8
"""Coverage below this is called thin: the prior still weighs a fifth."""
TOP_STORIES = 10
_TINY = timedelta(microseconds=1)


def live_answer(conn: Connection, desk: Desk, dyad: str, now: datetime) -> dict[str, Any]:
    """What ``GET /v1/index`` says: plain data, JSON-able but for its datetimes."""
    watched = watched_until(conn, dyad, now)
    behind = _behind(conn, desk, now)
    fresh = watched is not None and now - watched <= STALE_AFTER and not behind
    blind = watched is not None and now - watched > STALE_AFTER
    moment = watched if watched is not None and blind else now
    # The newest event counts, though only what is before the moment does.
    moment += _TINY
    model = _speaking_model(conn, desk, dyad)
    events = _events(conn, desk, dyad, model, moment)
    before = pd.to_datetime([moment - timedelta(days=7), moment - timedelta(days=1)], utc=True)
    points = index_at(events, [*before, moment], desk.method)
    point = points.iloc[-1]
    base = base_of(conn, dyad, desk.method.version, model)
    thin = bool(point["coverage"] < THIN)
    return {
        "dyad": dyad,
        "evaluated_at": moment - _TINY,
        "state": _state(watched, fresh, thin),
        **_values(point, base),
        "interval": _interval(point, desk.method.interval),
        "change": _changes(points, were_watched(conn, dyad, before)),
        "themes": {theme: round(float(point[theme]), 2) for theme in THEMES},
        "coverage": _coverage(point, thin),
        **drivers_answer(conn, desk, model, events, moment),
        "freshness": _freshness(conn, events, now, watched, behind),
        "versions": {
            "model": model,
            "method": desk.method.version,
            "index": index_version(conn, dyad),
        },
    }


def drivers_answer(
    conn: Connection, desk: Desk, model: str, events: pd.DataFrame, moment: datetime
) -> dict[str, Any]:
    """The stories that weigh most at a moment, and the rest in one number; they add up."""
    table = drivers_at(events, moment, desk.method)
    shown = table.head(TOP_STORIES)
    heads = story_heads(conn, [int(i) for i in shown["story_id"]], model)
    stories = [_driver(row, heads[int(row["story_id"])], desk) for row in shown.to_dict("records")]
    rest = table.iloc[TOP_STORIES:]
    return {
        "drivers": stories,
        "rest": {
            "stories": len(rest),
            "contribution": round(float(rest["contribution"].sum()), 4),
            "change": round(float(rest["change"].sum()), 4),
        },
    }


def _driver(row: Mapping[Hashable, Any], head: Row, desk: Desk) -> Row:
    scored = head["p_thaw"] is not None
    return {
        "story_id": int(row["story_id"]),
        "text": head["text"] or f"coded event {head['event_code']}",
        "source": head["source"],
        "url": head["url"],
        "published_at": head["published_at"],
        "theme": row["theme"],
        "reports": int(row["reports"]),
        "contribution": round(float(row["contribution"]), 4),
        "change": round(float(row["change"]), 4),
        "p_thaw": round(head["p_thaw"], 4) if scored else None,
        "p_escalation": round(head["p_escalation"], 4) if scored else None,
        "severity": round(head["severity"], 2) if scored else None,
        "words": words_of_row(desk.classifier, head),
    }


def _events(conn: Connection, desk: Desk, dyad: str, model: str, moment: datetime) -> pd.DataFrame:
    since = moment - timedelta(days=7) - desk.method.window - STORY_REACH
    return scored_events(conn, dyad, model, since, moment)


def _values(point: pd.Series[float], base: tuple[float, float] | None) -> Row:
    escalation, thaw = base or (None, None)
    return {
        "risk_index": round(float(point["risk_index"]), 2),
        "net_escalation": round(float(point["net_escalation"]), 4),
        "escalation_index": _round(relative(float(point["escalation"]), escalation)),
        "thaw_index": _round(relative(float(point["thaw"]), thaw)),
        "threats": round(float(point["threats"]), 4),
        "acts": round(float(point["acts"]), 4),
        "attention": round(float(point["attention"]), 2),
        "pressure": round(float(point["pressure"]), 2),
    }


def _interval(point: pd.Series[float], level: float) -> Row:
    low, high = float(point["low"]), float(point["high"])
    return {"low": round(low, 2), "high": round(high, 2), "level": level}


def _coverage(point: pd.Series[float], thin: bool) -> Row:
    return {
        "share": round(float(point["coverage"]), 4),
        "events": int(point["events"]),
        "stories": int(point["stories"]),
        "thin": thin,
    }


def _changes(points: pd.DataFrame, watched: list[bool]) -> Row:
    """Moves over seven days and one; None where nobody watched at the earlier moment."""
    values = points["risk_index"].tolist()
    moves = [
        round(values[-1] - value, 2) if seen else None
        for value, seen in zip(values, watched, strict=False)
    ]
    return {"one_day": moves[1], "seven_days": moves[0]}


def _state(watched: datetime | None, fresh: bool, thin: bool) -> str:
    if watched is None:
        return "empty"
    return "stale" if not fresh else "thin" if thin else "fresh"


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _speaking_model(conn: Connection, desk: Desk, dyad: str) -> str:
    """The model that is served; while it still scores the past, the one whose days stand."""
    version = desk.classifier.version
    return version if has_scored_all(conn, version) else last_model(conn, dyad) or version


def _behind(conn: Connection, desk: Desk, now: datetime) -> list[str]:
    """Why the index lags behind what has come in; empty where it does not."""
    reasons = []
    oldest = oldest_waiting(conn)
    if oldest is not None and now - oldest > WAITS_AT_MOST:
        reasons.append(f"events received since {_minute(oldest)} are not assessed yet")
    if not has_scored_all(conn, desk.classifier.version):
        reasons.append(f"past events are still being scored by {desk.classifier.version}")
    if followed_feeds(conn, now) and not feeds_are_watched(conn, now):
        reasons.append("most of the news feeds could not be read within the hour")
    return reasons


def _freshness(
    conn: Connection,
    events: pd.DataFrame,
    now: datetime,
    watched: datetime | None,
    behind: list[str],
) -> Row:
    newest = None if events.empty else events["published_at"].max().to_pydatetime()
    blind = watched is None or now - watched > STALE_AFTER
    reasons = [*behind, *([_staleness(watched)] if blind else [])]
    stale = bool(reasons)
    reasons += [
        f"{feed.name}: last read {_minute(feed.succeeded_at)}"
        for feed in followed_feeds(conn, now)
        if feed.succeeded_at is None or now - feed.succeeded_at > STALE_AFTER
    ]
    return {
        "computed_at": now,
        "watched_until": watched,
        "newest_event_at": newest,
        "stale": stale,
        "reasons": reasons,
    }


def _staleness(watched: datetime | None) -> str:
    if watched is None:
        return "no event has come yet"
    return f"no news has been read since {_minute(watched)}; the index stands as of then"


def _minute(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ}"
