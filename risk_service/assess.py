"""Language, relevance, story and score of events that have none yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from models.text import language_of
from risk_service.core.dyads import Gazetteer
from risk_service.core.events import Event
from risk_service.core.novelty import WINDOW, Report, assign_stories, telling_words
from risk_service.core.relevance import Relevance, code_speaks, relevance_of
from risk_service.desk import Desk
from risk_service.scoring import score_events
from risk_service.store import events as event_store
from risk_service.store.engine import writing
from risk_service.store.index import mark_dirty
from risk_service.store.upsert import Row


@dataclass(frozen=True, slots=True)
class Assessed:
    """How many events a step read, found relevant (to some dyad) and could score."""

    read: int
    relevant: int
    scored: int


def assess_waiting(engine: Engine, desk: Desk, now: datetime, limit: int = 2_000) -> Assessed:
    """Assess the oldest waiting events, at most ``limit``, in one transaction."""
    with writing(engine) as conn:
        known = [
            (id_, replace(event, language=event.language or language_of(event.text)))
            for id_, event in event_store.waiting_events(conn, limit)
        ]
        relevant: dict[int, Event] = {}
        speaking: set[int] = set()
        for gazetteer in desk.gazetteers:
            found = _place(conn, gazetteer, known, now)
            relevant |= found
            speaking |= {
                id_ for id_, e in found.items() if code_speaks(gazetteer, e.actor, e.recipient)
            }
        scored = _score(conn, desk, relevant, speaking, now)
        languages = [(id_, event.language) for id_, event in known]
        event_store.mark_assessed(conn, languages, desk.gazetteer_versions)
    return Assessed(len(known), len(relevant), scored)


def _place(
    conn: Connection, gazetteer: Gazetteer, known: Sequence[tuple[int, Event]], now: datetime
) -> dict[int, Event]:
    """Keep what is about the dyad, each report in its story."""
    found: dict[int, Event] = {}
    relevances: dict[int, Relevance] = {}
    for id_, event in known:
        relevance = relevance_of(
            event.text, gazetteer, event.actor, event.recipient, event.event_code
        )
        if relevance.weight:
            found[id_], relevances[id_] = event, relevance
    if found:
        stories = _stories(conn, gazetteer, found)
        rows = [
            _row(gazetteer.name, id_, found[id_], relevances[id_], stories[id_]) for id_ in found
        ]
        event_store.save_relevances(conn, rows)
        mark_dirty(conn, gazetteer.name, min(e.published_at for e in found.values()), now)
    return found


def _stories(conn: Connection, gazetteer: Gazetteer, found: Mapping[int, Event]) -> dict[int, int]:
    common = re.compile(
        "|".join(p.pattern for p in (gazetteer.side_a, gazetteer.side_b, gazetteer.front))
    )
    times = [event.published_at for event in found.values()]
    placed = event_store.placed_reports(conn, gazetteer.name, min(times) - WINDOW, max(times))
    recent = [
        Report(id_, event.published_at, _words(event, common), story)
        for id_, event, story in placed
    ]
    reports = [Report(id_, e.published_at, _words(e, common)) for id_, e in found.items()]
    return assign_stories(reports, recent)


def _words(event: Event, common: re.Pattern[str]) -> frozenset[str]:
    if event.text:
        return telling_words(event.text, common)
    # Coded without text: one story for the same parties, kind of act and day.
    day: date = event.occurred_on or event.published_at.date()
    act = f"{event.actor}>{event.recipient} {str(event.event_code)[:2]} {day}"
    return frozenset({act, f"{act} again"})


def _row(dyad: str, id_: int, event: Event, relevance: Relevance, story: int) -> Row:
    return {
        "event_id": id_,
        "dyad": dyad,
        "published_at": event.published_at,
        "directness": relevance.directness,
        "relevance": relevance.weight,
        "theme": relevance.theme,
        "story_id": story,
    }


def _score(
    conn: Connection,
    desk: Desk,
    relevant: Mapping[int, Event],
    speaking: Collection[int],
    now: datetime,
) -> int:
    mute = {n for n, id_ in enumerate(relevant) if id_ not in speaking}
    scores = score_events(desk.classifier, list(relevant.values()), mute)
    rows = [
        {
            "event_id": id_,
            "model_version": desk.classifier.version,
            "scored_at": now,
            **score.as_row(),
        }
        for id_, score in zip(relevant, scores, strict=True)
        if score is not None
    ]
    event_store.save_scores(conn, rows)
    return len(rows)
