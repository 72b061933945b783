"""Settings into parts: what every entry point builds, and nothing else does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from risk_service.chronology import load_chronology
from risk_service.config import Settings
from risk_service.core.sectors import Sectors
from risk_service.desk import Desk, open_desk
from risk_service.feeds.file_prices import FilePrices
from risk_service.feeds.price_contract import PriceProvider
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.yfinance_prices import YahooPrices
from risk_service.leading import leading
from risk_service.pipeline import Worked, work_off
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.events import forget_assessments
from risk_service.store.index import last_day


@dataclass(frozen=True, slots=True)
class House:
    """An open database and the desk that reads what comes in."""

    engine: Engine
    desk: Desk


def clock() -> datetime:
    """The one clock, in UTC."""
    return datetime.now(UTC)


def open_house(settings: Settings) -> House:
    """Open the database, and load gazetteers and classifier."""
    engine = open_database(settings)
    return House(engine, open_desk(settings.dyads_dir, settings.models_dir, settings.model))


def open_database(settings: Settings) -> Engine:
    """Open the database and bring it to the newest schema."""
    engine = make_engine(settings.database_url)
    migrate(engine)
    return engine


def settle_in(house: House, settings: Settings) -> Worked | None:
    """The bundled chronology, and at the first start the history made from it.

    Events assessed with other gazetteers wait again. At later starts what waits is left to the
    worker, so that the service answers at once. None where a running worker leads.
    """
    if settings.chronology:
        load_chronology(house.engine, clock())
    with leading(house.engine, clock) as leads:
        if not leads.is_set():
            return None
        with writing(house.engine) as conn:
            forget_assessments(conn, house.desk.gazetteer_versions)
            begun = any(last_day(conn, dyad) for dyad in house.desk.dyads)
        nothing = Worked(0, 0, 0, 0)
        return nothing if begun else work_off(house.engine, house.desk, clock)


def work_alone(house: House, progress: Callable[[int], None] = lambda _: None) -> Worked | None:
    """Work off all that waits; None where a running worker holds the lease and will do it."""
    with leading(house.engine, clock) as leads:
        if not leads.is_set():
            return None
        return work_off(house.engine, house.desk, clock, progress, stop=lambda: not leads.is_set())


def make_provider(settings: Settings, sectors: Sectors) -> PriceProvider | None:
    """The price provider that ``RISK_PRICES`` names; None where it says none."""
    if settings.prices == "none":
        return None
    if settings.prices == "sample":
        return SamplePrices(sectors.instruments)
    if settings.prices == "yfinance":
        return YahooPrices(sectors.instruments, settings.yahoo_url)
    return FilePrices(Path(settings.prices.removeprefix("file:")), sectors.instruments)


def set_up_log(level: str) -> None:
    """Plain lines on standard error; nothing below ``level``."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # Without local variables: a request's would show keys.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        # Standard error as it is at each line: whoever has swapped it may have closed the old one.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
