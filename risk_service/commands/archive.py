"""``score-archive``: files or a query in, scores out as Parquet or into the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from risk_service.archive.crews import Crew, cores, local_crew
from risk_service.archive.database_shelf import DatabaseShelf
from risk_service.archive.parquet_shelf import ParquetShelf
from risk_service.archive.reader import Reader, read_by
from risk_service.archive.rows import Named, Source, file_sources
from risk_service.archive.run import PART_ROWS, Archived, score_archive
from risk_service.archive.shelf import Shelf
from risk_service.commands.extras import load_extra
from risk_service.commands.terminal import PLAIN, open_all, out, progress, step
from risk_service.config import Settings
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound, RiskError
from risk_service.feeds.sql_rows import sql_rows
from risk_service.wiring import House, clock


def archive(
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, JSONL or Parquet."),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Folder of Parquet files.")
    ] = None,
    to_database: Annotated[
        bool, typer.Option("--to-database", help="Into RISK_DATABASE_URL instead.")
    ] = False,
    query: Annotated[str, typer.Option(help="SQL in place of files; ORDER BY lets it go on.")] = "",
    database: Annotated[str, typer.Option(help="Address of the query's database.")] = "",
    model: Annotated[str, typer.Option(help="Version; else the champion.")] = "",
    dyad: Annotated[str, typer.Option(help="Whose relevance is told.")] = DEFAULT_DYAD,
    text: Annotated[str, typer.Option(help="Column of the text, if it has another name.")] = "",
    row_id: Annotated[str, typer.Option("--id", help="Column of the row's own id.")] = "",
    part_rows: Annotated[int, typer.Option(min=1, help="Rows of a partition.")] = PART_ROWS,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one a core.")] = 0,
    scheduler: Annotated[str, typer.Option(help="Dask scheduler, such as tcp://host:8786.")] = "",
) -> None:
    """Score files or a query in parallel; killed, it goes on where it was."""
    _check(files, query, database, out_dir, to_database)
    settings, house = open_all()
    reader = _reader(settings, house, model, dyad)
    named = Named(text, row_id)
    shelf: Shelf = DatabaseShelf(house.engine, reader.version, clock)
    if out_dir is not None:
        shelf = ParquetShelf(out_dir, reader.version)
    sources = _sources(files or [], query, database, named)
    with _crew(reader, workers, scheduler) as crew, progress("scoring") as bar:
        told = score_archive(
            sources, named, crew, shelf, reader.made_with, size=part_rows, progress=step(bar)
        )
    _tell(told, reader.version)


def _check(
    files: list[Path] | None, query: str, database: str, out_dir: Path | None, to_database: bool
) -> None:
    if bool(files) == bool(query):
        raise RiskError("give files, or --query with --database")
    if bool(query) != bool(database):
        raise RiskError("--query and --database go together")
    if (out_dir is None) != to_database:
        raise RiskError("give --out DIR or --to-database")


def _reader(settings: Settings, house: House, model: str, dyad: str) -> Reader:
    gazetteer = next((one for one in house.desk.gazetteers if one.name == dyad), None)
    if gazetteer is None:
        raise NotFound(f"--dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    return read_by(model or house.desk.classifier.version, settings.models_dir, gazetteer)


def _sources(files: list[Path], query: str, database: str, named: Named) -> Iterable[Source]:
    if not query:
        return file_sources(files, named)
    name = f"query-{hashlib.sha256(query.encode()).hexdigest()[:8]}"
    return [Source(name, sql_rows(database, query))]


def _crew(reader: Reader, workers: int, scheduler: str) -> AbstractContextManager[Crew]:
    if not scheduler:
        return local_crew(reader, workers or cores())
    found: AbstractContextManager[Crew] = load_extra(
        "risk_service.archive.dask_crew", "dask"
    ).dask_crew(reader, scheduler)
    return found


def _tell(told: Archived, version: str) -> None:
    out.print(
        f"{version}: {told.rows:,} rows in {told.parts:,} parts, {told.held:,} of them there"
        f" before; scored {told.scored:,}, not scored {sum(told.unscored.values()):,},"
        f" set aside {told.bad:,}",
        **PLAIN,
    )
    if told.unscored:
        languages = ", ".join(f"{name} {count:,}" for name, count in told.unscored.most_common())
        out.print(f"  not scored, by language: {languages}", **PLAIN)
