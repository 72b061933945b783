"""Flat rows for Grafana's Infinity data source."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from risk_service.api.schemas.common import Out, example


class GrafanaPointOut(Out):
    """The index at a moment; unknown is null."""

    model_config = example(
        {
            "time": "2025-02-28T00:00:00Z", "risk_index": 61.4, "low": 57.2, "high": 65.9,
            "escalation_index": 131.2, "thaw_index": 84.5, "pressure": 5.7, "attention": 24.6,
            "diplomacy": -1.2, "military": 7.9, "sanctions_trade": 3.4, "energy": 0.6,
            "arms_control": 0.5, "detainees": 0.1, "cyber": 0.1,
        }
    )  # fmt: skip

    time: dt.datetime = Field(description="When the value was to be known; of a day its end")
    risk_index: float
    low: float
    high: float
    escalation_index: float | None
    thaw_index: float | None
    pressure: float
    attention: float
    diplomacy: float
    military: float
    sanctions_trade: float
    energy: float
    arms_control: float
    detainees: float
    cyber: float


class GrafanaNowOut(Out):
    """The live index in one row."""

    model_config = example(
        {
            "time": "2025-02-28T12:00:03Z", "dyad": "USA-RUS", "risk_index": 61.4, "low": 57.2,
            "high": 65.9, "one_day": -1.3, "seven_days": 4.0, "coverage": 0.925, "stories": 64,
            "state": "fresh", "stale": 0, "why": "", "watched_until": "2025-02-28T11:58:00Z",
        }
    )  # fmt: skip

    time: dt.datetime
    dyad: str
    risk_index: float
    low: float
    high: float
    one_day: float | None
    seven_days: float | None
    coverage: float
    stories: int
    state: str
    stale: int = Field(description="1 where it is, for thresholds")
    why: str = Field(description="Why it is stale, in words")
    watched_until: dt.datetime | None


class GrafanaStoryOut(Out):
    """A story, as a row of a table or an annotation."""

    model_config = example(
        {
            "time": "2025-02-27T15:02:00Z", "title": "Washington and Moscow agree to reopen",
            "text": "Example Wire, severity 1.8", "tags": "thaw,diplomacy", "direction": "thaw",
            "theme": "diplomacy", "severity": 1.8, "source": "Example Wire",
            "url": "https://news.example/1", "story_id": 5121,
        }
    )  # fmt: skip

    time: dt.datetime
    title: str
    text: str
    tags: str = Field(description="Direction and theme, comma between")
    direction: str
    theme: str
    severity: float
    source: str
    url: str | None
    story_id: int
