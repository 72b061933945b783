"""Streams in Prometheus's eyes."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class StreamGauges:
    """Streams open, and readers let go because they read too slowly."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.open = Gauge("risk_streams_open", "Streams open", registry=registry)
        self.dropped = Counter(
            "risk_streams_dropped",
            "Readers let go: behind (fell out of what is held) or stuck (took nothing)",
            ["why"],
            registry=registry,
        )
        for why in ("behind", "stuck"):
            self.dropped.labels(why)
