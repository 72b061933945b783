"""Webhooks by the Standard Webhooks specification 1.0.0 (github.com/standard-webhooks).

``webhook-id`` is the delivery's id, the same at each attempt; ``webhook-timestamp`` the attempt's
moment; ``webhook-signature`` holds one v1 signature for each secret that is valid, parted by a
space, so that a receiver may change its secret while both work.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator
from standardwebhooks import Webhook

from risk_service.notify.addresses import WebAddress, web_target
from risk_service.notify.contract import Channel, Parcel, Post
from risk_service.notify.http_answer import http_answer
from risk_service.notify.signing import valid_secrets

MOST_BYTES = 20_000
PREFIX = "whsec_"


class WebhookConfig(BaseModel):
    """Where a webhook goes."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress


class WebhookSecrets(BaseModel):
    """What a webhook is signed with; made here where it is not given."""

    model_config = ConfigDict(extra="forbid")

    secret: str | None = Field(
        None, description="`whsec_` and 24 to 64 bytes in base64; left out: one is made"
    )

    @field_validator("secret")
    @classmethod
    def _sound(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            raw = base64.b64decode(value.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if not value.startswith(PREFIX) or not 24 <= len(raw) <= 64:
            raise ValueError("is not whsec_ with 24 to 64 bytes in base64")
        return value


def write(parcel: Parcel, now: datetime) -> Post:
    """The signed request; ValueError for a payload that does not fit into 20 kB however short."""
    body = orjson.dumps(fitting(parcel.payload), option=orjson.OPT_UTC_Z)
    text = body.decode()
    signatures = [
        Webhook(secret).sign(parcel.id, now, text) for secret in valid_secrets(parcel.secrets, now)
    ]
    headers = {
        "content-type": "application/json",
        "webhook-id": parcel.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Post(str(parcel.config["url"]), body, headers)


def fitting(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload in less than 20 kB: words of stories go first, then stories, then sectors."""
    found: dict[str, Any] = deepcopy(dict(payload))
    data = found.get("data", {})
    for shorten in (_without_words, _without("stories"), _without("sectors")):
        if len(orjson.dumps(found)) < MOST_BYTES:
            return found
        shorten(data)
    if len(orjson.dumps(found)) >= MOST_BYTES:
        raise ValueError(f"the payload has more than {MOST_BYTES} bytes")
    return found


def _without_words(data: dict[str, Any]) -> None:
    for story in data.get("stories") or []:
        story["words"] = []


def _without(name: str) -> Any:
    def empty(data: dict[str, Any]) -> None:
        if name in data:
            data[name] = []

    return empty


WEBHOOK = Channel(
    "webhook", WebhookConfig, WebhookSecrets, write, http_answer, web_target("config.url")
)
