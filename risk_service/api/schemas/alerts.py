"""Alert rules: a rule that is asked about, and what it would have done."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_service.alert_preview import Asked, Judged, Told
from risk_service.api.deps import Day
from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.core.jumps import DIRECTIONS, Direction, Drift, Jump, Level, Rule, Timing
from risk_service.core.jumps.series import PARTS

NOTE = (
    "Every settled day is judged by nothing later than itself: as it was first told, or with "
    "told=newest as its reports are read now. False alarms are told from paths that keep the "
    "habits of the days before calibrated_before; firings on those days are in_sample, and no test "
    "of the threshold. Rates are of settled days: a rule that is kept is judged within the day, up "
    "to 1.5 times as often for the same threshold, and is rated so. A firing says that the index "
    "moved, and not what will follow."
)
_ASKED: dict[str, Any] = {
    "rule": {"kind": "jump", "days": 7}, "max_false_alarms": 1, "calibrated_before": "2008-01-01",
}  # fmt: skip


class TimingIn(BaseModel):
    """When a condition becomes a firing, and when the next may come; in days."""

    model_config = ConfigDict(extra="forbid")

    dwell: int = Field(1, ge=1, le=365, description="Judged days in a row it must hold (`for`)")
    hold: int = Field(7, ge=0, le=365, description="Clear days after which a firing ends, less one")
    cooldown: int = Field(
        28, ge=0, le=365, description="From one start to the next, each direction"
    )
    direction: Direction | None = Field(None, description="One alone; null for both")

    def timing(self) -> Timing:
        """As the core takes it."""
        directions = DIRECTIONS if self.direction is None else (self.direction,)
        return Timing(self.dwell, self.hold, self.cooldown, directions)


class JumpIn(TimingIn):
    """A change over 1 or 7 days; the threshold is in robust scales of past changes."""

    kind: Literal["jump"]
    days: Literal[1, 7] = 1
    half_life: float = Field(90, ge=7, le=3650, description="Memory of the scale, days")

    def rule(self) -> Rule:
        """As the core takes it."""
        return Jump(self.days, self.half_life, self.timing())


class LevelIn(TimingIn):
    """The index far from 50; the threshold is in points from 50."""

    kind: Literal["level"]
    hold: int = Field(2, ge=0, le=365, description="Clear days after which a firing ends, less one")
    cooldown: int = Field(7, ge=0, le=365, description="From one start to the next, each direction")
    hysteresis: float = Field(5, ge=0, le=50, description="Points back before it is clear")

    def rule(self) -> Rule:
        """As the core takes it."""
        return Level(self.hysteresis, self.timing())


class DriftIn(TimingIn):
    """A slow move (CUSUM); the threshold is a sum of robust scales."""

    kind: Literal["drift"]
    allowance: float = Field(0.5, ge=0, le=5, description="Scales a day that are let pass")
    half_life: float = Field(180, ge=7, le=3650, description="Memory of centre and scale, days")

    def rule(self) -> Rule:
        """As the core takes it."""
        return Drift(self.allowance, self.half_life, self.timing())


class PreviewIn(BaseModel):
    """A rule that is not kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ASKED]})

    rule: Annotated[JumpIn | LevelIn | DriftIn, Field(discriminator="kind")]
    series: Literal[PARTS] = Field(  # type: ignore[valid-type]
        "risk", description="The index, or a part of it on the index's scale"
    )
    threshold: float | None = Field(
        None, gt=0, le=1e6, allow_inf_nan=False,
        description="In the rule's unit; null: found for max_false_alarms",
    )  # fmt: skip
    max_false_alarms: float = Field(
        1, ge=0.01, le=90, description="A quarter, at most; not looked at beside a threshold"
    )
    calibrated_before: Day | None = Field(
        None, description="False alarms are told from days before this one; null: from all"
    )
    told: Told = Field("known", description="Days as first told, or as seen now: newest")
    seed: int = Field(0, ge=0, le=2**31 - 1)

    def asked(self) -> Asked:
        """As the core takes it."""
        given = self.model_dump(exclude={"rule", "series"})
        return Asked(self.rule.rule(), **given)


class FalseAlarmsOut(Out):
    """Firings a quarter where nothing changes."""

    expected: float
    low: float = Field(description="5 % of ten years show less, or of history if that is shorter")
    high: float = Field(description="5 % show more")
    days: int = Field(description="Of each path")
    paths: int
    judged: Judged = Field(
        description="settled: once a day, on settled days, as a preview is; live: within the day, "
        "as a rule that is kept is, and more often"
    )


class FiringOut(Out):
    """One day on which the rule would have started to fire."""

    day: dt.date
    direction: Direction
    value_from: float | None = Field(description="What it is compared with; null where unknown")
    value_to: float
    score: float = Field(description="In the threshold's unit")
    threshold: float
    past_share: float | None = Field(description="Share of earlier days with as high a score")
    in_sample: bool = Field(description="Whether the false alarms were told from this day too")


_FIRING = {
    "day": "2014-03-03", "direction": "escalation", "value_from": 41.2, "value_to": 68.9,
    "score": 4.1, "threshold": 2.6, "past_share": 0.002, "in_sample": False,
}  # fmt: skip


class PreviewOut(Standing):
    """What a rule would have done."""

    model_config = example(
        {
            "dyad": "USA-RUS", "series": "risk", "note": NOTE, "rule": _ASKED["rule"],
            "threshold": 2.6, "told": "known", "false_alarms": {
                "expected": 1.02, "low": 0.76, "high": 1.3, "days": 3652, "paths": 60,
                "judged": "settled",
            },
            "unknown_because": None, "calibrated_before": "2008-01-01",
            "first_day": "1991-01-08", "last_day": "2026-06-14", "days": 12942, "gaps": 0,
            "seconds": 1.9, "count": 1, "rows": [_FIRING], **STANDING,
        }
    )  # fmt: skip

    dyad: str
    series: str
    note: str
    rule: dict[str, Any] = Field(description="As judged, with what was not given filled in")
    threshold: float
    told: Told
    false_alarms: FalseAlarmsOut | None = Field(description="null where history is too short")
    unknown_because: str | None
    calibrated_before: dt.date
    first_day: dt.date
    last_day: dt.date
    days: int = Field(description="Settled days")
    gaps: int = Field(description="Days between them that never settled")
    seconds: float = Field(description="How long it took")
    count: int
    rows: list[FiringOut] = Field(description="Firings, oldest first")
