"""Settings into parts: what every entry point builds, and nothing else does."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine

from risk_service.chronology import load_chronology
from risk_service.config import Settings
from risk_service.desk import Desk, open_desk
from risk_service.store.engine import make_engine, migrate


@dataclass(frozen=True, slots=True)
class House:
    """An open database and the desk that reads what comes in."""

    engine: Engine
    desk: Desk


def clock() -> datetime:
    """The one clock, in UTC."""
    return datetime.now(UTC)


def open_house(settings: Settings) -> House:
    """Open the database, bring it to the newest schema, and load gazetteers and classifier."""
    engine = make_engine(settings.database_url)
    migrate(engine)
    return House(engine, open_desk(settings.dyads_dir, settings.models_dir, settings.model))


def set_up_log(level: str) -> None:
    """Plain lines on standard error; nothing below ``level``."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
