"""Which events are asked for, and how the next page of them is named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from risk_service.api.cursors import moment_in, next_address, place_in, strange_cursor
from risk_service.api.deps import Day, DyadDep, Moment, Plain, midnight
from risk_service.api.queries import backwards
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
    start, stop = span_of(since, until)
    return Wanted(
        dyad, "dyad" in request.query_params, start, stop, directness, theme,
        direction, source, language, min_severity, q, story_id,
    )  # fmt: skip


WantedDep = Annotated[Wanted, Depends(_wanted)]


def next_page(request: Request, last: Row) -> str:
    """Address of the page after the one that ends with ``last``, with the same filters."""
    return next_address(request, (last["published_at"].isoformat(), last["id"]))


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Moment and id of the last event of the page before; Problem (422) for a strange cursor."""
    place = place_in(cursor)
    try:
        moment, id_ = moment_in(place[0]), int(place[1])
        if not 0 < id_ <= LARGEST_ID:
            raise ValueError("id")
    except (ValueError, TypeError, IndexError, OverflowError):
        raise strange_cursor() from None
    return moment, id_


def span_of(
    since: datetime | date | None, until: datetime | date | None
) -> tuple[datetime | None, datetime | None]:
    """[start, stop) of what ``from`` and ``to`` say; Problem (422) where it runs backwards."""
    start, stop = _start(since), _stop(until)
    # Two equal moments are an empty span; a day and the moment that ends it run backwards.
    if since and until and start and stop:
        whole_day = not isinstance(until, datetime)
        if start > stop or (whole_day and start == stop):
            raise backwards(since, until)
    return start, stop


def _start(moment: datetime | date | None) -> datetime | None:
    return moment if moment is None or isinstance(moment, datetime) else midnight(moment)


def _stop(moment: datetime | date | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return midnight(moment + timedelta(days=1))
