"""Prometheus metrics in a registry of their own, so that two services in one process do not mix."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from risk_service.api.polls import POLLED
from risk_service.snapshot import Snapshots

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts of requests, and what the index says."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "risk_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "risk_request_seconds", "Time to answer, polls from memory left out", ["route"],
            registry=registry,
        )  # fmt: skip
        self._index = Gauge("risk_index", "Risk index, 0 to 100", ["dyad"], registry=registry)
        self._age = Gauge(
            "risk_watched_age_seconds", "Seconds since the news was last watched", ["dyad"],
            registry=registry,
        )  # fmt: skip
        self._version = Gauge(
            "risk_index_version", "Moves with every event and day", ["dyad"], registry=registry
        )
        self._events = Gauge("risk_events", "Events kept", registry=registry)
        self._polls = {
            status: self._requests.labels("GET", POLLED, str(status)) for status in (200, 304)
        }

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is its template, empty where none matched."""
        known = method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._requests.labels(known, route or "none", str(status)).inc()
        self._seconds.labels(route or "none").observe(seconds)

    def count_poll(self, status: int) -> None:
        """Count one poll answered from memory with 200 or 304."""
        self._polls[status].inc()

    def render(
        self, snapshots: Snapshots, dyads: tuple[str, ...], events: int | None, now: datetime
    ) -> bytes:
        """The exposition in Prometheus's text format; unknown is NaN."""
        self._events.set(math.nan if events is None else events)
        for dyad in dyads:
            held = snapshots.held(dyad)
            if held is not None:
                answer = orjson.loads(held.body)
                self._index.labels(dyad).set(answer["risk_index"])
                self._age.labels(dyad).set(_age(answer["freshness"]["watched_until"], now))
                self._version.labels(dyad).set(held.version)
        return generate_latest(self._registry)


def _age(watched_until: Any, now: datetime) -> float:
    if watched_until is None:
        return math.nan
    return (now - datetime.fromisoformat(watched_until)).total_seconds()
