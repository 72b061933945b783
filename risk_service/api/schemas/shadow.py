"""Two models on the events that both have scored."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from risk_service.api.schemas.common import Out

_DIRECTION = "thaw, escalation or neutral: the most probable"


class ShadowEvent(Out):
    """An event on which the two differ; net is p_escalation − p_thaw."""

    event_id: int
    text: str
    source: str
    url: str | None
    published_at: dt.datetime
    weight: float
    a: str = Field(description=_DIRECTION)
    b: str = Field(description=_DIRECTION)
    net_a: float
    net_b: float


class ShadowDay(Out):
    """The index of a settled day as it would be with either."""

    day: dt.date
    a: float
    b: float
    difference: float = Field(description="b less a")
    share: float = Field(description="Share of the day's news that both have scored")


class ShadowOut(Out):
    """Where the two differ on live events; weight is relevance × report weight."""

    since: dt.datetime
    events: int = Field(description="Published since then and scored by both")
    weight: float
    changed: int = Field(description="Events of another direction")
    changed_weight: float
    opposite: int = Field(description="Of these, thaw with one and escalation with the other")
    opposite_weight: float
    mean_difference: float | None = Field(description="Mean by weight of the change of net")
    largest: list[ShadowEvent] = Field(description="Events that differ most, by weight")
    days: list[ShadowDay] = Field(description="Days whose news both have scored, 95 % at least")


SHADOW: dict[str, Any] = {
    "since": "2025-01-01T00:00:00Z", "events": 412, "weight": 260.5, "changed": 40,
    "changed_weight": 22.5, "opposite": 3, "opposite_weight": 2.0, "mean_difference": 0.11,
    "largest": [
        {
            "event_id": 5121, "text": "Washington and Moscow agree to reopen consulates",
            "source": "Example Wire", "url": None, "published_at": "2025-02-27T15:02:00Z",
            "weight": 1.0, "a": "neutral", "b": "thaw", "net_a": -0.2, "net_b": -0.9,
        }
    ],
    "days": [
        {"day": "2025-02-27", "a": 61.4, "b": 58.9, "difference": -2.5, "share": 1.0}
    ],
}  # fmt: skip
"""Example of a ``ShadowOut``."""
