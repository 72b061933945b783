"""A house with quiet settled days behind it, and rules that watch it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from risk_service.alerting import Alerting, Judged, Markets
from risk_service.core.closes import Close
from risk_service.core.events import Event
from risk_service.core.market_move import ESCALATION_SIGNS
from risk_service.desks import as_desks
from risk_service.pipeline import work_off
from risk_service.store.alert_rules import add_rule
from risk_service.store.alert_tables import alert_states, alerts, deliveries
from risk_service.store.engine import reading, writing
from risk_service.store.events import save_events
from risk_service.store.freshness import record_watch
from risk_service.store.upsert import Row
from tests.api.house import Clock, desk_of_tests, sectors_of_tests
from tests.prices import a_close, random_walk
from tests.settled import settle

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
DAYS = 200
TIMING = {"dwell": 1, "hold": 0, "cooldown": 0, "direction": "escalation"}
JUMP = {"kind": "jump", "days": 1, "half_life": 90, **TIMING}
WEEK = {**JUMP, "days": 7}
LEVEL = {"kind": "level", "hysteresis": 2, **TIMING}
DRIFT = {"kind": "drift", "allowance": 2.0, "half_life": 180, **TIMING}
CONFIRMED = {**JUMP, "kind": "confirmed_jump", "percentile": 0.0}
HOURS = {"dwell": 0, "hold": 0, "cooldown": 0}
GRAVE = {"kind": "grave_story", "certainty": 0.6, "within": 24, "direction": "escalation", **HOURS}
HOUR = {"kind": "hour_jump", "direction": "escalation", **HOURS}
STALE = {"kind": "stale", "what": "feeds", **HOURS}
MODEL = {"kind": "model_drift", **HOURS}


_NEWS = (
    "Washington and Moscow {word} Arctic shipping after a night of warnings {at}",
    "Envoys of Russia and the US {word} each other over consular staff {at}",
    "Kremlin: American and Russian crews {word} grain exports near Odesa {at}",
    "Pentagon and Russian generals {word} satellite links, officials told reporters {at}",
    "US and Russian banks {word} payment rules, traders in London said {at}",
    "White House aides and Putin {word} cable repairs in the Baltic {at}",
    "Russia and America {word} prison terms of two journalists, lawyers say {at}",
    "State Department, Russian ministry {word} flight permits from Alaska {at}",
)


def followed_closes(days: Sequence[date], leap: float = 0.0, *, simulated: bool) -> list[Close]:
    """Closes of all that is followed, at random; on the last day they lean to escalation."""
    sectors, found = sectors_of_tests(), []
    signs = {
        one.ticker: sign
        for name, sign in ESCALATION_SIGNS.items()
        for one in (sectors.holdings(name) if name in sectors.members else ())
    } | {name: sign for name, sign in ESCALATION_SIGNS.items() if name in sectors.instruments}
    for seed, (ticker, sign) in enumerate(signs.items()):
        prices = np.array(random_walk(len(days), seed))
        if leap:
            prices[-1] = prices[-2] * np.exp(sign * leap)
        found += [
            a_close(ticker, day, float(price), simulated=simulated)
            for day, price in zip(days, prices, strict=True)
        ]
    return found


class Room:
    """The worker's part of a service: a clock, events, the path, and the step."""

    def __init__(self, engine: Engine, now: datetime = NOW) -> None:
        self.engine, self.clock, self.desk = engine, Clock(now), desk_of_tests()
        self.step = self.another()
        first = now.date() - timedelta(days=DAYS)
        with writing(engine) as conn:
            settle(conn, [49.5 + n % 2 for n in range(DAYS)], first)
            record_watch(conn, "test", now - timedelta(days=DAYS), now, timedelta(0))

    def another(self) -> Alerting:
        """The step of another process."""
        markets = Markets(sectors_of_tests(), simulated=True)
        return Alerting(self.engine, as_desks(self.desk), markets, "https://risk.example")

    def rule(self, rule: Row, threshold: float, channels: Sequence[str] = (), **more: Any) -> str:
        """Keep a rule."""
        fields: Row = {
            "name": rule["kind"], "dyad": "USA-RUS", "series": "risk", "rule": rule,
            "threshold": threshold, "max_false_alarms": None, "false_alarms": None,
            "severity": "warning", "group_key": None, "quiet_hours": None, "muted_until": None,
            "channels": list(channels), "enabled": True, **more,
        }  # fmt: skip
        with writing(self.engine) as conn:
            return add_rule(conn, fields, "test", self.clock())

    def strike(self, count: int = 8, word: str = "strike at") -> None:
        """Grave news of this moment, worked off; each a story of its own."""
        at = self.clock() - timedelta(seconds=1)
        found = [
            Event(at, one.format(word=word, at=f"{at:%d%H%M}"), f"Wire {n}")
            for n, one in enumerate(_NEWS[:count])
        ]
        with writing(self.engine) as conn:
            save_events(conn, found, "test", self.clock())
        self.work()

    def work(self) -> None:
        with writing(self.engine) as conn:
            record_watch(conn, "test", self.clock(), self.clock(), timedelta(days=400))
        work_off(self.engine, self.desk, self.clock)

    def judge(self) -> Judged:
        """One step, now."""
        return self.step(self.clock())

    def later(self, *, work: bool = True, **time: float) -> None:
        """Let time pass, in the words of ``timedelta``; the news is watched unless not ``work``."""
        self.clock.now += timedelta(**time)
        if work:
            self.work()

    def weeks(self, count: int) -> list[Judged]:
        """Judge once a week, at noon."""
        found = []
        for _ in range(count):
            self.later(days=7)
            found.append(self.judge())
        return found

    def alerts(self) -> list[Row]:
        return self._rows(alerts)

    def states(self) -> list[Row]:
        return self._rows(alert_states)

    def sent(self) -> list[tuple[str, str]]:
        """(act, channel) of each delivery."""
        return sorted((row["act"], row["channel_id"]) for row in self._rows(deliveries))

    def _rows(self, table: Any) -> list[Row]:
        with reading(self.engine) as conn:
            return [dict(row._mapping) for row in conn.execute(select(table))]
