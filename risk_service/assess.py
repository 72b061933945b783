"""Language, relevance, story and score of events that have none yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from models.text import language_of
from risk_service.core.dyads import Gazetteer
from risk_service.core.events import Event
from risk_service.core.novelty import (
    WINDOW,
    Report,
    assign_stories,
    common_names,
    event_words,
)
from risk_service.core.relevance import Relevance, code_speaks, relevance_of
from risk_service.desk import Desk
from risk_service.queue import next_waiting
from risk_service.scoring import score_events
from risk_service.store import events as event_store
from risk_service.store.engine import reading, writing
from risk_service.store.freshness import record_archive
from risk_service.store.index import mark_dirty
from risk_service.store.told_stories import tell_stories
from risk_service.store.upsert import Row

EXPLAINED = 32
"""Events that came at once whose words are told; of more, words are found when somebody asks."""
BRIDGES = {"chronology": timedelta(days=366), "file": timedelta(days=14)}
"""Relevant events of an archive this far apart at most were chosen by a reader who read on."""
LIVE_BRIDGE = timedelta(hours=6)
"""The same for every other origin; an older event of one does not show that it is read now."""
TOLD_WITHIN = timedelta(days=1)
"""Stories with a report as young as this are told to whoever follows the stream; archives not."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """How many events a step read, found relevant (to some dyad) and could score."""

    read: int
    relevant: int
    scored: int


def assess_waiting(engine: Engine, desk: Desk, now: datetime, limit: int = 250) -> Assessed:
    """Assess the events that are next, at most ``limit``, and keep it in one transaction.

    Those are the earliest published, save live ones that may go first (``next_waiting``).

    Texts are read before that transaction: it would keep every other writer out of SQLite.
    """
    with reading(engine) as conn:
        waiting = next_waiting(conn, desk.gazetteers, now - LIVE_BRIDGE, tuple(BRIDGES), limit)
    if not waiting:
        return Assessed(0, 0, 0)
    known = {
        id_: replace(event, language=event.language or language_of(event.text))
        for id_, event, _ in waiting
    }
    found = {gazetteer.name: _relevances(gazetteer, known) for gazetteer in desk.gazetteers}
    relevant = {id_: known[id_] for id_ in known if any(id_ in about for about in found.values())}
    scores = score_rows(desk, relevant, now, explain=len(waiting) <= EXPLAINED)
    with writing(engine) as conn:
        placed = {
            gazetteer.name: _place(conn, gazetteer, known, found[gazetteer.name], now)
            for gazetteer in desk.gazetteers
        }
        event_store.save_scores(conn, scores)
        languages = [(id_, event.language) for id_, event in known.items()]
        event_store.mark_assessed(conn, languages, desk.gazetteer_versions)
        for dyad, relevances in found.items():
            _note_watches(conn, dyad, [e for e in waiting if e[0] in relevances], now)
        # Last, for other tellers wait from here on.
        for dyad, stories in placed.items():
            # A story is named after its first report: it is new where that is among these.
            young = {
                story: story in stories
                for id_, story in stories.items()
                if now - known[id_].published_at <= TOLD_WITHIN
            }
            tell_stories(conn, dyad, desk.classifier.version, young, now)
    return Assessed(len(known), len(relevant), len(scores))


def _relevances(gazetteer: Gazetteer, known: Mapping[int, Event]) -> dict[int, Relevance]:
    """Relevance of each event that has any, by id."""
    relevances = {
        id_: relevance_of(event.text, gazetteer, event.actor, event.recipient, event.event_code)
        for id_, event in known.items()
    }
    return {id_: relevance for id_, relevance in relevances.items() if relevance.weight}


def _place(
    conn: Connection,
    gazetteer: Gazetteer,
    known: Mapping[int, Event],
    relevances: Mapping[int, Relevance],
    now: datetime,
) -> dict[int, int]:
    """Keep what is about the dyad, each report in its story; gives the story of each."""
    if not relevances:
        return {}
    found = {id_: known[id_] for id_ in relevances}
    stories = _stories(conn, gazetteer, found)
    rows = [_row(gazetteer.name, id_, found[id_], relevances[id_], *stories[id_]) for id_ in found]
    event_store.save_relevances(conn, rows)
    mark_dirty(conn, gazetteer.name, min(e.published_at for e in found.values()), now)
    return {id_: story for id_, (story, _) in stories.items()}


def _stories(
    conn: Connection, gazetteer: Gazetteer, found: Mapping[int, Event]
) -> dict[int, tuple[int, int]]:
    """Story and story seed of each report, beside those that were placed before it.

    Two windows back are read: what a report joins began at most one before it, and that began
    where it did by what lies one before that.
    """
    common = common_names(gazetteer)
    times = [event.published_at for event in found.values()]
    placed = event_store.placed_reports(conn, gazetteer.name, min(times) - 2 * WINDOW, max(times))
    recent = [
        Report(id_, event.published_at, event_words(event, common), story)
        for id_, event, story in placed
    ]
    reports = [Report(id_, e.published_at, event_words(e, common)) for id_, e in found.items()]
    keys = {id_: event.key for id_, event, _ in placed} | {
        id_: event.key for id_, event in found.items()
    }
    seeds = event_store.story_seeds(conn, gazetteer.name, {story for _, _, story in placed})
    return {
        id_: (story, seeds[story] if story in seeds else seed_of(keys[story]))
        for id_, story in assign_stories(reports, recent).items()
    }


def seed_of(key: str) -> int:
    """The number that stands for a story in resampling: from its first report's natural key."""
    return int(key[:15], 16)


def _row(
    dyad: str, id_: int, event: Event, relevance: Relevance, story: int, story_seed: int
) -> Row:
    return {
        "event_id": id_,
        "dyad": dyad,
        "published_at": event.published_at,
        "directness": relevance.directness,
        "relevance": relevance.weight,
        "theme": relevance.theme,
        "story_id": story,
        "story_seed": story_seed,
    }


def score_rows(
    desk: Desk, batch: Mapping[int, Event], now: datetime, explain: bool = False
) -> list[Row]:
    """Rows of the table of scores for the events (by id) that can be scored."""
    speaking = [
        all(
            code_speaks(gazetteer, event.actor, event.recipient)
            for gazetteer in desk.gazetteers
            if relevance_of(
                event.text, gazetteer, event.actor, event.recipient, event.event_code
            ).weight
        )
        for event in batch.values()
    ]
    mute = {n for n, speaks in enumerate(speaking) if not speaks}
    scores = score_events(desk.classifier, list(batch.values()), mute, explain)
    return [
        {
            "event_id": id_,
            "model_version": desk.classifier.version,
            "scored_at": now,
            **score.as_row(),
        }
        for id_, score in zip(batch, scores, strict=True)
        if score is not None
    ]


def _note_watches(
    conn: Connection, dyad: str, relevant: Sequence[tuple[int, Event, str]], now: datetime
) -> None:
    moments: dict[str, list[datetime]] = defaultdict(list)
    for _, event, origin in relevant:
        if origin in BRIDGES or now - event.published_at <= LIVE_BRIDGE:
            moments[origin].append(event.published_at)
    for origin, published in moments.items():
        record_archive(conn, origin, published, BRIDGES.get(origin, LIVE_BRIDGE), dyad)
