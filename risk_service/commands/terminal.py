"""What the commands share: the open house, and how things are told on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from risk_service.config import Settings
from risk_service.wiring import House, open_house, set_up_log

out, err = Console(), Console(stderr=True)
PLAIN: Any = {"highlight": False, "markup": False, "soft_wrap": True}
"""How a line that holds words of files and feeds is printed: as it is."""


def open_all() -> tuple[Settings, House]:
    """The settings and the open house, with the log set up."""
    settings = Settings()
    set_up_log(settings.log_level)
    return settings, open_house(settings)


def cell(value: object) -> str:
    """A value as a cell of a table: moments to the minute, nothing for None."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    return "" if value is None else escape(str(value))


def progress(words: str) -> Progress:
    """A bar on standard error, where that is a terminal."""
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def step(bar: Progress) -> Callable[[int], None]:
    """A function that moves the bar on by a count."""
    task = bar.add_task("", total=None)
    return lambda count: bar.advance(task, count)
