"""PagerDuty by its Events API v2 (PagerDuty/api-schema, reference/events-v2).

One dedup key for everything about an alert: its id. A test has none, and uses its delivery's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from risk_service.notify.addresses import WebAddress, web_target
from risk_service.notify.contract import Channel, Parcel, Post
from risk_service.notify.http_answer import strict_answer
from risk_service.notify.wording import clipped, first_link, headline, part, web_links

ACTIONS = {"firing": "trigger", "test": "trigger", "acknowledged": "acknowledge",
           "resolved": "resolve"}  # fmt: skip
SUMMARY = 1_024
CLIENT = "risk-service"


class PagerDutyConfig(BaseModel):
    """Which of PagerDuty's regions takes the events."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress = Field(
        "https://events.pagerduty.com/v2/enqueue",
        description="In Europe https://events.eu.pagerduty.com/v2/enqueue",
    )


class PagerDutySecrets(BaseModel):
    """The integration key of a service's Events API v2 integration."""

    model_config = ConfigDict(extra="forbid")

    routing_key: str = Field(pattern=r"^[A-Za-z0-9_+/=-]{20,64}$")


def write(parcel: Parcel, now: datetime) -> Post:
    """Trigger, acknowledge or resolve."""
    payload = parcel.payload
    event: dict[str, Any] = {
        "routing_key": parcel.secrets["routing_key"],
        "event_action": ACTIONS[parcel.act],
        "dedup_key": dedup_key(parcel),
    }
    if event["event_action"] == "trigger":
        event["payload"] = _payload(payload)
        event["client"] = CLIENT
        event["links"] = [{"href": url, "text": name} for name, url in web_links(payload)]
        if (url := first_link(payload)) is not None:
            event["client_url"] = url
    body = orjson.dumps(event)
    return Post(str(parcel.config["url"]), body, {"content-type": "application/json"})


def dedup_key(parcel: Parcel) -> str:
    """What PagerDuty knows the alert by."""
    alert = part(parcel.payload, "alert").get("id")
    return parcel.id if parcel.act == "test" or not alert else str(alert)


def _payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    data, rule = payload["data"], part(payload, "rule")
    found = {
        "summary": clipped(headline(payload), SUMMARY),
        "source": CLIENT,
        "severity": part(payload, "alert").get("severity") or "info",
        "timestamp": payload["timestamp"],
        "component": data.get("dyad"),
        "group": data.get("group"),
        "class": rule.get("kind"),
        "custom_details": data,
    }
    return {name: value for name, value in found.items() if value is not None}


PAGERDUTY = Channel(
    "pagerduty", PagerDutyConfig, PagerDutySecrets, write, strict_answer, web_target("config.url")
)
