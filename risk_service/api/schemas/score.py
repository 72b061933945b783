"""Texts to be scored, and their scores."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.abstention import MARGIN
from risk_service.api.schemas.common import STANDING, Out, Standing, example
from risk_service.core.events import MAX_TEXT, fold_space

MOST_TEXTS = 1_000
_TEXTS: dict[str, Any] = {"texts": ["Moscow expels twelve American diplomats"]}


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    # Line ends stay: they part a heading from the sentence below it.
    return "\n".join(filter(None, map(fold_space, text.splitlines())))


ScoredText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_filled)]


class ScoreIn(BaseModel):
    """Texts to be scored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_TEXTS]})

    texts: list[ScoredText] = Field(min_length=1, max_length=MOST_TEXTS)


class TextRelevance(Out):
    """How directly a text is about the dyad: dyad 1, theatre 0.5, other 0."""

    dyad: str
    directness: str
    weight: float
    theme: str


class Contribution(Out):
    """A word and how far it moved the text; positive leans to escalation."""

    word: str
    weight: float


class TextScore(Out):
    """The score of one text, whether or not it is about the dyad."""

    scored: bool = Field(description="false for a text in another language than English")
    language: str | None = Field(description="Language found; null where none could be told")
    p_thaw: float | None
    p_escalation: float | None
    p_neutral: float | None
    direction: str | None = Field(description="thaw, escalation or neutral: the most probable")
    abstains: bool | None = Field(
        description=f"true: too close to call, the two highest differ by less than {MARGIN}"
    )
    severity: float | None
    relevance: TextRelevance
    contributions: list[Contribution]


class ScoresOut(Standing):
    """Scores in the order of the texts."""

    model_config = example(
        {
            "model_version": "2026.1",
            "results": [
                {
                    "scored": True, "language": "en", "p_thaw": 0.02, "p_escalation": 0.94,
                    "p_neutral": 0.04, "direction": "escalation", "abstains": False,
                    "severity": 2.1,
                    "relevance": {
                        "dyad": "USA-RUS", "directness": "dyad", "weight": 1.0,
                        "theme": "diplomacy",
                    },
                    "contributions": [{"word": "expels", "weight": 1.9}],
                }
            ],
            **STANDING,
        }
    )  # fmt: skip

    model_version: str
    results: list[TextScore]
