"""Alert rules that are kept: as they are made, changed and shown."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from risk_service.api.deps import Day, Moment, Plain
from risk_service.api.schemas.alert_payload import Severity
from risk_service.api.schemas.alerts import DriftIn, FalseAlarmsOut, JumpIn, LevelIn
from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.core.jumps import Direction
from risk_service.desk import DEFAULT_DYAD

_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class ConfirmedJumpIn(JumpIn):
    """A jump that the markets' joint move at the first close after it confirms."""

    kind: Literal["confirmed_jump"]  # type: ignore[assignment]
    percentile: float = Field(0.9, ge=0, lt=1, description="Share of days that moved less, least")


class HoursIn(BaseModel):
    """When a condition becomes a firing and when it is over, in hours of the clock."""

    model_config = ConfigDict(extra="forbid")

    dwell: float = Field(0, ge=0, le=8760, description="It must hold so long (`for`)")
    hold: float = Field(0, ge=0, le=8760, description="Clear for so long before it is over")
    cooldown: float = Field(0, ge=0, le=8760, description="From one start to the next")


class GraveStoryIn(HoursIn):
    """One grave story; the threshold is a severity, 1 to 3."""

    kind: Literal["grave_story"]
    certainty: float = Field(0.8, gt=0, le=1, description="Least probability of its direction")
    within: float = Field(24, ge=1, le=168, description="Hours since a report of it")
    cooldown: float = Field(1, ge=0, le=8760, description="From one start to the next")
    direction: Direction | None = Field(None, description="One alone; null for both")


class HourJumpIn(HoursIn):
    """A change over one hour; the threshold is in robust scales of the hours before."""

    kind: Literal["hour_jump"]
    cooldown: float = Field(24, ge=0, le=8760, description="From one start to the next")
    direction: Direction | None = Field(None, description="One alone; null for both")


class StaleIn(HoursIn):
    """News or prices that were last read long ago; the threshold is in hours."""

    kind: Literal["stale"]
    what: Literal["feeds", "prices"] = "feeds"


class ModelDriftIn(HoursIn):
    """Scores that have drifted; the threshold is a PSI (0.25 is often called large)."""

    kind: Literal["model_drift"]
    cooldown: float = Field(168, ge=0, le=8760, description="From one start to the next")


KeptIn = Annotated[
    JumpIn
    | LevelIn
    | DriftIn
    | ConfirmedJumpIn
    | GraveStoryIn
    | HourJumpIn
    | StaleIn
    | ModelDriftIn,
    Field(discriminator="kind"),
]


class QuietHours(BaseModel):
    """Hours of each day in which nothing is sent; over midnight where ``from`` is the later."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: str = Field(alias="from", pattern=_CLOCK, examples=["22:00"])
    to: str = Field(pattern=_CLOCK, examples=["07:00"])
    timezone: str = Field("UTC", max_length=60, examples=["Europe/Berlin"])

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone such as Europe/Berlin") from None
        return value


_NAME = Field(min_length=1, max_length=100)
_MOST = Field(
    None, ge=0.01, le=90, allow_inf_nan=False,
    description="A quarter, at most: finds the threshold of a jump (confirmed or within the hour "
    "too), level or drift; null: 1",
)  # fmt: skip
_THRESHOLD = Field(
    None, gt=0, le=1e6, allow_inf_nan=False, description="In the rule's unit; null: found or usual"
)
_CHANNELS = Field(max_length=20, description="Ids of channels")
_RULE: dict[str, Any] = {
    "name": "Sudden escalation", "rule": {"kind": "jump", "days": 1, "direction": "escalation"},
    "max_false_alarms": 1, "severity": "critical", "group": "index",
    "quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"},
}  # fmt: skip
GroupName = Annotated[Plain, Field(min_length=1, max_length=100)]
ChannelName = Annotated[Plain, Field(max_length=40)]


class RuleIn(BaseModel):
    """A new rule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_RULE]})

    name: Annotated[Plain, _NAME]
    dyad: Plain = Field(DEFAULT_DYAD, max_length=7)
    series: Plain = Field(
        "risk", max_length=60,
        description="risk, escalation, thaw, theme:<name>, or sector:<name> for jumps",
    )  # fmt: skip
    rule: KeptIn
    threshold: float | None = _THRESHOLD
    max_false_alarms: float | None = _MOST
    calibrated_before: Day | None = Field(
        None, description="False alarms are told from days before this one; null: from all"
    )
    severity: Severity = "warning"
    group: GroupName | None = Field(
        None, description="Of rules of one group one tells within its cooldown"
    )
    quiet_hours: QuietHours | None = None
    muted_until: Moment | None = None
    channels: list[ChannelName] = Field([], max_length=20, description="Ids of channels")
    enabled: bool = True


