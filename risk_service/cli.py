"""``risk-service``: the command line, and how its errors are told."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from risk_service.commands import (
    archive,
    aside,
    ask,
    assist,
    drifted,
    jumps,
    keys,
    labels,
    learn,
    load,
    models,
    run,
    study,
)
from risk_service.errors import RiskError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="US–Russia risk from news.")
app.command()(run.serve)
app.command()(run.worker)
app.command("import")(load.load)
app.command("set-aside")(aside.list_aside)
app.command()(ask.score)
app.command("score-archive")(archive.archive)
app.command()(ask.index)
app.command()(ask.prices)
app.command("event-study")(study.event_study)
app.command()(drifted.drift)
app.command()(jumps.jumps)
app.command()(labels.labels)
app.command()(assist.mcp)
app.command()(learn.train)
app.command()(learn.evaluate)
app.command("models")(models.list_models)
app.command()(models.card)
app.command()(models.compare)
app.command("promote")(models.promote_model)
app.command("rollback")(models.rollback_model)
app.add_typer(keys.app, name="keys")


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
