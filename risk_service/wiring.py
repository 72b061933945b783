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
from risk_service.desks import Desks, following
from risk_service.feeds.file_prices import FilePrices
from risk_service.feeds.fred_prices import FredPrices
from risk_service.feeds.price_contract import PriceProvider
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.yfinance_prices import YahooPrices
from risk_service.leading import leading
from risk_service.pipeline import Worked, work_off
from risk_service.price_chain import PriceChain
from risk_service.registering import register_folder
from risk_service.store.engine import make_engine, migrate, reading, writing
from risk_service.store.events import forget_assessments
from risk_service.store.index import last_day, last_model
from risk_service.store.models import champion_version
from risk_service.store.rescored import forget_scored_all
from training.gate import GATE, PromotionGate, read_gate

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """An open database and the desk that reads what comes in."""

    engine: Engine
    desk: Desk


def clock() -> datetime:
    """The one clock, in UTC."""
    return datetime.now(UTC)


def open_house(settings: Settings) -> House:
    """Open the database, and load gazetteers and classifier: the pinned one or the champion."""
    engine = open_database(settings)
    register_folder(engine, settings.models_dir, clock())
    with reading(engine) as conn:
        version = settings.model or champion_version(conn) or ""
    return House(engine, open_desk(settings.dyads_dir, settings.models_dir, version))


def follow_champion(house: House, settings: Settings) -> Desks:
    """Desks that begin with the house's and follow the registry, unless a version is pinned."""
    return following(house.engine, house.desk, settings.models_dir, bool(settings.model))


def open_database(settings: Settings) -> Engine:
    """Open the database and bring it to the newest schema."""
    engine = make_engine(settings.database_url)
    migrate(engine)
    return engine


def gate_of(settings: Settings) -> PromotionGate:
    """What a model must do to be promoted."""
    return read_gate(settings.gate_file or GATE)


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
            if settings.model and any(
                last_model(conn, dyad) not in (None, settings.model) for dyad in house.desk.dyads
            ):
                # Others served meanwhile: what came in their time has no score of this one.
                forget_scored_all(conn, settings.model)
        nothing = Worked(0, 0, 0, 0)
        if begun:
            return nothing
        log.info("reading what is stored for the first time; this may take a minute")
        return work_off(house.engine, house.desk, clock)


def work_alone(house: House, progress: Callable[[int], None] = lambda _: None) -> Worked | None:
    """Work off all that waits; None where a running worker holds the lease and will do it."""
    with leading(house.engine, clock) as leads:
        if not leads.is_set():
            return None
        return work_off(house.engine, house.desk, clock, progress, stop=lambda: not leads.is_set())


def make_provider(settings: Settings, sectors: Sectors, engine: Engine) -> PriceProvider | None:
    """The price providers that ``RISK_PRICES`` names, in its order; None where it says none.

    Whether one of them is left alone after refusals stands in the database of ``engine``.
    """
    if settings.prices == "none":
        return None
    if settings.prices == "sample":
        return SamplePrices(sectors.instruments)
    return PriceChain(
        engine, tuple(_real_provider(name, settings, sectors) for name in settings.price_providers)
    )


def _real_provider(name: str, settings: Settings, sectors: Sectors) -> PriceProvider:
    if name == "yfinance":
        return YahooPrices(sectors.instruments, settings.yahoo_url)
    if name == "fred":
        return FredPrices(sectors.instruments, settings.fred_url)
    return FilePrices(Path(name.removeprefix("file:")), sectors.instruments)


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
