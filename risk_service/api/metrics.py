"""Prometheus metrics in a registry of their own, so that two services in one process do not mix."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from risk_service.api.drift_gauges import DriftGauges
from risk_service.api.polls import POLLED
from risk_service.snapshot import Snapshots
from risk_service.store.price_feeds import PriceFeed
from risk_service.store.upsert import Row

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


_OF_PRICES = (
    ("asked_age_seconds", "Seconds since the provider of prices was last asked"),
    ("answered_age_seconds", "Seconds since it last answered for any ticker"),
    ("failed_tickers", "Tickers it did not answer for when last asked"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store says: events kept, how prices are got (None where it cannot be reached), and
    the newest whole week of drift by dyad.
    """

    events: int | None = None
    prices: PriceFeed | None = None
    drift: Mapping[str, Row] = field(default_factory=dict)


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
        self._asked, self._priced, self._unpriced = (
            Gauge(f"risk_price_{name}", words, ["provider"], registry=registry)
            for name, words in _OF_PRICES
        )
        self._drift = DriftGauges(registry)
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
        self,
        snapshots: Snapshots,
        dyads: tuple[str, ...],
        kept: Kept,
        now: datetime,
    ) -> bytes:
        """The exposition in Prometheus's text format; unknown is NaN."""
        self._events.set(math.nan if kept.events is None else kept.events)
        self._tell_prices(kept.prices, now)
        self._drift.tell(kept.drift)
        for dyad in dyads:
            held = snapshots.held(dyad)
            if held is not None:
                answer = orjson.loads(held.body)
                self._index.labels(dyad).set(answer["risk_index"])
                self._age.labels(dyad).set(_age(answer["freshness"]["watched_until"], now))
                self._version.labels(dyad).set(held.version)
        return generate_latest(self._registry)

    def _tell_prices(self, feed: PriceFeed | None, now: datetime) -> None:
        for gauge in (self._asked, self._priced, self._unpriced):
            gauge.clear()
        if feed is None:
            return
        self._asked.labels(feed.provider).set(_seconds_since(feed.state.attempted_at, now))
        self._priced.labels(feed.provider).set(_seconds_since(feed.state.succeeded_at, now))
        failed = sum(state.failures > 0 for state in feed.tickers.values())
        self._unpriced.labels(feed.provider).set(failed)


def _age(watched_until: Any, now: datetime) -> float:
    known = None if watched_until is None else datetime.fromisoformat(watched_until)
    return _seconds_since(known, now)


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return math.nan if moment is None else (now - moment).total_seconds()
