"""Gauges of drift: the newest whole week of each dyad."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from prometheus_client import CollectorRegistry, Gauge

from risk_service.store.upsert import Row

_OF_WEEK = {
    "psi": "Stability index of the week's scores against the reference",
    "psi_expected": "What chance alone makes of it on average",
    "ks": "Kolmogorov-Smirnov distance of the week's scores from the reference",
    "ks_critical": "What chance alone makes it exceed one time in twenty",
    "class_psi": "Stability index of the directions",
    "language_psi": "Stability index of the languages",
    "unknown_words": "Share of words that the model does not know",
    "relevance_rate": "Share of events that are about the dyad",
    "scored": "Texts scored in the week",
}
_DIRECTIONS = ("thaw", "escalation", "neutral")


class DriftGauges:
    """``risk_drift_…`` by dyad, of the newest ISO week that is over; unknown is NaN.

    A dyad without such a week has its series all the same, save by language, so that rules and
    dashboards find them on the first day; NaN exceeds nothing.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._by_name = {
            name: Gauge(f"risk_drift_{name}", words, ["dyad"], registry=registry)
            for name, words in _OF_WEEK.items()
        }
        self._directions = Gauge(
            "risk_drift_direction_share", "Share of texts by direction", ["dyad", "direction"],
            registry=registry,
        )  # fmt: skip
        self._languages = Gauge(
            "risk_drift_language_share", "Share of events by language", ["dyad", "language"],
            registry=registry,
        )  # fmt: skip

    def tell(self, dyads: Sequence[str], weeks: Mapping[str, Row]) -> None:
        """Set them to the week of each dyad, to NaN for one without."""
        for gauge in (*self._by_name.values(), self._directions, self._languages):
            gauge.clear()
        for dyad in dyads:
            week = weeks.get(dyad, {})
            for name, gauge in self._by_name.items():
                gauge.labels(dyad).set(_number(week.get(name)))
            for direction in _DIRECTIONS:
                share = _number(week.get(f"share_{direction}"))
                self._directions.labels(dyad, direction).set(share)
            for language, share in week.get("languages", {}).items():
                self._languages.labels(dyad, language).set(share)


def _number(value: float | None) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)
