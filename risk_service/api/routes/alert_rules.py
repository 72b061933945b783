"""``/v1/alerts/rules``: made, changed, muted and deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.alerting import close_alerts
from risk_service.alerting.payload import told_false_alarms
from risk_service.api.callers import key_in
from risk_service.api.deps import Parts, PartsDep, standing
from risk_service.api.formats import json_response
from risk_service.api.problems import NOT_FOUND, UNAVAILABLE, Problem, invalid
from risk_service.api.rule_orders import as_wanted, check_channels, rated
from risk_service.api.schemas.alert_rules import (
    GoneOut,
    MuteIn,
    RuleChangeIn,
    RuleIn,
    RuleOut,
    RulesOut,
)
from risk_service.desk import DEFAULT_DYAD
from risk_service.store import alert_rules as store
from risk_service.store.alerts import states_of
from risk_service.store.engine import reading, writing
from risk_service.store.keys import name_of
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/alerts/rules", tags=["alerts"])

SOMEBODY = "somebody"
"""Whoever asked with a key that was revoked in the same moment."""
MOST_RULES = 10_000
RuleId = Annotated[
    str, Path(alias="rule", pattern=r"^rule_[0-9a-f]{24}$", examples=["rule_" + "0123456789ab" * 2])
]
_JUDGED = ("dyad", "series", "rule", "threshold", "max_false_alarms", "calibrated_before")
_NEVER_NULL = ("name", "dyad", "series", "rule", "severity", "channels", "enabled")


@router.post("", response_model=RuleOut, summary="A new rule")
def post_rule(parts: PartsDep, request: Request, body: RuleIn) -> Response:
    """Keep a rule; it is judged from the next second on, and tells nothing of the past.

    Where no threshold is given for a jump, a level or drift, the one for ``max_false_alarms`` a
    quarter is found, and the expected rate is kept with its interval. That takes some seconds.
    """
    now = parts.clock()
    with reading(parts.engine) as conn:
        fields = rated(conn, parts, _plain(body))
        who = caller_of(conn, request)
    with writing(parts.engine) as conn:
        check_channels(conn, fields["channels"])
        if len(store.read_rules(conn)) >= MOST_RULES:
            raise invalid("body", f"there are {MOST_RULES} rules already")
        id_ = store.add_rule(conn, fields, who, now)
        return _answer(conn, parts, id_)


@router.get("", response_model=RulesOut, summary="Every rule")
def get_rules(parts: PartsDep) -> Response:
    """Every rule with its false alarms and where it stands, oldest first."""
    with reading(parts.engine) as conn:
        rows = store.read_rules(conn)
        states = states_of(conn, [row["id"] for row in rows])
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
    shown = [shown_rule(row, states.get(row["id"], [])) for row in rows]
    return json_response({"count": len(shown), "rules": shown, **about})


@router.get("/{rule}", response_model=RuleOut, summary="One rule")
def get_rule(parts: PartsDep, rule: RuleId) -> Response:
    """A rule with its false alarms and where it stands in each direction."""
    with reading(parts.engine) as conn:
        return _answer(conn, parts, rule)


@router.patch("/{rule}", response_model=RuleOut, summary="Change a rule")
def patch_rule(parts: PartsDep, rule: RuleId, body: RuleChangeIn) -> Response:
    """Change what is given. What is judged anew starts as a new rule does, and what fires ends."""
    now, given = parts.clock(), _plain(body, only_given=True)
    for name in _NEVER_NULL:
        if given.get(name, ...) is None:
            raise invalid(name, "may not be null")
    with reading(parts.engine) as conn:
        before = _known(conn, rule)
        wanted = _with(as_wanted(before), given)
        anew = any(name in given for name in _JUDGED)
        check_channels(conn, wanted["channels"])
        fields = rated(conn, parts, wanted) if anew else _unrated(given)
    with writing(parts.engine) as conn:
        check_channels(conn, wanted["channels"])
        if not store.change_rule(conn, rule, before["version"], fields, now):
            detail = "The rule was changed by somebody else meanwhile."
            raise Problem(UNAVAILABLE, detail, headers={"Retry-After": "1"})
        if anew or given.get("enabled") is False:
            close_alerts(conn, before, now)
            store.forget_states(conn, rule)
        return _answer(conn, parts, rule)


@router.delete("/{rule}", response_model=GoneOut, summary="Delete a rule")
def delete_rule(parts: PartsDep, rule: RuleId) -> Response:
    """Judge a rule no more. What fires ends; its alerts stay on record."""
    now = parts.clock()
    with writing(parts.engine) as conn:
        row = _known(conn, rule)
        store.delete_rule(conn, rule, now)
        close_alerts(conn, row, now)
        store.forget_states(conn, rule)
    return json_response({"deleted": rule})


@router.post("/{rule}/mute", response_model=RuleOut, summary="Mute a rule")
def post_mute(parts: PartsDep, rule: RuleId, body: MuteIn) -> Response:
    """Send nothing of a rule until then. It is judged, and its alerts are kept as held back."""
    with writing(parts.engine) as conn:
        row = _known(conn, rule)
        store.change_rule(conn, rule, row["version"], {"muted_until": body.until}, parts.clock())
        return _answer(conn, parts, rule)


def caller_of(conn: Connection, request: Request) -> str:
    """The name of the key that a request came with."""
    key = key_in(dict(request.scope["headers"]))
    return (name_of(conn, key) if key else None) or SOMEBODY


def shown_rule(row: Row, states: list[Row]) -> Row:
    """A rule as it is answered."""
    known, why = told_false_alarms(row["false_alarms"])
    told = {name: value for name, value in row.items() if name != "group_key"}
    about = {"group": row["group_key"], "false_alarms": known, "unknown_because": why}
    return {**told, **about, "states": states}


def _plain(body: RuleIn | RuleChangeIn, *, only_given: bool = False) -> Row:
    """As plain data, with the rule filled in and moments as they are."""
    given = body.model_dump(by_alias=True, exclude_unset=only_given)
    if body.rule is not None:
        given["rule"] = body.rule.model_dump()
    return given


def _with(wanted: Row, given: Row) -> Row:
    """A changed rule; one that is given another rule is rated as a new one."""
    if "rule" in given and not {"threshold", "max_false_alarms"} & given.keys():
        same_kind = given["rule"]["kind"] == wanted["rule"]["kind"]
        wanted = wanted if same_kind else {**wanted, "threshold": None}
    if "max_false_alarms" in given:
        wanted = {**wanted, "threshold": None}
    return {**wanted, **given}


def _unrated(given: Row) -> Row:
    return {"group_key" if name == "group" else name: value for name, value in given.items()}


def _known(conn: Connection, id_: str) -> Row:
    row = store.read_rule(conn, id_)
    if row is None:
        raise Problem(NOT_FOUND, f"rule: there is no rule {id_}")
    return row


def _answer(conn: Connection, parts: Parts, id_: str) -> Response:
    row = _known(conn, id_)
    states = states_of(conn, [id_]).get(id_, [])
    about = standing(conn, parts, row["dyad"], parts.clock())
    return json_response({**shown_rule(row, states), **about})
