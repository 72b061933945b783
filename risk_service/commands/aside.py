"""``set-aside``: rows that were not taken, and why."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer

from risk_service.api.formats import unformula
from risk_service.commands.terminal import PLAIN, err, out
from risk_service.config import Settings
from risk_service.store.aside import ASIDE_COLUMNS, page_of_aside
from risk_service.store.engine import reading
from risk_service.wiring import open_database


def list_aside(
    origin: Annotated[str, typer.Option(help="Only of this file or feed.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 100,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV, with the row as it was.")] = False,
) -> None:
    """Rows of files and feeds that were set aside: where, when and why; newest reading first."""
    with reading(open_database(Settings())) as conn:
        rows = page_of_aside(conn, origin or None, None, limit + 1)
    shown = rows[:limit]
    if as_csv:
        table = csv.DictWriter(sys.stdout, ASIDE_COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in shown:
            texts = {name: unformula(str(value)) for name, value in row.items()}
            table.writerow({**texts, "seen_at": row["seen_at"].isoformat()})
    else:
        for row in shown:
            moment = f"{row['seen_at']:%Y-%m-%d %H:%M}Z"
            out.print(f"{moment}  {row['origin']}, {row['locator']}: {row['reason']}", **PLAIN)
    if len(rows) > limit:
        err.print(f"more than {limit:,} rows; --limit shows more", **PLAIN)
