"""``drift``: how the news and the scores of it have moved, as a page of HTML."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from risk_service.commands.extras import load_extra
from risk_service.commands.terminal import open_all
from risk_service.desk import DEFAULT_DYAD
from risk_service.drift import refresh_drift
from risk_service.errors import NotFound
from risk_service.store.drift import read_drift
from risk_service.store.engine import reading
from risk_service.wiring import clock, follow_champion


def drift(dyad: Annotated[str, typer.Option()] = DEFAULT_DYAD) -> None:
    """Bring drift up to date and print its page of HTML, which needs nothing else."""
    settings, house = open_all()
    page = load_extra("risk_service.drift_page", "charts")
    desk = follow_champion(house, settings).index
    if dyad not in desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(desk.dyads)}")
    now = clock()
    refresh_drift(house.engine, desk, now)
    version = desk.classifier.version
    with reading(house.engine) as conn:
        weeks = read_drift(conn, dyad, version)
    sys.stdout.write(page.drift_page(dyad, version, weeks, now))
