"""Shadow scores: kept beside those of the index, and read together with them only to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, func, select

from risk_service.core.events import EVENT_COLUMNS, Event
from risk_service.store.events import scored_events
from risk_service.store.shadow_tables import shadow_scores
from risk_service.store.tables import events, relevances, scores
from risk_service.store.upsert import Row, insert_new

_EVENT = tuple(events.c[name] for name in EVENT_COLUMNS)
_PLACED = ("event_id", "published_at", "story_id", "story_seed", "relevance", "theme")
_NUMBERS = ("p_thaw", "p_escalation", "p_neutral", "severity", "act")
_KEPT = ("event_id", "model_version", *_NUMBERS, "basis", "scored_at")


def unshadowed_events(
    conn: Connection, champion: str, challenger: str, since: datetime, limit: int
) -> list[tuple[int, Event]]:
    """Relevant events published from ``since`` on that the champion has scored and the challenger
    has not, the newest first: (id, event).
    """
    told = select(scores.c.event_id).where(scores.c.model_version == champion)
    done = select(shadow_scores.c.event_id).where(shadow_scores.c.model_version == challenger)
    placed = select(relevances.c.event_id).where(relevances.c.published_at >= since)
    query = (
        select(events.c.id, *_EVENT)
        .where(
            events.c.published_at >= since,
            events.c.id.in_(placed),
            events.c.id.in_(told),
            events.c.id.not_in(done),
        )
        .order_by(events.c.published_at.desc(), events.c.id)
        .limit(limit)
    )
    return [(row[0], Event(*row[1:])) for row in conn.execute(query)]


def save_shadow_scores(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep what a challenger makes of events (rows as of the table of scores), each once."""
    insert_new(conn, shadow_scores, [{name: row[name] for name in _KEPT} for row in rows])


def count_shadow_scores(conn: Connection, model_version: str) -> int:
    """Events that a version has scored in shadow."""
    query = select(func.count()).where(shadow_scores.c.model_version == model_version)
    return int(conn.execute(query).scalar_one())


def events_scored_by(
    conn: Connection, dyad: str, model_version: str, since: datetime, until: datetime
) -> pd.DataFrame:
    """As ``store.events.scored_events``, with what the version scored in shadow where it did not
    score for the index.
    """
    served = scored_events(conn, dyad, model_version, since, until)
    columns = [relevances.c[name] for name in _PLACED] + [shadow_scores.c[n] for n in _NUMBERS]
    query = (
        select(*columns)
        .join(shadow_scores, shadow_scores.c.event_id == relevances.c.event_id)
        .where(
            relevances.c.dyad == dyad,
            shadow_scores.c.model_version == model_version,
            relevances.c.published_at >= since,
            relevances.c.published_at < until,
        )
    )
    shadow = pd.DataFrame(conn.execute(query).all(), columns=[*_PLACED, *_NUMBERS])
    shadow["published_at"] = pd.to_datetime(shadow["published_at"], utc=True)
    shadow = shadow[~shadow["event_id"].isin(served["event_id"])]
    if served.empty or shadow.empty:
        return shadow if served.empty else served
    return pd.concat([served, shadow], ignore_index=True)


def texts_of(conn: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """``text``, ``source``, ``url`` and ``published_at`` of events by id."""
    columns = (events.c.id, events.c.text, events.c.source, events.c.url, events.c.published_at)
    rows = conn.execute(select(*columns).where(events.c.id.in_(list(ids))))
    return {row.id: {k: v for k, v in row._mapping.items() if k != "id"} for row in rows}
