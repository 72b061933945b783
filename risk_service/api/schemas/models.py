"""Models: which there are, what each is, how two compare, and who serves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.api.schemas.shadow import SHADOW, ShadowOut

_ORDER: dict[str, Any] = {"alias": "champion", "reason": "learnt from April's labels"}
_FIGURE = {"value": 0.78, "low": 0.74, "high": 0.82}
_MODEL: dict[str, Any] = {
    "version": "fast-1a2b3c4d", "name": "fast", "sha256": "9f2c…", "aliases": ["champion"],
    "registered_at": "2026-05-01T08:00:00Z", "measured_on": "381 real headlines",
    "metrics": {"macro_f1": _FIGURE},
}  # fmt: skip
_PROMOTION: dict[str, Any] = {
    "at": "2026-05-01T09:00:00Z", "who": "me", "act": "promote", "from_version": "fast-0f0f0f0f",
    "to_version": "fast-1a2b3c4d", "reason": "learnt from April's labels", "forced": False,
    "verdict": {"passed": True, "checks": []},
}  # fmt: skip


class FigureOut(Out):
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float


class ModelRow(Out):
    """A registered version, in short."""

    version: str
    name: str = Field(description="fast, accurate, or own: an own estimator, which never serves")
    sha256: str
    aliases: list[str] = Field(description="champion, challenger, both or neither")
    registered_at: datetime
    measured_on: str
    metrics: dict[str, FigureOut]


class PromotionOut(Out):
    """A change of the champion, or one that the gate refused."""

    at: datetime
    who: str
    act: str = Field(description="first, promote, rollback, replace or refused")
    from_version: str | None
    to_version: str
    reason: str
    forced: bool = Field(description="Whether the gate's complaints were overruled")
    verdict: dict[str, Any] | None


class ModelsOut(Standing):
    """The model that serves, with its card, and every other one."""

    model_config = example(
        {
            "champion": {"version": "fast-1a2b3c4d", "card": {"limits": ["English only."]}},
            "challenger": None,
            "rescoring": False,
            "models": [_MODEL],
            "history": [_PROMOTION],
            **STANDING,
        }
    )

    champion: dict[str, Any] = Field(description="Version and card of the model that is asked")
    challenger: str | None = Field(description="The version that is tried beside it")
    rescoring: bool = Field(
        description="Whether the champion still scores the past; the index follows then"
    )
    models: list[ModelRow]
    history: list[PromotionOut] = Field(description="The last changes of the champion, newest last")


class ModelOut(Standing):
    """One version with its card."""

    model_config = example(
        {
            "version": "fast-1a2b3c4d",
            "aliases": ["champion"],
            "registered_at": "2026-05-01T08:00:00Z",
            "card": {"limits": ["English only."]},
            **STANDING,
        }
    )

    version: str
    aliases: list[str]
    registered_at: datetime | None
    card: dict[str, Any]


class DifferingOut(Out):
    """A text that the two take for different classes; probabilities: thaw, escalation, neutral."""

    text: str
    truth: str
    a: str
    b: str
    a_probabilities: list[float]
    b_probabilities: list[float]


class ExamOut(Out):
    """Both examined on the same rows, which neither has learnt from."""

    rows: int
    figures: dict[str, dict[Literal["a", "b"], FigureOut]]
    macro_f1_difference: FigureOut = Field(description="b less a, by a paired bootstrap")
    texts_per_second: dict[Literal["a", "b"], float]
    differ: int = Field(description="Rows they take for different classes")
    differing: list[DifferingOut]


class ComparisonOut(Standing):
    """Two versions side by side."""

    model_config = example(
        {
            "a": _MODEL,
            "b": {**_MODEL, "version": "fast-0f0f0f0f", "aliases": []},
            "exam": {
                "rows": 328,
                "figures": {"macro_f1": {"a": _FIGURE, "b": _FIGURE}},
                "macro_f1_difference": {"value": 0.0, "low": -0.02, "high": 0.02},
                "texts_per_second": {"a": 11000.0, "b": 12000.0},
                "differ": 1,
                "differing": [
                    {
                        "text": "Ceasefire folds on river line for third night",
                        "truth": "escalation",
                        "a": "thaw",
                        "b": "escalation",
                        "a_probabilities": [0.6, 0.3, 0.1],
                        "b_probabilities": [0.1, 0.8, 0.1],
                    }
                ],
            },
            "shadow": SHADOW,
            **STANDING,
        }
    )

    a: ModelRow
    b: ModelRow
    exam: ExamOut | None = Field(
        description="null until both were examined: by a promotion, or `risk-service compare`"
    )
    shadow: ShadowOut | None = Field(
        description="On live events; null where none was scored by both: see the challenger"
    )


class OrderIn(BaseModel):
    """What a version is to become, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ORDER]})

    alias: Literal["champion", "challenger"] = "champion"
    reason: str = Field("", max_length=500)
    force: bool = Field(False, description="Overrule the gate; needs a reason, and is noted")


class RollbackIn(BaseModel):
    """Why the last promotion is undone."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "it reads headlines of sport"}]}
    )

    reason: str = Field("", max_length=500)


class ChangeOut(Out):
    """Who served before, and who serves now; each replica follows within seconds."""

    model_config = example(
        {
            "alias": "champion",
            "before": "fast-0f0f0f0f",
            "after": "fast-1a2b3c4d",
            "verdict": {"passed": True, "checks": []},
        }
    )

    alias: str
    before: str | None
    after: str
    verdict: dict[str, Any] | None = Field(description="What the gate found; null: not asked")
