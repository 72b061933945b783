"""Rules judged day by day, many at once, from a memory of what came before.

``turn`` takes a memory over one settled day; folded over all of them it says what ``firings`` says
of the whole history. A live value is judged by a turn whose memory is thrown away, so that it never
enters the baseline it is held against. What is judged is a *watch*: a rule in one direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from risk_service.core.jumps.baseline import CLIP, LEAST_SCALE, WARM_UP, Floats, baseline
from risk_service.core.jumps.rules import NEITHER, Direction, Drift, Jump, Level, Rule
from risk_service.core.jumps.scores import MOST

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

LONG_AGO = 1_000_000
"""Days since a start that never was."""
LAGS = 6
"""Scales kept: a change over a week is held against the scale of six days earlier."""
_NORMAL = float(np.sqrt(np.pi / 2))
_SIGNS = {"escalation": 1.0, "thaw": -1.0}


@dataclass(frozen=True, slots=True)
class Watches:
    """What so many watches ask, an array (W,) each; a number that a kind does not have is 0.

    ``span`` is 1 or 7 days for jumps, else 0. Watches of one call are of one series or of many:
    each is given its own value.
    """

    is_level: Bools
    is_drift: Bools
    span: Ints
    half_life: Floats
    allowance: Floats
    hysteresis: Floats
    threshold: Floats
    dwell: Ints
    hold: Ints
    cooldown: Ints
    sign: Floats

    @classmethod
    def of(cls, asked: Sequence[tuple[Rule, float, Direction]]) -> Self:
        """Rules with their thresholds, each in one direction."""
        rules = [rule for rule, _, _ in asked]
        timings = [rule.timing for rule in rules]
        spans = [rule.days if isinstance(rule, Jump) else 0 for rule in rules]
        half_lives = [1.0 if isinstance(rule, Level) else rule.half_life for rule in rules]
        return cls(
            np.array([isinstance(rule, Level) for rule in rules], bool),
            np.array([isinstance(rule, Drift) for rule in rules], bool),
            np.array(spans, np.int64),
            np.array(half_lives, np.float64),
            np.array([rule.allowance if isinstance(rule, Drift) else 0.0 for rule in rules]),
            np.array([rule.hysteresis if isinstance(rule, Level) else 0.0 for rule in rules]),
            np.array([threshold for _, threshold, _ in asked], np.float64),
            np.array([timing.dwell for timing in timings], np.int64),
            np.array([timing.hold for timing in timings], np.int64),
            np.array([timing.cooldown for timing in timings], np.int64),
            np.array([_SIGNS[direction] for _, _, direction in asked], np.float64),
        )

    def only(self, chosen: Ints) -> Watches:
        """Some of them, in that order."""
        return Watches(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known after the last settled day, (W,) each; ``lagged`` (W, LAGS), newest first.

    ``early`` holds the first known values of watches that have no baseline yet. ``since`` are
    judged or missing days since the last start; ``run`` and ``quiet`` days in a row on which the
    condition held, and was clear.
    """

    centre: Floats
    scale: Floats
    lagged: Floats
    early: tuple[tuple[float, ...], ...]
    active: Bools
    run: Ints
    quiet: Ints
    since: Ints
    total: Floats

    @classmethod
    def empty(cls, count: int) -> Self:
        """Before the first day."""
        unknown = np.full(count, np.nan)
        zero = np.zeros(count, np.int64)
        return cls(
            unknown, unknown, np.full((count, LAGS), np.nan), ((),) * count,
            np.zeros(count, bool), zero, zero, np.full(count, LONG_AGO), np.zeros(count),
        )  # fmt: skip

    @classmethod
    def of(cls, told: Sequence[Mapping[str, Any]]) -> Self:
        """From what ``row`` gave of each watch."""
        numbers = {name: [_number(one[name]) for one in told] for name in ("centre", "scale")}
        lagged = np.array([[_number(x) for x in one["lagged"]] for one in told], np.float64)
        ints = {
            name: np.array([one[name] for one in told], np.int64)
            for name in ("run", "quiet", "since")
        }
        return cls(
            np.array(numbers["centre"], np.float64),
            np.array(numbers["scale"], np.float64),
            lagged.reshape(len(told), LAGS),
            tuple(tuple(one["early"]) for one in told),
            np.array([one["active"] for one in told], bool),
            ints["run"],
            ints["quiet"],
            ints["since"],
            np.array([one["total"] for one in told], np.float64),
        )

    def row(self, at: int) -> dict[str, Any]:
        """One watch as plain data for JSON; unknown is None."""
        return {
            "centre": _told(self.centre[at]),
            "scale": _told(self.scale[at]),
            "lagged": [_told(x) for x in self.lagged[at]],
            "early": list(self.early[at]),
            "active": bool(self.active[at]),
            "run": int(self.run[at]),
            "quiet": int(self.quiet[at]),
            "since": int(self.since[at]),
            "total": float(self.total[at]),
        }

    def only(self, chosen: Ints) -> Memory:
        """Some of the watches, in that order."""
        early = tuple(self.early[i] for i in chosen.tolist())
        rest = {n: getattr(self, n)[chosen] for n in self.__slots__ if n != "early"}
        return replace(self, early=early, **rest)


