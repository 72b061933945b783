"""Which events are asked for, and how the next page of them is named."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request

from risk_service.api.deps import Day, DyadDep, Moment, Plain, midnight
from risk_service.api.problems import invalid
from risk_service.core.dyads import THEMES
from risk_service.store.event_pages import Wanted
from risk_service.store.upsert import Row

LARGEST_ID = 2**63 - 1
DIRECTIONS = ("thaw", "escalation", "neutral")

Direction = Literal["thaw", "escalation", "neutral"]
Directness = Literal["dyad", "theatre", "other"]


def _wanted(
    request: Request,
    dyad: DyadDep,
    since: Annotated[
        Moment | Day | None,
        Query(alias="from", description="Published at or after", examples=["2025-02-01"]),
    ] = None,
    until: Annotated[
        Moment | Day | None,
        Query(
            alias="to", description="Published before; a day counts whole", examples=["2025-02-28"]
        ),
    ] = None,
    directness: Annotated[
        Directness | None, Query(description="other: not about the dyad, or not assessed yet")
    ] = None,
    theme: Annotated[Literal[THEMES] | None, Query()] = None,  # type: ignore[valid-type]
    direction: Annotated[Direction | None, Query(description="The most probable of three")] = None,
    source: Annotated[Plain | None, Query(max_length=200)] = None,
    language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$")] = None,
    min_severity: Annotated[float | None, Query(ge=1, le=3, allow_inf_nan=False)] = None,
    q: Annotated[
        Plain | None, Query(min_length=1, max_length=200, description="Within the text")
    ] = None,
    story_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Wanted:
    return Wanted(
        dyad, "dyad" in request.query_params, _start(since), _stop(until), directness, theme,
        direction, source, language, min_severity, q, story_id,
    )  # fmt: skip


WantedDep = Annotated[Wanted, Depends(_wanted)]


def next_page(request: Request, last: Row) -> str:
    """Address of the page after the one that ends with ``last``, with the same filters."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    place = orjson.dumps([last["published_at"].isoformat(), last["id"]])
    cursor = base64.urlsafe_b64encode(place).decode().rstrip("=")
    return f"{request.url.path}?{urlencode([*pairs, ('cursor', cursor)])}"


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Moment and id of the last event of the page before; Problem (422) for a strange cursor."""
    try:
        place: Any = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment, id_ = datetime.fromisoformat(place[0]).astimezone(UTC), int(place[1])
        if not 0 < id_ <= LARGEST_ID:
            raise ValueError("id")
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, binascii.Error):
        raise invalid("cursor", "is not one that this service gave") from None
    return moment, id_


def _start(moment: datetime | date | None) -> datetime | None:
    return moment if moment is None or isinstance(moment, datetime) else midnight(moment)


def _stop(moment: datetime | date | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return midnight(moment + timedelta(days=1))
