"""What the test button sends: an alert that was made up, and says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def payload_of_test(now: datetime, channel: str) -> dict[str, Any]:
    """The payload of an ``alert.test`` for a channel of this name."""
    moment = now.isoformat()
    return {
        "type": "alert.test",
        "timestamp": moment,
        "data": {
            "alert": {
                "id": "alert_test",
                "state": "firing",
                "severity": "info",
                "direction": "neither",
                "started_at": moment,
                "resolved_at": None,
                "acknowledged_by": None,
            },
            "rule": {
                "id": "rule_test",
                "name": "Test",
                "kind": "test",
                "series": "risk",
                "threshold": None,
                "false_alarms": None,
            },
            "dyad": "USA-RUS",
            "group": None,
            "headline": f"Test of the channel {channel}: nothing has happened"[:160],
            "change": {"from": None, "to": None, "score": None, "past_share": None, "unit": None},
            "interval": {"low": None, "high": None, "level": None},
            "stories": [],
            "sectors": [],
            "links": dict.fromkeys(("page", "rule_page", "alert", "rule", "chart")),
            "versions": {},
        },
    }
