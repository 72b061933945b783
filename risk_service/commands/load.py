"""``import``: files of headlines or coded events into the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from risk_service.commands.terminal import PLAIN, err, open_all, out, progress, step
from risk_service.feeds.countries import country_code
from risk_service.feeds.row_event import RowOptions
from risk_service.feeds.row_values import language_code
from risk_service.importing import Imported, import_file, stem
from risk_service.wiring import clock, work_alone


def load(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="Source of rows that name none.")] = "",
    assume_utc: Annotated[bool, typer.Option(help="Read times without zone as UTC.")] = False,
    date_format: Annotated[str, typer.Option(help="Tried first, such as %m/%d/%Y.")] = "",
    language: Annotated[str, typer.Option(help="Of rows that name none, such as en.")] = "",
    actor: Annotated[str, typer.Option(help="Country that acts, where rows name none.")] = "",
    recipient: Annotated[str, typer.Option(help="Country acted upon, likewise.")] = "",
) -> None:
    """Import CSV, JSONL or Parquet files (also gzipped) of headlines or coded events."""
    given = RowOptions(
        source=source,
        language=_read("--language", language, language_code),
        actor=_read("--actor", actor, country_code),
        recipient=_read("--recipient", recipient, country_code),
        assume_utc=assume_utc,
        date_format=date_format or None,
    )
    _, house = open_all()
    for path in files:
        options = replace(given, source=source or stem(path))
        with progress(f"reading {path.name}") as bar:
            told = import_file(house.engine, path, now=clock(), options=options, progress=step(bar))
        _tell_import(path, told)
    with progress("scoring") as bar:
        worked = work_alone(house, step(bar))
    if worked is None:
        out.print("a running worker will score them")
    else:
        out.print(
            f"assessed {worked.assessed:,}: relevant {worked.relevant:,}, scored"
            f" {worked.scored:,}; index days written {worked.vintages:,}"
        )


def _read(option: str, value: str, read: Callable[[str], str | None]) -> str | None:
    code = read(value) if value else None
    if value and code is None:
        raise ValueError(f"{option}: {value!r} is unknown")
    return code


def _tell_import(path: Path, told: Imported) -> None:
    already = " (imported before)" if told.already else ""
    out.print(
        f"{path.name}{already}: {told.rows:,} rows, {told.added:,} new, {told.repeated:,} known,"
        f" {told.bad:,} set aside",
        **PLAIN,
    )
    if told.ignored:
        err.print(f"  columns left alone: {', '.join(told.ignored)}", **PLAIN)
    for what, times in told.left_out:
        err.print(f"  left out {times:,} times: {what}", **PLAIN)
    for row in told.samples:
        err.print(f"  {row.locator}: {row.reason}", **PLAIN)
