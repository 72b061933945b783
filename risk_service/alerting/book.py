"""The rules that are judged and where each stands, as read from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from risk_service.core.jumps.conditions import Clocked, ConfirmedJump, Kept, directions_of, rule_of
from risk_service.core.jumps.rules import Rule
from risk_service.store.alert_rules import read_rules, rules_signature
from risk_service.store.alerts import read_states
from risk_service.store.upsert import Row

RESTING = ("inactive", "resolved")


@dataclass(frozen=True, slots=True)
class Watch:
    """A rule in one direction; ``state`` is its row, None where it was never judged."""

    row: Row
    rule: Kept
    direction: str
    state: Row | None

    @property
    def now_is(self) -> str:
        """inactive, pending, firing or resolved."""
        return "inactive" if self.state is None else str(self.state["state"])

    @property
    def memory(self) -> dict[str, Any]:
        """What was noted when it was last judged; empty where it never was."""
        return {} if self.state is None else dict(self.state["memory"])

    @property
    def judged_until(self) -> date | None:
        """The last settled day that is in its memory."""
        until = None if self.state is None else self.state["judged_until"]
        return None if until is None else until.date()

    @property
    def inner(self) -> Rule | None:
        """The rule of a series that it is, or that it waits for; None for those of the clock."""
        if isinstance(self.rule, ConfirmedJump):
            return self.rule.jump
        return None if isinstance(self.rule, Clocked) else self.rule


@dataclass(frozen=True, slots=True)
class Book:
    """All watches of one moment of the database, which ``signature`` tells from others."""

    watches: tuple[Watch, ...]
    signature: tuple[Any, ...]


def open_book(conn: Connection, held: Book | None) -> Book:
    """The rules and states as they are now; ``held`` itself where nothing has moved."""
    signature = rules_signature(conn)
    if held is not None and held.signature == signature:
        return held
    states = {(row["rule_id"], row["direction"]): row for row in read_states(conn)}
    watches = [
        Watch(row, rule, direction, states.get((row["id"], direction)))
        for row in read_rules(conn, enabled=True)
        for rule in [rule_of(row["rule"])]
        for direction in directions_of(rule)
    ]
    return Book(tuple(watches), signature)
