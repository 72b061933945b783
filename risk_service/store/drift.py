"""What drift is computed from, and where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, func, select

from risk_service.store.drift_tables import drift_weeks
from risk_service.store.tables import events, relevances, scores
from risk_service.store.upsert import Row, insert_or_replace

CHRONOLOGY = "chronology"
"""Events of this origin were written for the index, and are no news that a model drifts on."""
_IS_NEWS = and_(events.c.origin != CHRONOLOGY, events.c.assessed_with.is_not(None))


@dataclass(frozen=True, slots=True)
class Counts:
    """Events of a span of time that were assessed, relevant to a dyad, and scored from their text
    by a model.
    """

    events: int
    relevant: int
    scored: int


def news_span(conn: Connection) -> tuple[datetime, datetime] | None:
    """Publication of the first and the last event that is news; None where there is none."""
    query = select(func.min(events.c.published_at), func.max(events.c.published_at))
    first, last = conn.execute(query.where(_IS_NEWS)).one()
    return None if first is None else (first, last)


def count_span(
    conn: Connection, dyad: str, model_version: str, since: datetime, until: datetime
) -> Counts:
    """Count the news published in [since, until)."""
    counted = (func.count(), func.count(relevances.c.event_id), func.count(scores.c.event_id))
    found = conn.execute(_span(select(*counted), dyad, model_version, since, until)).one()
    return Counts(*(int(number) for number in found))


def languages_of_span(
    conn: Connection, dyad: str, model_version: str, since: datetime, until: datetime
) -> dict[str | None, int]:
    """How many events of [since, until) are in each language."""
    query = select(events.c.language, func.count()).group_by(events.c.language)
    found = conn.execute(_span(query, dyad, model_version, since, until))
    return {language: int(count) for language, count in found}


def scored_texts(
    conn: Connection, dyad: str, model_version: str, since: datetime, until: datetime
) -> list[Row]:
    """``text`` and probabilities of what was scored from its text in [since, until)."""
    columns = (events.c.text, scores.c.p_thaw, scores.c.p_escalation, scores.c.p_neutral)
    query = _span(select(*columns), dyad, model_version, since, until)
    query = query.where(scores.c.event_id.is_not(None)).order_by(events.c.id)
    return [dict(row._mapping) for row in conn.execute(query)]


def read_drift(conn: Connection, dyad: str, model_version: str) -> pd.DataFrame:
    """Every week that is kept, oldest first: the columns of the table but dyad and model."""
    kept = [column for column in drift_weeks.c if column.name not in ("dyad", "model_version")]
    query = (
        select(*kept)
        .where(drift_weeks.c.dyad == dyad, drift_weeks.c.model_version == model_version)
        .order_by(drift_weeks.c.week)
    )
    return pd.DataFrame(conn.execute(query).all(), columns=[column.name for column in kept])


def save_drift(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep weeks, in place of what was kept of them."""
    insert_or_replace(conn, drift_weeks, rows)


def _span(
    query: Select[*tuple[Any, ...]],
    dyad: str,
    model_version: str,
    since: datetime,
    until: datetime,
) -> Select[*tuple[Any, ...]]:
    about = and_(relevances.c.event_id == events.c.id, relevances.c.dyad == dyad)
    read = and_(
        scores.c.event_id == relevances.c.event_id,
        scores.c.model_version == model_version,
        scores.c.basis != "code",
    )
    joined = events.outerjoin(relevances, about).outerjoin(scores, read)
    within = (events.c.published_at >= since, events.c.published_at < until)
    return query.select_from(joined).where(_IS_NEWS, *within)
