"""``/v1/set-aside``: rows of files and feeds that were not taken, and why."""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from risk_service.api.cursors import dated_place, next_address, next_link
from risk_service.api.deps import PartsDep, Plain, standing
from risk_service.api.formats import chosen_format, encoded, json_response, table_response
from risk_service.api.schemas.aside import AsideOut
from risk_service.desk import DEFAULT_DYAD
from risk_service.store.aside import ASIDE_COLUMNS, AsidePlace, page_of_aside
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/set-aside", tags=["events"])

MOST_ROWS = 500


@router.get("", response_model=AsideOut, summary="Rows set aside, newest first")
def get_aside(
    request: Request,
    parts: PartsDep,
    origin: Annotated[
        Plain | None,
        Query(
            max_length=300,
            description="Only of this feed or file; the digest behind a file's name may be left "
            "out",
            examples=["news.csv"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    cursor: Annotated[str | None, Query(max_length=2_000, description="From ``next``")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """What could not be taken of files, feeds and prices: where it stood, why, and as it was.

    A row that is read again is told once, with its newest reason. Rows are as their source wrote
    them, so that this address asks for a key of whoever runs the service, on loopback too.
    """
    after = None if cursor is None else _place(cursor)
    with reading(parts.engine) as conn:
        rows = page_of_aside(conn, origin, after, limit + 1)
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
    shown = rows[:limit]
    following = _next(request, shown[-1]) if len(rows) > limit else None
    headers = next_link(following)
    if chosen_format(form, request.headers.get("accept", "")) == "csv":
        table = pd.DataFrame(shown, columns=list(ASIDE_COLUMNS))
        table["seen_at"] = pd.to_datetime(table["seen_at"], utc=True)
        return table_response("csv", encoded("csv", table), about, headers)
    page = {"count": len(shown), "rows": shown, "next": following}
    return json_response({**page, **about}, headers)


def _next(request: Request, last: Row) -> str:
    place = (last["seen_at"].isoformat(), last["origin"], last["locator"], last["key"])
    return next_address(request, place)


def _place(cursor: str) -> AsidePlace:
    moment, names = dated_place(cursor, 3)
    return AsidePlace(moment, *names)
