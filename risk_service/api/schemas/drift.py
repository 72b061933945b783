"""Drift as an answer."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example


class ReferenceOut(Out):
    """What weeks are compared with; null until there are enough texts."""

    first_day: dt.date | None
    last_day: dt.date | None
    scored: int = Field(description="Texts scored in its weeks")


class DriftWeek(Out):
    """One ISO week beside the reference; null is what cannot be told."""

    week: dt.date = Field(description="Its Monday")
    whole: bool = Field(description="false while the week is not over")
    events: int
    relevant: int
    scored: int = Field(description="Texts that the model scored")
    relevance_rate: float | None
    share_thaw: float | None
    share_escalation: float | None
    share_neutral: float | None
    mean_net: float | None = Field(description="Mean of p_escalation − p_thaw")
    unknown_words: float | None = Field(description="Share of words the model does not know")
    psi: float | None = Field(description="Stability index of p_escalation − p_thaw")
    psi_expected: float | None = Field(description="What chance alone makes of it on average")
    ks: float | None = Field(description="Kolmogorov–Smirnov distance of the same, 0 to 1")
    ks_critical: float | None = Field(description="Exceeded by chance one time in twenty")
    class_psi: float | None
    language_psi: float | None
    languages: dict[str, float] = Field(description="Share of events by language")
    computed_at: dt.datetime


_WEEK = {
    "week": "2025-02-24", "whole": True, "events": 640, "relevant": 130, "scored": 121,
    "relevance_rate": 0.203, "share_thaw": 0.12, "share_escalation": 0.51, "share_neutral": 0.37,
    "mean_net": 0.34, "unknown_words": 0.081, "psi": 0.09, "psi_expected": 0.082, "ks": 0.07,
    "ks_critical": 0.13, "class_psi": 0.02, "language_psi": 0.01,
    "languages": {"en": 0.7, "sv": 0.3}, "computed_at": "2025-03-03T01:00:00Z",
}  # fmt: skip


class DriftOut(Standing):
    """Drift of the model that the index is made with, oldest week first."""

    model_config = example(
        {
            "dyad": "USA-RUS", "model_version": "2026.1",
            "reference": {
                "first_day": "2024-09-02", "last_day": "2024-10-27", "scored": 1012,
            },
            "count": 1, "rows": [_WEEK], **STANDING,
        }
    )  # fmt: skip

    dyad: str
    model_version: str
    reference: ReferenceOut
    count: int
    rows: list[DriftWeek]
