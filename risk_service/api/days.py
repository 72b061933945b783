"""A settled day as an answer, and the stories that make up its number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from models.classifier import Classifier
from risk_service.api.formats import DECIMALS
from risk_service.core.dyads import THEMES
from risk_service.core.index import drivers_at
from risk_service.desk import Desk
from risk_service.live import THIN
from risk_service.scoring import words_of_row
from risk_service.settle import REVISED, STORY_REACH, end_of
from risk_service.store.events import scored_events, story_heads
from risk_service.store.upsert import Row

_VALUES = (
    "risk_index", "net_escalation", "escalation_index", "thaw_index", "threats", "acts",
    "attention", "pressure",
)  # fmt: skip


def day_answer(
    vintage: pd.Series[Any], dyad: str, as_of: datetime, level: float, about: Row
) -> Row:
    """A row of ``read_days`` in the shape of the live answer, without change and drivers."""
    coverage = float(vintage["coverage"])
    return {
        "dyad": dyad,
        "as_of": as_of,
        "evaluated_at": end_of(vintage["day"]),
        "state": "settled",
        **{name: _number(vintage[name]) for name in _VALUES},
        "interval": {
            "low": _number(vintage["low"]),
            "high": _number(vintage["high"]),
            "level": level,
        },
        "themes": {theme: _number(vintage[theme]) for theme in THEMES},
        "coverage": {
            "share": _number(coverage),
            "events": int(vintage["events"]),
            "stories": int(vintage["stories"]),
            "thin": coverage < THIN,
        },
        "day": vintage["day"],
        **_vintage_facts(vintage),
        "freshness": about["freshness"],
        "versions": {
            "model": vintage["model_version"],
            "method": vintage["method_version"],
            "index": about["versions"]["index"],
        },
    }


def drivers_of_day(
    conn: Connection,
    desk: Desk,
    dyad: str,
    vintage: pd.Series[Any],
    limit: int,
    *,
    words: bool = False,
) -> Row:
    """The stories of a day as its vintage saw them: what was scored by then, by its own model.

    ``reproduced`` is False where the scores of that time are gone or the method has changed since,
    so that the stories do not add up to the number on record. Without ``words`` they tell none,
    which costs no look at the model.
    """
    model = vintage["model_version"]
    scored_by = pd.Timestamp(vintage["computed_at"]).to_pydatetime()
    table = _drivers(conn, desk, dyad, vintage, scored_by)
    shown, rest = table.head(limit), table.iloc[limit:]
    heads = story_heads(conn, [int(i) for i in shown["story_id"]], model)
    total = float(table["contribution"].sum())
    risk_index = float(vintage["risk_index"])
    return {
        "day": vintage["day"],
        "risk_index": risk_index,
        "computed_at": scored_by,
        "model_version": model,
        "method_version": vintage["method_version"],
        **_vintage_facts(vintage),
        "stories": [
            _story(row, heads[int(row["story_id"])], desk.classifier if words else None)
            for _, row in shown.iterrows()
        ],
        "rest": _summed(rest),
        "total": total,
        "reproduced": abs(total - (risk_index - 50)) <= REVISED,
    }


def _drivers(
    conn: Connection, desk: Desk, dyad: str, vintage: pd.Series[Any], scored_by: datetime
) -> pd.DataFrame:
    end = end_of(vintage["day"])
    since, model = end - desk.method.window - STORY_REACH, vintage["model_version"]
    events = scored_events(conn, dyad, model, since, end, scored_by=scored_by)
    return drivers_at(events, end, desk.method)


def _story(row: pd.Series[Any], head: Row, classifier: Classifier | None) -> Row:
    # Unrounded, so that the contributions add up to the number on record.
    return {
        "story_id": int(row["story_id"]),
        "text": head["text"] or f"coded event {head['event_code']}",
        "source": head["source"],
        "url": head["url"],
        "published_at": head["published_at"],
        "theme": row["theme"],
        "reports": int(row["reports"]),
        "contribution": float(row["contribution"]),
        "change": float(row["change"]),
        **{name: _number(head[name]) for name in ("p_thaw", "p_escalation", "severity")},
        "words": _words(head, classifier),
    }


def _summed(rest: pd.DataFrame) -> Row:
    return {
        "stories": len(rest),
        "contribution": float(rest["contribution"].sum()),
        "change": float(rest["change"].sum()),
    }


def _words(head: Row, classifier: Classifier | None) -> list[list[Any]]:
    if classifier is None:
        return []
    return list(head["contributions"] or words_of_row(classifier, head))


def _vintage_facts(vintage: pd.Series[Any]) -> Row:
    return {
        "vintage": int(vintage["vintage"]),
        "known_at": pd.Timestamp(vintage["known_at"]).to_pydatetime(),
        "reconstructed": bool(vintage["reconstructed"]),
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), DECIMALS)
