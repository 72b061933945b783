"""``risk-service``: serve, worker, import, score, index, prices, train, evaluate, keys."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from models.registry import ARTIFACTS
from risk_service.config import Settings
from risk_service.core.events import Event
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound, RiskError
from risk_service.feeds.countries import country_code
from risk_service.feeds.row_event import RowOptions
from risk_service.feeds.row_values import language_code
from risk_service.feeds.sector_file import load_sectors
from risk_service.importing import Imported, import_file, stem
from risk_service.live import live_answer
from risk_service.price_step import refresh_prices
from risk_service.scoring import score_events
from risk_service.serving import make_worker, serve
from risk_service.store import keys as key_store
from risk_service.store.engine import reading, writing
from risk_service.store.index import read_days
from risk_service.wiring import (
    House,
    clock,
    make_provider,
    open_database,
    open_house,
    set_up_log,
    settle_in,
    work_alone,
)
from training import evaluate as evaluation
from training import fit

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
keys_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
app.add_typer(keys_app, name="keys")
out, err = Console(), Console(stderr=True)
_PLAIN: Any = {"highlight": False, "markup": False, "soft_wrap": True}
"""How a line that holds words of files and feeds is printed: as it is."""


def main() -> None:
    """Entry point: errors of the edges and of settings become one line and exit status 1."""
    signal.signal(signal.SIGTERM, _unwind)
    try:
        app()
    except (RiskError, SQLAlchemyError, OSError, ValueError) as error:
        sys.stderr.write(f"risk-service: {' '.join(said(error).split())}\n")
        sys.exit(1)


def said(error: Exception) -> str:
    """What an error says, in one line for people: settings by name, databases without SQL."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"RISK_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        )
    if isinstance(error, DBAPIError):
        return f"database: {error.orig}"
    return f"database: {error}" if isinstance(error, SQLAlchemyError) else str(error)


def _unwind(*_: object) -> NoReturn:
    # What is being done is undone on the way out, and a lease is given back.
    raise SystemExit(128 + signal.SIGTERM)


def _open() -> tuple[Settings, House]:
    settings = Settings()
    set_up_log(settings.log_level)
    return settings, open_house(settings)


@app.command("serve")
def serve_command() -> None:
    """Migrate, load the chronology at the first start, and serve with the worker beside."""
    settings, house = _open()
    settle_in(house, settings)
    serve(house, settings)


@app.command()
def worker(
    once: Annotated[bool, typer.Option(help="Every chore once, then stop: for cron.")] = False,
) -> None:
    """Read feeds and prices, score what comes, and keep the index; without serving."""
    settings, house = _open()
    settle_in(house, settings)
    working = make_worker(house, settings, load_sectors(settings.sectors_file))
    if once:
        working.once()
        return
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    working.run(stopping)


@app.command("import")
def import_command(
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
    _, house = _open()
    for path in files:
        options = replace(given, source=source or stem(path))
        with _progress(f"reading {path.name}") as bar:
            told = import_file(
                house.engine, path, now=clock(), options=options, progress=_step(bar)
            )
        _tell_import(path, told)
    with _progress("scoring") as bar:
        worked = work_alone(house, _step(bar))
    if worked is None:
        out.print("a running worker will score them")
    else:
        out.print(
            f"assessed {worked.assessed:,}: relevant {worked.relevant:,}, scored"
            f" {worked.scored:,}; index days written {worked.vintages:,}"
        )


@app.command()
def score(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; none: one a line.")] = None,
) -> None:
    """Score texts without keeping them; JSON, one line a text."""
    _, house = _open()
    now = clock()
    lines = texts or [line.strip() for line in sys.stdin if line.strip()]
    events = [Event(now, text, "command line", language="en") for text in lines]
    for event, scored in zip(events, score_events(house.desk.classifier, events), strict=True):
        row = scored.as_row() if scored else {}
        sys.stdout.buffer.write(orjson.dumps({"text": event.text, **row}) + b"\n")


@app.command()
def index(
    dyad: Annotated[str, typer.Option()] = DEFAULT_DYAD,
    since: Annotated[str, typer.Option(help="First day of the history; with it, CSV.")] = "",
) -> None:
    """The index now as JSON, or its settled days as CSV."""
    settings, house = _open()
    if dyad not in house.desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    settle_in(house, settings)
    with reading(house.engine) as conn:
        if since:
            days = read_days(conn, dyad, date.fromisoformat(since))
            days.to_csv(sys.stdout, index=False, lineterminator="\n")
            return
        answer = live_answer(conn, house.desk, dyad, clock())
    sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2) + b"\n")


@app.command()
def prices() -> None:
    """Refresh the closes of every sector from the provider that RISK_PRICES names."""
    settings, house = _open()
    sectors = load_sectors(settings.sectors_file)
    provider = make_provider(settings, sectors)
    if provider is None:
        raise RiskError("RISK_PRICES is none: there is nothing to refresh")
    step = refresh_prices(house.engine, provider, sectors, clock())
    out.print(f"{step.provider}: {step.saved}")
    for ticker, reason in step.failures.items():
        err.print(f"{ticker}: {reason}", **_PLAIN)


@app.command()
def train(
    corpus: Annotated[Path, typer.Option(help="Folder of label files.")] = fit.CORPUS,
    artifacts: Annotated[Path, typer.Option(help="Where the artifact goes.")] = ARTIFACTS,
) -> None:
    """Train the classifier from the corpus; the same corpus gives the same artifact."""
    raise SystemExit(fit.main(["--corpus", str(corpus), "--out", str(artifacts)]))


@app.command()
def evaluate(labels: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Measure the champion on a label file, beside the baselines."""
    raise SystemExit(evaluation.main(["--labels", str(labels)]))


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[str, typer.Option(help="read, write or admin.")] = "read",
) -> None:
    """Make a key and print it, this once."""
    with writing(open_database(Settings())) as conn:
        key = key_store.make_key(conn, name, scope, clock())
    sys.stdout.write(key + "\n")


@keys_app.command("list")
def list_keys() -> None:
    """Every key's number, name, scope and times."""
    with reading(open_database(Settings())) as conn:
        rows = key_store.list_keys(conn)
    table = Table("id", "name", "scope", "created", "revoked")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


@keys_app.command("revoke")
def revoke_key(number: int) -> None:
    """Make a key worthless."""
    with writing(open_database(Settings())) as conn:
        if not key_store.revoke_key(conn, number, clock()):
            raise RiskError(f"no key {number} is in use")


def _read(option: str, value: str, read: Callable[[str], str | None]) -> str | None:
    code = read(value) if value else None
    if value and code is None:
        raise ValueError(f"{option}: {value!r} is unknown")
    return code


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    return "" if value is None else escape(str(value))


def _progress(words: str) -> Progress:
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _step(bar: Progress) -> Callable[[int], None]:
    task = bar.add_task("", total=None)
    return lambda count: bar.advance(task, count)


def _tell_import(path: Path, told: Imported) -> None:
    already = " (imported before)" if told.already else ""
    out.print(
        f"{path.name}{already}: {told.rows:,} rows, {told.added:,} new, {told.repeated:,} known,"
        f" {told.bad:,} set aside",
        **_PLAIN,
    )
    if told.ignored:
        err.print(f"  columns left alone: {', '.join(told.ignored)}", **_PLAIN)
    for what, times in told.left_out:
        err.print(f"  left out {times:,} times: {what}", **_PLAIN)
    for row in told.samples:
        err.print(f"  {row.locator}: {row.reason}", **_PLAIN)
