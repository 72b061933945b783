"""``/v1/alerts``: what rules told, who has seen it, and what was said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.alerting.payload import moved_on
from risk_service.api.cursors import dated_place, next_address, next_link
from risk_service.api.deps import Day, Moment, Parts, PartsDep, Plain, standing
from risk_service.api.filters import span_of
from risk_service.api.formats import chosen_format, encoded, json_response, table_response
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.api.routes.alert_rules import caller_of
from risk_service.api.schemas.alerts_told import AlertOut, AlertsOut, CommentIn
from risk_service.api.schemas.common import ALSO_CSV
from risk_service.desk import DEFAULT_DYAD
from risk_service.store import alerts as store
from risk_service.store.alert_rules import read_rule
from risk_service.store.deliveries import queue_deliveries
from risk_service.store.engine import reading, writing
from risk_service.store.stream import tell_alerts
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

MOST_ALERTS = 500
_EXAMPLE = "alert_" + "0123456789abcdef" * 2
AlertId = Annotated[str, Path(alias="alert", pattern=r"^alert_[0-9a-f]{32}$", examples=[_EXAMPLE])]
_SHOWN = (
    "id", "rule_id", "dyad", "direction", "state", "severity", "headline", "started_at",
    "resolved_at", "held_back", "acknowledged_at", "acknowledged_by",
)  # fmt: skip
_MOMENTS = ("started_at", "resolved_at", "acknowledged_at")


def _asked(
    state: Annotated[Literal["firing", "resolved"] | None, Query()] = None,
    rule: Annotated[Plain | None, Query(max_length=40, description="Id of a rule")] = None,
    since: Annotated[
        Moment | Day | None,
        Query(alias="from", description="Started at or after", examples=["2026-05-01"]),
    ] = None,
    until: Annotated[
        Moment | Day | None,
        Query(alias="to", description="Started before; a day counts whole"),
    ] = None,
) -> store.Asked:
    start, stop = span_of(since, until)
    return store.Asked(state, rule, start, stop)


AskedDep = Annotated[store.Asked, Depends(_asked)]


@router.get("", response_model=AlertsOut, responses=ALSO_CSV, summary="Alerts, newest first")
def get_alerts(
    request: Request,
    parts: PartsDep,
    asked: AskedDep,
    limit: Annotated[int, Query(ge=1, le=MOST_ALERTS)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="From ``next``")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """Every alert, sent or held back, with its state and who has seen it."""
    after = None if cursor is None else _place(cursor)
    with reading(parts.engine) as conn:
        rows = store.page_of_alerts(conn, asked, after, limit + 1)
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
    following = _next(request, rows[limit - 1]) if len(rows) > limit else None
    headers = next_link(following)
    shown = [_shown(row) for row in rows[:limit]]
    if chosen_format(form, request.headers.get("accept", "")) == "csv":
        table = pd.DataFrame(shown, columns=list(_SHOWN))
        for name in _MOMENTS:
            table[name] = pd.to_datetime(table[name], utc=True)
        return table_response("csv", encoded("csv", table), about, headers)
    page = {"count": len(shown), "alerts": shown, "next": following}
    return json_response({**page, **about}, headers)


@router.get("/{alert}", response_model=AlertOut, summary="One alert")
def get_alert(parts: PartsDep, alert: AlertId) -> Response:
    """An alert as it was last told, with its deliveries and comments."""
    with reading(parts.engine) as conn:
        return _answer(conn, parts, alert)


@router.post("/{alert}/acknowledge", response_model=AlertOut, summary="Acknowledge an alert")
def post_acknowledgement(parts: PartsDep, request: Request, alert: AlertId) -> Response:
    """Say that you have seen it. Its channels are told, once; done again it changes nothing."""
    now = parts.clock()
    with writing(parts.engine) as conn:
        row, who = _known(conn, alert), caller_of(conn, request)
        payload = moved_on(row["payload"], "acknowledged", now, acknowledged_by=who)
        if store.acknowledge_alert(conn, alert, who, payload, now):
            rule = read_rule(conn, row["rule_id"], deleted=True)
            if row["held_back"] is None and rule is not None:
                queue_deliveries(conn, rule["channels"], alert, "acknowledged", payload, now)
            tell_alerts(conn, [alert], now)
        return _answer(conn, parts, alert)


@router.post("/{alert}/comments", response_model=AlertOut, summary="Comment on an alert")
def post_comment(parts: PartsDep, request: Request, alert: AlertId, body: CommentIn) -> Response:
    """Keep what you know of it, for those who read it later."""
    with writing(parts.engine) as conn:
        _known(conn, alert)
        store.add_comment(conn, alert, caller_of(conn, request), body.text, parts.clock())
        return _answer(conn, parts, alert)


def _known(conn: Connection, id_: str) -> Row:
    row = store.read_alert(conn, id_)
    if row is None:
        raise Problem(NOT_FOUND, f"alert: there is no alert {id_}")
    return row


def _answer(conn: Connection, parts: Parts, id_: str) -> Response:
    row = _known(conn, id_)
    told = {
        "payload": row["payload"],
        "deliveries": store.deliveries_of(conn, id_),
        "comments": store.comments_of(conn, id_),
    }
    about = standing(conn, parts, row["dyad"], parts.clock())
    return json_response({**_shown(row), **told, **about})


def _shown(row: Row) -> Row:
    told = {**row, "headline": row["payload"]["data"]["headline"]}
    return {name: told[name] for name in _SHOWN}


def _next(request: Request, last: Row) -> str:
    return next_address(request, (last["started_at"].isoformat(), last["id"]))


def _place(cursor: str) -> tuple[datetime, str]:
    moment, (id_,) = dated_place(cursor, 1)
    return moment, id_
