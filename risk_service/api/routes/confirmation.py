"""``/v1/market/confirmation``: how unusual the markets' joint move was, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import AsOf, DaysDep, DyadDep, Parts, PartsDep, check_as_of, standing
from risk_service.api.event_market import joint_of, judged_days
from risk_service.api.formats import (
    Encoded,
    caching,
    chosen_format,
    document_response,
    encoded,
    rows_of,
    to_json,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.schemas.common import ALSO_CSV
from risk_service.api.schemas.market import DAILY_NOTE, ConfirmationOut
from risk_service.core.closes import FIRST_DAY
from risk_service.joint_moves import Joint
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading
from risk_service.store.upsert import Row
from risk_service.study_answer import prices_of

router = APIRouter(prefix="/v1/market", tags=["sectors"])

YEAR = timedelta(days=365)

Form = Literal["json", "csv"]


@router.get(
    "/confirmation",
    response_model=ConfirmationOut,
    responses=ALSO_CSV,
    summary="How unusual the markets' joint move was, day by day",
)
def get_confirmation(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    days: DaysDep,
    as_of: AsOf = None,
    form: Annotated[
        Form | None, Query(alias="format", description="Else by the Accept header, else JSON")
    ] = None,
) -> Response:
    """Of each trading day, how unusual the joint move of energy, defence, the VIX and SPY was by
    the 250 such days before it, and whether its signs fit thaw or escalation; the last year if no
    span is given. ``/v1/events/{id}/market`` tells the same of the day that an event met.

    It is read from closes alone, and never feeds back into the risk index.
    """
    now = parts.clock()
    check_as_of(as_of, now)
    shape: Form = form or _accepted(request)
    until = days[1] or now.date()
    since = min(max(days[0] or until - YEAR, FIRST_DAY), until)
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        count = count_closes(conn, simulated=parts.simulated_prices)
        told = (shape, since, until, about["versions"], untimed(about["freshness"]), count)
        headers = caching(request, weak_etag(request, *told))
        if (same := unchanged(request, headers)) is not None:
            return same
        key = ("confirmation", since, until, as_of, shape, count)
        made = parts.held.get_or_make(key, lambda: _make(conn, parts, since, until, as_of, shape))
    return document_response(shape, made, about, headers)


def _make(
    conn: Connection, parts: Parts, since: date, until: date, as_of: datetime | None, form: Form
) -> Encoded:
    joint = joint_of(conn, parts, since, until, as_of)
    table = judged_days(joint, since, until)
    if form == "csv":
        named = table.rename(columns={name: f"return {name}" for name in joint.signs})
        return encoded("csv", named.assign(simulated=parts.simulated_prices))
    answer = {
        "from": since,
        "to": until,
        "as_of": as_of,
        "note": DAILY_NOTE,
        "parameters": joint.parameters,
        "missing": joint.missing,
        "prices": prices_of(joint.closes, parts.simulated_prices),
        "count": len(table),
        "rows": _rows(joint, table),
    }
    return Encoded(len(table), to_json(answer))


def _rows(joint: Joint, table: pd.DataFrame) -> list[Row]:
    names = list(joint.signs)
    rows = rows_of(table.drop(columns=names))
    returns = rows_of(table[names])
    for row, own in zip(rows, returns, strict=True):
        row["returns"] = own
        for name in ("agreeing", "observations"):
            row[name] = None if pd.isna(row[name]) else int(row[name])
    return rows


def _accepted(request: Request) -> Form:
    return "csv" if chosen_format(None, request.headers.get("accept", "")) == "csv" else "json"
