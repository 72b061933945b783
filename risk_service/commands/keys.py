"""``keys``: make, list and revoke API keys."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from risk_service.commands.terminal import cell, out
from risk_service.config import Settings
from risk_service.errors import RiskError
from risk_service.store import keys as key_store
from risk_service.store.engine import reading, writing
from risk_service.wiring import clock, open_database

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@app.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[str, typer.Option(help="read, write or admin.")] = "read",
) -> None:
    """Make a key and print it, this once."""
    with writing(open_database(Settings())) as conn:
        key = key_store.make_key(conn, name, scope, clock())
    sys.stdout.write(key + "\n")


@app.command("list")
def list_keys() -> None:
    """Every key's number, name, scope and times."""
    with reading(open_database(Settings())) as conn:
        rows = key_store.list_keys(conn)
    table = Table("id", "name", "scope", "created", "revoked")
    for row in rows:
        table.add_row(*(cell(value) for value in row.values()))
    out.print(table)


@app.command("revoke")
def revoke_key(number: int) -> None:
    """Make a key worthless."""
    with writing(open_database(Settings())) as conn:
        if not key_store.revoke_key(conn, number, clock()):
            raise RiskError(f"no key {number} is in use")
