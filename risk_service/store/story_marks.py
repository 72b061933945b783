"""The stories that weigh most in a span of time: what a chart marks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from risk_service.store.tables import events, relevances, scores
from risk_service.store.upsert import Row

_COLUMNS = (
    relevances.c.story_id, relevances.c.published_at, relevances.c.theme, events.c.text,
    events.c.source, events.c.url, events.c.event_code, scores.c.p_thaw, scores.c.p_escalation,
    scores.c.severity,
)  # fmt: skip
_LEAN = func.abs(scores.c.p_escalation - scores.c.p_thaw)
_WEIGHT = relevances.c.relevance * scores.c.severity * _LEAN


def strongest_stories(
    conn: Connection,
    dyad: str,
    model_version: str,
    since: datetime,
    until: datetime,
    limit: int,
    theme: str | None = None,
) -> list[Row]:
    """First reports published in [since, until) that point one way, heaviest first.

    A report weighs its relevance times its severity times how far thaw and escalation are apart;
    those more likely neutral than either are left out.
    """
    query = (
        select(*_COLUMNS)
        .join(events, events.c.id == relevances.c.event_id)
        .join(scores, scores.c.event_id == relevances.c.event_id)
        .where(
            relevances.c.dyad == dyad,
            relevances.c.story_id == relevances.c.event_id,
            relevances.c.published_at >= since,
            relevances.c.published_at < until,
            scores.c.model_version == model_version,
            or_(
                scores.c.p_thaw > scores.c.p_neutral,
                scores.c.p_escalation > scores.c.p_neutral,
            ),
        )
        .order_by(_WEIGHT.desc(), relevances.c.story_id)
        .limit(limit)
    )
    if theme is not None:
        query = query.where(relevances.c.theme == theme)
    return [dict(row._mapping) for row in conn.execute(query)]
