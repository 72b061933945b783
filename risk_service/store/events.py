"""Events: saved once, kept until assessed, then read as reports of stories and as scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, bindparam, func, select, update

from risk_service.core.events import EVENT_COLUMNS, Event
from risk_service.store.tables import events, relevances, scores
from risk_service.store.upsert import Row, insert_into, insert_new

_CHUNK = 1_000
_EVENT = tuple(events.c[name] for name in EVENT_COLUMNS)
_SCORED = (
    relevances.c.event_id, relevances.c.published_at, relevances.c.story_id,
    relevances.c.story_seed,
    relevances.c.relevance, relevances.c.theme, scores.c.p_thaw, scores.c.p_escalation,
    scores.c.p_neutral, scores.c.severity, scores.c.act,
)  # fmt: skip
_HEAD = (
    events.c.id, events.c.text, events.c.source, events.c.url, events.c.published_at,
    events.c.event_code, scores.c.p_thaw, scores.c.p_escalation, scores.c.p_neutral,
    scores.c.severity, scores.c.basis, scores.c.contributions,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """Where an event is kept, and whether this call put it there."""

    id: int
    key: str
    new: bool


def save_events(
    conn: Connection, batch: Sequence[Event], origin: str, now: datetime
) -> list[Saved]:
    """Keep each event once; the answers stand in the order of ``batch``.

    Of two equal keys in one batch the first is new and the second is not.
    """
    keys = [event.key for event in batch]
    rows: dict[str, Row] = {}
    for key, event in zip(keys, batch, strict=True):
        rows.setdefault(key, {**asdict(event), "key": key, "received_at": now, "origin": origin})
    # All writers insert in one order: else two could wait for each other's rows for ever.
    ordered = sorted(rows.values(), key=lambda row: (row["published_at"], row["key"]))
    ids: dict[str, int] = {}
    added: set[str] = set()
    for start in range(0, len(ordered), _CHUNK):
        found, new = _save_chunk(conn, ordered[start : start + _CHUNK])
        ids |= found
        added |= new
    return [Saved(ids[key], key, _took(added, key)) for key in keys]


def _save_chunk(conn: Connection, rows: Sequence[Row]) -> tuple[dict[str, int], set[str]]:
    """Ids by key, and the keys that were not there before."""
    ids = _ids_of(conn, [row["key"] for row in rows])
    fresh = [row for row in rows if row["key"] not in ids]
    if not fresh:
        return ids, set()
    statement = insert_into(conn, events).on_conflict_do_nothing(index_elements=["key"])
    inserted = conn.execute(statement.returning(events.c.key, events.c.id), fresh)
    added = {row[0]: row[1] for row in inserted}
    ids |= added
    # A writer elsewhere may have been first with some of them.
    ids |= _ids_of(conn, [row["key"] for row in fresh if row["key"] not in ids])
    return ids, set(added)


def _took(added: set[str], key: str) -> bool:
    """Whether a key was among the added; it is taken out, so that it is new once."""
    if key not in added:
        return False
    added.remove(key)
    return True


def _ids_of(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    if not keys:
        return {}
    found = conn.execute(select(events.c.key, events.c.id).where(events.c.key.in_(keys)))
    return {row[0]: row[1] for row in found}


def waiting_events(conn: Connection, limit: int) -> list[tuple[int, Event, str]]:
    """The earliest published events that nobody has assessed yet: (id, event, origin), at most
    ``limit``.

    In order of publication, so that a batch lies close together in time, as stories do.
    """
    query = (
        select(events.c.id, events.c.origin, *_EVENT)
        .where(events.c.assessed_with.is_(None))
        .order_by(events.c.published_at, events.c.id)
        .limit(limit)
    )
    return [(row[0], Event(*row[2:]), row[1]) for row in conn.execute(query)]


def anything_waiting(conn: Connection) -> bool:
    """Whether an event has not been assessed yet."""
    query = select(events.c.id).where(events.c.assessed_with.is_(None)).limit(1)
    return conn.execute(query).first() is not None


def oldest_waiting(conn: Connection) -> datetime | None:
    """When the longest waiting event was received; None where nothing waits."""
    query = select(func.min(events.c.received_at)).where(events.c.assessed_with.is_(None))
    moment: datetime | None = conn.execute(query).scalar()
    return moment


def forget_assessments(conn: Connection, gazetteers: str) -> int:
    """Let events wait again that were assessed with other gazetteers; returns how many."""
    result = conn.execute(
        update(events).where(events.c.assessed_with != gazetteers).values(assessed_with=None)
    )
    return result.rowcount


def mark_assessed(
    conn: Connection, languages: Sequence[tuple[int, str | None]], gazetteers: str
) -> None:
    """Note the language found for each event id and the gazetteers it was assessed with."""
    if languages:
        conn.execute(
            update(events)
            .where(events.c.id == bindparam("event"))
            .values(language=bindparam("language_found"), assessed_with=gazetteers),
            [{"event": id_, "language_found": language} for id_, language in languages],
        )


def save_relevances(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep what each event is about; an event already placed in a story stays there."""
    insert_new(conn, relevances, rows)


