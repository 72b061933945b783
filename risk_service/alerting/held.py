"""Why an alert is kept back: its rule is muted, the hour is quiet, or its group has just told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from risk_service.core.jumps.conditions import Clocked, rule_of
from risk_service.store.alerts import last_told
from risk_service.store.upsert import Row


def held_back(conn: Connection, rule: Row, now: datetime) -> str | None:
    """``muted``, ``quiet_hours`` or ``group``; None where the alert is to be sent."""
    if rule["muted_until"] is not None and now < rule["muted_until"]:
        return "muted"
    if rule["quiet_hours"] is not None and is_quiet(rule["quiet_hours"], now):
        return "quiet_hours"
    if rule["group_key"] is None:
        return None
    told = last_told(conn, rule["group_key"])
    return "group" if told is not None and now - told < cooldown_of(rule) else None


def is_quiet(hours: Mapping[str, Any], now: datetime) -> bool:
    """Whether a moment lies in [from, to) on the clock of the zone; over midnight where from > to.

    >>> from datetime import UTC
    >>> hours = {"from": "22:00", "to": "06:30", "timezone": "Europe/Berlin"}
    >>> [is_quiet(hours, datetime(2025, 7, 1, hour, 15, tzinfo=UTC)) for hour in (19, 20, 4, 5)]
    [False, True, True, False]
    """
    clock = now.astimezone(ZoneInfo(hours["timezone"])).time()
    start, stop = time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"])
    return start <= clock < stop if start <= stop else clock >= start or clock < stop


def cooldown_of(rule: Row) -> timedelta:
    """How long a rule's group says nothing more; in hours or days, as the rule counts."""
    kept, cooldown = rule_of(rule["rule"]), rule["rule"]["cooldown"]
    is_clocked = isinstance(kept, Clocked)
    return timedelta(hours=cooldown) if is_clocked else timedelta(days=cooldown)
