"""The configuration of sectors from its file: the bundled one, or one's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from risk_service.core.sectors import Sectors, read_sectors
from risk_service.errors import FileError
from risk_service.feeds.calendars import time_zone


def load_sectors(path: Path | None = None) -> Sectors:
    """Read the sectors from ``path``, or the bundled ``sectors.toml``.

    Raises
    ------
    FileError
        When the file cannot be read, is not such a configuration or names an unknown calendar.
    """
    source = files("risk_service").joinpath("sectors.toml") if path is None else path
    try:
        sectors = read_sectors(source.read_text(encoding="utf-8"))
        for member in sectors.instruments.values():
            time_zone(member.calendar)
    except (OSError, ValueError) as error:
        raise FileError(f"sectors ({source.name}): {error}") from None
    return sectors
