"""Channels that alerts are sent through, and what was sent through them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from risk_service.api.deps import Plain
from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.notify.kinds import KINDS

Kind = Literal["webhook", "slack", "pagerduty", "alertmanager", "email"]
State = Literal["waiting", "sent", "dead"]
Name = Annotated[Plain, Field(min_length=1, max_length=100)]

_EXAMPLES: list[JsonValue] = [
    {"name": "desk", "kind": "webhook", "config": {"url": "https://example.org/risk"}},
    {
        "name": "channel of the desk",
        "kind": "slack",
        "secrets": {"url": "https://hooks.slack.com/services/T000/B000/XXXX"},
    },
    {"name": "on call", "kind": "pagerduty", "secrets": {"routing_key": "0" * 32}},
    {"name": "ours", "kind": "alertmanager", "config": {"url": "https://alerts.example.org"}},
    {
        "name": "mail",
        "kind": "email",
        "config": {"host": "smtp.example.org", "sender": "risk@example.org",
                   "to": ["desk@example.org"]},
        "secrets": {"username": "risk", "password": "…"},
    },
]  # fmt: skip
_SECRET: dict[str, Any] = {"name": "secret", "since": "2026-05-01T08:00:00+00:00", "until": None}
_CHANNEL: dict[str, Any] = {
    "id": "channel_0123456789abcdef", "name": "desk", "kind": "webhook",
    "config": {"url": "https://example.org/risk"}, "secrets": [_SECRET],
    "created_at": "2026-05-01T08:00:00Z", "disabled_at": None, "disabled_because": None,
}  # fmt: skip
_DELIVERY: dict[str, Any] = {
    "id": "msg_" + "0123456789abcdef" * 2, "channel_id": "channel_0123456789abcdef",
    "alert_id": "alert_" + "0123456789abcdef" * 2, "act": "firing", "state": "dead", "attempts": 10,
    "created_at": "2026-05-01T08:00:00Z", "next_at": "2026-05-04T11:35:00Z", "sent_at": None,
    "last_status": 500, "last_error": "given up after 10 attempts: answered with status 500",
}  # fmt: skip


def _either(part: Literal["config", "secrets"]) -> dict[str, JsonValue]:
    """One schema for each kind of channel."""
    schemas: list[JsonValue] = [
        {**getattr(kind, part).model_json_schema(), "title": f"{name} {part}"}
        for name, kind in KINDS.items()
    ]
    return {"anyOf": schemas}


class ChannelIn(BaseModel):
    """A new channel; what ``config`` and ``secrets`` hold depends on its kind."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    name: Name
    kind: Kind
    config: dict[str, Any] = Field({}, json_schema_extra=_either("config"))
    secrets: dict[str, Any] = Field(
        {},
        description="Taken, and never shown again; a webhook's may be left out: one is made",
        json_schema_extra=_either("secrets"),
    )


class ChannelChangeIn(BaseModel):
    """What of a channel is to be another; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True}]})

    name: Name | None = None
    config: dict[str, Any] | None = Field(
        None, description="The whole of it", json_schema_extra=_either("config")
    )
    enabled: bool | None = None


class RotationIn(BaseModel):
    """New secrets in place of those that are held."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"keep_hours": 24}]})

    secrets: dict[str, Any] = Field({}, json_schema_extra=_either("secrets"))
    keep_hours: float = Field(
        24, ge=0, le=720, description="How long a webhook is signed with the old secret too"
    )


class SecretOut(Out):
    """A secret that is held, without it."""

    name: str
    since: datetime | None
    until: datetime | None = Field(description="Until when it signs beside a newer one")


class ChannelRow(Out):
    """A channel."""

    id: str
    name: str
    kind: Kind
    config: dict[str, Any]
    secrets: list[SecretOut]
    created_at: datetime
    disabled_at: datetime | None
    disabled_because: str | None = Field(description="Such as: the receiver answered 410 Gone")


class ChannelOut(ChannelRow):
    """A channel as it is now."""

    model_config = example(_CHANNEL)


class MadeChannelOut(ChannelRow):
    """A channel that was made or got new secrets."""

    model_config = example({**_CHANNEL, "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})

    secret: str | None = Field(
        description="What a webhook is signed with: shown now and never again; null for others"
    )


class ChannelsOut(Standing):
    """Every channel, by name."""

    model_config = example({"channels": [_CHANNEL], **STANDING})

    channels: list[ChannelRow]


class DeletedOut(Out):
    """What was deleted."""

    model_config = example({"deleted": _CHANNEL["id"]})

    deleted: str


class QueuedOut(Out):
    """A delivery that waits to be sent."""

    model_config = example({"delivery": _DELIVERY["id"]})

    delivery: str = Field(description="Its id; GET /v1/alerts/deliveries/{id} tells how it went")


class DeliveryRow(Out):
    """A delivery: one act of an alert on its way to one channel."""

    id: str = Field(description="The same at each attempt; a webhook's webhook-id")
    channel_id: str
    alert_id: str | None = Field(description="null for a test")
    act: str = Field(description="firing, acknowledged, resolved or test")
    state: State
    attempts: int
    created_at: datetime
    next_at: datetime = Field(description="When it is tried next; of the past once it is not")
    sent_at: datetime | None
    last_status: int | None = Field(description="Of HTTP or SMTP; null: nothing came back")
    last_error: str | None


class DeliveriesOut(Standing):
    """A page of deliveries, newest first."""

    model_config = example({"count": 1, "deliveries": [_DELIVERY], "next": None, **STANDING})

    count: int
    deliveries: list[DeliveryRow]
    next: str | None = Field(description="Address of the next page; null on the last")


class DeliveryOut(DeliveryRow):
    """A delivery with what it carries."""

    model_config = example({**_DELIVERY, "payload": {"type": "alert.firing"}})

    payload: dict[str, Any]
