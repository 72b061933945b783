"""The application: ready parts in, one ASGI callable out. It starts nothing by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

import risk_service
from risk_service.api.cors import Cors
from risk_service.api.deps import Parts
from risk_service.api.doors import MAX_BODY, OPEN_PATHS, Doors, Gate, Rules
from risk_service.api.envelope import Compress, Envelope
from risk_service.api.held import HeldTables
from risk_service.api.metrics import Metrics
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
from risk_service.broadcast import Broadcast
from risk_service.core.sectors import Sectors
from risk_service.desk import Desk
from risk_service.desks import Desks, as_desks
from risk_service.snapshot import Snapshots
from training.gate import PromotionGate, read_gate

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
    engine: Engine,
    desk: Desk | Desks,
    snapshots: Snapshots,
    *,
    clock: Callable[[], datetime],
    sectors: Sectors,
    simulated_prices: bool,
    open_reads: bool,
    asked: Engine | None = None,
    allowed_hosts: Iterable[str] = (),
    cors_origins: Sequence[str] = (),
    rate_per_minute: int = 1_200,
    models_dir: Path | None = None,
    gate: PromotionGate | None = None,
    pages: Sequence[APIRouter] = (),
    open_paths: Iterable[str] = (),
    broadcast: Broadcast | None = None,
    private_channels: bool = False,
) -> Polls:
    """The whole service as ASGI, outermost first: polls, envelope, origins, doors, routes.

    Parameters
    ----------
    snapshots
        Kept fresh by whoever starts the service; without a first ``refresh`` polls get 503.
    simulated_prices
        Which kind of closes the sectors are made of.
    open_reads
        Whether reads need no key: only where the service listens on a loopback address.
    asked
        Engine that the routes use, if not ``engine``: with connections of its own and bounded
        reads, so that slow answers hold up neither keys nor the making of what polls get.
    allowed_hosts
        Host names answered to besides loopback's own; ``*`` for any.
    cors_origins
        Origins whose pages may read what ``cors.py`` shares.
    rate_per_minute
        Requests a key, or an address without one, may make; counted by each replica for itself.
    models_dir, gate
        Folder of artifacts, if not the bundled one, and what a model must do to be promoted, if
        not what the bundled gate asks.
    pages, open_paths
        Routers besides the API's own (the dashboard), and paths of theirs that need no key besides
        ``/`` and ``/static/``.
    broadcast
        What streams are told from; without it they are answered with 404.
    private_channels
        Whether alerts may be sent into private networks.
    """
    metrics = Metrics()
    parts = Parts(
        asked or engine, as_desks(desk), snapshots, clock, sectors, simulated_prices, metrics,
        HeldTables(), models_dir, gate or read_gate(), broadcast, private_channels,
    )  # fmt: skip
    api = create_api(parts, pages)
    rules = Rules(
        open_reads=open_reads,
        allowed_hosts=frozenset(host.strip().lower() for host in allowed_hosts if host.strip()),
        rate_per_minute=rate_per_minute,
        open_paths=OPEN_PATHS | frozenset(open_paths),
        routes=routes_of(document()),
    )
    doors = Doors(engine, rules)
    inner: ASGIApp = Cors(Gate(Compress(api), doors), cors_origins)
    return Polls(Envelope(inner, metrics), doors, snapshots, metrics.count_poll)


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
