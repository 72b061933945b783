"""What every answer carries, and what every error looks like."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

STANDING = {
    "freshness": {
        "computed_at": "2025-02-28T12:00:03Z",
        "watched_until": "2025-02-28T11:58:00Z",
        "stale": False,
    },
    "versions": {"model": "2026.1", "method": "2026.1", "index": 4182},
}
"""Example of ``freshness`` and ``versions``."""
_CSV = {"text/csv": {"schema": {"type": "string"}}}
ALSO_CSV: dict[int | str, dict[str, Any]] = {200: {"content": _CSV}}
"""Of a route whose answer may be a table too."""
ALSO_CSV_OR_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            **_CSV,
            "image/svg+xml": {"schema": {"type": "string"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
"""Of a route whose answer may be a table or a picture too."""


def example(content: dict[str, Any]) -> ConfigDict:
    """A closed model whose document shows one example."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [content]})


def shown(model: type[BaseModel], *, many: bool = False) -> dict[int | str, dict[str, Any]]:
    """What a route's document shows where its answer is a list of a model, or one of several."""
    one = model.model_json_schema()["examples"][0]
    return {200: {"content": {"application/json": {"example": [one] if many else one}}}}


class Out(BaseModel):
    """An answer or a part of one; what is not described here is not in it."""

    model_config = ConfigDict(extra="forbid")


class Freshness(Out):
    """How fresh an answer is."""

    computed_at: datetime = Field(description="When this answer was computed, UTC")
    watched_until: datetime | None = Field(
        description="Until when the news was watched; null where none has come yet"
    )
    stale: bool = Field(description="Whether the news has not been watched for an hour")


class Versions(Out):
    """What an answer was computed with."""

    model: str = Field(description="Version of the text model")
    method: str = Field(description="Version of the index method")
    index: int = Field(description="Moves with every event and every settled day")


class Standing(Out):
    """How fresh, and from which versions."""

    freshness: Freshness
    versions: Versions


class FieldError(Out):
    """What is wrong with one field."""

    field: str = Field(description="Place in the request, such as texts[3]; body for the whole")
    message: str


class ProblemOut(BaseModel):
    """An error by RFC 9457."""

    model_config = example(
        {
            "type": "urn:risk-service:problem:invalid",
            "title": "The request holds a value that is not taken",
            "status": 422,
            "detail": "published_at: has no time zone",
            "instance": "/v1/events",
            "errors": [{"field": "published_at", "message": "has no time zone"}],
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    s: Literal["error"] | None = Field(default=None, description="Below /udf/ only")
    errmsg: str | None = Field(default=None, description="Below /udf/ only: the detail once more")
    errors: list[FieldError] = Field(default=[], description="Wrong fields, where there are any")
