"""The service whole: worker and snapshot in threads of their own, uvicorn in front."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import structlog
import uvicorn
from sqlalchemy import Engine

from risk_service.alerting import Alerting, Markets, recalibrate
from risk_service.api.app import create_app
from risk_service.api.callers import host_names
from risk_service.api.deps import Parts
from risk_service.api.doors import Rules
from risk_service.api.polls import Polls
from risk_service.broadcast import Broadcast
from risk_service.config import Settings
from risk_service.core.sectors import Sectors
from risk_service.desks import Desks
from risk_service.drift import refresh_drift
from risk_service.feeds.configured import make_feeds
from risk_service.feeds.sector_file import load_sectors
from risk_service.ports import address_of
from risk_service.price_step import refresh_prices
from risk_service.sending import Carrier, Sender
from risk_service.shadow import Shadow
from risk_service.snapshot import Snapshots
from risk_service.store.engine import make_engine
from risk_service.telling import Teller
from risk_service.web.routes import page_router
from risk_service.wiring import House, clock, follow_champion, gate_of, make_provider
from risk_service.worker import Chore, Worker, feed_chores

DRIFT_EVERY, SHADOW_EVERY = timedelta(hours=1), timedelta(minutes=1)
THRESHOLDS_EVERY = timedelta(hours=1)

log = structlog.get_logger()


def make_worker(
    house: House, settings: Settings, sectors: Sectors, desks: Desks | None = None
) -> Worker:
    """The worker with its chores: each feed, the prices, drift and the challenger."""
    feeds = make_feeds(
        settings.feeds,
        house.desk.gazetteers,
        private=settings.feed_private,
        gdelt_url=settings.gdelt_url,
        gdelt_days=settings.gdelt_days,
    )
    chores = feed_chores(house.engine, feeds, timedelta(seconds=settings.feed_seconds))
    provider = make_provider(settings, sectors, house.engine)
    if provider is not None:
        chores.append(
            Chore(
                f"prices:{provider.name}",
                timedelta(seconds=settings.price_seconds),
                lambda now: refresh_prices(house.engine, provider, sectors, now),
            )
        )
    desks = desks or follow_champion(house, settings)
    chores += model_chores(house.engine, desks, settings.models_dir)
    markets = Markets(sectors, settings.prices == "sample")
    chores.append(
        Chore(
            "thresholds",
            THRESHOLDS_EVERY,
            lambda now: recalibrate(house.engine, desks.index, markets, now),
        )
    )
    sender = Sender(house.engine, clock, Carrier(settings.alert_private))
    judge = Alerting(house.engine, desks, markets, settings.public_url)
    return Worker(house.engine, desks, chores, clock, [sender], judge)


def model_chores(engine: Engine, desks: Desks, models_dir: Path | None) -> list[Chore]:
    """Drift of the model that the index is made with, and the challenger in its shadow."""
    return [
        Chore("drift", DRIFT_EVERY, lambda now: refresh_drift(engine, desks.index, now)),
        Chore("shadow", SHADOW_EVERY, Shadow(engine, desks, models_dir)),
    ]


@contextmanager
def running(
    house: House, settings: Settings, broadcast: Broadcast | None = None
) -> Iterator[Polls]:
    """The application, with its threads running until the block ends.

    Without ``broadcast`` it serves no stream.
    """
    sectors = load_sectors(settings.sectors_file)
    desks = follow_champion(house, settings)
    snapshots = Snapshots(house.engine, desks, clock)
    snapshots.refresh()
    runs = {"snapshot": snapshots.follow, **_of_stream(house, desks, snapshots, broadcast)}
    if settings.worker:
        runs["worker"] = make_worker(house, settings, sectors, desks).run
    asked = make_engine(settings.database_url, settings.read_seconds)
    parts = Parts(
        asked,
        desks,
        snapshots,
        clock,
        sectors,
        simulated_prices=settings.prices == "sample",
        models_dir=settings.models_dir,
        gate=gate_of(settings),
        broadcast=broadcast,
        private_channels=settings.alert_private,
    )
    rules, origins = _rules(settings), settings.shared_with
    try:
        with _at_work(runs):
            yield create_app(
                parts, rules, keys=house.engine, cors_origins=origins, pages=[page_router()]
            )
    finally:
        asked.dispose()


@contextmanager
def _at_work(runs: Mapping[str, Callable[[threading.Event], None]]) -> Iterator[None]:
    """Each in a thread of its own, until the block ends and they are told to stop."""
    stopping = threading.Event()
    threads = [threading.Thread(target=run, args=(stopping,), name=n) for n, run in runs.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(timeout=10)


def _rules(settings: Settings) -> Rules:
    """Who is let in."""
    return Rules(
        open_reads=settings.on_loopback,
        allowed_hosts=host_names(settings.allowed_hosts.split(",")),
        rate_per_minute=settings.rate_per_minute,
    )


def _of_stream(
    house: House, desks: Desks, snapshots: Snapshots, broadcast: Broadcast | None
) -> dict[str, Callable[[threading.Event], None]]:
    """What reads all that replicas have told, and what tells each new answer."""
    if broadcast is None:
        return {}
    broadcast.look()
    teller = Teller(house.engine, desks, snapshots, clock)
    return {"stream": broadcast.follow, "teller": teller.follow}


class _Server(uvicorn.Server):
    """uvicorn, which tells where it serves once it listens there, and lets streams go first."""

    def __init__(self, config: uvicorn.Config, broadcast: Broadcast) -> None:
        super().__init__(config)
        self._broadcast = broadcast

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            log.info("serving", address=address_of(one))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams never end by themselves, and uvicorn would wait for them.
        self._broadcast.close()
        await super().shutdown(sockets)


def serve(house: House, settings: Settings, bound: list[socket.socket]) -> None:
    """Serve on bound sockets until a signal says stop; then finish the requests, give the lease
    back and exit 0.
    """
    # uvicorn raises the signal once more when it has stopped: it must unwind us, not kill us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    broadcast = Broadcast(house.engine, settings.streams)
    with running(house, settings, broadcast) as app:
        config = uvicorn.Config(
            app,
            log_level=settings.log_level,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        _Server(config, broadcast).run(sockets=bound)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)
