"""Prometheus Alertmanager by its API v2 (prometheus/alertmanager, api/v2/openapi.yaml).

Alertmanager knows an alert by its labels, so these are the same from firing to resolved. It
resolves by itself what is not told again within its ``resolve_timeout``; as each alert is told
once, a firing one says an end of its own, ``firing_days`` ahead, and resolving it brings that
forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from httpx import BasicAuth
from httpx import Request as HttpRequest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from risk_service.notify.addresses import WebAddress, web_target
from risk_service.notify.contract import Channel, Parcel, Post
from risk_service.notify.http_answer import strict_answer
from risk_service.notify.wording import facts, first_link, headline, part, stories

PATH = "/api/v2/alerts"
TEST_LASTS = timedelta(minutes=5)
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")]
LabelValue = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AlertmanagerConfig(BaseModel):
    """An Alertmanager, and what is said of each alert besides."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress = Field(description="Its base address; /api/v2/alerts is put behind")
    labels: dict[LabelName, LabelValue] = Field(
        {}, max_length=20, description="Further labels, for its routes"
    )
    firing_days: int = Field(7, ge=1, le=90, description="When an alert ends that nobody resolves")


class AlertmanagerSecrets(BaseModel):
    """A token, or user and password, or nothing."""

    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(None, pattern=r"^[\x21-\x7e]{1,4000}$")
    username: str | None = Field(None, pattern=r"^[^:\x00-\x1f\x7f]{1,200}$")
    password: str | None = Field(None, pattern=r"^[^\x00-\x1f\x7f]{1,500}$")

    @model_validator(mode="after")
    def _one_way_in(self) -> AlertmanagerSecrets:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password come together")
        if self.token and self.username:
            raise ValueError("either a token, or username and password")
        return self


def write(parcel: Parcel, now: datetime) -> Post:
    """The alert as it stands, in a list of one."""
    config, payload = parcel.config, parcel.payload
    alert: dict[str, Any] = {
        "labels": labels(parcel),
        "annotations": _annotations(payload),
        "startsAt": part(payload, "alert").get("started_at") or payload["timestamp"],
        "endsAt": _ends(parcel, now),
    }
    if (url := first_link(payload)) is not None:
        alert["generatorURL"] = url
    headers = {"content-type": "application/json", **_way_in(parcel.secrets)}
    return Post(str(config["url"]).rstrip("/") + PATH, orjson.dumps([alert]), headers)


def labels(parcel: Parcel) -> dict[str, str]:
    """What Alertmanager knows the alert by; those of the config first, ours cannot be changed."""
    data, rule, alert = parcel.payload["data"], part(parcel.payload, "rule"), part(
        parcel.payload, "alert"
    )  # fmt: skip
    own = {
        "alertname": rule.get("name") or "risk",
        "alert_id": parcel.id if parcel.act == "test" else alert.get("id"),
        "rule_id": rule.get("id"),
        "kind": rule.get("kind"),
        "dyad": data.get("dyad"),
        "series": rule.get("series"),
        "direction": alert.get("direction"),
        "severity": alert.get("severity"),
        "group": data.get("group"),
    }
    told = {name: str(value) for name, value in own.items() if value}
    return {**parcel.config.get("labels", {}), **told}


def _annotations(payload: Mapping[str, Any]) -> dict[str, str]:
    lines = [f"{name}: {value}" for name, value in facts(payload)]
    lines += [f"- {story.get('text')} ({story.get('source')})" for story in stories(payload)]
    return {"summary": headline(payload), "description": "\n".join(lines)}


def _ends(parcel: Parcel, now: datetime) -> str:
    if parcel.act == "test":
        return (now + TEST_LASTS).isoformat()
    if parcel.act == "resolved":
        ended = part(parcel.payload, "alert").get("resolved_at") or parcel.payload["timestamp"]
        return str(ended)
    return (now + timedelta(days=parcel.config.get("firing_days", 7))).isoformat()


def _way_in(secrets: Mapping[str, Any]) -> dict[str, str]:
    if secrets.get("token"):
        return {"authorization": f"Bearer {secrets['token']}"}
    if secrets.get("username"):
        signed = next(
            BasicAuth(secrets["username"], secrets["password"]).auth_flow(
                HttpRequest("POST", "http://localhost")
            )
        )
        return {"authorization": signed.headers["authorization"]}
    return {}


ALERTMANAGER = Channel(
    "alertmanager", AlertmanagerConfig, AlertmanagerSecrets, write, strict_answer,
    web_target("config.url"),
)  # fmt: skip
