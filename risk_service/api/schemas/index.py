"""The index: live, as of a moment, over time, and the stories behind a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Freshness, Out, Standing, Versions, example

_VALUES: dict[str, Any] = {
    "risk_index": 61.4, "net_escalation": 0.228, "escalation_index": 131.2, "thaw_index": 84.5,
    "threats": 0.21, "acts": 0.17, "attention": 24.6, "pressure": 5.7,
}  # fmt: skip
_THEMES = {
    "diplomacy": -1.2, "military": 7.9, "sanctions_trade": 3.4, "energy": 0.6,
    "arms_control": 0.5, "detainees": 0.1, "cyber": 0.1,
}  # fmt: skip
_STORY: dict[str, Any] = {
    "story_id": 5121, "text": "Washington and Moscow agree to reopen consulates",
    "source": "Example Wire", "url": "https://news.example/1",
    "published_at": "2025-02-27T15:02:00Z", "theme": "diplomacy", "reports": 4,
    "contribution": -2.31, "change": -2.31, "p_thaw": 0.93, "p_escalation": 0.02, "severity": 1.8,
    "words": [["agree", -1.1], ["reopen", -0.7]],
}  # fmt: skip
_INDEX: dict[str, Any] = {
    "dyad": "USA-RUS", "evaluated_at": "2025-02-28T12:00:03Z", "state": "fresh", **_VALUES,
    "interval": {"low": 57.2, "high": 65.9, "level": 0.9},
    "change": {"one_day": -1.3, "seven_days": 4.0}, "themes": _THEMES,
    "coverage": {"share": 0.925, "events": 211, "stories": 64, "thin": False},
    "drivers": [_STORY], "rest": {"stories": 63, "contribution": 13.71, "change": 1.01}, **STANDING,
}  # fmt: skip


class Interval(Out):
    """Where the index lies with probability ``level``, by resampling over stories."""

    low: float
    high: float
    level: float


class Change(Out):
    """Move of the risk index, in risk points; null where nobody watched at the earlier moment."""

    one_day: float | None
    seven_days: float | None


class Coverage(Out):
    """How much news stands behind the number."""

    share: float = Field(description="Weight of news against the prior, 0 to 1")
    events: int
    stories: int
    thin: bool


class Story(Out):
    """One happening and what it adds, in risk points; positive is more risk."""

    story_id: int
    text: str
    source: str
    url: str | None
    published_at: dt.datetime
    theme: str
    reports: int
    contribution: float
    change: float
    p_thaw: float | None
    p_escalation: float | None
    severity: float | None
    words: list[tuple[str, float]] = Field(description="Positive weights lean to escalation")


class Rest(Out):
    """The stories not shown, in one."""

    stories: int
    contribution: float
    change: float


class LiveFreshness(Freshness):
    """How fresh the live answer is, and why it is not."""

    newest_event_at: dt.datetime | None = None
    reasons: list[str] = Field([], description="Why it is stale, and which feeds fail")


class IndexOut(Out):
    """The index now, or the newest settled day known at ``as_of``."""

    model_config = example(_INDEX)

    dyad: str
    evaluated_at: dt.datetime = Field(description="Moment the index is of")
    state: str = Field(description="fresh, thin, stale or empty; settled for a day")
    risk_index: float = Field(ge=0, le=100, description="50 is neither; higher is more risk")
    net_escalation: float = Field(ge=-1, le=1)
    escalation_index: float | None = Field(description="100 is the mean of the base period")
    thaw_index: float | None = Field(description="100 is the mean of the base period")
    threats: float
    acts: float
    attention: float = Field(description="How much news there is, whichever way it points")
    pressure: float = Field(description="Attention times net_escalation: unbounded")
    interval: Interval
    change: Change | None = Field(None, description="Of the live index only")
    themes: dict[str, float] = Field(description="Risk points; they sum to risk_index - 50")
    coverage: Coverage
    drivers: list[Story] | None = Field(None, description="Of the live index only")
    rest: Rest | None = None
    freshness: LiveFreshness
    versions: Versions
    day: dt.date | None = None
    as_of: dt.datetime | None = None
    vintage: int | None = None
    known_at: dt.datetime | None = None
    reconstructed: bool | None = Field(None, description="Whether not watched live at the time")


_BOUND = (
    "Bound of the interval; of a week (1w) the mean of its days' bounds, not an interval of the "
    "week's mean"
)


class HistoryRow(Out):
    """One day (1d), week (1w; its Monday) or full hour (1h) of the index."""

    day: dt.date | None = Field(None, description="Of 1d and 1w")
    time: dt.datetime | None = Field(None, description="Of 1h")
    risk_index: float
    low: float = Field(description=_BOUND)
    high: float = Field(description=_BOUND)
    net_escalation: float
    escalation_index: float | None
    thaw_index: float | None
    threats: float
    acts: float
    attention: float = Field(description="How much news there is, whichever way it points")
    pressure: float = Field(description="Attention times net_escalation: unbounded")
    coverage: float
    events: float
    stories: float
    diplomacy: float
    military: float
    sanctions_trade: float
    energy: float
    arms_control: float
    detainees: float
    cyber: float
    vintage: int | None
    known_at: dt.datetime | None
    reconstructed: bool
    model_version: str
    method_version: str


class HistoryOut(Standing):
    """The index over time."""

    model_config = example(
        {
            "dyad": "USA-RUS", "resolution": "1d", "from": "2025-02-27", "to": "2025-02-27",
            "as_of": None, "count": 1,
            "rows": [
                {
                    "day": "2025-02-27", "risk_index": 61.4, "low": 57.2, "high": 65.9,
                    "net_escalation": 0.228, "escalation_index": 131.2, "thaw_index": 84.5,
                    "threats": 0.21, "acts": 0.17, "attention": 24.6, "pressure": 5.7,
                    "coverage": 0.925,
                    "events": 211, "stories": 64, **_THEMES, "vintage": 1,
                    "known_at": "2025-02-28T01:00:07Z", "reconstructed": False,
                    "model_version": "2026.1", "method_version": "2026.1",
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    dyad: str
    resolution: str
    since: dt.date | None = Field(alias="from")
    until: dt.date | None = Field(alias="to")
    as_of: dt.datetime | None
    count: int
    rows: list[HistoryRow]


class DriversOut(Standing):
    """A settled day's vintage and the stories behind it."""

    model_config = example(
        {
            "dyad": "USA-RUS", "day": "2025-02-27", "as_of": None, "risk_index": 61.4,
            "vintage": 1, "known_at": "2025-02-28T01:00:07Z",
            "computed_at": "2025-02-28T01:00:07Z", "reconstructed": False,
            "model_version": "2026.1", "method_version": "2026.1", "stories": [_STORY],
            "rest": {"stories": 63, "contribution": 13.71, "change": 1.01}, "total": 11.4,
            "reproduced": True, **STANDING,
        }
    )  # fmt: skip

    dyad: str
    day: dt.date
    as_of: dt.datetime | None
    risk_index: float
    vintage: int
    known_at: dt.datetime
    computed_at: dt.datetime
    reconstructed: bool
    model_version: str
    method_version: str
    stories: list[Story]
    rest: Rest
    total: float = Field(description="Sum of all contributions: risk_index - 50")
    reproduced: bool = Field(
        description="Whether today's code and scores give the vintage's own number"
    )
