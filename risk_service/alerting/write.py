"""Verdicts into the database: states, alerts and their deliveries, together or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from risk_service.alerting.group import Start, Verdict
from risk_service.alerting.held import held_back
from risk_service.alerting.payload import moved_on
from risk_service.settle import end_of
from risk_service.store.alerts import (
    add_alert,
    add_state,
    add_states,
    alert_id,
    firing_alerts,
    move_state,
    move_states,
    read_alert,
    resolve_alert,
)
from risk_service.store.deliveries import queue_deliveries
from risk_service.store.stream import tell_alerts
from risk_service.store.upsert import Row


@dataclass(frozen=True, slots=True)
class Judged:
    """What a step did: states that moved, alerts that began and that ended."""

    moved: int = 0
    began: int = 0
    ended: int = 0


def id_of(verdict: Verdict, start: Start) -> str:
    """The id of the alert that a start is."""
    row = verdict.watch.row
    return alert_id(row["id"], row["version"], verdict.watch.direction, start.key)


def write(
    conn: Connection, verdicts: Sequence[Verdict], payloads: Mapping[str, Row], now: datetime
) -> Judged:
    """Move each state from where it was read; what another has moved meanwhile is left alone.

    ``payloads`` are of the starts, by ``id_of``.
    """
    # In one order: else two that write at once could wait for each other for ever.
    ordered = sorted(verdicts, key=lambda one: (one.watch.row["id"], one.watch.direction))
    quiet = [one for one in ordered if not one.acts and one.watch.state is not None]
    first = [one for one in ordered if not one.acts and one.watch.state is None]
    rest = [one for one in ordered if one.acts]
    add_states(conn, [_state(one, now) for one in first])
    move_states(conn, [(_state(one, now), *_place(one)) for one in quiet])
    began = ended = 0
    told: list[str | None] = []
    for verdict in rest:
        if _moves(conn, verdict, now):
            starts, ends = _act(conn, verdict, payloads, now)
            began, ended = began + starts, ended + ends
            told += [id_of(verdict, act) for act in verdict.acts if act is not None]
            told += [] if verdict.watch.state is None else [verdict.watch.state["alert_id"]]
    if began or ended:
        tell_alerts(conn, [id_ for id_ in told if id_ is not None], now)
    return Judged(len(verdicts), began, ended)


def close_alerts(conn: Connection, rule: Row, now: datetime) -> None:
    """End the alerts of a rule that is deleted, or from now on asks for something else."""
    found = firing_alerts(conn, rule["id"])
    for alert in found:
        _end(conn, rule, alert["id"], now)
    if found:
        tell_alerts(conn, [alert["id"] for alert in found], now)


def _place(verdict: Verdict) -> tuple[int, int]:
    assert verdict.watch.state is not None
    return verdict.watch.state["turn"], verdict.watch.row["version"]


def _moves(conn: Connection, verdict: Verdict, now: datetime) -> bool:
    row = _state(verdict, now)
    if verdict.watch.state is None:
        return add_state(conn, row)
    return move_state(conn, row, *_place(verdict))


def _state(verdict: Verdict, now: datetime) -> Row:
    watch, until = verdict.watch, verdict.until
    before = watch.state
    same = before is not None and before["state"] == verdict.state and not verdict.acts
    started = [id_of(verdict, act) for act in verdict.acts if act is not None]
    held = None if before is None else before["alert_id"]
    return {
        "rule_id": watch.row["id"],
        "direction": watch.direction,
        "state": verdict.state,
        "since": before["since"] if same and before is not None else now,
        # Midnight at its beginning: a day, on both kinds of database.
        "judged_until": None if until is None else end_of(until) - timedelta(days=1),
        "memory": verdict.memory,
        "alert_id": ([held, *started][-1]) if verdict.state == "firing" else None,
    }


def _act(
    conn: Connection, verdict: Verdict, payloads: Mapping[str, Row], now: datetime
) -> tuple[int, int]:
    rule, state = verdict.watch.row, verdict.watch.state
    open_id = None if state is None else state["alert_id"]
    began = ended = 0
    for act in verdict.acts:
        if act is not None:
            open_id = id_of(verdict, act)
            began += _begin(conn, verdict, act, payloads[open_id], now)
        elif open_id is not None:
            ended += _end(conn, rule, open_id, now)
            open_id = None
    return began, ended


def _begin(conn: Connection, verdict: Verdict, start: Start, payload: Row, now: datetime) -> bool:
    rule, id_ = verdict.watch.row, id_of(verdict, start)
    held = held_back(conn, rule, now)
    row = {
        "id": id_,
        "rule_id": rule["id"],
        "dyad": rule["dyad"],
        "direction": verdict.watch.direction,
        "state": "firing",
        "severity": rule["severity"],
        "started_at": start.at,
        "payload": payload,
        "held_back": held,
    }
    if not add_alert(conn, row):
        return False
    if held is None:
        queue_deliveries(conn, rule["channels"], id_, "firing", payload, now)
    return True


def _end(conn: Connection, rule: Row, id_: str, now: datetime) -> bool:
    alert = read_alert(conn, id_)
    if alert is None:
        return False
    at = now.isoformat().replace("+00:00", "Z")
    payload = moved_on(alert["payload"], "resolved", now, state="resolved", resolved_at=at)
    if not resolve_alert(conn, id_, payload, now):
        return False
    if alert["held_back"] is None:
        queue_deliveries(conn, rule["channels"], id_, "resolved", payload, now)
    return True
