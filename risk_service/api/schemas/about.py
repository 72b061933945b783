"""How the index is made, with which model, and whether the service is well."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example


class Paper(Out):
    """A source the method rests on."""

    name: str
    title: str
    used_for: str


class GazetteerOut(Out):
    """The words of one dyad."""

    dyad: str
    version: str


class MethodologyOut(Standing):
    """The method, its parameters and where they come from."""

    model_config = example(
        {
            "version": "2026.1",
            "parameters": {"half_life_days": 7.0, "window_days": 56.0, "prior_stories": 2},
            "formulas": {"risk_index": "50 + 50 net_escalation"},
            "papers": [
                {"name": "Rubin 1981", "title": "The Bayesian Bootstrap", "used_for": "interval"}
            ],
            "gazetteers": [{"dyad": "USA-RUS", "version": "2026.1"}],
            "model": {"version": "2026.1"},
            **STANDING,
        }
    )

    version: str
    parameters: dict[str, Any]
    formulas: dict[str, str]
    papers: list[Paper]
    gazetteers: list[GazetteerOut]
    model: dict[str, Any] = Field(description="The served model in short; GET /v1/models for all")


class Health(Out):
    """Whether the service is well."""

    model_config = example({"status": "ok"})

    status: str
