"""Secrets of a channel: made, held, changed, and told once.

A webhook's are held as ``{"signing": [{"secret", "since", "until"}, …]}``, newest first; a secret
that another one replaced is valid until its ``until``. Any other channel's are held as given.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

Held = dict[str, Any]
SIGNED = "webhook"
MOST_HELD = 5


def new_secret() -> str:
    """32 random bytes as Standard Webhooks writes them: ``whsec_`` and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def first_secrets(kind: str, given: Mapping[str, Any], now: datetime) -> Held:
    """What a new channel holds."""
    return rotated(kind, {}, given, now, timedelta(0))


def rotated(
    kind: str, held: Held, given: Mapping[str, Any], now: datetime, keep: timedelta
) -> Held:
    """What a channel holds after a change; a webhook's secrets of before are valid for ``keep``."""
    if kind != SIGNED:
        return {name: value for name, value in given.items() if value is not None}
    until = now + keep
    older = [
        {**one, "until": min(_moment(one["until"]) or until, until).isoformat()}
        for one in held.get("signing", [])
        if (_moment(one["until"]) or until) > now
    ]
    newest = {"secret": given.get("secret") or new_secret(), "since": now.isoformat(),
              "until": None}  # fmt: skip
    kept = older[: MOST_HELD - 1] if keep > timedelta(0) else []
    return {"signing": [newest, *kept]}


def valid_secrets(held: Mapping[str, Any], now: datetime) -> list[str]:
    """The secrets that sign at a moment, newest first."""
    return [
        str(one["secret"])
        for one in held.get("signing", [])
        if (_moment(one["until"]) or now) >= now
    ]


def told_once(kind: str, held: Mapping[str, Any]) -> str | None:
    """The secret whoever made or rotated a channel must be told, for it is never shown again."""
    return str(held["signing"][0]["secret"]) if kind == SIGNED else None


def about_secrets(kind: str, held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Which secrets are held, without them."""
    if kind != SIGNED:
        return [{"name": name, "since": None, "until": None} for name in sorted(held)]
    return [
        {"name": "secret", "since": one["since"], "until": one["until"]}
        for one in held.get("signing", [])
    ]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
