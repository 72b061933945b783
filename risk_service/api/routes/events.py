"""``/v1/events``: put in, and looked through."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import SkipValidation
from starlette.responses import Response

from risk_service.api.cursors import next_link
from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.filters import LARGEST_ID, WantedDep, next_page, read_cursor
from risk_service.api.first_closes import first_closes
from risk_service.api.formats import chosen_format, encoded, json_response, table_response
from risk_service.api.kept import flat_events, kept_event
from risk_service.api.posting import post_events
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.api.schemas.events import EventIn, EventsOut, OneEventOut, PostedOut
from risk_service.scoring import words_of_row
from risk_service.store.engine import reading
from risk_service.store.event_pages import one_event, page_of_events

router = APIRouter(prefix="/v1/events", tags=["events"])

MOST_EVENTS = 500
Id = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[5121])]


@router.post("", response_model=PostedOut, summary="Put in one event, or up to 1,000")
def post(
    parts: PartsDep,
    body: Annotated[SkipValidation[EventIn | list[EventIn]], Body()],
) -> Response:
    """Keep events; safe to repeat, for the same report is kept once.

    The answer tells of each, in order, whether it was created, exists or is invalid; the valid
    ones of a list are kept. They count into the index within a second or two.
    """
    return json_response(post_events(parts.engine, body, parts.clock()))


@router.get("", response_model=EventsOut, summary="Events, newest first")
def get_events(
    request: Request,
    parts: PartsDep,
    wanted: WantedDep,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="From ``next``")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """All events kept, with their relevance to the dyad, story, score and telling words.

    Of events that came in bulk the words are told where one is asked for by its id.

    With ``dyad`` given, only those about it.
    """
    after = None if cursor is None else read_cursor(cursor)
    with reading(parts.engine) as conn:
        model = parts.desk.classifier.version
        rows = page_of_events(conn, wanted, model, after, limit + 1)
        about = standing(conn, parts, wanted.dyad, parts.clock())
    following = next_page(request, rows[limit - 1]) if len(rows) > limit else None
    headers = next_link(following)
    kept = [kept_event(row) for row in rows[:limit]]
    if chosen_format(form, request.headers.get("accept", "")) == "csv":
        return table_response("csv", encoded("csv", flat_events(kept)), about, headers)
    page = {"dyad": wanted.dyad, "count": len(kept), "events": kept, "next": following}
    return json_response({**page, **about}, headers)


@router.get("/{id}", response_model=OneEventOut, summary="One event")
def get_event(parts: PartsDep, dyad: DyadDep, id: Id) -> Response:
    """One event with its relevance to the dyad, story, score and telling words.

    ``first_closes`` has the close of each sector member it met: the first strictly after
    ``published_at``, in the calendar of the member's own market.
    """
    with reading(parts.engine) as conn:
        row = one_event(conn, id, dyad, parts.desk.classifier.version)
        if row is None:
            raise Problem(NOT_FOUND, f"id: there is no event {id}")
        closes = first_closes(conn, parts, row["published_at"])
        about = standing(conn, parts, dyad, parts.clock())
    words = row["contributions"] or words_of_row(parts.desk.classifier, row)
    event = kept_event({**row, "contributions": words})
    return json_response({"event": event, "first_closes": closes, **about})
