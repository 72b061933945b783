"""An alert for the tests, made up, and channels that take it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from risk_service.notify.contract import Parcel
from risk_service.notify.signing import first_secrets

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
ALERT = "alert_" + "0123456789abcdef" * 2
MESSAGE = "msg_" + "fedcba9876543210" * 2
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The secret that the specification of Standard Webhooks shows."""


def payload(act: str = "firing", **data: Any) -> dict[str, Any]:
    """The payload of an act; ``data`` overwrites."""
    resolved = act == "resolved"
    return {
        "type": f"alert.{act}",
        "timestamp": "2026-03-01T12:00:00+00:00",
        "data": {
            "alert": {
                "id": ALERT,
                "state": "resolved" if resolved else "firing",
                "severity": "critical",
                "direction": "up",
                "started_at": "2026-03-01T12:00:00+00:00",
                "resolved_at": "2026-03-02T06:00:00+00:00" if resolved else None,
                "acknowledged_by": "night desk" if act == "acknowledged" else None,
            },
            "rule": {
                "id": "rule_1", "name": "Jumps <a day>", "kind": "jump", "series": "risk",
                "threshold": 4.2, "false_alarms": {"rate": 0.9, "low": 0.5, "high": 1.4},
            },
            "dyad": "USA-RUS",
            "group": None,
            "headline": "Risk up 21.5 to 74.0, more than on 99.6 % of days",
            "change": {"from": 52.5, "to": 74.0, "score": 5.1, "past_share": 0.004,
                       "unit": "robust scales"},
            "interval": {"low": 66.0, "high": 80.5, "level": 0.9},
            "stories": [story(n) for n in range(3)],
            "sectors": [
                {"sector": "energy", "as_of": "2026-02-27", "return": 0.021,
                 "abnormal_return": None},
                {"sector": "defense", "as_of": None, "return": None, "abnormal_return": None},
            ],
            "links": {"alert": "https://risk.example.org/a?x=1&y=2", "rule": "/v1/alerts/rules/1",
                      "chart": "https://risk.example.org/chart"},
            "versions": {"model": "words-1", "method": "test"},
            **data,
        },
    }  # fmt: skip


def story(number: int, **changes: Any) -> dict[str, Any]:
    """A story that moved the index."""
    return {
        "story_id": number, "text": f"Frigate <seizes> tanker & crew, {number}",
        "source": "Test Wire", "url": f"https://wire.example.org/{number}?a=1&b=2",
        "published_at": "2026-03-01T11:58:00+00:00", "contribution": 9.14 - number,
        "words": [["seizes", 0.79], ["tanker", 0.35]], **changes,
    }  # fmt: skip


def parcel(
    kind: str,
    act: str = "firing",
    *,
    config: dict[str, Any] | None = None,
    secrets: dict[str, Any] | None = None,
    **data: Any,
) -> Parcel:
    """A delivery to a channel of a kind."""
    held = first_secrets(kind, {"secret": SECRET} if kind == "webhook" else secrets or {}, NOW)
    return Parcel(MESSAGE, act, config or {}, secrets or held, payload(act, **data))
