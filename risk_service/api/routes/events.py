"""``/v1/events``: put in, and looked through."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import numpy as np
import orjson
import pandas as pd
from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import SkipValidation
from starlette.responses import Response

from risk_service.api.deps import Day, DyadDep, Moment, PartsDep, Plain, midnight, standing
from risk_service.api.formats import (
    MEDIA_TYPES,
    chosen_format,
    encoded,
    json_response,
    table_response,
)
from risk_service.api.posting import post_events
from risk_service.api.problems import NOT_FOUND, Problem, invalid
from risk_service.api.schemas.events import EventIn, EventsOut, OneEventOut, PostedOut
from risk_service.core.dyads import THEMES
from risk_service.store.engine import reading
from risk_service.store.event_pages import Wanted, one_event, page_of_events
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/events", tags=["events"])

LARGEST_ID = 2**63 - 1
MOST_EVENTS = 500
DIRECTIONS = ("thaw", "escalation", "neutral")

Direction = Literal["thaw", "escalation", "neutral"]
Directness = Literal["dyad", "theatre", "other"]
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
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="From ``next``")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """All events kept, with their relevance to the dyad, story, score and telling words.

    With ``dyad`` given, only those about it.
    """
    wanted = Wanted(
        dyad, "dyad" in request.query_params, _start(since), _stop(until), directness, theme,
        direction, source, language, min_severity, q, story_id,
    )  # fmt: skip
    after = None if cursor is None else _read_cursor(cursor)
    with reading(parts.engine) as conn:
        model = parts.desk.classifier.version
        rows = page_of_events(conn, wanted, model, after, limit + 1)
        about = standing(conn, parts, dyad, parts.clock())
    next_page = _next_page(request, rows[limit - 1]) if len(rows) > limit else None
    kept = [_kept(row) for row in rows[:limit]]
    headers = {"Link": f'<{next_page}>; rel="next"'} if next_page else {}
    if form == "csv" or (form is None and _likes_csv(request)):
        return table_response("csv", encoded("csv", _flat(kept)), about, headers)
    answer = {"dyad": dyad, "count": len(kept), "events": kept, "next": next_page, **about}
    return json_response(answer, headers)


@router.get("/{id}", response_model=OneEventOut, summary="One event")
def get_event(parts: PartsDep, dyad: DyadDep, id: Id) -> Response:
    """One event with its relevance to the dyad, story, score and telling words."""
    with reading(parts.engine) as conn:
        row = one_event(conn, id, dyad, parts.desk.classifier.version)
        about = standing(conn, parts, dyad, parts.clock())
    if row is None:
        raise Problem(NOT_FOUND, f"id: there is no event {id}")
    return json_response({"event": _kept(row), **about})


def _kept(row: Row) -> Row:
    answer = {name: row[name] for name in _EVENT_FIELDS}
    answer["assessed"] = row["assessed_with"] is not None
    answer["relevance"] = answer["score"] = None
    if row["dyad"] is not None:
        answer["relevance"] = {
            "dyad": row["dyad"],
            "directness": row["directness"],
            "weight": row["relevance"],
            "theme": row["theme"],
            "story_id": row["story_id"],
        }
    if row["p_thaw"] is not None:
        score = {name: row[name] for name in _SCORE_FIELDS}
        most = int(np.argmax([row[f"p_{name}"] for name in DIRECTIONS]))
        answer["score"] = {**score, "direction": DIRECTIONS[most], "words": row["contributions"]}
    return answer


_EVENT_FIELDS = (
    "id", "key", "published_at", "text", "source", "url", "received_at", "language", "occurred_on",
    "actor", "recipient", "event_code", "goldstein", "quad_class", "external_id", "origin",
)  # fmt: skip
_SCORE_FIELDS = (
    "model_version", "p_thaw", "p_escalation", "p_neutral", "severity", "act", "basis", "scored_at",
)  # fmt: skip
_FLAT_RELEVANCE = ("dyad", "directness", "weight", "theme", "story_id")


def _flat(kept: list[Row]) -> pd.DataFrame:
    """One row an event, relevance and score spread out; words as "word weight; ..."."""
    columns = [*_EVENT_FIELDS, "assessed", *_FLAT_RELEVANCE, *_SCORE_FIELDS, "direction", "words"]
    rows = [
        {
            **event,
            **(event["relevance"] or {}),
            **(event["score"] or {}),
            "words": "; ".join(f"{w} {x}" for w, x in (event["score"] or {}).get("words", [])),
        }
        for event in kept
    ]
    frame = pd.DataFrame(rows, columns=columns)
    moments = {
        name: pd.to_datetime(frame[name], utc=True)
        for name in ("published_at", "received_at", "scored_at")
    }
    whole = {name: frame[name].astype("Int64") for name in ("quad_class", "story_id")}
    days = {"occurred_on": frame["occurred_on"].map(str, na_action="ignore")}
    return frame.assign(**moments, **whole, **days)


def _start(moment: datetime | date | None) -> datetime | None:
    return moment if moment is None or isinstance(moment, datetime) else midnight(moment)


def _stop(moment: datetime | date | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return midnight(moment + timedelta(days=1))


def _likes_csv(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return MEDIA_TYPES["csv"] in accept and chosen_format(None, accept) == "csv"


def _next_page(request: Request, last: Row) -> str:
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    place = orjson.dumps([last["published_at"].isoformat(), last["id"]])
    cursor = base64.urlsafe_b64encode(place).decode().rstrip("=")
    return f"{request.url.path}?{urlencode([*pairs, ('cursor', cursor)])}"


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        place: Any = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment, id_ = datetime.fromisoformat(place[0]).astimezone(UTC), int(place[1])
        if not 0 < id_ <= LARGEST_ID:
            raise ValueError("id")
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, binascii.Error):
        raise invalid("cursor", "is not one that this service gave") from None
    return moment, id_
