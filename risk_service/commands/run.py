"""``serve`` and ``worker``: what runs until it is stopped."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from risk_service.commands.terminal import open_all
from risk_service.feeds.sector_file import load_sectors
from risk_service.ports import bound_to
from risk_service.serving import make_worker
from risk_service.serving import serve as serve_house
from risk_service.wiring import settle_in


def serve() -> None:
    """Migrate, load the chronology at the first start, and serve with the worker beside."""
    settings, house = open_all()
    # The port first: whoever cannot have it should not load a history before saying so.
    with bound_to(settings.host, settings.port) as bound:
        settle_in(house, settings)
        serve_house(house, settings, bound)


def worker(
    once: Annotated[bool, typer.Option(help="Every chore once, then stop: for cron.")] = False,
) -> None:
    """Read feeds and prices, score what comes, and keep the index; without serving."""
    settings, house = open_all()
    settle_in(house, settings)
    working = make_worker(house, settings, load_sectors(settings.sectors_file))
    if once:
        working.once()
        return
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    working.run(stopping)