class RuleChangeIn(BaseModel):
    """What of a rule is to be another; what is left out stays.

    Another rule, series, dyad or threshold is judged as if it were new: what fires ends.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"severity": "info"}]}
    )

    name: Annotated[Plain, _NAME] | None = None
    dyad: Plain | None = Field(None, max_length=7)
    series: Plain | None = Field(None, max_length=60)
    rule: KeptIn | None = None
    threshold: float | None = _THRESHOLD
    max_false_alarms: float | None = _MOST
    calibrated_before: Day | None = None
    severity: Severity | None = None
    group: GroupName | None = None
    quiet_hours: QuietHours | None = None
    muted_until: Moment | None = None
    channels: list[ChannelName] | None = Field(None, max_length=20)
    enabled: bool | None = None


class MuteIn(BaseModel):
    """Until when nothing of a rule is sent; null: it is sent again."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"until": "2026-05-02T06:00:00Z"}]}
    )

    until: Moment | None


class StateOut(Out):
    """Where a rule stands in one direction."""

    direction: str
    state: Literal["inactive", "pending", "firing", "resolved"]
    since: dt.datetime
    judged_until: dt.datetime | None = Field(description="The last settled day in its memory")
    alert_id: str | None = Field(description="Of the alert that fires")


_KEPT: dict[str, Any] = {
    "id": "rule_0123456789abcdef01234567", "name": "Sudden escalation", "dyad": "USA-RUS",
    "series": "risk",
    "rule": {
        "kind": "jump", "days": 1, "half_life": 90.0, "dwell": 1, "hold": 7, "cooldown": 28,
        "direction": "escalation",
    },
    "threshold": 4.8, "max_false_alarms": 1.0,
    "false_alarms": {
        "expected": 1.0, "low": 0.8, "high": 1.2, "days": 3652, "paths": 60, "judged": "live",
    },
    "calibrated_at": "2026-05-01T08:00:00Z", "unknown_because": None, "severity": "critical",
    "group": "index",
    "quiet_hours": _RULE["quiet_hours"], "muted_until": None, "channels": [], "enabled": True,
    "version": 1, "created_at": "2026-05-01T08:00:00Z", "created_by": "me",
    "updated_at": "2026-05-01T08:00:00Z",
    "states": [
        {
            "direction": "escalation", "state": "inactive", "since": "2026-05-01T08:00:01Z",
            "judged_until": "2026-04-30T00:00:00Z", "alert_id": None,
        }
    ],
}  # fmt: skip


class KeptRule(Out):
    """A rule, how often it would cry wolf, and where it stands."""

    id: str
    name: str
    dyad: str
    series: str
    rule: dict[str, Any] = Field(description="As judged, with what was not given filled in")
    threshold: float
    max_false_alarms: float | None
    false_alarms: FalseAlarmsOut | None = Field(description="null where they are not known")
    unknown_because: str | None
    calibrated_at: dt.datetime | None = Field(
        description="When the threshold was found for max_false_alarms, anew each January; null "
        "where it was given"
    )
    severity: Severity
    group: str | None
    quiet_hours: QuietHours | None
    muted_until: dt.datetime | None
    channels: list[str]
    enabled: bool
    version: int = Field(description="Moves with every change")
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    states: list[StateOut] = Field(description="Empty until it is judged for the first time")


class RuleOut(KeptRule, Standing):
    """One rule."""

    model_config = example({**_KEPT, **STANDING})


class RulesOut(Standing):
    """Every rule that is kept."""

    model_config = example({"count": 1, "rules": [_KEPT], **STANDING})

    count: int
    rules: list[KeptRule]


class GoneOut(Out):
    """A rule that is judged no more."""

    model_config = example({"deleted": _KEPT["id"]})

    deleted: str
