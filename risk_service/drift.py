"""Drift of the served model, week by week: read, compared, kept; safe to repeat."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import Connection, Engine

from models.vocabulary import count_words, known_words
from risk_service.core.drift import Sample, drift_of, merged, reference_weeks, week_of
from risk_service.desk import Desk
from risk_service.store import drift as store
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row

WEEK = timedelta(days=7)
UNKNOWN = "unknown"
"""What a language that could not be told is counted under."""


def refresh_drift(engine: Engine, desk: Desk, now: datetime) -> int:
    """Compute the weeks that are new or have other events than when they were computed.

    The reference is the first ``REFERENCE_WEEKS`` whole weeks with ``LEAST_SCORED`` scored texts
    or more, as the served model scores them. Where late news changes it, every week is computed
    anew. Returns the number of weeks written.
    """
    written = 0
    for dyad in desk.dyads:
        with reading(engine) as conn:
            rows = _changed(conn, desk, dyad, now)
        with writing(engine) as conn:
            store.save_drift(conn, rows)
        written += len(rows)
    return written


def newest_weeks(conn: Connection, desk: Desk, now: datetime) -> dict[str, Row]:
    """The newest week that is over, by dyad; a dyad without one is left out."""
    found = {}
    for dyad in desk.dyads:
        weeks = store.read_drift(conn, dyad, desk.classifier.version)
        over = weeks[[week + WEEK <= now.date() for week in weeks["week"]]]
        if len(over):
            found[dyad] = {str(name): value for name, value in over.iloc[-1].to_dict().items()}
    return found


def _changed(conn: Connection, desk: Desk, dyad: str, now: datetime) -> list[Row]:
    version = desk.classifier.version
    counts = _counts(conn, dyad, version, now)
    over = {week: one.scored for week, one in counts.items() if week + WEEK <= now.date()}
    base = reference_weeks(over)
    named = _named(base, over)
    known = store.read_drift(conn, dyad, version)
    same = {
        row["week"]: (row["events"], row["relevant"], row["scored"])
        for row in known.to_dict("records")
        if {name: row[name] for name in named} == named
    }
    waiting = [
        week
        for week, one in counts.items()
        if same.get(week) != (one.events, one.relevant, one.scored)
    ]
    if not waiting:
        return []
    words = known_words(getattr(desk.classifier, "model", None))
    samples = {
        week: _sample(conn, dyad, version, week, counts[week], words)
        for week in dict.fromkeys([*base, *waiting])
    }
    reference = merged([samples[week] for week in base]) if base else None
    at = {"dyad": dyad, "model_version": version, "computed_at": now, **named}
    return [{**at, "week": week, **asdict(drift_of(samples[week], reference))} for week in waiting]


def _counts(conn: Connection, dyad: str, version: str, now: datetime) -> dict[date, store.Counts]:
    """Of each week with news in it, up to now."""
    span = store.news_span(conn)
    if span is None:
        return {}
    first, last = week_of(span[0].date()), week_of(min(span[1], now).date())
    weeks = [first + n * WEEK for n in range((last - first) // WEEK + 1)]
    counts = {week: store.count_span(conn, dyad, version, *_moments(week)) for week in weeks}
    return {week: one for week, one in counts.items() if one.events}


def _named(base: list[date], scored: dict[date, int]) -> Row:
    return {
        "reference_from": base[0] if base else None,
        "reference_to": base[-1] + WEEK - timedelta(days=1) if base else None,
        "reference_scored": sum(scored[week] for week in base),
    }


def _sample(
    conn: Connection,
    dyad: str,
    version: str,
    week: date,
    counts: store.Counts,
    known: frozenset[str] | None,
) -> Sample:
    texts = store.scored_texts(conn, dyad, version, *_moments(week))
    languages = store.languages_of_span(conn, dyad, version, *_moments(week))
    names = ("p_thaw", "p_escalation", "p_neutral")
    words, unknown = count_words((row["text"] for row in texts), known)
    return Sample(
        counts.events,
        counts.relevant,
        np.array([[row[name] for name in names] for row in texts], np.float64).reshape(-1, 3),
        words,
        unknown,
        {language or UNKNOWN: count for language, count in languages.items()},
    )


def _moments(week: date) -> tuple[datetime, datetime]:
    start = datetime.combine(week, time(), UTC)
    return start, start + WEEK
