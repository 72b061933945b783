"""The first report of each story with its scores, for studies."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, select

from risk_service.core.happenings import HAPPENING_COLUMNS
from risk_service.store.tables import events, relevances, scores

_COLUMNS = (
    relevances.c.event_id, relevances.c.published_at, events.c.text, events.c.source,
    events.c.origin, relevances.c.theme, relevances.c.directness, scores.c.model_version,
    scores.c.p_thaw, scores.c.p_escalation, scores.c.p_neutral, scores.c.severity,
    scores.c.scored_at,
)  # fmt: skip


def scored_happenings(
    conn: Connection,
    dyad: str,
    since: datetime | None = None,
    until: datetime | None = None,
    model_version: str | None = None,
) -> pd.DataFrame:
    """Columns ``HAPPENING_COLUMNS``: one row a story about the dyad and model that scored it.

    ``since`` and ``until`` bound the publication, [since, until). With ``model_version``, only
    that model's scores.
    """
    query = (
        select(*_COLUMNS)
        .join(events, events.c.id == relevances.c.event_id)
        .join(scores, scores.c.event_id == relevances.c.event_id)
        .where(relevances.c.dyad == dyad, relevances.c.story_id == relevances.c.event_id)
        .order_by(relevances.c.published_at, relevances.c.event_id, scores.c.model_version)
    )
    if since is not None:
        query = query.where(relevances.c.published_at >= since)
    if until is not None:
        query = query.where(relevances.c.published_at < until)
    if model_version is not None:
        query = query.where(scores.c.model_version == model_version)
    rows = [tuple(row) for row in conn.execute(query)]
    frame = pd.DataFrame(rows, columns=list(HAPPENING_COLUMNS))
    return frame.assign(
        published_at=pd.to_datetime(frame["published_at"], utc=True),
        scored_at=pd.to_datetime(frame["scored_at"], utc=True),
        severity=frame["severity"].astype(float),
    )
