"""Rules judged by the clock: grave stories, an hour's jump, old news or prices, model drift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from risk_service.alerting.book import Watch
from risk_service.alerting.group import Start, Verdict
from risk_service.core.index import index_at
from risk_service.core.jumps.conditions import (
    Clocked,
    ClockMemory,
    GraveStory,
    HourJump,
    ModelDrift,
    Stale,
    grave_stories,
    tick,
)
from risk_service.core.jumps.firings import SIGNS
from risk_service.core.jumps.hourly import hourly_score, hours_before
from risk_service.core.jumps.rules import Direction
from risk_service.desk import Desk
from risk_service.drift import newest_weeks
from risk_service.settle import STORY_REACH
from risk_service.store.events import scored_events
from risk_service.store.freshness import watched_until, were_watched
from risk_service.store.price_feeds import last_price_feed

LONGEST = timedelta(hours=168)
REMEMBERED = 200
"""Stories whose ids are kept, so that none is told twice."""
_TINY = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Fact:
    """Whether a condition holds (None unknown), the number that says so, and its natural keys.

    ``past`` are keys of what was there when the rule was made, and is not told. ``came`` and ``to``
    are the values it moved between, where it is about a move.
    """

    holds: bool | None
    number: float
    keys: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    came: float = math.nan
    to: float = math.nan


@dataclass(slots=True)
class Facts:
    """What the clock's rules ask about, read when first asked."""

    conn: Connection
    desk: Desk
    model: str
    simulated: bool
    now: datetime
    _events: dict[str, pd.DataFrame] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], float] = field(default_factory=dict)
    _hours: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def of(self, watch: Watch) -> Fact:
        """The fact that a watch is about."""
        rule, most, dyad = watch.rule, watch.row["threshold"], watch.row["dyad"]
        if isinstance(rule, GraveStory):
            way, events = cast(Direction, watch.direction), self._of_week(dyad)
            found, past = (
                grave_stories(events, rule, most, way, moment)
                for moment in (self.now, watch.row["updated_at"])
            )
            return Fact(bool(found), float(len(found)), _keys(found), _keys(past))
        if isinstance(rule, HourJump):
            hours = self._of_hours(dyad)
            number = SIGNS[watch.direction] * hourly_score(hours)
            holds = None if math.isnan(number) else number >= most
            return Fact(holds, number, came=float(hours[-2]), to=float(hours[-1]))
        assert isinstance(rule, Stale | ModelDrift)
        number = self._number(dyad, rule)
        return Fact(None if math.isnan(number) else number >= most, number)

    def _of_week(self, dyad: str) -> pd.DataFrame:
        if dyad not in self._events:
            until = self.now + _TINY
            self._events[dyad] = scored_events(
                self.conn, dyad, self.model, self.now - LONGEST, until
            )
        return self._events[dyad]

    def _of_hours(self, dyad: str) -> npt.NDArray[np.float64]:
        """The index now and an hour apart before; the last NaN where the news is not watched."""
        if dyad not in self._hours:
            moments = hours_before(self.now)
            since = moments[0] - self.desk.method.window - STORY_REACH
            events = scored_events(self.conn, dyad, self.model, since, self.now + _TINY)
            values = index_at(events, moments, self.desk.method)["risk_index"].to_numpy(
                float, copy=True
            )
            seen = were_watched(self.conn, dyad, pd.DatetimeIndex(moments[-2:]))
            values[-2:][~np.array(seen)] = np.nan
            self._hours[dyad] = values
        return self._hours[dyad]

    def _number(self, dyad: str, rule: Stale | ModelDrift) -> float:
        what = rule.what if isinstance(rule, Stale) else "drift"
        if (dyad, what) not in self._numbers:
            self._numbers[dyad, what] = self._read(dyad, what)
        return self._numbers[dyad, what]

    def _read(self, dyad: str, what: str) -> float:
        """Hours since news or prices were read, or the PSI; NaN unknown."""
        if what == "drift":
            psi = newest_weeks(self.conn, self.desk, self.now).get(dyad, {}).get("psi")
            return math.nan if psi is None else float(psi)
        if what == "prices":
            feed = last_price_feed(self.conn, simulated=self.simulated)
            moment = None if feed is None else feed.state.succeeded_at
        else:
            moment = watched_until(self.conn, dyad, self.now)
        return math.nan if moment is None else (self.now - moment).total_seconds() / 3600


def judge_clocked(watches: Sequence[Watch], facts: Facts) -> list[Verdict]:
    """Verdicts of the watches that move."""
    found = [_judge(watch, facts.of(watch), facts.now) for watch in watches]
    return [verdict for verdict in found if verdict is not None]


def _judge(watch: Watch, fact: Fact, now: datetime) -> Verdict | None:
    rule = watch.rule
    assert isinstance(rule, Clocked)
    memory = _read(watch.memory)
    if watch.state is None:
        # What was there before a rule is its past; what is stale now, or came since, is not.
        memory = replace(memory, told=fact.past)
    untold = [key for key in fact.keys if key not in memory.told]
    fresh = bool(untold) if isinstance(rule, GraveStory) else watch.now_is != "firing"
    done = tick(rule.hours, watch.now_is, memory, fact.holds, fresh, now)
    acts: list[Start | None] = [None] if done.ends else []
    if done.starts:
        key = untold[0] if untold else now.isoformat()
        told = (*done.memory.told, *untold)[-REMEMBERED:]
        done = replace(done, memory=replace(done.memory, told=told))
        to = fact.number if math.isnan(fact.to) else fact.to
        acts.append(Start(key, now, fact.came, to, fact.number))
    written = _written(done.memory)
    if watch.state is not None and (done.state, written) == (watch.now_is, watch.memory):
        return None
    return Verdict(watch, done.state, written, None, tuple(acts))


def _keys(stories: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(one) for one in stories)


def _read(told: dict[str, Any]) -> ClockMemory:
    moments = [told.get(name) for name in ("holds_since", "clear_since", "started_at")]
    read = [None if one is None else datetime.fromisoformat(one) for one in moments]
    return ClockMemory(read[0], read[1], read[2], tuple(told.get("told", ())))


def _written(memory: ClockMemory) -> dict[str, Any]:
    moments = {name: getattr(memory, name) for name in ("holds_since", "clear_since", "started_at")}
    told = {name: None if one is None else one.isoformat() for name, one in moments.items()}
    return {**told, "told": list(memory.told)}
