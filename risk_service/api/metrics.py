"""Prometheus metrics in a registry of their own, so that two services in one process do not mix."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from risk_service.api.drift_gauges import DriftGauges
from risk_service.api.index_gauges import IndexGauges
from risk_service.api.polls import POLLED
from risk_service.api.stream_gauges import StreamGauges
from risk_service.snapshot import Snapshots
from risk_service.store.price_feeds import PriceFeed
from risk_service.store.upsert import Row

OPEN_METRICS = "application/openmetrics-text"
_write: Any = openmetrics.generate_latest
"""Comes without types."""
STREAM = "/v1/stream"
"""Takes as long as its reader stays, which is no time to answer."""


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
        self._index = IndexGauges(registry)
        self._events = Gauge("risk_events", "Events kept", registry=registry)
        self._asked, self._priced, self._unpriced = (
            Gauge(f"risk_price_{name}", words, ["provider"], registry=registry)
            for name, words in _OF_PRICES
        )
        self._drift = DriftGauges(registry)
        self.streams = StreamGauges(registry)
        self._polls = {
            status: self._requests.labels("GET", POLLED, str(status)) for status in (200, 304)
        }

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is its template, empty where none matched."""
        known = method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._requests.labels(known, route or "none", str(status)).inc()
        if route != STREAM:
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
        accept: str = "",
    ) -> tuple[bytes, str]:
        """The exposition and its media type: OpenMetrics for whoever accepts that, as Prometheus
        does, else Prometheus's text format; unknown is NaN.
        """
        self._events.set(math.nan if kept.events is None else kept.events)
        self._tell_prices(kept.prices, now)
        self._drift.tell(dyads, kept.drift)
        for dyad in dyads:
            self._index.tell(dyad, snapshots.held(dyad), now)
        if OPEN_METRICS in accept:
            return bytes(_write(self._registry)), openmetrics.CONTENT_TYPE_LATEST
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def _tell_prices(self, feed: PriceFeed | None, now: datetime) -> None:
        for gauge in (self._asked, self._priced, self._unpriced):
            gauge.clear()
        if feed is None:
            return
        self._asked.labels(feed.provider).set(_seconds_since(feed.state.attempted_at, now))
        self._priced.labels(feed.provider).set(_seconds_since(feed.state.succeeded_at, now))
        failed = sum(state.failures > 0 for state in feed.tickers.values())
        self._unpriced.labels(feed.provider).set(failed)


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return math.nan if moment is None else (now - moment).total_seconds()
