"""``/v1/alerts/deliveries``: what is on its way, what arrived, and what never did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.cursors import dated_place, next_address, next_link
from risk_service.api.deps import PartsDep, Plain, standing
from risk_service.api.formats import chosen_format, encoded, json_response, table_response
from risk_service.api.problems import invalid
from risk_service.api.schemas.channels import DeliveriesOut, DeliveryOut, QueuedOut, State
from risk_service.api.schemas.common import ALSO_CSV
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound
from risk_service.store.alert_channels import one_channel
from risk_service.store.deliveries import (
    DELIVERY_COLUMNS,
    Asked,
    one_delivery,
    page_of_deliveries,
    send_again,
)
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/alerts/deliveries", tags=["alerts"])

MOST_ROWS = 500
DeliveryId = Annotated[
    str,
    Path(
        alias="delivery",
        pattern=r"^msg_[0-9a-f]{32}$",
        examples=["msg_0123456789abcdef0123456789abcdef"],
    ),
]
_MOMENTS = ("created_at", "next_at", "sent_at")


@router.get(
    "", response_model=DeliveriesOut, responses=ALSO_CSV, summary="Deliveries, newest first"
)
def get_deliveries(
    request: Request,
    parts: PartsDep,
    state: Annotated[State | None, Query(description="dead: those that were given up")] = None,
    channel: Annotated[Plain | None, Query(max_length=40, description="Id of a channel")] = None,
    alert: Annotated[Plain | None, Query(max_length=60, description="Id of an alert")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    cursor: Annotated[str | None, Query(max_length=2_000, description="From ``next``")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """What waits to be sent, what was sent, and what is dead and why; all of it is kept."""
    after = None if cursor is None else _place(cursor)
    with reading(parts.engine) as conn:
        rows = page_of_deliveries(conn, Asked(state, channel, alert), after, limit + 1)
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
    shown = rows[:limit]
    following = _next(request, shown[-1]) if len(rows) > limit else None
    headers = next_link(following)
    if chosen_format(form, request.headers.get("accept", "")) == "csv":
        return table_response("csv", encoded("csv", _table(shown)), about, headers)
    page = {"count": len(shown), "deliveries": shown, "next": following}
    return json_response({**page, **about}, headers)


@router.get("/{delivery}", response_model=DeliveryOut, summary="One delivery")
def get_delivery(parts: PartsDep, delivery: DeliveryId) -> Response:
    """How a delivery went so far, and what it carries."""
    with reading(parts.engine) as conn:
        return json_response(_known(conn, delivery))


@router.post("/{delivery}/resend", response_model=QueuedOut, summary="Send a dead one again")
def post_resend(parts: PartsDep, delivery: DeliveryId) -> Response:
    """Let a dead delivery begin its schedule anew, under the id it has.

    What came after it on the same channel (acknowledged, resolved) is sent again behind it.
    """
    with writing(parts.engine) as conn:
        row = _known(conn, delivery)
        if row["state"] != "dead":
            raise invalid("delivery", f"is {row['state']}; only dead ones are sent again")
        channel = one_channel(conn, row["channel_id"])
        if channel is None:
            raise invalid("delivery", "its channel is deleted")
        if channel["disabled_at"] is not None:
            raise invalid("delivery", f"its channel is disabled: {channel['disabled_because']}")
        send_again(conn, row, parts.clock())
    return json_response({"delivery": delivery})


def _known(conn: Connection, id_: str) -> Row:
    row = one_delivery(conn, id_)
    if row is None:
        raise NotFound(f"delivery: there is no delivery {id_}")
    return row


def _table(rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(DELIVERY_COLUMNS))
    for name in _MOMENTS:
        table[name] = pd.to_datetime(table[name], utc=True)
    table["last_status"] = table["last_status"].astype("Int64")
    return table


def _next(request: Request, last: Row) -> str:
    return next_address(request, (last["created_at"].isoformat(), last["id"]))


def _place(cursor: str) -> tuple[datetime, str]:
    moment, (id_,) = dated_place(cursor, 1)
    return moment, id_
