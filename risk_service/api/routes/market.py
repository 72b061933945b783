"""``/v1/events/{id}/market``: what the markets made of an event."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from risk_service.api.deps import AsOf, DyadDep, PartsDep, check_as_of, standing
from risk_service.api.event_market import market_of
from risk_service.api.filters import LARGEST_ID
from risk_service.api.formats import json_response
from risk_service.api.kept import kept_event
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.api.schemas.market import NOTE, EventMarketOut
from risk_service.store.engine import reading
from risk_service.store.event_pages import one_event

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.get("/{id}/market", response_model=EventMarketOut, summary="The market after an event")
def get_event_market(
    parts: PartsDep,
    dyad: DyadDep,
    id: Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[5121])],
    as_of: AsOf = None,
) -> Response:
    """How unusual the joint move of energy, defence, the VIX and shares was at the first close
    after the event, and whether its signs fit thaw or escalation.

    The distance is Mahalanobis's from the 250 trading days before, the day itself not among them.
    ``agrees`` says whether the signs fit the direction that the model reads in the event. It never
    feeds back into the risk index.
    """
    now = parts.clock()
    check_as_of(as_of, now)
    with reading(parts.engine) as conn:
        row = one_event(conn, id, dyad, parts.desk.classifier.version)
        if row is None:
            raise Problem(NOT_FOUND, f"id: there is no event {id}")
        market = market_of(conn, parts, row["published_at"], as_of)
        about = standing(conn, parts, dyad, now)
    score = kept_event(row)["score"]
    direction = None if score is None else score["direction"]
    return json_response(
        {
            "id": id,
            "published_at": row["published_at"],
            "direction": direction,
            "severity": row["severity"],
            "as_of": as_of,
            "note": NOTE,
            **market,
            "agrees": _agrees(direction, None if market["day"] is None else market["day"]["fits"]),
            **about,
        }
    )


def _agrees(direction: str | None, fits: str | None) -> bool | None:
    told = direction in ("thaw", "escalation") and fits in ("thaw", "escalation")
    return direction == fits if told else None
