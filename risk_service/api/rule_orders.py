"""A rule as a caller wants it, checked against what there is, and rated before it is kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from risk_service.alert_preview import Asked, rate, read_vintages, stated
from risk_service.api.deps import Parts
from risk_service.api.problems import INVALID, FieldError, Problem, from_core, invalid
from risk_service.core.jumps.conditions import ConfirmedJump, Kept, rule_of
from risk_service.core.jumps.rules import Drift, Jump, Level
from risk_service.core.jumps.series import PARTS, SECTOR
from risk_service.store.alert_rules import unknown_channels
from risk_service.store.upsert import Row

USUAL = {"grave_story": 2.5, "hour_jump": 8.0, "stale": 6.0, "model_drift": 0.25}
"""Thresholds of those kinds that no rate of false alarms is found for."""
_WHY = {
    "grave_story": "it hangs on single stories, and no path of the index has any",
    "hour_jump": "hours are not settled, and no paths of them are shaken; the usual threshold is a "
    "choice, not a rate",
    "stale": "it is judged by the clock, and not by the index",
    "model_drift": "it is judged by the week's scores, and not by the index",
    "confirmed_jump": "it fires at most as often as its jump; how often the markets then agree by "
    "chance is not told",
}
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
    threshold, told = _threshold(conn, wanted, rule)
    if wanted["rule"]["kind"] == "grave_story" and not 1 <= threshold <= 3:
        raise invalid("threshold", f"{threshold} is no severity: 1 to 3")
    calibrated = wanted["threshold"] is None and isinstance(rule, Jump | Level | Drift)
    return {
        **{name: wanted[name] for name in _KEPT},
        "group_key": wanted["group"],
        "threshold": threshold,
        "max_false_alarms": (wanted["max_false_alarms"] or DEFAULT_MOST) if calibrated else None,
        "false_alarms": told,
        "calibrated_at": parts.clock() if calibrated else None,
    }


_KEPT = (
    "name", "dyad", "series", "rule", "severity", "quiet_hours", "muted_until", "channels",
    "enabled",
)  # fmt: skip


def _threshold(conn: Connection, wanted: Row, rule: Kept) -> tuple[float, Row]:
    kind, threshold = wanted["rule"]["kind"], wanted["threshold"]
    if kind in USUAL:
        return threshold or USUAL[kind], {"unknown_because": _WHY[kind]}
    if wanted["series"].startswith(SECTOR):
        if threshold is None:
            raise invalid("threshold", f"is needed: {_OF_SECTOR}")
        return threshold, {"unknown_because": _OF_SECTOR}
    inner = rule.jump if isinstance(rule, ConfirmedJump) else rule
    assert isinstance(inner, Jump | Level | Drift)
    most = wanted["max_false_alarms"] or DEFAULT_MOST
    asked = Asked(inner, threshold, most, wanted["calibrated_before"])
    try:
        found = rate(read_vintages(conn, wanted["dyad"], series=wanted["series"]), asked)
    except ValueError as error:
        field = from_core(error)
        if field.field == "calibrated_before" and wanted["calibrated_before"] is None:
            field = FieldError("threshold", f"is needed, for history is short: {field.message}")
        detail = f"{field.field}: {field.message}"
        raise Problem(INVALID, detail, [field]) from None
    if kind == "confirmed_jump":
        return found.threshold, {"unknown_because": _WHY[kind]}
    unknown: Row = {"unknown_because": found.unknown_because}
    return found.threshold, unknown if found.expected is None else stated(found.expected, "live")


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
