"""``score``, ``index`` and ``prices``: answers without a server."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import orjson
import typer

from models.abstention import abstains
from risk_service.commands.terminal import PLAIN, err, open_all, out
from risk_service.core.events import Event
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound, RiskError
from risk_service.feeds.sector_file import load_sectors
from risk_service.live import live_answer
from risk_service.price_step import refresh_prices
from risk_service.scoring import score_events
from risk_service.store.engine import reading
from risk_service.store.index import read_days
from risk_service.wiring import clock, make_provider, settle_in


def score(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; none: one a line.")] = None,
) -> None:
    """Score texts without keeping them; JSON, one line a text."""
    _, house = open_all()
    now = clock()
    lines = texts or [line.strip() for line in sys.stdin if line.strip()]
    events = [Event(now, text, "command line", language="en") for text in lines]
    for event, scored in zip(events, score_events(house.desk.classifier, events), strict=True):
        row = scored.as_row() if scored else {}
        if scored:
            row["abstains"] = abstains([scored.p_thaw, scored.p_escalation, scored.p_neutral])
        sys.stdout.buffer.write(orjson.dumps({"text": event.text, **row}) + b"\n")


def index(
    dyad: Annotated[str, typer.Option()] = DEFAULT_DYAD,
    since: Annotated[
        str, typer.Option(help="First day of the history, YYYY-MM-DD; gives CSV.")
    ] = "",
) -> None:
    """The index now as JSON, or its settled days as CSV."""
    first = _day("--since", since) if since else None
    settings, house = open_all()
    if dyad not in house.desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    settle_in(house, settings)
    with reading(house.engine) as conn:
        if first is not None:
            days = read_days(conn, dyad, first)
            days.to_csv(sys.stdout, index=False, lineterminator="\n")
            return
        answer = live_answer(conn, house.desk, dyad, clock())
    sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2) + b"\n")


def _day(option: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{option}: {value!r} is not a day such as 2025-02-28") from None


def prices() -> None:
    """Refresh the closes of every sector from the providers that RISK_PRICES names."""
    settings, house = open_all()
    sectors = load_sectors(settings.sectors_file)
    provider = make_provider(settings, sectors, house.engine)
    if provider is None:
        raise RiskError("RISK_PRICES is none: there is nothing to refresh")
    step = refresh_prices(house.engine, provider, sectors, clock())
    out.print(f"{step.provider}: {step.saved}")
    for ticker, reason in step.failures.items():
        err.print(f"{ticker}: {reason}", **PLAIN)
