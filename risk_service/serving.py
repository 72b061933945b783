"""The service whole: worker and snapshot in threads of their own, uvicorn in front."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NoReturn

import structlog
import uvicorn

from risk_service.api.app import create_app
from risk_service.api.polls import Polls
from risk_service.config import Settings
from risk_service.core.sectors import Sectors
from risk_service.feeds.configured import make_feeds
from risk_service.feeds.sector_file import load_sectors
from risk_service.price_step import refresh_prices
from risk_service.snapshot import Snapshots
from risk_service.wiring import House, clock, make_provider
from risk_service.worker import Chore, Worker, feed_chores

log = structlog.get_logger()


def make_worker(house: House, settings: Settings, sectors: Sectors) -> Worker:
    """The worker with its chores: each feed, and the prices."""
    feeds = make_feeds(
        settings.feeds,
        house.desk.gazetteers,
        private=settings.feed_private,
        gdelt_url=settings.gdelt_url,
        gdelt_days=settings.gdelt_days,
    )
    chores = feed_chores(house.engine, feeds, timedelta(seconds=settings.feed_seconds))
    provider = make_provider(settings, sectors)
    if provider is not None:
        chores.append(
            Chore(
                f"prices:{provider.name}",
                timedelta(seconds=settings.price_seconds),
                lambda now: refresh_prices(house.engine, provider, sectors, now),
            )
        )
    return Worker(house.engine, house.desk, chores, clock)


@contextmanager
def running(house: House, settings: Settings) -> Iterator[Polls]:
    """The application, with its threads running until the block ends."""
    sectors = load_sectors(settings.sectors_file)
    snapshots = Snapshots(house.engine, house.desk, clock)
    snapshots.refresh()
    stopping = threading.Event()
    threads = [threading.Thread(target=snapshots.follow, args=(stopping,), name="snapshot")]
    if settings.worker:
        worker = make_worker(house, settings, sectors)
        threads.append(threading.Thread(target=worker.run, args=(stopping,), name="worker"))
    for thread in threads:
        thread.start()
    try:
        yield create_app(
            house.engine,
            house.desk,
            snapshots,
            clock=clock,
            sectors=sectors,
            simulated_prices=settings.prices == "sample",
            open_reads=settings.on_loopback,
            allowed_hosts=settings.allowed_hosts.split(","),
            rate_per_minute=settings.rate_per_minute,
        )
    finally:
        stopping.set()
        for thread in threads:
            thread.join(timeout=10)


def serve(house: House, settings: Settings) -> None:
    """Serve until a signal says stop; then finish the requests, give the lease back and exit 0."""
    # uvicorn raises the signal once more when it has stopped: it must unwind us, not kill us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    with running(house, settings) as app:
        log.info("serving", address=f"http://{settings.host}:{settings.port}")
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run()


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)
