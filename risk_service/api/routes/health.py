"""Whether the service lives, whether it can answer, and its metrics."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from risk_service.api.deps import Parts, PartsDep
from risk_service.api.formats import json_response
from risk_service.api.metrics import Kept
from risk_service.api.problems import UNAVAILABLE, Problem
from risk_service.api.schemas.about import Health
from risk_service.drift import newest_weeks
from risk_service.store.engine import reading
from risk_service.store.events import count_events
from risk_service.store.price_feeds import last_price_feed

router = APIRouter(tags=["health"])

TOO_OLD = timedelta(minutes=3)
"""Age of an answer from which on the service is not ready; one is made every half minute."""

METRICS_EXAMPLE = 'risk_index{dyad="USA-RUS"} 61.4\n'


@router.get("/healthz", response_model=Health, summary="Whether the process lives")
async def healthz() -> Response:
    """Always 200 while the process answers at all."""
    return json_response({"status": "ok"})


@router.get("/readyz", response_model=Health, summary="Whether the service can answer")
def readyz(parts: PartsDep) -> Response:
    """200 where the database is reached and a young answer for every dyad is at hand, else 503."""
    held = {dyad: parts.snapshots.held(dyad) for dyad in parts.desk.dyads}
    missing = [dyad for dyad, answer in held.items() if answer is None]
    if missing:
        raise _not_ready(f"No answer is at hand yet for {', '.join(missing)}.")
    now = parts.clock()
    old = [dyad for dyad, answer in held.items() if answer and now - answer.made_at > TOO_OLD]
    if old:
        raise _not_ready(f"No answer could be made anew for minutes for {', '.join(old)}.")
    try:
        with reading(parts.engine) as conn:
            conn.execute(select(1))
    except SQLAlchemyError:
        raise _not_ready("The database cannot be reached.") from None
    return json_response({"status": "ok"})


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    summary="Metrics for Prometheus",
    responses={
        200: {
            "content": {
                "text/plain": {"example": METRICS_EXAMPLE},
                "application/openmetrics-text": {"schema": {"type": "string"}},
            }
        }
    },
)
def metrics(request: Request, parts: PartsDep) -> Response:
    """Requests, the index with interval, coverage and themes, age of the news, number of events,
    prices, drift; in OpenMetrics for whoever accepts that.
    """
    accept = request.headers.get("accept", "")
    text, media_type = parts.metrics.render(
        parts.snapshots, parts.desk.dyads, _kept(parts), parts.clock(), accept
    )
    return Response(text, headers={"Content-Type": media_type})


def _kept(parts: Parts) -> Kept:
    try:
        with reading(parts.engine) as conn:
            prices = last_price_feed(conn, simulated=parts.simulated_prices)
            return Kept(count_events(conn), prices, newest_weeks(conn, parts.desk, parts.clock()))
    except SQLAlchemyError:
        return Kept()


def _not_ready(detail: str) -> Problem:
    return Problem(UNAVAILABLE, detail, headers={"Retry-After": "1"})
