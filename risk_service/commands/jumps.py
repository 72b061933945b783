"""``jumps``: what the default alert rules would have told, as CSV."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import pandas as pd
import typer

from risk_service.alert_preview import Told, read_vintages
from risk_service.alert_replay import Replay, months_told, replay
from risk_service.commands.terminal import PLAIN, err, open_all
from risk_service.core.jumps import DEFAULT_SET, DIRECTIONS
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound
from risk_service.store.engine import reading
from risk_service.wiring import settle_in

_Most = Annotated[
    float | None,
    typer.Option(help="False alarms a quarter of each rule, at most; else what the set allows."),
]
_Newest = Annotated[
    bool, typer.Option("--newest", help="Days as seen now; else each as it was first told.")
]


def jumps(
    dyad: Annotated[str, typer.Option()] = DEFAULT_DYAD,
    max_false_alarms: _Most = None,
    newest: _Newest = False,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Every past firing of the default rules as CSV; their false alarms on standard error.

    Thresholds are made anew each January from the ten years before it. Days are judged once they
    are settled; judged live, within the day, a rule fires up to 1.5 times as often.
    """
    settings, house = open_all()
    if dyad not in house.desk.dyads:
        raise NotFound(f"dyad: {dyad!r} is not among {', '.join(house.desk.dyads)}")
    settle_in(house, settings)
    told: Told = "newest" if newest else "known"
    tables = []
    for name, default in DEFAULT_SET.items():
        started = time.perf_counter()
        with reading(house.engine) as conn:
            vintages = read_vintages(conn, dyad, told, default.series)
        found = replay(vintages, default, max_false_alarms or default.most, seed)
        err.print(_summary(name, found, time.perf_counter() - started), **PLAIN)
        tables.append(found.firings.assign(rule=name, series=default.series))
    table = pd.concat(tables).sort_values(["day", "rule"])
    err.print(_of_all(table, found.years.index[0], pd.Timestamp(vintages["day"].max())), **PLAIN)
    names = [*found.firings.columns]
    table[["rule", "series", *names]].to_csv(
        sys.stdout, index=False, lineterminator="\n", float_format="%.6g"
    )


def _summary(name: str, found: Replay, seconds: float) -> str:
    stated = found.years[["expected", "low", "high"]].mean()
    fired = len(found.firings) / found.quarters
    return (
        f"{name}: {stated['expected']:.2f} false alarms a quarter of settled days stated "
        f"({stated['low']:.2f}–{stated['high']:.2f}), mean of {len(found.years)} years; "
        f"{len(found.firings)} firings, {fired:.2f} a quarter; "
        f"threshold now {found.years['threshold'].iloc[-1]:.2f}; {seconds:.1f} s"
    )


def _of_all(table: pd.DataFrame, first: int, last: pd.Timestamp) -> str:
    months = pd.period_range(f"{first}-01", last.to_period("M"), freq="M")
    told = (f"{months_told(table, way, months):.0%} to {way}" for way in DIRECTIONS)
    return f"of all months since {first} with a firing: {', '.join(told)}"
