"""``/v1/labels``: what people say events are, kept to train on."""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from risk_service.api.callers import key_in
from risk_service.api.deps import DyadDep, Parts, PartsDep, standing
from risk_service.api.filters import LARGEST_ID
from risk_service.api.formats import chosen_format, encoded, json_response, table_response
from risk_service.api.problems import NOT_FOUND, Problem, invalid
from risk_service.api.schemas.labels import LabelIn, LabelledOut, LabelsOut
from risk_service.store import labels as store
from risk_service.store.engine import reading, writing
from risk_service.store.keys import name_of
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1", tags=["events"])

REVOKED = "a key revoked since"
Id = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[5121])]


@router.post("/events/{id}/label", response_model=LabelledOut, summary="Correct an event's label")
def post_label(parts: PartsDep, request: Request, dyad: DyadDep, id: Id, body: LabelIn) -> Response:
    """Keep what somebody says an event is, with who and why, to train on.

    No score that is stored and no index changes by it. Corrections are only added to; said twice
    in a row by one key, one is kept.
    """
    now, who = parts.clock(), _who(parts, request)
    made = store.Correction(id, body.direction, body.intensity, body.why, who, now)
    with writing(parts.engine) as conn:
        text = store.text_of(conn, id)
        if text is None:
            raise Problem(NOT_FOUND, f"id: there is no event {id}")
        if not text:
            raise invalid("id", f"event {id} has a code and no text; there is nothing to label")
        kept = store.keep_correction(conn, made)
        rows = store.read_corrections(conn, id)
        about = standing(conn, parts, dyad, now)
    return json_response({"kept": kept, "labels": rows, **about})


@router.get("/labels", response_model=LabelsOut, summary="Corrected labels")
def get_labels(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    event_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of this event")] = None,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
) -> Response:
    """Every correction, oldest first. As CSV the newest of each text: a label file, which
    `risk-service train --labels` takes.
    """
    with reading(parts.engine) as conn:
        rows = store.read_corrections(conn, event_id)
        about = standing(conn, parts, dyad, parts.clock())
    if chosen_format(form, request.headers.get("accept", "")) == "csv":
        return table_response("csv", encoded("csv", _table(rows)), about, {})
    return json_response({"count": len(rows), "labels": rows, **about})


def _who(parts: Parts, request: Request) -> str:
    key = key_in(dict(request.scope["headers"]))
    with reading(parts.engine) as conn:
        return (name_of(conn, key) if key else None) or REVOKED


def _table(rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(store.newest_of_each_text(rows), columns=list(store.LABEL_COLUMNS))
    moments = {name: pd.to_datetime(table[name], utc=True) for name in ("published_at", "at")}
    return table.assign(**moments, intensity=table["intensity"].astype("Int64"))
