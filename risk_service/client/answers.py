"""Answers as dataclasses, and as DataFrames with their versions in ``attrs``.

Unknown is None in a dataclass and NaN, NaT or None in a table.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from pyarrow import ipc

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the index lies with probability ``level``; in points, 0 to 100."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Change:
    """Moves of the index in points; None where nobody watched at the earlier moment."""

    one_day: float | None
    seven_days: float | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh an answer is, and why it is not."""

    computed_at: datetime
    watched_until: datetime | None
    stale: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What an answer was computed with."""

    model: str
    method: str
    index: int


@dataclass(frozen=True, slots=True)
class Story:
    """One happening and what it adds, in risk points; positive is more risk."""

    story_id: int
    text: str
    source: str
    url: str | None
    published_at: datetime
    theme: str
    reports: int
    contribution: float
    change: float
    p_thaw: float | None
    p_escalation: float | None
    severity: float | None
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Index:
    """The index now, or of the newest settled day known at ``as_of``.

    0 is all thaw, 100 all escalation. ``state`` is fresh, thin, stale or empty, or settled for a
    day; ``drivers`` are of the live index only; ``body`` is the whole answer.
    """

    dyad: str
    evaluated_at: datetime
    state: str
    risk_index: float
    interval: Interval
    change: Change | None
    themes: Mapping[str, float]
    drivers: tuple[Story, ...]
    freshness: Freshness
    versions: Versions
    body: Body

    @classmethod
    def of(cls, body: Body) -> Index:
        """From the answer of ``/v1/index``."""
        return cls(
            dyad=body["dyad"],
            evaluated_at=moment(body["evaluated_at"]),
            state=body["state"],
            risk_index=body["risk_index"],
            interval=Interval(**body["interval"]),
            change=Change(**body["change"]) if body.get("change") else None,
            themes=body["themes"],
            drivers=tuple(map(story_of, body.get("drivers") or ())),
            freshness=freshness_of(body["freshness"]),
            versions=Versions(**body["versions"]),
            body=body,
        )


@dataclass(frozen=True, slots=True)
class Drivers:
    """A settled day and the stories behind it; ``total`` is ``risk_index`` less 50."""

    dyad: str
    day: date
    risk_index: float
    total: float
    reproduced: bool
    stories: tuple[Story, ...]
    freshness: Freshness
    versions: Versions
    body: Body

    @classmethod
    def of(cls, body: Body) -> Drivers:
        """From the answer of ``/v1/index/{day}/drivers``."""
        return cls(
            dyad=body["dyad"],
            day=date.fromisoformat(body["day"]),
            risk_index=body["risk_index"],
            total=body["total"],
            reproduced=body["reproduced"],
            stories=tuple(map(story_of, body["stories"])),
            freshness=freshness_of(body["freshness"]),
            versions=Versions(**body["versions"]),
            body=body,
        )

    @property
    def table(self) -> pd.DataFrame:
        """The stories, one a row, the heaviest first."""
        frame = pd.DataFrame(
            [{name: getattr(one, name) for name in Story.__slots__} for one in self.stories],
            columns=list(Story.__slots__),
        )
        return frame.assign(published_at=pd.to_datetime(frame["published_at"], utc=True))


def story_of(body: Body) -> Story:
    """One story of an answer."""
    words = tuple((word, weight) for word, weight in body["words"])
    plain = {name: body[name] for name in Story.__slots__ if name not in ("words", "published_at")}
    return Story(**plain, published_at=moment(body["published_at"]), words=words)


def freshness_of(body: Body) -> Freshness:
    """``freshness`` of an answer."""
    until = body["watched_until"]
    return Freshness(
        computed_at=moment(body["computed_at"]),
        watched_until=None if until is None else moment(until),
        stale=body["stale"],
        reasons=tuple(body.get("reasons", ())),
    )


def moment(text: str) -> datetime:
    """A moment of an answer, aware.

    >>> moment("2025-02-28T12:00:03Z").tzname()
    'UTC'
    """
    return datetime.fromisoformat(text)


def table_of(content: bytes) -> pd.DataFrame:
    """A table sent as Arrow; all that stands around it is in ``attrs``."""
    table: pa.Table = ipc.open_stream(io.BytesIO(content)).read_all()
    about = (table.schema.metadata or {}).get(b"risk_service", b"{}")
    frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    frame.attrs.update(orjson.loads(about))
    return frame


def events_table(events: Sequence[Body]) -> pd.DataFrame:
    """Events one a row, relevance and score spread out, the columns as in the CSV."""
    rows = []
    for event in events:
        around = {k: v for k, v in event.items() if k not in ("relevance", "score")}
        rows.append({**around, **(event["relevance"] or {}), **(event["score"] or {})})
    frame = pd.DataFrame(rows)
    moments = [name for name in ("published_at", "received_at", "scored_at") if name in frame]
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in moments})
