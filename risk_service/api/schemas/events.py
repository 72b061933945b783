"""Events: as they are posted, and as they are kept."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_service.api.deps import Day, Moment
from risk_service.api.schemas.common import STANDING, FieldError, Out, Standing, example
from risk_service.core.events import MAX_SOURCE, MAX_TEXT, MAX_URL, Event

_POSTED: dict[str, Any] = {
    "published_at": "2025-02-27T15:02:00Z",
    "text": "Washington and Moscow agree to reopen consulates",
    "source": "Example Wire",
    "url": "https://news.example/1",
}
_KEPT: dict[str, Any] = {
    "id": 5121, "key": "0" * 64, **_POSTED, "received_at": "2025-02-27T15:02:04Z",
    "language": "en", "occurred_on": None, "actor": None, "recipient": None, "event_code": None,
    "goldstein": None, "quad_class": None, "external_id": None, "origin": "api", "assessed": True,
    "relevance": {
        "dyad": "USA-RUS", "directness": "dyad", "weight": 1.0, "theme": "diplomacy",
        "story_id": 5121,
    },
    "score": {
        "model_version": "2026.1", "p_thaw": 0.93, "p_escalation": 0.02, "p_neutral": 0.05,
        "direction": "thaw", "abstains": False, "severity": 1.8, "act": 0.8, "basis": "text",
        "words": [["agree", -1.1], ["reopen", -0.7]], "scored_at": "2025-02-27T15:02:05Z",
    },
}  # fmt: skip


class EventIn(BaseModel):
    """One reported political interaction. What it says twice is kept once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_POSTED]})

    published_at: Moment = Field(description="Moment it was published, with time zone")
    text: str = Field(
        "", max_length=4 * MAX_TEXT,
        description=f"Headline or article, at most {MAX_TEXT} characters; may be empty with a code",
    )  # fmt: skip
    source: str = Field(min_length=1, max_length=MAX_SOURCE, description="Outlet or data set")
    url: str | None = Field(None, max_length=MAX_URL, description="http or https address")
    language: str | None = Field(None, description="ISO 639 code; told from the text if absent")
    occurred_on: Day | None = Field(None, description="Day it happened")
    actor: str | None = Field(None, description="Country that acts, such as USA")
    recipient: str | None = Field(None, description="Country acted upon, such as RUS")
    event_code: str | None = Field(None, description="CAMEO code, zeros kept, or PLOVER root")
    goldstein: float | None = Field(None, strict=True, ge=-10, le=10, allow_inf_nan=False)
    quad_class: int | None = Field(None, strict=True, ge=1, le=4)
    external_id: str | None = Field(
        None, min_length=1, max_length=200, description="The source's own name of the report"
    )

    def as_event(self) -> Event:
        """The event, checked; ValueError names the field."""
        return Event(**self.model_dump())


class PostedOne(Out):
    """What became of one posted event."""

    status: Literal["created", "exists", "invalid"]
    id: int | None
    key: str | None
    errors: list[FieldError]


class PostedOut(Out):
    """What became of the posted events, in their order."""

    model_config = example(
        {
            "created": 1, "exists": 0, "invalid": 0,
            "results": [{"status": "created", "id": 5121, "key": "0" * 64, "errors": []}],
        }
    )  # fmt: skip

    created: int
    exists: int
    invalid: int
    results: list[PostedOne]


class RelevanceOut(Out):
    """How directly an event is about a dyad."""

    dyad: str
    directness: str
    weight: float = Field(description="1 for the dyad, 0.5 for the theatre")
    theme: str
    story_id: int


class ScoreOut(Out):
    """What the model makes of an event."""

    model_version: str
    p_thaw: float
    p_escalation: float
    p_neutral: float
    direction: str
    abstains: bool = Field(description="true: too close to call; the index weighs it all the same")
    severity: float = Field(description="1 (words) to 3 (gravest)")
    act: float = Field(description="Share of deed against words, 0 to 1")
    basis: str = Field(description="text, code or text+code")
    words: list[tuple[str, float]] = Field(description="Positive weights lean to escalation")
    scored_at: dt.datetime


class EventOut(Out):
    """One event as it is kept."""

    model_config = example(_KEPT)

    id: int
    key: str
    published_at: dt.datetime
    text: str
    source: str
    url: str | None
    received_at: dt.datetime
    language: str | None
    occurred_on: dt.date | None
    actor: str | None
    recipient: str | None
    event_code: str | None
    goldstein: float | None
    quad_class: int | None
    external_id: str | None
    origin: str
    assessed: bool = Field(description="Whether relevance and score have been looked for yet")
    relevance: RelevanceOut | None = Field(description="null: not about the dyad")
    score: ScoreOut | None = Field(description="null: not scored")


class EventsOut(Standing):
    """A page of events, newest first."""

    model_config = example(
        {"dyad": "USA-RUS", "count": 1, "events": [_KEPT], "next": None, **STANDING}
    )

    dyad: str
    count: int
    events: list[EventOut]
    next: str | None = Field(description="Address of the next page; null on the last")


class FirstClose(Out):
    """The first close of a security strictly after an event was published; null where none came."""

    ticker: str
    trading_day: dt.date | None
    closes_at: dt.datetime | None
    close: float | None = Field(description="As traded then, in currency")
    currency: str | None
    simulated: bool = Field(description="true: made up by a random walk, for demonstration")


class OneEventOut(Standing):
    """One event, and the closes it met."""

    model_config = example(
        {
            "event": _KEPT,
            "first_closes": [
                {
                    "ticker": "XLE", "trading_day": "2025-02-27",
                    "closes_at": "2025-02-27T21:00:00Z", "close": 91.2, "currency": "USD",
                    "simulated": False,
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    event: EventOut
    first_closes: list[FirstClose] | None = Field(
        description="One for each sector member; null where no prices are at hand"
    )
