"""``/v1/index``: the index now, as of a moment and over time, and what is behind a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from risk_service.api import history
from risk_service.api.columns import ColumnsDep, of_columns
from risk_service.api.days import day_answer, drivers_of_day
from risk_service.api.deps import (
    AsOf,
    Day,
    DaysDep,
    DyadDep,
    FormatDep,
    Moment,
    Parts,
    PartsDep,
    check_as_of,
    held_answer,
    standing,
)  # fmt: skip
from risk_service.api.formats import (
    caching,
    encoded,
    json_response,
    table_response,
    to_json,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.api.schemas.index import DriversOut, HistoryOut, IndexOut
from risk_service.snapshot import etag_of
from risk_service.store.engine import reading
from risk_service.store.index import read_days
from risk_service.store.vintages import count_vintages

router = APIRouter(prefix="/v1/index", tags=["index"])

Resolution = Literal["1h", "1d", "1w"]
MOST_STORIES = 500
RECENT = timedelta(days=14)
HoursAsOf = Annotated[
    Moment | None,
    Query(
        description="Answer with what was known at this moment; hours (1h) are then made only "
        "of what was scored here by it",
        examples=["2025-03-01T00:00:00Z"],
    ),
]


@router.get("", response_model=IndexOut, summary="The index now, or as of a moment")
def get_index(request: Request, parts: PartsDep, dyad: DyadDep, as_of: AsOf = None) -> Response:
    """The live index with interval, change, themes, drivers, freshness and versions.

    Poll it with ``If-None-Match``: an unchanged answer is 304. With ``as_of`` it is the newest
    settled day that was known at that moment.
    """
    if as_of is None:
        return _live(request, parts, dyad)
    now = parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        # Days settle one after the other: only after a long outage is the newest not a recent one.
        until = as_of.date()
        days = read_days(conn, dyad, until - RECENT, until, as_of)
        if days.empty:
            days = read_days(conn, dyad, until=until, as_of=as_of)
        if days.empty:
            raise Problem(NOT_FOUND, f"as_of: no day was settled by {as_of.isoformat()}")
        about = standing(conn, parts, dyad, now)
    body = to_json(day_answer(days.iloc[-1], dyad, as_of, parts.desk.method.interval, about))
    return Response(body, media_type="application/json")


def _live(request: Request, parts: Parts, dyad: str) -> Response:
    held = held_answer(parts, dyad)
    headers = caching(request, held.etag, formats=False)
    return unchanged(request, headers) or Response(
        held.body, headers=headers, media_type="application/json"
    )


@router.get("/history", response_model=HistoryOut, summary="The index by hour, day or week")
def get_history(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    days: DaysDep,
    form: FormatDep,
    resolution: Annotated[Resolution, Query(description="Hours, days or whole ISO weeks")] = "1d",
    as_of: HoursAsOf = None,
    columns: ColumnsDep = None,
) -> Response:
    """Settled days (1d), means of whole weeks of them (1w), or hours computed on demand (1h).

    ``columns`` names the columns wanted beside the day or time, in any format but JSON.

    Days come in their newest vintage, or with ``as_of`` in the one known then; all of them if no
    span is given. Hours are told for at most 31 days at once, the last seven if no span is given.
    """
    now = parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        fresh, watched = about["freshness"], about["freshness"]["watched_until"]
        etag = weak_etag(request, form, about["versions"], watched, untimed(fresh))
        headers = caching(request, etag)
        if (same := unchanged(request, headers)) is not None:
            return same
        if resolution == "1h":
            span = history.hours_span(dyad, days, min(as_of or now, watched or now))
            hours = history.hourly(conn, parts.desk, span, as_of)
            table = encoded(form, of_columns(hours, columns))
        else:
            span = history.Span(dyad, *days, as_of, weekly=resolution == "1w")
            key = (span, form, columns, count_vintages(conn, dyad))
            table = parts.held.get_or_make(
                key,
                lambda: encoded(form, of_columns(history.days(conn, span), columns), pack=True),
            )
    asked = {"resolution": resolution, "from": span.since, "to": span.until, "as_of": as_of}
    accepts = request.headers.get("accept-encoding", "")
    return table_response(form, table, {"dyad": dyad, **asked, **about}, headers, accepts)


@router.get("/{day}/drivers", response_model=DriversOut, summary="The stories behind a day")
def get_drivers(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    day: Day,
    as_of: AsOf = None,
    limit: Annotated[int, Query(ge=1, le=MOST_STORIES, description="Stories told one by one")] = 20,
    words: Annotated[
        bool,
        Query(description="Tell the words of each story too; the first time 0.1 s a story or more"),
    ] = False,
) -> Response:
    """The day's vintage and what each story added to it; contributions sum to its move from 50.

    ``words`` of a story are empty unless asked for: the model reads the text once more without
    each of its words.
    """
    now = parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        found = read_days(conn, dyad, day, day, as_of)
        if found.empty:
            raise Problem(NOT_FOUND, f"day: {day} is not settled{_known_then(as_of)}")
        about = standing(conn, parts, dyad, now)
        answer = drivers_of_day(conn, parts.desk, dyad, found.iloc[0], limit, words=words)
    content = {"dyad": dyad, "as_of": as_of, **answer, **about}
    etag = etag_of(to_json({**content, "freshness": untimed(about["freshness"])}))
    headers = caching(request, f"W/{etag}", formats=False)
    return unchanged(request, headers) or json_response(content, headers)


def _known_then(as_of: date | None) -> str:
    return "" if as_of is None else f" as of {as_of.isoformat()}"
