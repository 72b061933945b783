"""What ``compare`` tells of two models on live events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from risk_service.commands.terminal import PLAIN, out
from risk_service.core.method import METHOD
from risk_service.desk import DEFAULT_DYAD
from risk_service.shadow import shadow_difference
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

EVENTS_PRINTED = 5


def print_shadow(engine: Engine, a: str, b: str, now: datetime) -> None:
    """Where two versions differ on the events both have scored, and on the index."""
    with reading(engine) as conn:
        told = shadow_difference(conn, METHOD, DEFAULT_DYAD, a, b, now)
    if told is None:
        out.print("no live event has been scored by both: make one of them challenger", **PLAIN)
        return
    out.print(
        f"live events since {told['since']:%Y-%m-%d}: {told['events']}, of another direction"
        f" {told['changed']} ({_share(told, 'changed_weight')} by weight), opposite"
        f" {told['opposite']} ({_share(told, 'opposite_weight')}), most on:",
        **PLAIN,
    )
    for one in told["largest"][:EVENTS_PRINTED]:
        out.print(f"  {one['a']} / {one['b']}: {one['text']}", **PLAIN)
    for day in told["days"]:
        out.print(
            f"{day['day']}  index {day['a']:.1f} / {day['b']:.1f} ({day['difference']:+.1f})",
            **PLAIN,
        )
    if not told["days"]:
        out.print("of no day has all of its news been scored by both yet", **PLAIN)


def _share(told: Row, name: str) -> str:
    return f"{told[name] / told['weight']:.0%}"
