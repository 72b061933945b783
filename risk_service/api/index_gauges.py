"""Gauges of the index: what the answer at hand says of each dyad, and how old that answer is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, Gauge

from risk_service.snapshot import Snapshot

_BY_DYAD = {
    "index": "Risk index, 0 to 100",
    "index_low": "Lower bound of the risk index",
    "index_high": "Upper bound of the risk index",
    "index_version": "Moves with every event and day",
    "index_stale": "1 where the index does not stand on news of the last hour, else 0",
    "index_thin": "1 where little news stands behind the index, else 0",
    "escalation_index": "Escalation, 100 is the mean of the base period",
    "thaw_index": "Thaw, 100 is the mean of the base period",
    "pressure": "Attention times direction, unbounded",
    "attention": "How much news there is, whichever way it points",
    "coverage_ratio": "Weight of news against the prior, 0 to 1",
    "stories": "Stories within the window of the index",
    "watched_age_seconds": "Seconds since the news was last watched",
    "newest_event_age_seconds": "Seconds since the newest event that counts was published",
    "answer_age_seconds": "Seconds since the answer that polls get was made",
}


class IndexGauges:
    """``risk_…`` by dyad; unknown is NaN, and a dyad without an answer has none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._by_name = {
            name: Gauge(f"risk_{name}", words, ["dyad"], registry=registry)
            for name, words in _BY_DYAD.items()
        }
        self._themes = Gauge(
            "risk_theme_points", "What a theme adds to the index, in points", ["dyad", "theme"],
            registry=registry,
        )  # fmt: skip

    def tell(self, dyad: str, held: Snapshot | None, now: datetime) -> None:
        """Set those of one dyad to the answer at hand."""
        if held is None:
            return
        answer = orjson.loads(held.body)
        for name, value in _told(answer, held, now).items():
            self._by_name[name].labels(dyad).set(math.nan if value is None else value)
        for theme, points in answer["themes"].items():
            self._themes.labels(dyad, theme).set(points)


def _told(answer: Mapping[str, Any], held: Snapshot, now: datetime) -> dict[str, float | None]:
    fresh, coverage = answer["freshness"], answer["coverage"]
    names = ("escalation_index", "thaw_index", "pressure", "attention")
    return {
        "index": answer["risk_index"],
        "index_low": answer["interval"]["low"],
        "index_high": answer["interval"]["high"],
        "index_version": held.version,
        "index_stale": fresh["stale"],
        "index_thin": coverage["thin"],
        **{name: answer[name] for name in names},
        "coverage_ratio": coverage["share"],
        "stories": coverage["stories"],
        "watched_age_seconds": _age(fresh["watched_until"], now),
        "newest_event_age_seconds": _age(fresh["newest_event_at"], now),
        "answer_age_seconds": (now - held.made_at).total_seconds(),
    }


def _age(moment: str | None, now: datetime) -> float | None:
    return None if moment is None else (now - datetime.fromisoformat(moment)).total_seconds()
