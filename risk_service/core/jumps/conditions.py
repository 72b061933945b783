"""Rules that are judged by the clock, or by more than the index: as data, and rules from data.

A grave story, a jump that the markets confirm, news or prices that have grown old, and a model
whose scores have drifted. Their false alarms are not told from shaken index paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from risk_service.core.jumps.rules import (
    DIRECTIONS,
    Direction,
    Drift,
    Jump,
    Level,
    Rule,
    Timing,
)

What = Literal["feeds", "prices"]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a condition becomes a firing and when that ends, in hours of the clock, 0 or more.

    ``dwell``: it must hold so long; ``hold``: be clear so long before it is over; ``cooldown``:
    from one start to the next.
    """

    dwell: float = 0.0
    hold: float = 0.0
    cooldown: float = 0.0

    def __post_init__(self) -> None:
        for name in ("dwell", "hold", "cooldown"):
            if not 0 <= getattr(self, name) <= 8_760:
                raise ValueError(f"{name}: {getattr(self, name)} is not within 0–8760 hours")


@dataclass(frozen=True, slots=True)
class GraveStory:
    """One story of at least a severity (the threshold, 1–3) and a probability of its direction.

    ``within`` hours of its publication; each story is told once.
    """

    certainty: float = 0.8
    within: float = 24.0
    hours: Hours = Hours(cooldown=1.0)
    directions: tuple[Direction, ...] = DIRECTIONS

    def __post_init__(self) -> None:
        if not 0 < self.certainty <= 1:
            raise ValueError(f"certainty: {self.certainty} is not within 0–1")
        if not 1 <= self.within <= 168:
            raise ValueError(f"within: {self.within} is not within 1–168 hours")


@dataclass(frozen=True, slots=True)
class ConfirmedJump:
    """A jump whose direction the markets' joint move at the first close after it has too.

    ``percentile``: share of the days before that moved less, at least.
    """

    jump: Jump
    percentile: float = 0.9

    def __post_init__(self) -> None:
        if not 0 <= self.percentile < 1:
            raise ValueError(f"percentile: {self.percentile} is not within 0–1")


@dataclass(frozen=True, slots=True)
class Stale:
    """News or prices that were read longer ago than the threshold, in hours."""

    what: What = "feeds"
    hours: Hours = Hours()


@dataclass(frozen=True, slots=True)
class ModelDrift:
    """PSI of the model's scores, of the newest week that is over, of at least the threshold."""

    hours: Hours = Hours(cooldown=168.0)


@dataclass(frozen=True, slots=True)
class HourJump:
    """The index moved within the hour by at least the threshold, in scales (``hourly_score``)."""

    hours: Hours = Hours(cooldown=24.0)
    directions: tuple[Direction, ...] = DIRECTIONS


Clocked = GraveStory | HourJump | Stale | ModelDrift
Kept = Rule | ConfirmedJump | Clocked
"""Every kind of rule that is kept."""


def directions_of(rule: Kept) -> tuple[str, ...]:
    """Which ways a rule is judged; ``neither`` where it has none."""
    if isinstance(rule, ConfirmedJump):
        return rule.jump.timing.directions
    if isinstance(rule, GraveStory | HourJump):
        return rule.directions
    return ("neither",) if isinstance(rule, Stale | ModelDrift) else rule.timing.directions


def rule_of(told: Mapping[str, Any]) -> Kept:
    """A rule from plain data: ``kind`` and its fields, with a ``direction`` or null for both.

    Raises
    ------
    ValueError
        "field: message" for an unknown kind or a value that is not taken.
    """
    kind = told["kind"]
    way: tuple[Direction, ...] = DIRECTIONS
    if told.get("direction") is not None:
        way = (told["direction"],)
    if kind in ("jump", "level", "drift", "confirmed_jump"):
        timing = Timing(told["dwell"], told["hold"], told["cooldown"], way)
        if kind == "level":
            return Level(told["hysteresis"], timing)
        if kind == "drift":
            return Drift(told["allowance"], told["half_life"], timing)
        jump = Jump(told["days"], told["half_life"], timing)
        return jump if kind == "jump" else ConfirmedJump(jump, told["percentile"])
    hours = Hours(told["dwell"], told["hold"], told["cooldown"])
    if kind == "grave_story":
        return GraveStory(told["certainty"], told["within"], hours, way)
    if kind == "hour_jump":
        return HourJump(hours, way)
    if kind == "stale":
        return Stale(told["what"], hours)
    if kind == "model_drift":
        return ModelDrift(hours)
    raise ValueError(f"kind: {kind!r} is not one that is judged")


def grave_stories(
    events: pd.DataFrame, rule: GraveStory, severity: float, direction: Direction, now: datetime
) -> list[int]:
    """Ids of stories with a report that is as grave, newest report first.

    Parameters
    ----------
    events
        Scored events, columns ``core.index.EVENT_COLUMNS``.
    """
    grave = events[
        (events["published_at"] > now - timedelta(hours=rule.within))
        & (events["published_at"] <= now)
        & (events["severity"] >= severity)
        & (events[f"p_{direction}"] >= rule.certainty)
    ]
    newest = grave.sort_values(["published_at", "event_id"], ascending=False)
    return [int(story) for story in newest["story_id"].drop_duplicates()]


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """Since when the condition holds or is clear, when it last fired, and what was told already."""

    holds_since: datetime | None = None
    clear_since: datetime | None = None
    started_at: datetime | None = None
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a look at the clock says: the state now, and whether a firing starts and one ends."""

    state: str
    memory: ClockMemory
    starts: bool = False
    ends: bool = False


def tick(
    hours: Hours, state: str, memory: ClockMemory, holds: bool | None, fresh: bool, now: datetime
) -> Ticked:
    """Judge a condition at ``now``.

    Parameters
    ----------
    state
        inactive, pending, firing or resolved.
    holds
        None where it is not known: then nothing changes.
    fresh
        Whether what holds was not told before. While firing, what is fresh starts a new firing and
        ends the one before.
    """
    if holds is None:
        return Ticked(state, memory)
    if not holds:
        return _cleared(hours, state, memory, now)
    since = memory.holds_since or now
    memory = ClockMemory(since, None, memory.started_at, memory.told)
    dwelt = now - since >= timedelta(hours=hours.dwell)
    cooled = memory.started_at is None or now - memory.started_at >= timedelta(hours=hours.cooldown)
    if dwelt and cooled and fresh:
        started = ClockMemory(since, None, now, memory.told)
        return Ticked("firing", started, starts=True, ends=state == "firing")
    if state == "firing":
        return Ticked(state, memory)
    return Ticked("pending" if fresh and not dwelt else _rest(state), memory)


def _cleared(hours: Hours, state: str, memory: ClockMemory, now: datetime) -> Ticked:
    clear = (memory.clear_since or now) if state == "firing" else None
    memory = ClockMemory(None, clear, memory.started_at, memory.told)
    if clear is None:
        return Ticked(_rest(state), memory)
    if now - clear < timedelta(hours=hours.hold):
        return Ticked(state, memory)
    over = ClockMemory(None, None, memory.started_at, memory.told)
    return Ticked("resolved", over, ends=True)


def _rest(state: str) -> str:
    return "inactive" if state == "pending" else state
