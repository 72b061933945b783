"""What a rule watches for, as data: jump, level and drift, each with the same timing.

A rule says nothing of its threshold: that is given, or calibrated to a rate of false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["escalation", "thaw"]
DIRECTIONS: tuple[Direction, ...] = ("escalation", "thaw")
NEITHER = 50.0
"""The index where news leads neither way; levels are told as points from here."""


MOST_STEPS = 366 * 144
"""A year of ten minutes: no timing is longer, whatever a step is."""


def _check_half_life(days: float) -> None:
    if not 7 <= days <= 3_650:
        raise ValueError(f"half_life: {days} is not within 7–3650 days")


@dataclass(frozen=True, slots=True)
class Timing:
    """When a condition becomes a firing, and when the next one may come; all in days, or in steps
    of a series that is told otherwise.

    Parameters
    ----------
    dwell
        Judged days in a row, at least 1, on which the condition must hold (``for`` in Prometheus).
    hold
        A firing ends once the condition has been clear on more than so many judged days.
    cooldown
        Days from the start of a firing before another of the same direction may start.
    directions
        Which way is told; a firing of one direction does not hold up one of the other.
    """

    dwell: int = 1
    hold: int = 7
    cooldown: int = 28
    directions: tuple[Direction, ...] = DIRECTIONS

    def __post_init__(self) -> None:
        for name, value, least in (
            ("dwell", self.dwell, 1),
            ("hold", self.hold, 0),
            ("cooldown", self.cooldown, 0),
        ):
            if not least <= value <= MOST_STEPS:
                raise ValueError(f"{name}: {value} is not within {least}–{MOST_STEPS} steps")
        if not self.directions or len(set(self.directions)) < len(self.directions):
            raise ValueError("directions: none, or one named twice")


@dataclass(frozen=True, slots=True)
class Jump:
    """The index moved by much over ``days`` (1 or 7), beside how it moved before.

    The threshold is in robust scales of past changes; ``half_life`` (days) is that scale's memory.
    """

    days: int = 1
    half_life: float = 90.0
    timing: Timing = Timing()

    def __post_init__(self) -> None:
        if self.days not in (1, 7):
            raise ValueError(f"days: {self.days} is neither 1 nor 7")
        _check_half_life(self.half_life)


@dataclass(frozen=True, slots=True)
class Level:
    """The index is far from 50. The threshold is in points from 50; the condition is clear only
    once the index is ``hysteresis`` points back within it. That keeps it from telling twice, so
    its timing is short: with a cooldown of weeks it is late for what follows a false alarm.
    """

    hysteresis: float = 5.0
    timing: Timing = Timing(hold=2, cooldown=7)

    def __post_init__(self) -> None:
        if not 0 <= self.hysteresis <= NEITHER:
            raise ValueError(f"hysteresis: {self.hysteresis} is not within 0–50 points")


@dataclass(frozen=True, slots=True)
class Drift:
    """The index has crept away from where it used to be: a one-sided CUSUM each way (Page 1954).

    The threshold is of the sum of deviations, in robust scales, less ``allowance`` a day; half a
    scale is best for a shift of one. ``half_life`` (days) is the memory of centre and scale.
    """

    allowance: float = 0.5
    half_life: float = 180.0
    timing: Timing = Timing()

    def __post_init__(self) -> None:
        if not 0 <= self.allowance <= 5:
            raise ValueError(f"allowance: {self.allowance} is not within 0–5 scales")
        _check_half_life(self.half_life)


Rule = Jump | Level | Drift
DEFAULTS: dict[str, Rule] = {
    "jump_1d": Jump(1),
    "jump_7d": Jump(7),
    "level": Level(),
    "drift": Drift(),
}
"""Rules nobody has to think about."""


@dataclass(frozen=True, slots=True)
class Default:
    """A rule of the set that a desk begins with: what it watches (``core.jumps.series``), and how
    many false alarms a quarter it is allowed, both directions together.
    """

    rule: Rule
    series: str
    most: float = 0.5


DEFAULT_SET: dict[str, Default] = {
    "jump_1d": Default(DEFAULTS["jump_1d"], "pressure"),
    "jump_7d": Default(DEFAULTS["jump_7d"], "pressure"),
    "level": Default(DEFAULTS["level"], "risk"),
    "drift": Default(DEFAULTS["drift"], "pressure"),
}
"""Two false alarms a quarter in all. What moves is seen in the news that comes in (pressure); where
things stand, in the index."""
