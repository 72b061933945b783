"""Corrected labels: what somebody says an event is."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from risk_service.api.deps import Plain
from risk_service.api.schemas.common import STANDING, Out, Standing, example

_SAID: dict[str, Any] = {
    "direction": "thaw", "intensity": 2, "why": "The consulates are reopened, not closed.",
}  # fmt: skip
_KEPT: dict[str, Any] = {
    **_SAID, "text": "Washington and Moscow agree to reopen consulates",
    "published_at": "2025-02-27T15:02:00Z", "source": "Example Wire", "event_id": 5121,
    "who": "desk", "at": "2025-02-28T11:58:00Z",
}  # fmt: skip


class LabelIn(BaseModel):
    """What an event is, by docs/labelling-guide.md, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_SAID]})

    direction: Literal["thaw", "escalation", "neutral"]
    intensity: Literal[1, 2, 3] | None = Field(
        None, validate_default=True,
        description="1 words, 2 steps, 3 the gravest; null for neutral, and only for it",
    )  # fmt: skip
    why: Plain = Field(min_length=3, max_length=1_000)

    @field_validator("intensity")
    @classmethod
    def _fits(cls, value: int | None, info: ValidationInfo) -> int | None:
        direction = info.data.get("direction")
        if direction == "neutral" and value is not None:
            raise ValueError("is null where direction is neutral")
        if direction in ("thaw", "escalation") and value is None:
            raise ValueError("1, 2 or 3 is needed where direction is not neutral")
        return value


class LabelOut(Out):
    """One correction as it is kept."""

    direction: str
    intensity: int | None
    text: str = Field(description="Of the event")
    published_at: dt.datetime
    source: str
    event_id: int
    why: str
    who: str = Field(description="Name of the key it came with")
    at: dt.datetime


class LabelsOut(Standing):
    """Corrections, oldest first."""

    model_config = example({"count": 1, "labels": [_KEPT], **STANDING})

    count: int
    labels: list[LabelOut]


class LabelledOut(Standing):
    """What became of a correction."""

    model_config = example({"kept": True, "labels": [_KEPT], **STANDING})

    kept: bool = Field(description="false: the same key said the same of it last")
    labels: list[LabelOut] = Field(description="Every correction of the event, oldest first")
