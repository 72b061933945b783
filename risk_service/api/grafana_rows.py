"""Rows for Grafana: the index over time, the index now, and stories as annotations.

A day's row has the moment at which its value was to be known, the midnight that ends it, so that
it stands where an hour's does and a panel shows nothing before its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from risk_service.api.formats import rows_of
from risk_service.api.udf_series import Live
from risk_service.core.dyads import THEMES
from risk_service.store.upsert import Row

COLUMNS = (
    "risk_index", "low", "high", "escalation_index", "thaw_index", "pressure", "attention",
    *THEMES,
)  # fmt: skip
_DECIMALS = 4
_TAGS = str.maketrans({"<": "‹", ">": "›"})


def days_as_points(days: pd.DataFrame) -> pd.DataFrame:
    """Settled days as moments: columns time and ``COLUMNS``."""
    ends = (days["day"] + pd.Timedelta(days=1)).dt.tz_localize("UTC")
    return pd.DataFrame({"time": ends, **{name: days[name] for name in COLUMNS}})


def point_rows(points: pd.DataFrame, since: datetime, until: datetime, live: Live) -> list[Row]:
    """Moments of a span, with the live one at the end where it lies in the span and is later."""
    shown = points[(points["time"] >= since) & (points["time"] <= until)]
    rows = rows_of(shown[["time", *COLUMNS]].round(dict.fromkeys(COLUMNS, _DECIMALS)))
    moment = live.moment
    later = moment is not None and (shown.empty or moment > shown["time"].iloc[-1])
    if moment is not None and later and since <= moment <= until:
        rows.append({"time": moment, **{name: live.values[name] for name in COLUMNS}})
    return rows


def now_row(answer: Mapping[str, Any]) -> Row:
    """The live answer in one flat row."""
    fresh = answer["freshness"]
    return {
        "time": answer["evaluated_at"],
        "dyad": answer["dyad"],
        "risk_index": answer["risk_index"],
        "low": answer["interval"]["low"],
        "high": answer["interval"]["high"],
        **answer["change"],
        "coverage": answer["coverage"]["share"],
        "stories": answer["coverage"]["stories"],
        "state": answer["state"],
        "stale": int(fresh["stale"]),
        "why": "; ".join(fresh["reasons"]),
        "watched_until": fresh["watched_until"],
    }


def as_annotations(stories: Iterable[Row]) -> list[Row]:
    """Stories in order of time. Grafana shows annotations as HTML: nothing in them is a tag."""
    return [_annotation(story) for story in sorted(stories, key=lambda one: one["published_at"])]


def _annotation(story: Row) -> Row:
    way = "escalation" if story["p_escalation"] >= story["p_thaw"] else "thaw"
    text = str(story["text"] or f"coded event {story['event_code']}").translate(_TAGS)
    source, severity = str(story["source"]).translate(_TAGS), round(float(story["severity"]), 2)
    return {
        "time": story["published_at"],
        "title": text,
        "text": f"{source}, severity {severity:.1f}",
        "tags": f"{way},{story['theme']}",
        "direction": way,
        "theme": story["theme"],
        "severity": severity,
        "source": source,
        "url": story["url"],
        "story_id": story["story_id"],
    }


def by_hour(since: datetime, until: datetime, most: timedelta) -> bool:
    """Whether hours are told of a span: where there are not too many of them."""
    return until - since <= most
