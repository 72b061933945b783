"""``jumps``: what the default alert rules would have told, as CSV."""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Annotated

import pandas as pd
import typer

from risk_service.alert_preview import Asked, Preview, Told, preview, read_vintages
from risk_service.commands.terminal import PLAIN, err, open_all
from risk_service.core.jumps import DEFAULTS
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound
from risk_service.store.engine import reading
from risk_service.wiring import settle_in

_Most = Annotated[float, typer.Option(help="False alarms a quarter of each rule, at most.")]
_Before = Annotated[
    str, typer.Option(help="Tell false alarms from the days before this one; else from all.")
]
_Newest = Annotated[
    bool, typer.Option("--newest", help="Days as seen now; else each as it was first told.")
]


def jumps(
    dyad: Annotated[str, typer.Option()] = DEFAULT_DYAD,
    before: _Before = "",
    max_false_alarms: _Most = 1.0,
    newest: _Newest = False,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Every past firing of the default rules as CSV; their false alarms on standard error."""
    last = date.fromisoformat(before) if before else None
    settings, house = open_all()
    if dyad not in house.desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    settle_in(house, settings)
    told: Told = "newest" if newest else "known"
    with reading(house.engine) as conn:
        vintages = read_vintages(conn, dyad, told)
    tables = []
    for name, rule in DEFAULTS.items():
        started = time.perf_counter()
        found = preview(vintages, Asked(rule, None, max_false_alarms, last, told, seed))
        err.print(_summary(name, found, time.perf_counter() - started), **PLAIN)
        tables.append(found.firings.assign(rule=name))
    table = pd.concat(tables).sort_values(["day", "rule"])
    table[["rule", *tables[0].columns[:-1]]].to_csv(
        sys.stdout, index=False, lineterminator="\n", float_format="%.6g"
    )


def _summary(name: str, found: Preview, seconds: float) -> str:
    rate = found.expected
    assert rate is not None
    return (
        f"{name}: threshold {found.threshold:.2f} from days before {found.calibrated_before}; "
        f"{rate.expected:.2f} false alarms a quarter ({rate.low:.2f}–{rate.high:.2f}); "
        f"{len(found.firings)} firings in {found.days} days; {seconds:.1f} s"
    )
