"""The answers of the OpenBB backend."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ConfigDict, Field, RootModel

from risk_service.api.schemas.common import Out, example


def _examples(content: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [content]})


class OpenbbWidgetsOut(RootModel[dict[str, dict[str, Any]]]):
    """Widgets by id, as OpenBB's "widgets.json Reference" has it."""

    model_config = _examples(
        {
            "openbb_metric": {
                "name": "Risk index now", "description": "The US–Russia risk index now",
                "type": "metric", "endpoint": "/openbb/metric",
            }
        }
    )  # fmt: skip


class OpenbbAppsOut(RootModel[list[dict[str, Any]]]):
    """Dashboards, as OpenBB's "apps.json Reference" has it."""

    model_config = _examples([{"name": "US–Russia risk", "tabs": {}, "groups": []}])


class OpenbbMetricOut(Out):
    """One metric; a delta that is not known is left out."""

    model_config = example({"label": "Risk index", "value": "61.4", "delta": "-1.3"})

    label: str
    value: str
    delta: str = Field("", description="Move of a day; left out where nobody watched then")


class OpenbbDayOut(Out):
    """One settled day."""

    model_config = example(
        {
            "date": "2025-02-27", "risk_index": 61.4, "low": 57.2, "high": 65.9,
            "escalation_index": 131.2, "thaw_index": 84.5, "pressure": 5.7, "coverage": 0.93,
            "stories": 64,
        }
    )  # fmt: skip

    date: dt.date
    risk_index: float
    low: float
    high: float
    escalation_index: float | None
    thaw_index: float | None
    pressure: float
    coverage: float
    stories: float


class OpenbbFigureOut(Out):
    """A figure as plotly JSON."""

    model_config = example(
        {
            "data": [{"type": "scatter", "x": ["2025-02-27"], "y": [61.4]}],
            "layout": {"title": {"text": "USA-RUS risk index"}},
        }
    )  # fmt: skip

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class OpenbbThemeOut(Out):
    """What a theme adds to the index."""

    model_config = example({"theme": "military", "points": 7.9})

    theme: str
    points: float


class OpenbbStoryOut(Out):
    """A story and what it adds, in risk points."""

    model_config = example(
        {
            "story_id": 5121, "published_at": "2025-02-27T15:02:00Z",
            "text": "Washington and Moscow agree to reopen consulates", "source": "Example Wire",
            "theme": "diplomacy", "contribution": -2.31, "change": -2.31, "severity": 1.8,
            "reports": 4, "url": "https://news.example/1",
        }
    )  # fmt: skip

    story_id: int
    published_at: dt.datetime
    text: str
    source: str
    theme: str
    contribution: float
    change: float
    severity: float | None
    reports: int
    url: str | None


class OpenbbSectorOut(Out):
    """A sector's level (100 is the first close kept) and moves."""

    model_config = example(
        {
            "sector": "energy", "trading_day": "2025-02-27", "level": 213.4,
            "change_percent": -0.6, "year_percent": 4.2, "simulated": False,
        }
    )  # fmt: skip

    sector: str
    trading_day: dt.date | None
    level: float | None
    change_percent: float | None
    year_percent: float | None
    simulated: bool


class OpenbbArticleOut(Out):
    """A story as news; ``body`` is markdown."""

    model_config = example(
        {
            "title": "Washington and Moscow agree to reopen consulates",
            "date": "2025-02-27T15:02:00Z", "author": "Example Wire",
            "excerpt": "thaw (93 %), severity 1.8, diplomacy",
            "body": "Washington and Moscow agree to reopen consulates",
        }
    )  # fmt: skip

    title: str
    date: dt.datetime
    author: str
    excerpt: str
    body: str
