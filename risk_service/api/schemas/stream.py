"""What the stream tells, by its kinds of events."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from risk_service.api.schemas.common import Out, Versions, example
from risk_service.api.schemas.index import Change, Interval

_INDEX = (
    '{"dyad":"USA-RUS","evaluated_at":"2025-02-28T12:00:03Z","state":"fresh","risk_index":61.4,'
    '"interval":{"low":57.2,"high":65.9,"level":0.9},"change":{"one_day":-1.3,"seven_days":4.0},'
    '"versions":{"model":"2026.1","method":"2026.1","index":4182},'
    '"computed_at":"2025-02-28T12:00:03Z","watched_until":"2025-02-28T11:58:00Z","stale":false}'
)
EXAMPLE = f"retry: 2000\n\nevent: index\ndata: {_INDEX}\nid: 90210\n\n: still here\n\n"
"""A stream of one event and a sign of life."""
_STORY = {
    "dyad": "USA-RUS", "story_id": 5121,
    "text": "Washington and Moscow agree to reopen consulates", "source": "Example Wire",
    "url": "https://news.example/1", "published_at": "2025-02-27T15:02:00Z", "direction": "thaw",
    "p_thaw": 0.93, "p_escalation": 0.02, "severity": 1.8, "theme": "diplomacy", "reports": 4,
    "contribution": -2.31, "why": "weight",
}  # fmt: skip


class IndexTold(Out):
    """Event ``index``: the live answer in short."""

    dyad: str
    evaluated_at: dt.datetime
    state: str
    risk_index: float
    interval: Interval
    change: Change
    versions: Versions
    computed_at: dt.datetime
    watched_until: dt.datetime | None
    stale: bool


class StoryTold(Out):
    """Event ``story``."""

    model_config = example(_STORY)

    dyad: str
    story_id: int
    text: str = Field(description="Of its first report, at most 500 characters")
    source: str
    url: str | None
    published_at: dt.datetime
    direction: str | None
    p_thaw: float | None
    p_escalation: float | None
    severity: float | None
    theme: str
    reports: int
    contribution: float | None = Field(description="Risk points; null: not known yet")
    why: Literal["new", "report", "weight"] = Field(
        description="new; one more report of it; its score or what it adds has moved"
    )


class AlertTold(Out):
    """Event ``alert``."""

    id: str
    rule_id: str
    rule: str
    dyad: str
    state: str
    direction: str
    severity: str
    started_at: dt.datetime
    resolved_at: dt.datetime | None
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None
    held_back: str | None
    headline: str | None


class ResetTold(Out):
    """Event ``reset``: what was missed is not kept any more; the present state follows."""

    last_event_id: int
    now: int
    reason: str


TOLD = (IndexTold, StoryTold, AlertTold, ResetTold)
"""What ``data`` of an event is, by its kind."""