@dataclass(frozen=True, slots=True)
class Turned:
    """What a day says, (W,) each: whether a firing starts, whether the condition holds, and what
    was held against the threshold (NaN unknown)."""

    started: Bools
    above: Bools
    statistic: Floats


def turn(
    watches: Watches,
    memory: Memory,
    value: Floats,
    before: Floats,
    began: Bools | None = None,
) -> tuple[Memory, Turned]:
    """One day more.

    Parameters
    ----------
    value
        (W,) of the day; NaN for a gap.
    before
        (W,) so many days earlier as a jump compares, as known on the day; not looked at otherwise.
    began
        Watches that were told to fire during the day, before it was settled. They count as
        started on it, wherever the settled value came to lie: what was told stays told.

    Returns
    -------
    memory, turned
        Folded over settled days without ``began``: ``turned`` is exactly what ``judge.fires`` says
        of ``scores`` of the whole history.
    """
    jumps = watches.span > 0
    fed = np.where(jumps, value - before, value)
    towards = watches.sign * _scores(watches, memory, fed)
    settled, turned = _judged(watches, memory, towards, began)
    centre, scale = _learnt(watches, memory, fed)
    lagged = np.concatenate([memory.scale[:, None], memory.lagged[:, :-1]], axis=1)
    learnt = replace(settled, centre=centre, scale=scale, lagged=lagged)
    return _warmed(watches, learnt, fed), turned


def _scores(watches: Watches, memory: Memory, fed: Floats) -> Floats:
    scale = np.where(watches.span == 7, memory.lagged[:, LAGS - 1], memory.scale)
    drift = np.clip((fed - memory.centre) / memory.scale, -MOST, MOST)
    return np.where(watches.is_level, fed - NEITHER, np.where(watches.is_drift, drift, fed / scale))


def _judged(
    watches: Watches, memory: Memory, towards: Floats, began: Bools | None
) -> tuple[Memory, Turned]:
    known = ~np.isnan(towards)
    grown = np.maximum(0, memory.total + towards - watches.allowance)
    total = np.where(watches.is_drift & known, grown, memory.total)
    statistic = np.where(watches.is_drift, np.where(known, total, np.nan), towards)
    above = statistic >= watches.threshold
    run = np.where(above, memory.run + 1, 0)
    clear = statistic < watches.threshold - watches.hysteresis
    quiet = np.where(clear, memory.quiet + 1, np.where(known, 0, memory.quiet))
    active = memory.active & (quiet <= watches.hold)
    since = memory.since + 1
    started = ~active & (run >= watches.dwell) & (since >= watches.cooldown)
    begun = started if began is None else started | began
    after = replace(
        memory,
        active=active | begun,
        run=run,
        quiet=quiet,
        since=np.where(begun, 0, since),
        total=np.where(begun, 0, total),
    )
    return after, Turned(started, above, statistic)


def _learnt(watches: Watches, memory: Memory, fed: Floats) -> tuple[Floats, Floats]:
    """Centre and scale with one value more, as ``baseline`` learns it."""
    rate = 1 - 0.5 ** (1 / watches.half_life)
    now, spread = memory.centre, memory.scale
    away = np.clip(fed - now, -CLIP * spread, CLIP * spread)
    away = np.where(np.isnan(away), 0, away)
    size = np.where(np.isnan(fed), spread, _NORMAL * np.abs(away))
    centre = np.where(watches.is_drift, now + rate * away, now)
    return centre, np.maximum((1 - rate) * spread + rate * size, LEAST_SCALE)


def _warmed(watches: Watches, memory: Memory, fed: Floats) -> Memory:
    """Let watches that have no baseline yet gather values, and begin once they are enough."""
    waiting = np.isnan(memory.scale) & ~watches.is_level & ~np.isnan(fed)
    if not waiting.any():
        return memory
    early = list(memory.early)
    centre, scale = memory.centre.copy(), memory.scale.copy()
    for at in np.flatnonzero(waiting).tolist():
        early[at] = (*early[at], float(fed[at]))
        if len(early[at]) == WARM_UP:
            column = np.array([*early[at], np.nan])[:, None]
            found = baseline(
                column, float(watches.half_life[at]), centred=bool(watches.is_drift[at])
            )
            centre[at], scale[at] = found[0][-1, 0], found[1][-1, 0]
            early[at] = ()
    return replace(memory, centre=centre, scale=scale, early=tuple(early))


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
