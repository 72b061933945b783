"""A rule as a caller wants it, checked against what there is, and rated before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import Connection

from risk_service.alert_preview import Asked, Rated, rate, read_vintages, told
from risk_service.alert_rates import past_agreement, past_hours, rate_confirmed, rate_hours
from risk_service.api.deps import Parts
from risk_service.api.problems import INVALID, FieldError, Problem, from_core, invalid
from risk_service.core.jumps.conditions import ConfirmedJump, HourJump, Kept, rule_of
from risk_service.core.jumps.rules import Drift, Jump, Level
from risk_service.core.jumps.series import PARTS, SECTOR
from risk_service.store.alert_rules import unknown_channels
from risk_service.store.upsert import Row

USUAL = {"grave_story": 2.5, "hour_jump": 8.0, "stale": 6.0, "model_drift": 0.25}
"""Thresholds where no rate of false alarms is found."""
_WHY = {
    "grave_story": "it hangs on single stories, and no path of the index has any",
    "stale": "it is judged by the clock, and not by the index",
    "model_drift": "it is judged by the week's scores, and not by the index",
}
_NO_CLOSES = (
    "it fires at most as often as its jump, whose rate the threshold is for; how often the markets "
    "agree by chance is not known, for too few closes are held"
)
_OF_SECTOR = "the paths that false alarms are told from are of the index, and not of prices"
DEFAULT_MOST = 1.0


def rated(conn: Connection, parts: Parts, wanted: Row) -> Row:
    """The columns of a rule: with its threshold, and its false alarms or why they are unknown.

    Parameters
    ----------
    wanted
        The fields of ``RuleIn``, all of them, as plain data.

    Raises
    ------
    Problem
        422 naming the field that is not taken; 404 for a dyad that is not followed.
    """
    parts.gazetteer(wanted["dyad"])
    try:
        rule = rule_of(wanted["rule"])
    except ValueError as error:
        raise _of_rule(error) from None
    check_series(parts, rule, wanted["series"])
    check_channels(conn, wanted["channels"])
    found = _threshold(conn, parts, wanted, rule)
    threshold = found.threshold
    if wanted["rule"]["kind"] == "grave_story" and not 1 <= threshold <= 3:
        raise invalid("threshold", f"{threshold} is no severity: 1 to 3")
    calibrated = wanted["threshold"] is None and found.expected is not None
    return {
        **{name: wanted[name] for name in _KEPT},
        "group_key": wanted["group"],
        "threshold": threshold,
        "max_false_alarms": (wanted["max_false_alarms"] or DEFAULT_MOST) if calibrated else None,
        "false_alarms": told(found),
        "calibrated_at": parts.clock() if calibrated else None,
    }


_KEPT = (
    "name", "dyad", "series", "rule", "severity", "quiet_hours", "muted_until", "channels",
    "enabled",
)  # fmt: skip


def _threshold(conn: Connection, parts: Parts, wanted: Row, rule: Kept) -> Rated:
    """The threshold, its false alarms and why they are unknown."""
    kind, threshold = wanted["rule"]["kind"], wanted["threshold"]
    if kind in _WHY:
        return Rated(threshold or USUAL[kind], None, _WHY[kind])
    if wanted["series"].startswith(SECTOR):
        if threshold is None:
            raise invalid("threshold", f"is needed: {_OF_SECTOR}")
        return Rated(threshold, None, _OF_SECTOR)
    try:
        if isinstance(rule, HourJump):
            return _hours(conn, parts, wanted, rule)
        return _days(conn, parts, wanted, rule)
    except ValueError as error:
        field = from_core(error)
        if field.field == "calibrated_before" and wanted["calibrated_before"] is None:
            field = FieldError("threshold", f"is needed, for history is short: {field.message}")
        detail = f"{field.field}: {field.message}"
        raise Problem(INVALID, detail, [field]) from None


def _hours(conn: Connection, parts: Parts, wanted: Row, rule: HourJump) -> Rated:
    """Told from the year before; where that is not known, the usual threshold."""
    desk, now, most = parts.desk, parts.clock(), wanted["max_false_alarms"]
    until = wanted["calibrated_before"]
    if until is not None:
        now = min(now, datetime.combine(until, time(), UTC))
    values = past_hours(conn, desk, wanted["dyad"], now)
    try:
        return rate_hours(values, rule, wanted["threshold"], most or DEFAULT_MOST)
    except ValueError as error:
        if most is not None:
            raise
        return Rated(USUAL["hour_jump"], None, from_core(error).message)


def _days(conn: Connection, parts: Parts, wanted: Row, rule: Kept) -> Rated:
    """Told from settled days; of a jump that markets confirm, from their closes too."""
    inner = rule.jump if isinstance(rule, ConfirmedJump) else rule
    assert isinstance(inner, Jump | Level | Drift)
    most = wanted["max_false_alarms"] or DEFAULT_MOST
    asked = Asked(inner, wanted["threshold"], most, wanted["calibrated_before"])
    vintages = read_vintages(conn, wanted["dyad"], series=wanted["series"])
    if not isinstance(rule, ConfirmedJump) or vintages.empty:
        return rate(vintages, asked)
    now, simulated = parts.clock(), parts.simulated_prices
    agreement = past_agreement(conn, parts.sectors, rule, now, simulated=simulated)
    if agreement[1] == 0:
        found = rate(vintages, asked)
        return Rated(found.threshold, None, found.unknown_because or _NO_CLOSES)
    return rate_confirmed(vintages, rule, asked, agreement)


def check_series(parts: Parts, rule: Kept, series: str) -> None:
    """Raise Problem (422) for a series that is not there, or that such a rule cannot watch."""
    sectors = [f"{SECTOR}{name}" for name in parts.sectors.members]
    if series not in (*PARTS, *sectors):
        raise invalid("series", f"{series!r} is not one of {', '.join((*PARTS, *sectors))}")
    if series in sectors and not isinstance(rule, Jump):
        raise invalid("series", "of a sector only jumps are judged")
    if series != "risk" and not isinstance(rule, Jump | Level | Drift | ConfirmedJump):
        raise invalid("series", "has no meaning for such a rule; leave it out")


def check_channels(conn: Connection, ids: list[str]) -> None:
    """Raise Problem (422) naming each id that is no channel."""
    unknown = unknown_channels(conn, ids)
    if unknown:
        errors = [
            FieldError(f"channels[{place}]", f"there is no channel {id_!r}")
            for place, id_ in enumerate(ids)
            if id_ in unknown
        ]
        detail = "; ".join(f"{one.field}: {one.message}" for one in errors)
        raise Problem(INVALID, detail, errors)


def as_wanted(row: Row) -> Row:
    """A kept rule in the words of ``RuleIn``, so that it can be changed and rated anew."""
    found: dict[str, Any] = {name: row[name] for name in _KEPT}
    calibrated = row["max_false_alarms"] is not None
    return {
        **found,
        "group": row["group_key"],
        "threshold": None if calibrated else row["threshold"],
        "max_false_alarms": row["max_false_alarms"],
        "calibrated_before": None,
    }


def _of_rule(error: ValueError) -> Problem:
    field = from_core(error)
    return invalid(f"rule.{field.field}", field.message)
