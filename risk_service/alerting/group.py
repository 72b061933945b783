"""Watches of one series and one last settled day, judged together.

Pure: a group and what is known of its series in, verdicts out; only of watches that move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import numpy as np

from risk_service.alerting.book import Watch
from risk_service.alerting.series import Live, Settled
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.conditions import ConfirmedJump
from risk_service.core.jumps.rules import Direction
from risk_service.core.jumps.turn import Bools, Ints, Memory, Watches, turn
from risk_service.settle import end_of

TOLD_WITHIN = timedelta(days=3)
"""A day that settles later than this after its end is remembered, and nothing is told of it."""


@dataclass(frozen=True, slots=True)
class Start:
    """What began: its natural key, when, and what moved how far; NaN where it is no number."""

    key: str
    at: datetime
    value_from: float
    value_to: float
    score: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a watch stands after it was judged; ``acts`` in order: a start, or None for an end."""

    watch: Watch
    state: str
    memory: dict[str, Any]
    until: date | None
    acts: tuple[Start | None, ...] = ()


@dataclass(slots=True)
class Group:
    """Watches as arrays; ``live_day`` is the ordinal of the day on which one fired live, else 0."""

    watches: Sequence[Watch]
    asked: Watches
    memory: Memory
    until: date | None
    firing: Bools
    pending: Bools
    confirm: Bools
    live_day: Ints


def group_of(watches: Sequence[Watch]) -> Group:
    """Watches of one series that were all judged until the same day, or never."""
    rules = [watch.inner for watch in watches]
    asked = [
        (rule, watch.row["threshold"], cast(Direction, watch.direction))
        for rule, watch in zip(rules, watches, strict=True)
        if rule is not None
    ]
    told = [watch.memory.get("turn") for watch in watches]
    empty = Memory.empty(1).row(0)
    days = [watch.memory.get("live_day") for watch in watches]
    return Group(
        watches,
        Watches.of(asked),
        Memory.of([one or empty for one in told]),
        watches[0].judged_until,
        np.array([watch.now_is == "firing" for watch in watches], bool),
        np.array([watch.now_is == "pending" for watch in watches], bool),
        np.array([isinstance(watch.rule, ConfirmedJump) for watch in watches], bool),
        np.array([date.fromisoformat(day).toordinal() if day else 0 for day in days], np.int64),
    )


def judge(group: Group, settled: Settled | None, live: Live | None, now: datetime) -> list[Verdict]:
    """Take the group over the days that settled since, then hold the live value against it."""
    days = _Days(group, now)
    if settled is not None:
        days.settle(settled)
    if live is not None and (days.until is None or live.day > days.until):
        days.look(live)
    return days.verdicts()


class _Days:
    """The walk over the days of one group."""

    def __init__(self, group: Group, now: datetime) -> None:
        self._group, self._now = group, now
        self._memory, self.until = group.memory, group.until
        self._firing = group.firing.copy()
        self._pending = group.pending.copy()
        self._live_day = group.live_day.copy()
        self._acts: dict[int, list[Start | None]] = {}
        self._jumped: dict[int, Start] = {}
        self._moved = False

    def settle(self, settled: Settled) -> None:
        """Turn over each day after the last; what was folded for the first time tells nothing."""
        new = self.until is None
        for at, stamp in enumerate(settled.days):
            day = stamp.date()
            if not new and self.until is not None and day <= self.until:
                continue
            value = settled.known.values[at, 0]
            span = {days: rows[at, 0] for days, rows in settled.known.before.items()}
            self._turn(day, value, span[1], span[7], silent=new or self._is_late(day))
            self._moved = True
        if len(settled.days):
            last = settled.days[-1].date()
            self.until = last if self.until is None else max(self.until, last)

    def _is_late(self, day: date) -> bool:
        return self._now - end_of(day) > TOLD_WITHIN

    def _turn(self, day: date, value: float, one: float, seven: float, *, silent: bool) -> None:
        before = self._before(one, seven)
        began = self._live_day == day.toordinal()
        self._memory, turned = turn(
            self._group.asked, self._memory, np.full(len(before), value), before, began
        )
        self._pending &= self._group.confirm
        if silent:
            return
        ends = self._firing & ~self._memory.active
        for at in np.flatnonzero(ends).tolist():
            self._acts.setdefault(at, []).append(None)
        starts = turned.started & ~self._firing
        score = turned.statistic
        self._begin(starts, day, end_of(day), value, one, before, score)
        self._firing &= ~ends

    def look(self, live: Live) -> None:
        """Hold the live value against the memory, which stays as it is."""
        asked, memory = self._group.asked, self._memory
        series = str(self._group.watches[0].row["series"])
        value, one, seven = live.value(series), live.before(series, 1), live.before(series, 7)
        unknown = np.full(len(self._firing), np.nan)
        for _ in range(0 if self.until is None else (live.day - self.until).days - 1):
            memory, _ = turn(asked, memory, unknown, unknown)
        before = self._before(one, seven)
        after, turned = turn(asked, memory, np.full(len(before), value), before)
        told = self._firing | (self._live_day == live.day.toordinal())
        starts = turned.started & ~told
        self._begin(starts, live.day, self._now, value, one, before, turned.statistic)
        self._live_day[starts] = live.day.toordinal()
        waits = turned.above & ~after.active & ~self._firing
        self._pending = np.where(self._group.confirm, self._pending, waits & ~starts)

    def _before(self, one: float, seven: float) -> Floats:
        return np.where(self._group.asked.span == 7, seven, one)

    def _begin(
        self,
        starts: Bools,
        day: date,
        at: datetime,
        value: float,
        one: float,
        before: Floats,
        score: Floats,
    ) -> None:
        for n in np.flatnonzero(starts).tolist():
            came = float(before[n]) if self._group.asked.span[n] else one
            start = Start(day.isoformat(), at, came, value, float(score[n]))
            if self._group.confirm[n]:
                self._jumped[n] = start
                self._pending[n] = True
            else:
                self._acts.setdefault(n, []).append(start)
                self._firing[n] = True

    def verdicts(self) -> list[Verdict]:
        """One of each watch that moved: all of them where a day settled."""
        group = self._group
        changed = (
            (self._firing != group.firing)
            | (self._pending != group.pending)
            | (self._live_day != group.live_day)
        )
        for at in [*self._acts, *self._jumped]:
            changed[at] = True
        if self._moved or group.until != self.until or group.watches[0].state is None:
            changed[:] = True
        return [self._verdict(at) for at in np.flatnonzero(changed).tolist()]

    def _verdict(self, at: int) -> Verdict:
        watch = self._group.watches[at]
        day = int(self._live_day[at])
        memory = {
            **watch.memory,
            "turn": self._memory.row(at),
            "live_day": date.fromordinal(day).isoformat() if day else None,
        }
        if at in self._jumped:
            jump = self._jumped[at]
            values = [_number(x) for x in (jump.value_from, jump.value_to, jump.score)]
            memory["jumped"] = {"day": jump.key, "at": jump.at.isoformat(), "values": values}
        acts = tuple(self._acts.get(at, ()))
        return Verdict(watch, self._state(at, watch, acts), memory, self.until, acts)

    def _state(self, at: int, watch: Watch, acts: tuple[Start | None, ...]) -> str:
        if self._firing[at]:
            return "firing"
        if self._pending[at]:
            return "pending"
        if None in acts:
            return "resolved"
        return "inactive" if watch.now_is in ("pending", "firing") else watch.now_is


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
