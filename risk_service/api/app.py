"""The application: ready parts in, one ASGI callable out. It starts nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

import risk_service
from risk_service.api.cors import Cors
from risk_service.api.deps import Parts
from risk_service.api.doors import MAX_BODY, Doors, Gate, Rules
from risk_service.api.envelope import Compress, Envelope
from risk_service.api.openapi import document_of, routes_of
from risk_service.api.polls import Polls
from risk_service.api.problems import install
from risk_service.api.queries import only_known
from risk_service.api.routes import (
    alert_rules,
    alerts,
    alerts_told,
    aside,
    channels,
    chart,
    confirmation,
    deliveries,
    drift,
    events,
    grafana,
    health,
    index,
    labels,
    market,
    methodology,
    models,
    openbb,
    score,
    sectors,
    sensitivity,
    stream,
    studies,
    udf,
)  # fmt: skip

ROUTERS = (
    index.router, stream.router, events.router, market.router, confirmation.router, labels.router,
    score.router, sectors.router, sensitivity.router, studies.router, channels.router,
    deliveries.router, alert_rules.router, alerts.router, alerts_told.router,
    methodology.router, drift.router, models.router, aside.router, health.router,
    chart.router, grafana.router,
)  # fmt: skip
TOLERANT = (udf.router, openbb.router)
"""Of protocols whose clients send parameters of their own: one that is not known is passed over."""


def create_app(
    parts: Parts,
    rules: Rules,
    *,
    keys: Engine | None = None,
    cors_origins: Sequence[str] = (),
    pages: Sequence[APIRouter] = (),
) -> Polls:
    """The whole service as ASGI, outermost first: polls, envelope, origins, doors, routes.

    Parameters
    ----------
    parts
        Whoever starts the service keeps the snapshots fresh; without a first ``refresh`` polls
        get 503.
    rules
        Who is let in; whatever their ``routes`` are, those of the interface take their place.
    keys
        Engine that keys are looked up with, if not the routes'.
    cors_origins
        Origins whose pages may read what ``cors.py`` shares.
    pages
        Routers besides the API's own (the dashboard).
    """
    doors = Doors(keys or parts.engine, replace(rules, routes=routes_of(document())))
    inner: ASGIApp = Cors(Gate(Compress(create_api(parts, pages)), doors), cors_origins)
    return Polls(Envelope(inner, parts.metrics), doors, parts.snapshots, parts.metrics.count_poll)


def create_api(parts: Parts, pages: Sequence[APIRouter] = ()) -> FastAPI:
    """The routes alone, without doors."""
    api = FastAPI(
        version=risk_service.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=MAX_BODY,
    )
    api.state.parts = parts
    install(api)
    for router in ROUTERS:
        api.include_router(router, dependencies=[Depends(only_known)])
    for router in (*TOLERANT, *pages):
        api.include_router(router)
    api.openapi = document  # type: ignore[method-assign]
    return api


@cache
def document() -> dict[str, Any]:
    """The interface as OpenAPI, made once: it is the same whatever parts stand behind it."""
    api = FastAPI(version=risk_service.__version__)
    for router in (*ROUTERS, *TOLERANT):
        api.include_router(router)
    return document_of(api)
