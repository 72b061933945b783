"""Each January: thresholds that were found for a rate, made anew from what came before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from risk_service.alert_preview import Asked, Rated, read_vintages, told
from risk_service.alert_rates import past_agreement, past_hours, rate_confirmed, rate_hours
from risk_service.alerting.market import Markets
from risk_service.core.jumps import (
    calendar,
    judged_live,
    known_then,
    of_january,
    quiet_before,
    within_day,
)
from risk_service.core.jumps.calibration import Quiet
from risk_service.core.jumps.conditions import ConfirmedJump, HourJump, rule_of
from risk_service.core.jumps.rules import Drift, Jump, Level
from risk_service.desk import Desk
from risk_service.store.alert_rules import move_threshold, rules_calibrated_before
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row

AFTER = timedelta(days=1)
"""Into a January: by then the last day of December is settled."""
SEED = 0

log = structlog.get_logger()


def recalibrate(engine: Engine, desk: Desk, markets: Markets, now: datetime) -> int:
    """Find the thresholds that are older than this January anew; how many moved.

    Run again it changes nothing. Each rule is written in a transaction of its own.
    """
    january = datetime(now.year, 1, 1, tzinfo=UTC)
    if now < january + AFTER:
        return 0
    with reading(engine) as conn:
        due = rules_calibrated_before(conn, january)
    past, moved = Past(desk, markets, january), 0
    for row in due:
        with reading(engine) as conn:
            found = past.rated(conn, row)
        if found is not None:
            with writing(engine) as conn:
                moved += move_threshold(conn, row, found.threshold, told(found), now)
    return moved


@dataclass(slots=True)
class Past:
    """What came before a January; the paths that rules on one series share are shaken once."""

    desk: Desk
    markets: Markets
    january: datetime
    _shaken: dict[tuple[str, str], Quiet] = field(default_factory=dict)

    def rated(self, conn: Connection, row: Row) -> Rated | None:
        """The threshold of a rule and its false alarms; None where too little is known."""
        try:
            return self._found(conn, row)
        except ValueError as error:
            log.warning(
                "a threshold stays as it is", rule=row["id"], series=row["series"], error=str(error)
            )
            return None

    def _found(self, conn: Connection, row: Row) -> Rated:
        rule, most = rule_of(row["rule"]), row["max_false_alarms"]
        if isinstance(rule, HourJump):
            values = past_hours(conn, self.desk, row["dyad"], self.january)
            return rate_hours(values, rule, None, most, SEED)
        if isinstance(rule, ConfirmedJump):
            return self._confirmed(conn, row, rule)
        assert isinstance(rule, Jump | Level | Drift)
        quiet = self._quiet(conn, row["dyad"], row["series"])
        threshold, settled = of_january(rule, quiet, most / within_day(rule))
        return Rated(threshold, judged_live(rule, settled), None)

    def _confirmed(self, conn: Connection, row: Row, rule: ConfirmedJump) -> Rated:
        sectors, simulated = self.markets.sectors, self.markets.simulated
        agreement = past_agreement(conn, sectors, rule, self.january, simulated=simulated)
        if agreement[1] == 0:
            raise ValueError("closes: too few are held")
        vintages = read_vintages(conn, row["dyad"], series=row["series"])
        before = self.january.date()
        asked = Asked(rule.jump, None, row["max_false_alarms"], before, seed=SEED)
        return rate_confirmed(vintages, rule, asked, agreement)

    def _quiet(self, conn: Connection, dyad: str, series: str) -> Quiet:
        if (dyad, series) not in self._shaken:
            vintages = read_vintages(conn, dyad, series=series)
            values = known_then(vintages).values[:, 0]
            days = calendar(vintages)
            self._shaken[dyad, series] = quiet_before(self.january.year, values, days, SEED)
        return self._shaken[dyad, series]
