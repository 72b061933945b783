"""Alerts that were told, and what people said of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_service.api.deps import Plain
from risk_service.api.schemas.alert_payload import PAYLOAD, AlertPayload, Severity
from risk_service.api.schemas.common import STANDING, Out, Standing, example

_ALERT: dict[str, Any] = {
    "id": PAYLOAD["data"]["alert"]["id"], "rule_id": PAYLOAD["data"]["rule"]["id"],
    "dyad": "USA-RUS", "direction": "escalation", "state": "firing", "severity": "warning",
    "headline": PAYLOAD["data"]["headline"], "started_at": "2026-05-01T08:00:02Z",
    "resolved_at": None, "held_back": None, "acknowledged_at": None, "acknowledged_by": None,
}  # fmt: skip
_DELIVERY = {
    "id": "msg_" + "0123456789abcdef" * 2, "channel_id": "channel_0123456789abcdef",
    "act": "firing", "state": "sent", "attempts": 1, "created_at": "2026-05-01T08:00:02Z",
    "next_at": "2026-05-01T08:00:02Z", "sent_at": "2026-05-01T08:00:03Z", "last_status": 200,
    "last_error": None,
}  # fmt: skip
_COMMENT = {"at": "2026-05-01T08:05:00Z", "who": "me", "text": "The border was closed at noon."}


class AlertShown(Out):
    """An alert in short."""

    id: str
    rule_id: str
    dyad: str
    direction: str
    state: Literal["firing", "resolved"]
    severity: Severity
    headline: str
    started_at: dt.datetime
    resolved_at: dt.datetime | None
    held_back: Literal["muted", "quiet_hours", "group"] | None = Field(
        description="Why it was not sent; null where it was"
    )
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None


class AlertsOut(Standing):
    """A page of alerts, the last started first."""

    model_config = example({"count": 1, "alerts": [_ALERT], "next": None, **STANDING})

    count: int
    alerts: list[AlertShown]
    next: str | None = Field(description="Address of the page after this one")


class AlertDelivery(Out):
    """How one act of an alert fared on one channel."""

    id: str
    channel_id: str
    act: str
    state: Literal["waiting", "sent", "dead"]
    attempts: int
    created_at: dt.datetime
    next_at: dt.datetime
    sent_at: dt.datetime | None
    last_status: int | None
    last_error: str | None


class CommentOut(Out):
    """What somebody said."""

    at: dt.datetime
    who: str
    text: str


class AlertOut(AlertShown, Standing):
    """One alert with what was told of it, to whom, and what was said."""

    model_config = example(
        {
            **_ALERT, "payload": PAYLOAD, "deliveries": [_DELIVERY], "comments": [_COMMENT],
            **STANDING,
        }
    )  # fmt: skip

    payload: AlertPayload = Field(description="As it was last told")
    deliveries: list[AlertDelivery]
    comments: list[CommentOut]


class CommentIn(BaseModel):
    """Something to say of an alert."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": _COMMENT["text"]}]}
    )

    text: Annotated[Plain, Field(min_length=1, max_length=2_000)]
