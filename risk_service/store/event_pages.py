"""Events by filter, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, select, tuple_

from risk_service.store.tables import UtcDateTime, events, relevances, scores
from risk_service.store.upsert import Row

_PAGE = (
    events.c.id, events.c.key, events.c.published_at, events.c.received_at, events.c.text,
    events.c.source, events.c.url, events.c.language, events.c.occurred_on, events.c.actor,
    events.c.recipient, events.c.event_code, events.c.goldstein, events.c.quad_class,
    events.c.external_id, events.c.origin, events.c.assessed_with,
    relevances.c.dyad, relevances.c.directness, relevances.c.relevance, relevances.c.theme,
    relevances.c.story_id,
    scores.c.model_version, scores.c.p_thaw, scores.c.p_escalation, scores.c.p_neutral,
    scores.c.severity, scores.c.act, scores.c.basis, scores.c.contributions, scores.c.scored_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are wanted; None asks nothing.

    ``since`` and ``until`` bound the publication, [since, until). ``dyad`` says whose relevance is
    shown and filtered by, and ``only_dyad`` leaves out what is not about it. ``directness`` may be
    ``other``: not about the dyad, or not assessed yet. ``q`` is found anywhere in the text, ASCII
    letters in either case.
    """

    dyad: str
    only_dyad: bool = False
    since: datetime | None = None
    until: datetime | None = None
    directness: str | None = None
    theme: str | None = None
    direction: str | None = None
    source: str | None = None
    language: str | None = None
    min_severity: float | None = None
    q: str | None = None
    story_id: int | None = None


def page_of_events(
    conn: Connection,
    wanted: Wanted,
    model_version: str,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Row]:
    """Events with relevance and the model's score, newest first; columns of events, relevances
    (dyad None where not relevant) and scores (p_thaw None where not scored).

    ``after`` is (published_at, id) of the last event of the page before.
    """
    # The relevance's copy of the moment is the one its index is in order of.
    within = _is_within(wanted)
    moment = relevances.c.published_at if within else events.c.published_at
    query = _joined(wanted.dyad, model_version, within).where(*_conditions(wanted, moment))
    if after is not None:
        last = tuple_(literal(after[0], UtcDateTime()), after[1])
        query = query.where(tuple_(moment, events.c.id) < last)
    query = query.order_by(moment.desc(), events.c.id.desc()).limit(limit)
    return [dict(row._mapping) for row in conn.execute(query)]


def one_event(conn: Connection, id_: int, dyad: str, model_version: str) -> Row | None:
    """One event as ``page_of_events`` gives it; None where there is no such id."""
    query = _joined(dyad, model_version, within=False).where(events.c.id == id_)
    row = conn.execute(query).first()
    return None if row is None else dict(row._mapping)


def _is_within(wanted: Wanted) -> bool:
    asked = wanted.only_dyad or wanted.directness or wanted.theme or wanted.story_id
    return bool(asked) and wanted.directness != "other"


def _joined(dyad: str, model_version: str, within: bool) -> Select[Any]:
    scored = and_(scores.c.event_id == events.c.id, scores.c.model_version == model_version)
    about = and_(relevances.c.event_id == events.c.id, relevances.c.dyad == dyad)
    placed = events.join(relevances, about, isouter=not within)
    return select(*_PAGE).select_from(placed.outerjoin(scores, scored))


def _conditions(wanted: Wanted, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    directness = wanted.directness if wanted.directness != "other" else None
    equal = {
        relevances.c.directness: directness,
        relevances.c.theme: wanted.theme,
        relevances.c.story_id: wanted.story_id,
        events.c.source: wanted.source,
        events.c.language: wanted.language,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if wanted.directness == "other":
        found.append(relevances.c.event_id.is_(None))
    if wanted.since is not None:
        found.append(moment >= wanted.since)
    if wanted.until is not None:
        found.append(moment < wanted.until)
    if wanted.min_severity is not None:
        found.append(scores.c.severity >= wanted.min_severity)
    if wanted.q is not None:
        found.append(events.c.text.icontains(wanted.q, autoescape=True))
    if wanted.direction is not None:
        found.append(_directed(wanted.direction))
    return found


def _directed(direction: str) -> ColumnElement[bool]:
    # As numpy's argmax over (thaw, escalation, neutral): the first of equals wins.
    thaw, escalation, neutral = scores.c.p_thaw, scores.c.p_escalation, scores.c.p_neutral
    if direction == "thaw":
        return and_(thaw >= escalation, thaw >= neutral)
    if direction == "escalation":
        return and_(escalation > thaw, escalation >= neutral)
    return and_(neutral > thaw, neutral > escalation)
