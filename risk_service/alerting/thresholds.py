"""Each January: thresholds that were found for a rate, made anew from the ten years before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from risk_service.alert_preview import read_vintages, stated
from risk_service.core.jumps import (
    calendar,
    judged_live,
    known_then,
    of_january,
    quiet_before,
    within_day,
)
from risk_service.core.jumps.calibration import Quiet
from risk_service.core.jumps.conditions import rule_of
from risk_service.core.jumps.rules import Drift, Jump, Level
from risk_service.store.alert_rules import move_threshold, rules_calibrated_before
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row

AFTER = timedelta(days=1)
"""Into a January: by then the last day of December is settled."""
SEED = 0

log = structlog.get_logger()


def recalibrate(engine: Engine, now: datetime) -> int:
    """Find the thresholds that are older than this January anew; how many moved.

    Run again it changes nothing. Each rule is written in a transaction of its own.
    """
    january = datetime(now.year, 1, 1, tzinfo=UTC)
    if now < january + AFTER:
        return 0
    with reading(engine) as conn:
        due = rules_calibrated_before(conn, january)
    shaken: dict[tuple[str, str], Quiet | None] = {}
    moved = 0
    for row in due:
        key = row["dyad"], row["series"]
        if key not in shaken:
            with reading(engine) as conn:
                shaken[key] = _shaken(conn, *key, january.year)
        quiet = shaken[key]
        if quiet is not None:
            threshold, told = _found(row, quiet)
            with writing(engine) as conn:
                moved += move_threshold(conn, row, threshold, told, now)
    return moved


def _shaken(conn: Connection, dyad: str, series: str, year: int) -> Quiet | None:
    """Paths that rules on a series share; None where the ten years have too few days."""
    vintages = read_vintages(conn, dyad, series=series)
    try:
        values = known_then(vintages).values[:, 0]
        return quiet_before(year, values, calendar(vintages), SEED)
    except ValueError as error:
        log.warning("thresholds stay as they are", dyad=dyad, series=series, error=str(error))
        return None


def _found(row: Row, quiet: Quiet) -> tuple[float, Row]:
    rule = rule_of(row["rule"])
    assert isinstance(rule, Jump | Level | Drift)
    threshold, settled = of_january(rule, quiet, row["max_false_alarms"] / within_day(rule))
    return threshold, stated(judged_live(rule, settled), "live")
