"""What a channel is told of an alert: one shape, in every channel and in the webhooks section."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from risk_service.api.schemas.common import Out, example

Type = Literal["alert.firing", "alert.resolved", "alert.acknowledged", "alert.test"]
Severity = Literal["info", "warning", "critical"]

PAYLOAD: dict[str, Any] = {
    "type": "alert.firing", "timestamp": "2026-05-01T08:00:02Z",
    "data": {
        "alert": {
            "id": "alert_" + "0123456789abcdef" * 2, "state": "firing", "severity": "warning",
            "direction": "escalation", "started_at": "2026-05-01T08:00:02Z", "resolved_at": None,
            "acknowledged_by": None,
        },
        "rule": {
            "id": "rule_0123456789abcdef01234567", "name": "Sudden escalation", "kind": "jump",
            "series": "risk", "threshold": 4.8, "false_alarms": {
                "expected": 1.0, "low": 0.8, "high": 1.2, "days": 3652, "paths": 60,
                "judged": "live",
            },
        },
        "dyad": "USA-RUS", "group": None,
        "headline": "WARNING USA-RUS: jump to escalation, 52.1 to 71.4 in 1 d [Sudden escalation]",
        "change": {
            "from": 52.1, "to": 71.4, "score": 6.2, "past_share": 0.0004, "unit": "robust scales",
        },
        "interval": {"low": 66.0, "high": 77.9, "level": 0.9},
        "stories": [
            {
                "story_id": 5121, "text": "Russia closes the border crossing", "source": "Wire",
                "url": "https://news.example/1", "published_at": "2026-05-01T07:59:00Z",
                "contribution": 6.1, "words": [["closes", 0.7], ["border", 0.4]],
            }
        ],
        "sectors": [
            {"sector": "energy", "as_of": "2026-04-30", "return": 0.004, "abnormal_return": 0.002}
        ],
        "links": {
            "page": "https://risk.example/#alerts/alert_" + "0123456789abcdef" * 2,
            "rule_page": "https://risk.example/#alerts/rule_0123456789abcdef01234567",
            "alert": "https://risk.example/v1/alerts/alert_" + "0123456789abcdef" * 2,
            "rule": "https://risk.example/v1/alerts/rules/rule_0123456789abcdef01234567",
            "chart": "https://risk.example/v1/index/chart.svg?dyad=USA-RUS&from=2026-01-31",
        },
        "versions": {"model": "2026.1", "method": "2026.1", "index": 4182},
    },
}  # fmt: skip


class ToldAlert(Out):
    """The alert itself; its id stays the same in all that is told of it."""

    id: str
    state: Literal["firing", "resolved"]
    severity: Severity
    direction: str = Field(description="escalation, thaw, or neither where the rule has none")
    started_at: dt.datetime
    resolved_at: dt.datetime | None
    acknowledged_by: str | None


class ToldRule(Out):
    """The rule as it was when it fired."""

    id: str
    name: str
    kind: str
    series: str
    threshold: float | None = Field(description="In the unit of ``change``")
    false_alarms: dict[str, float | str] | None = Field(
        description="A quarter, as stated with the rule: of live judging"
    )


class ToldChange(Out):
    """From where to where, and how unusual that is; null where unknown."""

    from_: float | None = Field(alias="from")
    to: float | None
    score: float | None = Field(description="What was held against the threshold")
    past_share: float | None = Field(description="Share of earlier days with as high a score")
    unit: str | None


class ToldInterval(Out):
    """Where the index lies with probability ``level``."""

    low: float | None
    high: float | None
    level: float | None


class ToldStory(Out):
    """A story that moved the index, and the words that the model read."""

    story_id: int
    text: str
    source: str
    url: str | None
    published_at: dt.datetime
    contribution: float | None = Field(description="Risk points; positive is more risk")
    words: list[tuple[str, float]]


class ToldSector(Out):
    """The newest trading day of a sector; logarithms."""

    sector: str
    as_of: dt.date
    return_: float | None = Field(alias="return")
    abnormal_return: float | None


class ToldLinks(Out):
    """Addresses; paths alone where the service does not know its own (RISK_PUBLIC_URL)."""

    page: str | None = Field(
        None, description="The alert on the page, for people; missing from alerts of before"
    )
    rule_page: str | None = Field(None, description="The rule on the page, where it is muted")
    alert: str | None
    rule: str | None
    chart: str | None = Field(description="A picture of the index, from 90 days before the start")


class AlertData(Out):
    """All that is told."""

    alert: ToldAlert
    rule: ToldRule
    dyad: str
    group: str | None
    headline: str = Field(max_length=160, description="For phones")
    change: ToldChange
    interval: ToldInterval | None
    stories: list[ToldStory] = Field(max_length=3)
    sectors: list[ToldSector]
    links: ToldLinks
    versions: dict[str, str | int]


class AlertPayload(Out):
    """One act of an alert; under 20 kB."""

    model_config = example(PAYLOAD)

    type: Type
    timestamp: dt.datetime
    data: AlertData