def save_scores(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep the scores of one model; those it gave before stay."""
    insert_new(conn, scores, rows)


def placed_reports(
    conn: Connection, dyad: str, since: datetime, until: datetime
) -> list[tuple[int, Event, int]]:
    """(event id, event, story id) of the dyad's reports of a span of time, both ends included."""
    query = (
        select(events.c.id, relevances.c.story_id, *_EVENT)
        .join(relevances, relevances.c.event_id == events.c.id)
        .where(relevances.c.dyad == dyad, relevances.c.published_at.between(since, until))
    )
    return [(row[0], Event(*row[2:]), row[1]) for row in conn.execute(query)]


def story_seeds(conn: Connection, dyad: str, stories: Collection[int]) -> dict[int, int]:
    """The seed of each story that has one."""
    query = (
        select(relevances.c.story_id, relevances.c.story_seed)
        .where(relevances.c.dyad == dyad, relevances.c.story_id.in_(list(stories)))
        .distinct()
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def scored_events(
    conn: Connection,
    dyad: str,
    model_version: str,
    since: datetime,
    until: datetime,
    scored_by: datetime | None = None,
) -> pd.DataFrame:
    """Scored events published in [since, until), as ``core.index.weigh`` takes them.

    ``scored_by`` leaves out what was scored after that moment: the state an older vintage saw.
    """
    query = (
        select(*_SCORED)
        .join(scores, scores.c.event_id == relevances.c.event_id)
        .where(
            relevances.c.dyad == dyad,
            scores.c.model_version == model_version,
            relevances.c.published_at >= since,
            relevances.c.published_at < until,
        )
        .order_by(relevances.c.published_at, relevances.c.event_id)
    )
    if scored_by is not None:
        query = query.where(scores.c.scored_at <= scored_by)
    rows = conn.execute(query).all()
    frame = pd.DataFrame(rows, columns=[column.name for column in _SCORED])
    frame["published_at"] = pd.to_datetime(frame["published_at"], utc=True)
    return frame


def unscored_events(
    conn: Connection, model_version: str, after_id: int, limit: int
) -> list[tuple[int, Event]]:
    """Relevant events that a model has not scored yet, by id; for rescoring with a new model."""
    scored = select(scores.c.event_id).where(scores.c.model_version == model_version)
    query = (
        select(events.c.id, *_EVENT)
        .where(
            events.c.id > after_id,
            events.c.id.in_(select(relevances.c.event_id)),
            events.c.id.not_in(scored),
        )
        .order_by(events.c.id)
        .limit(limit)
    )
    return [(row[0], Event(*row[1:])) for row in conn.execute(query)]


def oldest_relevant(conn: Connection, dyad: str) -> datetime | None:
    """Publication of the dyad's first relevant event; None where there is none."""
    query = select(func.min(relevances.c.published_at)).where(relevances.c.dyad == dyad)
    moment: datetime | None = conn.execute(query).scalar()
    return moment


def story_heads(conn: Connection, story_ids: Sequence[int], model_version: str) -> dict[int, Row]:
    """The first report of each story with its score; a story's id is that report's id."""
    query = (
        select(*_HEAD)
        .outerjoin(
            scores,
            (scores.c.event_id == events.c.id) & (scores.c.model_version == model_version),
        )
        .where(events.c.id.in_(story_ids))
    )
    return {row.id: dict(row._mapping) for row in conn.execute(query)}


def count_events(conn: Connection) -> int:
    """How many events are kept."""
    return int(conn.execute(select(func.count()).select_from(events)).scalar_one())
